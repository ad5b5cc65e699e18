using Unroll.Core;
using Unroll.Training;

namespace Unroll.Tests.Training;

public sealed class ScheduleTests
{
    private static float At(Schedule schedule, double progress) => schedule.LearningRate(new((int)progress, progress, PlateauState.Start));

    [Fact]
    public void Constant_stays() => Assert.Equal(0.25f, At(new ConstantSchedule { Rate = 0.25f }, 1000));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 0.5)]
    [InlineData(7, 0.25)]
    public void Step_drops_every_few_epochs(int epoch, double expected) =>
        Assert.Equal(expected, new StepSchedule { Rate = 1, Every = 3, Factor = 0.5 }.LearningRate(new(epoch, epoch + 0.5, PlateauState.Start)));

    // lowest + (rate − lowest) (1 + cos(π s)) / 2 at s = 0, ¼, ½, 1 of the way: (1 + √½) / 2 = 0.853553
    [Theory]
    [InlineData(0.5, 0.25)]
    [InlineData(2, 1)]
    [InlineData(4, 0.1 + 0.9 * 0.8535533906)]
    [InlineData(6, 0.55)]
    [InlineData(10, 0.1)]
    [InlineData(50, 0.1)]
    public void Cosine_warms_up_falls_and_stays(double progress, double expected) =>
        Assert.Equal(expected, At(new CosineSchedule { Rate = 1, Warmup = 2, Total = 10, Lowest = 0.1f }, progress), 1e-7);

    [Fact]
    public void The_first_step_of_a_cosine_without_warm_up_has_nearly_the_full_rate() =>
        Assert.Equal(1, At(new CosineSchedule { Rate = 1, Total = 100 }, 0.01), 1e-6);

    [Fact]
    public void Our_cosine_is_the_cosine()
    {
        for (int i = 0; i <= 1000; i++) Assert.Equal(Math.Cos(Math.PI * i / 1000), Exact.CosPi(i / 1000.0), 1e-15);
    }

    // PyTorch 1.13: ReduceLROnPlateau(factor=0.5, patience=2, cooldown=1, min_lr=0.2)
    [Fact]
    public void Plateau_drops_when_PyTorch_does()
    {
        double[] scores = [5, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3];
        double[] rates = [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2];
        PlateauSchedule schedule = new() { Rate = 1, Factor = 0.5, Patience = 2, Cooldown = 1, Lowest = 0.2f };
        PlateauState state = PlateauState.Start;
        for (int i = 0; i < scores.Length; i++)
        {
            state = schedule.Next(state, scores[i]);
            Assert.Equal(rates[i], schedule.LearningRate(new(i + 1, i + 1.5, state)), 1e-7);
        }
    }

    [Fact]
    public void Plateau_takes_a_negative_score_that_falls_for_better()
    {
        PlateauState state = new PlateauSchedule().Next(new PlateauSchedule().Next(PlateauState.Start, -1), -1.1);
        Assert.Equal((-1.1, 0), (state.Best, state.Waited));
    }

    [Fact]
    public void A_rate_of_nothing_is_refused() => Assert.Equal(
        "learning rate: expected a number above 0, got 0.", Assert.Throws<UserErrorException>(() => new ConstantSchedule { Rate = 0 }).Message);

    [Fact]
    public void Early_stopping_waits_for_an_improvement_that_counts()
    {
        EarlyStopping stopping = new() { Patience = 2, MinDelta = 0.1 };
        StoppingState state = StoppingState.Start;
        bool[] over = [.. new[] { 1, 0.95, 0.8, double.NaN, 0.75 }.Select(score => stopping.IsOver(state = stopping.Next(state, score)))];
        Assert.Equal([false, false, false, false, true], over);
    }

    [Fact]
    public void Options_come_back_from_their_JSON()
    {
        TrainingOptions options = new()
        {
            Epochs = 7, Seed = ulong.MaxValue, Optimizer = new RmsPropOptions { Momentum = 0.5 }, EarlyStopping = new() { Patience = 3 },
            Step = new() { Schedule = new CosineSchedule { Warmup = 1.5 }, Clipping = new() { Limit = 5 }, NonFinite = NonFinitePolicy.SkipBatch },
            CheckpointSteps = 10, CheckpointSeconds = null,
        };
        Assert.Equal(options, TrainingOptions.FromJson(options.ToJson()));
        Assert.Throws<UserErrorException>(() => TrainingOptions.FromJson("""{"epochs": 0}"""));
    }
}
