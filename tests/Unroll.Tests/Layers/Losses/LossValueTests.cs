using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Numerics;

namespace Unroll.Tests.Layers.Losses;

/// <summary>Losses against numbers worked out by hand, and at their edges.</summary>
public sealed class LossValueTests : IDisposable
{
    private readonly ThreadTeam _threads = new(1);

    public void Dispose() => _threads.Dispose();

    // One sequence whose steps are the rows.
    private (LossSum Sum, float[] Gradient) Of(ILoss loss, float[] outputs, float[] targets, int rows = 1)
    {
        SequenceLayout layout = SequenceLayout.FromLengths(rows);
        SequenceBatch y = new(layout, outputs.Length / rows, outputs), dy = SequenceBatch.Zeros(layout, outputs.Length / rows);
        LossSum sum = loss.Compute(y, Targets.Of(new SequenceBatch(layout, targets.Length / rows, targets)), dy, Pass(_threads));
        return (sum, dy.All.ToArray());
    }

    private (LossSum Sum, float[] Gradient) Of(float[] logits, params int[] labels)
    {
        SequenceLayout layout = SequenceLayout.FromLengths(labels.Length);
        SequenceBatch y = new(layout, logits.Length / labels.Length, logits), dy = SequenceBatch.Zeros(layout, y.Features);
        LossSum sum = new SoftmaxCrossEntropy().Compute(y, Targets.Of(labels), dy, Pass(_threads));
        return (sum, dy.All.ToArray());
    }

    private static Pass Pass(ThreadTeam threads) => new(new Workspace(), threads, default, Training: true);

    // PyTorch's cross_entropy with label_smoothing = 0.2: each class has 0.1 of the label's probability, the label itself 0.9.
    [Fact]
    public void Smoothed_labels_pull_towards_every_class()
    {
        SequenceLayout layout = SequenceLayout.FromLengths(1);
        SequenceBatch y = new(layout, 2, new[] { 0f, MathF.Log(3) }), dy = SequenceBatch.Zeros(layout, 2);
        LossSum sum = new SoftmaxCrossEntropy { Smoothing = 0.2f }.Compute(y, Targets.Of(new[] { 1 }), dy, Pass(_threads));
        Assert.Equal(-0.9 * Math.Log(0.75) - 0.1 * Math.Log(0.25), sum.Sum, 1e-6);
        Assert.Equal(0.25f - 0.1f, dy.All[0], 1e-6f);
        Assert.Equal(0.75f - 0.9f, dy.All[1], 1e-6f);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftmaxCrossEntropy { Smoothing = 1 });
    }

    [Fact]
    public void Squared_error() => Assert.Equal((new LossSum(1 + 4, 2), [2f, -4]), Of(new SquaredError(), [3, 1], [2, 3]), Same);

    [Fact]
    public void Absolute_error_has_slope_zero_at_its_kink() =>
        Assert.Equal((new LossSum(1 + 2 + 0, 3), [1f, -1, 0]), Of(new AbsoluteError(), [3, 1, 5], [2, 3, 5]), Same);

    [Fact]
    public void Huber_is_quadratic_inside_and_linear_outside() =>
        Assert.Equal((new LossSum(0.5 + 2 * (5 - 1) + 2, 3), [1f, -2, 2]), Of(new HuberLoss { Delta = 2 }, [1, -5, 2], [0, 0, 0]), Same);

    // ρ = 0: ½ u² + ½ ln 2π.  ρ = ln 2, u = 1: ln 2 + ½ + ½ ln 2π
    [Fact]
    public void Gaussian()
    {
        (LossSum sum, float[] gradient) = Of(new GaussianLikelihood(), [1, 0, 3, MathF.Log(2)], [2, 5]);
        Assert.Equal(0.5 + Math.Log(2) + 0.5 + Math.Log(2 * Math.PI), sum.Sum, 1e-6);
        Assert.Equal(2, sum.Count);
        float[] expected = [-1, 0, -0.5f, 0];
        for (int i = 0; i < 4; i++) Assert.Equal(expected[i], gradient[i], 1e-6f);
    }

    // density of t with five degrees of freedom at 0: 8 / (3 π √5)
    [Fact]
    public void Student_t_has_its_density_and_a_bounded_pull()
    {
        (LossSum sum, float[] gradient) = Of(new StudentTLikelihood(), [1, 0, 0, 0], [1, 1000]);
        Assert.Equal(-Math.Log(8 / (3 * Math.PI * Math.Sqrt(5))), Of(new StudentTLikelihood(), [1, 0], [1]).Sum.Sum, 1e-6);
        Assert.Equal(2, sum.Count);
        Assert.Equal(-6f / 1000, gradient[2], 1e-5f);                    // far out it falls as 1 / u
        Assert.Equal(1 - 6f, gradient[3], 1e-4f);
    }

    [Fact]
    public void Counts_have_the_probabilities_of_their_distributions()
    {
        float two = MathF.Log(2);
        Assert.Equal(2 - 3 * Math.Log(2), Of(new PoissonLikelihood(), [two], [3]).Sum.Sum, 1e-6);
        // μ = 2, r = 2: P(3) = 4 · ½² · ½³
        Assert.Equal(Math.Log(8), Of(new NegativeBinomialLikelihood(), [two, -two], [3]).Sum.Sum, 1e-5);
        Assert.Equal(Math.Log(8), Of(new NegativeBinomialLikelihood { Scale = 2 }, [0, -two], [1.5f]).Sum.Sum, 1e-5);
        Assert.StartsWith("target 0 of sequence 0, step 0: expected 0 or more because of loss 'poisson', got -1",
            Assert.Throws<UserErrorException>(() => Of(new PoissonLikelihood(), [1], [-1])).Message);
    }

    [Fact]
    public void The_quantile_loss_pulls_by_q_from_below_and_by_1_minus_q_from_above()
    {
        QuantileLoss loss = new() { Quantiles = [0.25f, 0.75f] };
        Assert.Equal((new LossSum(0.25 * 2 + 0.25 * 1, 2), [-0.25f, 0.25f]), Of(loss, [1, 4], [3]), Same);
        Assert.Equal([0f, 0], Of(loss, [3, 3], [3]).Gradient);
        Assert.Equal(new QuantileLoss { Quantiles = [0.25f, 0.75f] }, loss);
    }

    [Fact]
    public void Binary_cross_entropy_at_zero_and_at_huge_logits()
    {
        (LossSum sum, float[] gradient) = Of(new BinaryCrossEntropy(), [0, 1e5f, -1e5f, 1e5f], [1, 1, 0, 0]);
        Assert.Equal(Math.Log(2) + 1e5, sum.Sum, 1e-9);
        Assert.Equal([-0.5f, 0, 0, 1], gradient);
        Assert.Equal(4, sum.Count);
        Assert.Equal(Math.Exp(-20), Of(new BinaryCrossEntropy(), [20], [1]).Sum.Sum, 1e-15);
    }

    [Fact]
    public void Cross_entropy_of_equal_scores_is_the_logarithm_of_the_number_of_classes()
    {
        (LossSum sum, float[] gradient) = Of([5, 5, 5, 5], 2);
        Assert.Equal(Math.Log(4), sum.Sum, 1e-15);
        Assert.Equal([0.25f, 0.25f, -0.75f, 0.25f], gradient);
    }

    [Fact]
    public void Cross_entropy_of_huge_scores_neither_overflows_nor_rounds_away()
    {
        (LossSum sum, float[] gradient) = Of([3e38f, -3e38f, 0, 1000, -1000, 0], 0, 2);
        Assert.Equal(1000, sum.Sum);
        Assert.Equal([0, 0, 0, 1, 0, -1], gradient);
        Assert.Equal(double.PositiveInfinity, Of([0, float.NegativeInfinity], 1).Sum.Sum);
        Assert.Equal(Math.Log(2), Of([float.NegativeInfinity, float.NegativeInfinity], 1).Sum.Sum, 1e-15);
    }

    [Fact]
    public void Ignored_labels_have_no_loss_no_gradient_and_no_count()
    {
        (LossSum sum, float[] gradient) = Of([1, 2, float.NaN, 4], 0, Targets.Ignored);
        Assert.Equal(1, sum.Count);
        Assert.Equal(Math.Log(1 + Math.E), sum.Sum, 1e-6);
        Assert.Equal([0f, 0], gradient[2..]);
        Assert.Equal(new LossSum(0, 0), Of([1, 2, 3, 4], -1, -1).Sum);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-2)]
    public void A_label_that_is_no_class_is_named_by_sequence_and_step(int bad)
    {
        SequenceLayout layout = SequenceLayout.FromLengths(1, 3, 2);
        SequenceBatch y = SequenceBatch.Zeros(layout, 3);
        int[][] labels = [[0], [0, 1, 2], [2, bad]];
        UserErrorException e = Assert.Throws<UserErrorException>(() =>
            new SoftmaxCrossEntropy().Compute(y, Targets.OfSequences(layout, labels), SequenceBatch.Zeros(layout, 3), Pass(_threads)));
        Assert.Equal($"label of sequence 2, step 1: expected 0 … 2 because the outputs have 3 classes (-1: not counted), got {bad}.", e.Message);
    }

    [Fact]
    public void A_target_that_is_no_number_is_named_by_sequence_and_step()
    {
        Assert.StartsWith("target 1 of sequence 0, step 1: expected a finite number because of loss 'huber', got NaN",
            Assert.Throws<UserErrorException>(() => Of(new HuberLoss(), [1, 2, 3, 4], [0, 0, 0, float.NaN], rows: 2)).Message);
        Assert.StartsWith("target 0 of sequence 0, step 0: expected 0 … 1 because of loss 'binary-cross-entropy', got 2",
            Assert.Throws<UserErrorException>(() => Of(new BinaryCrossEntropy(), [1], [2])).Message);
    }

    [Fact]
    public void Options_are_checked_where_they_are_set()
    {
        Assert.Throws<UserErrorException>(() => new HuberLoss { Delta = 0 });
        Assert.Throws<UserErrorException>(() => new HuberLoss { Delta = float.NaN });
        Assert.Throws<UserErrorException>(() => new QuantileLoss { Quantiles = [] });
        Assert.Throws<UserErrorException>(() => new QuantileLoss { Quantiles = [0.5f, 0.5f] });
        Assert.Throws<UserErrorException>(() => new QuantileLoss { Quantiles = [0.5f, 1] });
    }

    // Enough rows and classes that the work is shared.
    [Fact]
    [Trait("Category", "Bits")]
    public void Cross_entropy_has_the_same_bits_for_every_number_of_threads()
    {
        SequenceLayout layout = SequenceLayout.Uniform(7, 13);
        SequenceBatch y = SequenceBatch.Zeros(layout, 301), one = SequenceBatch.Zeros(layout, 301), three = SequenceBatch.Zeros(layout, 301);
        for (int i = 0; i < y.All.Length; i++) y.All[i] = (float)(3 * new Rng(5).Normal((ulong)i));
        int[] labels = new int[layout.Rows];
        for (int i = 0; i < labels.Length; i++) labels[i] = new Rng(6).Below(302, (ulong)i) - 1;
        using ThreadTeam team = new(3);
        Assert.Equal(
            new SoftmaxCrossEntropy().Compute(y, Targets.Of(labels), one, Pass(_threads)),
            new SoftmaxCrossEntropy().Compute(y, Targets.Of(labels), three, Pass(team)));
        Assert.Equal(one.All, three.All);
    }

    [Fact]
    [Trait("Category", "Bits")]
    public void Losses_over_numbers_have_the_same_bits_for_every_number_of_threads()
    {
        SequenceLayout layout = SequenceLayout.FromLengths(60, 0, 31, 60, 9);
        foreach (ILoss loss in LossList.All)
        {
            if (loss is SoftmaxCrossEntropy) continue;
            int targets = 64, outputs = loss.OutputsFor(targets);
            SequenceBatch t = SequenceBatch.Zeros(layout, targets), y = SequenceBatch.Zeros(layout, outputs),
                one = SequenceBatch.Zeros(layout, outputs), three = SequenceBatch.Zeros(layout, outputs);
            new Rng(7).Uniform(0, t.All);
            for (int i = 0; i < y.All.Length; i++) y.All[i] = (float)new Rng(8).Normal((ulong)i);
            float[] weights = [.. Enumerable.Range(0, layout.Rows).Select(row => row % 5 * 0.5f)];
            Targets weighted = new() { Values = t, RowWeights = weights };
            using ThreadTeam team = new(3);
            Assert.Equal(loss.Compute(y, weighted, one, Pass(_threads)), loss.Compute(y, weighted, three, Pass(team)));
            Assert.Equal(one.All, three.All);
        }
    }

    private static bool Same((LossSum, float[]) a, (LossSum, float[]) b) => a.Item1 == b.Item1 && a.Item2.AsSpan().SequenceEqual(b.Item2);
}
