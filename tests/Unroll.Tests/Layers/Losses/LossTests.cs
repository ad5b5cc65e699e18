using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Numerics;

namespace Unroll.Tests.Layers.Losses;

public sealed class LossTests : IDisposable
{
    private readonly ThreadTeam _threads = new(2);
    private readonly Workspace _workspace = new();

    private Pass Pass => new(_workspace, _threads, new Rng(1), Training: true);

    public void Dispose() => _threads.Dispose();

    public static TheoryData<string> Names => [.. LossList.All.Select(loss => loss.Name)];

    // Ragged, one sequence of length zero.
    private static SequenceLayout Ragged => SequenceLayout.FromLengths(2, 0, 3, 1);

    private static (SequenceBatch Outputs, Targets Targets) Example(ILoss loss, SequenceLayout layout, int size = 3)
    {
        SequenceBatch outputs = SequenceBatch.Zeros(layout, loss.OutputsFor(size)), values = SequenceBatch.Zeros(layout, size);
        for (int i = 0; i < outputs.All.Length; i++) outputs.All[i] = (float)(1.5 * new Rng(2).Normal((ulong)i));
        int[] labels = new int[layout.Rows];
        for (int i = 0; i < labels.Length; i++) labels[i] = new Rng(3).Below(size, (ulong)i);
        for (int i = 0; i < values.All.Length; i++)
            values.All[i] = loss is BinaryCrossEntropy ? new Rng(4).Below(2, (ulong)i)
                : loss is PoissonLikelihood or NegativeBinomialLikelihood ? new Rng(4).Below(6, (ulong)i) : (float)new Rng(4).Normal((ulong)i);
        return (outputs, new Targets { Values = values, Labels = labels });
    }

    private LossSum Compute(ILoss loss, SequenceBatch outputs, Targets targets, out SequenceBatch dOutputs)
    {
        dOutputs = SequenceBatch.Zeros(outputs.Layout, outputs.Features);
        dOutputs.All.Fill(77);                                               // whatever was there must not matter
        _workspace.Reset();
        return loss.Compute(outputs, targets, dOutputs, Pass);
    }

    // Central differences with a step of 2⁻⁷ are off by h² L‴ / 6 < 1e-4 here (L‴ of the Gaussian is the largest, u² e^{−ρ} about 20, and grows
    // with u; hence relative too); kinks would be off by 1, so that a wrong side or sign cannot pass.
    [Theory]
    [MemberData(nameof(Names))]
    public void The_gradient_is_the_derivative_of_the_sum(string name)
    {
        ILoss loss = LossList.Named(name);
        (SequenceBatch y, Targets targets) = Example(loss, Ragged);
        targets = new Targets { Values = targets.Values, Labels = targets.Labels, RowWeights = new float[] { 1, 0.5f, 2, 1, 0, 3 } };
        Compute(loss, y, targets, out SequenceBatch dy);
        const float step = 1f / 128;
        for (int i = 0; i < y.All.Length; i++)
        {
            float old = y.All[i];
            y.All[i] = old + step;
            double up = Compute(loss, y, targets, out _).Sum;
            y.All[i] = old - step;
            double down = Compute(loss, y, targets, out _).Sum, numeric = (up - down) / (2 * step);
            y.All[i] = old;
            Assert.True(Math.Abs(numeric - dy.All[i]) <= 1e-3 * Math.Max(1, Math.Abs(numeric)), $"{name} [{i}]: {dy.All[i]} against {numeric}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_of_weight_zero_is_not_looked_at(string name)
    {
        ILoss loss = LossList.Named(name);
        (SequenceBatch y, Targets targets) = Example(loss, SequenceLayout.FromLengths(2));
        LossSum whole = Compute(loss, y, targets, out _);
        int[] labels = targets.Labels.ToArray();
        labels[1] = 99;
        targets.Values.Step(1).Fill(float.NaN);
        y.Step(1).Fill(float.NaN);
        LossSum first =
            Compute(loss, y, new Targets { Values = targets.Values, Labels = labels, RowWeights = new float[] { 1, 0 } }, out SequenceBatch dy);
        Assert.True(double.IsFinite(first.Sum));
        Assert.Equal(whole.Count, 2 * first.Count);
        Assert.All(dy.Step(1).ToArray(), d => Assert.Equal(0, d));
        Assert.Contains(dy.Step(0).ToArray(), d => d != 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Weights_multiply_loss_and_gradient(string name)
    {
        ILoss loss = LossList.Named(name);
        (SequenceBatch y, Targets targets) = Example(loss, SequenceLayout.FromLengths(2));
        LossSum plain = Compute(loss, y, targets, out SequenceBatch dPlain);
        LossSum twice = Compute(loss, y, new Targets { Values = targets.Values, Labels = targets.Labels, RowWeights = new float[] { 2, 2 } },
            out SequenceBatch d);
        Assert.Equal(2 * plain.Sum, twice.Sum, 1e-12 * Math.Abs(plain.Sum) + 1e-12);
        Assert.Equal(plain.Count, twice.Count);
        Assert.Equal(dPlain.All.ToArray().Select(x => 2 * x), d.All.ToArray());
        UserErrorException e = Assert.Throws<UserErrorException>(() =>
            Compute(loss, y, new Targets { Values = targets.Values, Labels = targets.Labels, RowWeights = new float[] { 1, -1 } }, out _));
        Assert.Equal("weight of sequence 0, step 1: expected a finite number of at least 0 because it multiplies a loss, got -1.", e.Message);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_rows_are_no_loss(string name)
    {
        ILoss loss = LossList.Named(name);
        (SequenceBatch y, Targets targets) = Example(loss, SequenceLayout.FromLengths(0, 0));
        Assert.Equal(new LossSum(0, 0), Compute(loss, y, targets, out _));
        Assert.Equal(0, loss.ComputeMean(y, targets, SequenceBatch.Zeros(y.Layout, y.Features), Pass));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sequence_has_the_same_loss_and_gradient_alone_and_in_a_batch(string name)
    {
        ILoss loss = LossList.Named(name);
        (SequenceBatch y, Targets targets) = Example(loss, Ragged);
        double sum = Compute(loss, y, targets, out SequenceBatch dy).Sum, apart = 0;
        for (int s = 0; s < Ragged.Sequences; s++)
        {
            SequenceLayout own = SequenceLayout.FromLengths(Ragged.Lengths[s]);
            SequenceBatch mine = SequenceBatch.Zeros(own, y.Features), values = SequenceBatch.Zeros(own, 3);
            int[] labels = new int[own.Rows];
            for (int t = 0; t < own.Rows; t++)
            {
                y.Row(t, s).CopyTo(mine.Row(t, 0));
                targets.Values.Row(t, s).CopyTo(values.Row(t, 0));
                labels[t] = targets.Labels.Span[y.Layout.Row(t, s)];
            }
            apart += Compute(loss, mine, new Targets { Values = values, Labels = labels }, out SequenceBatch dMine).Sum;
            for (int t = 0; t < own.Rows; t++) Assert.Equal(dMine.Row(t, 0), dy.Row(t, s));
        }
        Assert.Equal(sum, apart, 1e-12);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_warmed_up_loss_allocates_nothing(string name)
    {
        ILoss loss = LossList.Named(name);
        (SequenceBatch y, Targets targets) = Example(loss, Ragged);
        SequenceBatch dy = SequenceBatch.Zeros(y.Layout, y.Features);
        Assert.Equal(0, Allocation.Of(() =>
        {
            _workspace.Reset();
            loss.Compute(y, targets, dy, Pass);
        }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_mean_is_the_sum_divided_once(string name)
    {
        ILoss loss = LossList.Named(name);
        (SequenceBatch y, Targets targets) = Example(loss, Ragged);
        LossSum sum = Compute(loss, y, targets, out SequenceBatch dSum);
        SequenceBatch dMean = SequenceBatch.Zeros(y.Layout, y.Features);
        Assert.Equal(sum.Sum / sum.Count, loss.ComputeMean(y, targets, dMean, Pass));
        for (int i = 0; i < dMean.All.Length; i++) Assert.Equal(dSum.All[i] * (1f / sum.Count), dMean.All[i]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Shapes_that_do_not_fit_are_refused(string name)
    {
        ILoss loss = LossList.Named(name);
        (SequenceBatch y, Targets targets) = Example(loss, Ragged);
        SequenceBatch dy = SequenceBatch.Zeros(Ragged, y.Features), narrow = SequenceBatch.Zeros(Ragged, y.Features - 1);
        SequenceBatch other = SequenceBatch.Zeros(SequenceLayout.FromLengths(6), y.Features);
        Assert.Throws<ShapeException>(() => loss.Compute(y, default, dy, Pass));
        Assert.Throws<ShapeException>(() => loss.Compute(y, targets, narrow, Pass));
        Assert.Throws<ShapeException>(() => loss.Compute(y, targets, other, Pass));
        Assert.Throws<ShapeException>(() => loss.Compute(y,
            new Targets { Values = targets.Values, Labels = targets.Labels, RowWeights = new float[5] }, dy, Pass));
        if (loss is not SoftmaxCrossEntropy) Assert.Throws<ShapeException>(() => loss.Compute(narrow, targets, narrow, Pass));
    }

    [Fact]
    public void An_unknown_loss_is_refused_with_the_list() =>
        Assert.StartsWith("loss: expected one of cross-entropy, ", Assert.Throws<UserErrorException>(() => LossList.Named("mse")).Message);
}
