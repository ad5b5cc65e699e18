using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Losses;
using Unroll.Numerics;

namespace Unroll.Tests.Layers.Losses;

[Trait("Category", "Bits")]
public sealed class CtcLossTests
{
    private static readonly ThreadTeam One = new(1), Two = new(2), Three = new(3);

    private static readonly int[] Lengths = [4, 0, 5, 1, 3, 2];
    private static readonly int[][] Labels = [[1, 2], [], [2, 2], [1], [3, 1, 3], []];

    public static TheoryData<string> Cases => ["one", "empty", "repeats", "tight", "long", "sure"];

    private static Pass PassOf(ThreadTeam team) => new(new Workspace(), team, default, Training: true);

    private static SequenceBatch Draw(SequenceLayout layout, int classes, ulong seed = 1, float scale = 1)
    {
        SequenceBatch batch = SequenceBatch.Zeros(layout, classes);
        for (int s = 0; s < layout.Sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
                for (int k = 0; k < classes; k++) batch.Row(t, s)[k] = scale * (float)new Rng(seed).At((ulong)s).Normal((ulong)(t * classes + k));
        return batch;
    }

    private static (LossSum Loss, float[] Gradient) Compute(SequenceBatch logits, int[][] labels, ThreadTeam? team = null, CtcLoss? loss = null)
    {
        SequenceBatch d = SequenceBatch.Zeros(logits.Layout, logits.Features);
        d.All.Fill(float.NaN);
        return ((loss ?? new CtcLoss()).Compute(logits, labels, d, PassOf(team ?? One)), d.All.ToArray());
    }

    private static Vector[] Vectors(SequenceBatch batch, int s) =>
        [.. Enumerable.Range(0, batch.Layout.Lengths[s]).Select(t => new Vector([.. batch.Row(t, s).ToArray().Select(x => (double)x)]))];

    // Every path of classes, summed: p(labels) is the sum over those that stand for them. Both are double; the engine's softmax sums in float: 1e-6.
    [Theory, InlineData(1, 3), InlineData(3, 3), InlineData(4, 4), InlineData(6, 3)]
    public void The_probabilities_are_sums_over_all_paths(int steps, int classes)
    {
        SequenceBatch logits = Draw(SequenceLayout.FromLengths(steps), classes);
        Dictionary<string, (int[] Labels, double P)> sums = [];
        double[][] y = [.. Vectors(logits, 0).Select(z => z.Select(zk => Math.Exp(zk) / z.Sum(Math.Exp)).ToArray())];
        for (int code = 0; code < (int)Math.Pow(classes, steps); code++)
        {
            int[] path = [.. Enumerable.Range(0, steps).Select(t => code / (int)Math.Pow(classes, t) % classes)];
            int[] labels = [.. path.Where((k, t) => k != 0 && (t == 0 || path[t - 1] != k))];
            double p = path.Select((k, t) => y[t][k]).Aggregate(1.0, (a, b) => a * b);
            string key = string.Join(",", labels);
            sums[key] = (labels, p + (sums.TryGetValue(key, out var before) ? before.P : 0));
        }
        foreach ((int[] labels, double p) in sums.Values)
        {
            Assert.Equal(Math.Log(p), CtcLoss.LogProbability(logits, 0, labels), 1e-6 * (1 + Math.Abs(Math.Log(p))));
            Assert.Equal(-Math.Log(p), new CtcEquations(Vectors(logits, 0), labels).Loss, 1e-12 * (1 + Math.Abs(Math.Log(p))));
        }
        Assert.Equal(1, sums.Values.Sum(one => one.P), 1e-12);
        for (int code = 0; code < (int)Math.Pow(classes - 1, steps); code++)     // no path: repetitions that would need more steps
        {
            int[] labels = [.. Enumerable.Range(0, steps).Select(t => 1 + code / (int)Math.Pow(classes - 1, t) % (classes - 1))];
            Assert.Equal(!sums.ContainsKey(string.Join(",", labels)), double.IsNegativeInfinity(CtcLoss.LogProbability(logits, 0, labels)));
        }
    }

    // The engine's softmax sums in float, and its gradient is one; the textbook is double and adds in another order.
    [Theory, MemberData(nameof(Cases))]
    public void Loss_and_gradient_are_those_of_PyTorch(string name)
    {
        TensorFile file = TensorFile.Read(
            Path.Combine(AppContext.BaseDirectory, "Layers", "Losses", "Fixtures", "pytorch-ctc.safetensors"), NonFinite.Refused);
        double[] Numbers(string what) => file.Find($"{name}.{what}") is { } tensor ? tensor.Float64.ToArray() : [];
        int classes = file.Find($"{name}.z")!.Shape[1];
        double[] z = Numbers("z"), dz = Numbers("dz");
        int[] labels = [.. Numbers("labels").Select(k => (int)k)];
        SequenceBatch logits = SequenceBatch.FromSequences(classes, [.. z.Select(x => (float)x)]);

        CtcEquations truth = new(Vectors(logits, 0), labels);
        Assert.Equal(Numbers("loss")[0], truth.Loss, 1e-12 * (1 + truth.Loss));
        Assert.All(truth.Gradient().SelectMany(d => d).Zip(dz), pair => Assert.Equal(pair.Second, pair.First, 1e-11));

        (LossSum loss, float[] gradient) = Compute(logits, [labels]);
        Assert.Equal(truth.Loss, loss.Sum, 1e-6 * (1 + truth.Loss));
        Assert.All(gradient.Zip(dz), pair => Assert.Equal(pair.Second, pair.First, 5e-7));
    }

    [Fact]
    public void The_gradient_check_passes() =>
        Assert.All(GradientCheckOfCtc.Run(), result => Assert.True(result.Passed, result.ToString()));

    [Fact]
    public void Threads_and_company_change_no_bit()
    {
        SequenceBatch logits = Draw(SequenceLayout.FromLengths(Lengths), 4);
        (LossSum loss, float[] gradient) = Compute(logits, Labels);
        foreach (ThreadTeam team in new[] { Two, Three })
        {
            (LossSum again, float[] same) = Compute(logits, Labels, team);
            Assert.Equal(loss, again);
            Assert.Equal(gradient, same);
        }
        Assert.Equal(6, loss.Count);
        double sum = 0;
        for (int s = 0; s < Lengths.Length; s++)
        {
            SequenceBatch alone = SequenceBatch.Zeros(SequenceLayout.FromLengths(Lengths[s]), 4);
            for (int t = 0; t < Lengths[s]; t++) logits.Row(t, s).CopyTo(alone.Row(t, 0));
            (LossSum one, float[] d) = Compute(alone, [Labels[s]]);
            sum += one.Sum;
            SequenceBatch together = new(logits.Layout, 4, gradient);
            for (int t = 0; t < Lengths[s]; t++) Assert.Equal(d.AsSpan(t * 4, 4), together.Row(t, s));
        }
        Assert.Equal(sum, loss.Sum);
    }

    // 2000 steps at which the wanted classes have e^-300: their product has an exponent of -870,000 bits.
    [Fact]
    public void A_hopeless_sequence_still_has_its_loss_and_a_gradient()
    {
        SequenceBatch logits = SequenceBatch.Zeros(SequenceLayout.FromLengths(2000), 3);
        for (int t = 0; t < 2000; t++) logits.Row(t, 0)[2] = 300;
        (LossSum loss, float[] gradient) = Compute(logits, [[1]]);
        // Paths of blanks and one run of the label: 2000 · 2001 / 2 of them, each e^(-300 · 2000).
        Assert.Equal(600_000 - Math.Log(2000.0 * 2001 / 2), loss.Sum, 1e-6);
        Assert.Equal(1f, gradient[2]);
        Assert.Equal(-1, gradient[0] + gradient[1], 1e-6);
    }

    [Fact]
    public void A_sequence_too_short_for_its_labels_is_refused_by_name_or_left_out()
    {
        SequenceBatch logits = Draw(SequenceLayout.FromLengths(4, 2), 4);
        int[][] labels = [[1, 2], [3, 3]];
        UserErrorException error = Assert.Throws<UserErrorException>(() => Compute(logits, labels));
        Assert.Contains("sequence 1: expected at least 3 steps", error.Message);
        (LossSum loss, float[] gradient) = Compute(logits, labels, loss: new CtcLoss { Impossible = ImpossibleTargets.LeaveOut });
        Assert.Equal(1, loss.Count);
        Assert.Equal(CtcLoss.LogProbability(logits, 0, [1, 2]), -loss.Sum);
        Assert.Equal(double.NegativeInfinity, CtcLoss.LogProbability(logits, 1, [3, 3]));
        Assert.All(new[] { 0, 1 }, t => Assert.All(new SequenceBatch(logits.Layout, 4, gradient).Row(t, 1).ToArray(), d => Assert.Equal(0, d)));
    }

    [Fact]
    public void No_steps_and_no_labels_are_certain()
    {
        (LossSum loss, _) = Compute(Draw(SequenceLayout.FromLengths(0), 3), [[]]);
        Assert.Equal(new LossSum(0, 1), loss);
    }

    [Fact]
    public void A_label_outside_and_a_missing_sequence_are_refused()
    {
        SequenceBatch logits = Draw(SequenceLayout.FromLengths(4, 2), 3);
        Assert.Contains("label 1 of sequence 0", Assert.Throws<UserErrorException>(() => Compute(logits, [[1, 3], []])).Message);
        Assert.Throws<UserErrorException>(() => Compute(logits, [[0], []]));
        Assert.Throws<ShapeException>(() => Compute(logits, [[1]]));
        Assert.Throws<UserErrorException>(() => new CtcLoss { Impossible = (ImpossibleTargets)5 });
    }

    [Fact]
    public void Logits_that_rule_the_labels_out_give_an_infinite_loss_and_NaN_stays_NaN()
    {
        SequenceBatch logits = Draw(SequenceLayout.FromLengths(3), 3);
        for (int t = 0; t < 3; t++) logits.Row(t, 0)[1] = float.NegativeInfinity;
        (LossSum loss, float[] gradient) = Compute(logits, [[1]]);
        Assert.Equal(double.PositiveInfinity, loss.Sum);
        Assert.All(gradient, d => Assert.Equal(0, d));
        Assert.True(double.IsFinite(Compute(logits, [[2]]).Loss.Sum));
        logits.Row(1, 0)[2] = float.NaN;
        Assert.True(double.IsNaN(Compute(logits, [[2]]).Loss.Sum));
    }

    [Fact]
    public void A_warmed_up_step_allocates_nothing()
    {
        SequenceBatch logits = Draw(SequenceLayout.FromLengths(Lengths), 4), d = SequenceBatch.Zeros(logits.Layout, 4);
        CtcLoss loss = new();
        Pass pass = PassOf(One);
        long before = 0;
        for (int i = 0; i < 3; i++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            pass.Workspace.Reset();
            loss.Compute(logits, Labels, d, pass);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
