using Unroll.Core;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private readonly ThreadTeam _threads = new(1);

    public void Dispose() => _threads.Dispose();

    /// <summary>
    /// A loss with gradients of the tester's choice: one parameter of four gates of two units, a batch is a factor, 0 counts nothing.
    /// </summary>
    private sealed class Given(float[] gradients) : IObjective<int>
    {
        public ParameterStore Parameters { get; } = WithOne(gradients.Length);

        public LossSum Accumulate(int batch, in Pass pass)
        {
            for (int i = 0; i < gradients.Length; i++) Parameters.Gradients[i] += batch * gradients[i];
            return new LossSum(batch * 3.0, batch);
        }

        public string? GatesOf(Parameter parameter) => "ifgo";

        public IReadOnlyList<int> LengthsOf(int batch) => [1, 1, 1, 1];

        public int Part(int batch, IReadOnlyList<int> sequences) => sequences.Sum() + 1;

        private static ParameterStore WithOne(int length)
        {
            ParameterStore store = new();
            store.Add("encoder.weight_hh_l0", 8, length / 8);
            return store;
        }
    }

    private static readonly float[] s_ones = [.. Enumerable.Repeat(1f, 16)];

    private List<TrainingStep> Run(Given objective, int[] batches, TrainerOptions? options = null, ICollective? ranks = null)
    {
        options ??= new() { Schedule = new ConstantSchedule { Rate = 0.5f } };
        Trainer<int> trainer = new(objective, new SgdOptions().Create(16), options, _threads, ranks);
        return [.. trainer.Run(batches, default, PlateauState.Start, new Rng(1))];
    }

    [Fact]
    public void A_step_goes_down_the_mean_gradient_and_reports_loss_norm_and_rate()
    {
        Given objective = new(s_ones);
        TrainingStep step = Assert.Single(Run(objective, [5]));
        Assert.Equal((3, 5, 4, false, 0.5f, null), (step.Loss, step.Total.Count, step.GradientNorm, step.Clipped, step.LearningRate, step.Fault));
        Assert.All(objective.Parameters.Values.ToArray(), value => Assert.Equal(-0.5f, value));
    }

    [Fact]
    public void A_batch_without_anything_to_learn_from_is_passed_over()
    {
        List<TrainingStep> steps = Run(new Given(s_ones), [0, 1, 0, 2]);
        Assert.Equal([new TrainingPlace(0, 1, 0), new TrainingPlace(0, 3, 1)], steps.Select(step => step.Place));
    }

    [Fact]
    public void Shards_and_ranks_are_summed_before_the_division()
    {
        TrainerOptions options = new() { Shards = 4, Schedule = new ConstantSchedule { Rate = 0.5f } };
        foreach ((TrainingStep Step, float Weight) one in ThreadRanks.Run(3, ranks =>
        {
            Given objective = new(s_ones);
            return (Assert.Single(Run(objective, [5], options, ranks)), objective.Parameters.Values[0]);
        }))
            Assert.Equal((10, 4, -0.5f), (one.Step.Total.Count, one.Step.GradientNorm, one.Weight));    // 1, 2, 3 and 4 of them
    }

    [Fact]
    public void The_schedule_sees_the_share_of_the_epoch()
    {
        TrainerOptions options = new() { Schedule = new CosineSchedule { Rate = 1, Warmup = 1, Total = 2 } };
        Assert.Equal([0.25f, 0.5f, 0.75f, 1f], Run(new Given(s_ones), [1, 1, 1, 1], options).Select(step => step.LearningRate));
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.NegativeInfinity, "-infinity")]
    public void A_gradient_that_is_not_finite_names_tensor_element_gate_and_unit(float bad, string text)
    {
        float[] gradients = [.. s_ones];
        gradients[7] = bad;
        Given objective = new(gradients);
        Assert.Equal(
            $"step 1 (epoch 1, batch 3): the gradient of 'encoder.weight_hh_l0' [8, 2] is {text} at [3, 1] (gate f, unit 1); "
            + "lower the learning rate, limit the gradients, or look at the data for extreme values.",
            Assert.Throws<DivergedException>(() => RunMixed(new Mixed(new Given(s_ones), objective))).Message);
        Assert.All(objective.Parameters.Values.ToArray(), value => Assert.True(float.IsFinite(value)));
    }

    /// <summary>The first batches are sound, the last is not; one batch counts nothing.</summary>
    private sealed class Mixed(Given sound, Given bad) : IObjective<int>
    {
        public ParameterStore Parameters => bad.Parameters;
        public LossSum Accumulate(int batch, in Pass pass) =>
            batch < 2 ? new LossSum(sound.Accumulate(batch, pass).Sum, batch) : bad.Accumulate(batch, pass);
        public string? GatesOf(Parameter parameter) => "ifgo";
    }

    private void RunMixed(Mixed objective)
    {
        Trainer<int> trainer = new(objective, new SgdOptions().Create(16), new TrainerOptions(), _threads);
        foreach (TrainingStep _ in trainer.Run([1, 0, 2], default, PlateauState.Start, new Rng(1))) { }
    }

    [Fact]
    public void A_loss_that_is_not_finite_names_the_place_that_the_task_gives()
    {
        Trainer<int[]> trainer = new(new LineTask { Poison = call => call == 1 }, new SgdOptions().Create(4), new TrainerOptions(), _threads);
        Assert.StartsWith("step 1 (epoch 3, batch 2): the loss is NaN, first at sequence 7, step 2; ", Assert.Throws<DivergedException>(
            () => trainer.Run([[0, 1], [2]], new TrainingPlace(2, 0, 0), PlateauState.Start, new Rng(1)).Count()).Message);
    }

    [Fact]
    public void The_place_of_a_bad_number_is_the_callers_sequence_and_the_earliest_step()
    {
        SequenceBatch batch = SequenceBatch.FromSequences(2, new float[4], new float[8], new float[6]);
        Assert.Null(NonFiniteRow.First(batch));
        batch.Row(3, 1)[0] = float.NaN;
        batch.Row(2, 2)[1] = float.NegativeInfinity;
        Assert.Equal("sequence 2, step 2", NonFiniteRow.First(batch));
    }

    [Fact]
    public void A_skipped_batch_is_reported_and_leaves_weights_and_optimizer_alone()
    {
        LineTask task = new() { Poison = call => call == 1 };
        Optimizer adam = new AdamOptions().Create(4);
        TrainerOptions options = new() { NonFinite = NonFinitePolicy.SkipBatch };
        List<float[]> weights = [];
        List<string?> faults = [];
        foreach (TrainingStep step in new Trainer<int[]>(task, adam, options, _threads).Run([[0], [1], [2]], default, PlateauState.Start, new Rng(1)))
        {
            weights.Add(task.Parameters.Values.ToArray());
            faults.Add(step.Fault);
        }
        Assert.Equal(weights[0], weights[1]);
        Assert.NotEqual(weights[1], weights[2]);
        Assert.Equal([null, "step 1 (epoch 1, batch 2): the loss is NaN, first at sequence 7, step 2", null], faults);
        Assert.Equal(2, adam.State.Steps);
    }

    [Theory]
    [InlineData(ClipBy.None)]
    [InlineData(ClipBy.GlobalNorm)]
    [InlineData(ClipBy.TensorNorm)]
    [InlineData(ClipBy.Value)]
    public void A_warmed_up_step_allocates_nothing(ClipBy by)
    {
        LineTask task = new();
        TrainerOptions options = new() { Clipping = new() { By = by, Limit = 0.01f }, Schedule = new CosineSchedule() };
        Trainer<int[]> trainer = new(task, new AdamWOptions().Create(task.Parameters.Length), options, _threads);
        int[][] batches = [.. Enumerable.Repeat(new[] { 1, 2, 3 }, 12)];
        using IEnumerator<TrainingStep> steps = trainer.Run(batches, default, PlateauState.Start, new Rng(1)).GetEnumerator();
        for (int i = 0; i < 3; i++) Assert.True(steps.MoveNext());

        Assert.Equal(0, Allocation.Of(() => Assert.True(steps.MoveNext())));
        Assert.InRange(steps.Current.Index, 3, 10);
    }
}
