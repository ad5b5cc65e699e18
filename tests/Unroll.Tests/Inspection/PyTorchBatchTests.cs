using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Losses;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Inspection;

/// <summary>Ragged batches, empty sequences among them: textbook and engine give what PyTorch gives in float64, and every gradient by name.</summary>
public sealed class PyTorchBatchTests
{
    public static TheoryData<string> Names => new(PyTorchBatch.Names);

    // Both are double and sum up to a hundred products of size 1 in different orders: about 1e-14.
    [Theory, MemberData(nameof(Names))]
    public void The_textbook_agrees(string name) => Agrees(PyTorchBatch.Named(name), batch => batch.ByTextbook(), 1e-12);

    // Float against double: a rounding is 6e-8, sums and steps gather a few dozen of them.
    [Theory, MemberData(nameof(Names))]
    public void The_engine_agrees(string name) => Agrees(PyTorchBatch.Named(name), batch => batch.ByEngine(), 1e-5);

    [Fact]
    public void Every_case_of_the_file_is_looked_at() =>
        Assert.Equal(GoldenFile.Batches.NamesUnder("").Select(name => name.Split('.')[0]).Distinct(), PyTorchBatch.Names);

    [Theory]
    [InlineData("cross-entropy"), InlineData("binary-cross-entropy"), InlineData("squared-error"), InlineData("absolute-error")]
    [InlineData("huber"), InlineData("gaussian"), InlineData("quantile")]
    public void Every_loss_of_the_engine_agrees(string name)
    {
        GoldenFile golden = GoldenFile.Sequences;
        SequenceBatch y = Rows($"{name}.y"), dy = SequenceBatch.Zeros(y.Layout, y.Features);
        Targets targets = name == "cross-entropy"
            ? Targets.Of(golden.Numbers($"{name}.target").Select(label => (int)label).ToArray())
            : Targets.Of(Rows($"{name}.target"));
        LossSum loss = LossList.Named(name).Compute(y, targets, dy, LayerCases.NewPass());
        double value = golden.Numbers($"{name}.loss")[0], ofLoss = Math.Abs(loss.Sum - value) / value;
        double ofGradient = GradientCheckEngine.Share(dy.All.ToArray(), golden.Numbers($"{name}.d.y"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {Math.Max(ofLoss, ofGradient):e1}");
        Assert.InRange(ofLoss, 0, 1e-6);                      // the outputs are rounded to float, 6e-8 each, and so is each term
        Assert.InRange(ofGradient, 0, 1e-6);

        SequenceBatch Rows(string tensor)
        {
            Vector[] rows = golden.Rows(tensor);
            return new(SequenceLayout.Uniform(1, rows.Length), rows[0].Count, rows.SelectMany(row => row).Select(v => (float)v).ToArray());
        }
    }

    private static void Agrees(PyTorchBatch batch, Func<PyTorchBatch, Dictionary<string, double[]>> by, double tolerance)
    {
        Dictionary<string, double[]> actual = by(batch);
        (string Name, double Share) worst = ("", 0);
        foreach ((string name, double[] expected) in batch.Expected())
        {
            double[] values = Assert.Contains(name, (IDictionary<string, double[]>)actual);
            Assert.Equal(expected.Length, values.Length);
            double share = expected.Zip(values, (e, a) => Math.Abs(e - a)).Max() / expected.Max(Math.Abs);
            Assert.True(share <= tolerance, $"{name} is off by {share} of its largest element");
            if (share > worst.Share) worst = (name, share);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"the worst is {worst.Name}, off by {worst.Share:e1} of its largest element");
    }
}
