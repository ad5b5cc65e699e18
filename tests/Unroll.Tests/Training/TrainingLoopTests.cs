using Unroll.Core;
using Unroll.Files;
using Unroll.Formats;
using Unroll.Numerics;
using Unroll.Tests.Formats;
using Unroll.Training;

namespace Unroll.Tests.Training;

public sealed class TrainingLoopTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ThreadTeam _threads = new(1);
    private readonly List<string> _warnings = [];

    public void Dispose()
    {
        _threads.Dispose();
        _folder.Dispose();
    }

    // Three epochs of four steps each; everything that has a state has one here.
    private static TrainingOptions Options => new()
    {
        Epochs = 3,
        Step = new() { Schedule = new PlateauSchedule { Rate = 0.05f, Patience = 0, Threshold = 0.5 }, Clipping = new() { Limit = 0.5f } },
        EarlyStopping = new() { Patience = 3 },
    };

    private RunDirectory NewRun(string name) => RunDirectory.Create(_folder.Path, name, "{}");

    private TrainingLoop<int[]> Loop(RunDirectory run, TrainingOptions options, LineTask? task = null) =>
        new(task ?? new LineTask(), options, _threads, run, _warnings.Add);

    private static List<TrainingProgress> Finish<T>(TrainingLoop<T> loop) => [.. loop.Run(TestContext.Current.CancellationToken)];

    private TrainingLoop<int[]> Undisturbed(RunDirectory run)
    {
        TrainingLoop<int[]> loop = Loop(run, Options);
        Finish(loop);
        return loop;
    }

    private static void AssertSame(RunDirectory expected, RunDirectory actual)
    {
        Assert.Equal(File.ReadAllText(expected.Metrics), File.ReadAllText(actual.Metrics));
        Assert.Equal(File.ReadAllBytes(expected.Model), File.ReadAllBytes(actual.Model));
        Assert.Equal(File.ReadAllBytes(expected.Best), File.ReadAllBytes(actual.Best));
        string last = Path.GetFileName(Directory.GetFiles(expected.Checkpoints).Max()!);
        Assert.Equal(File.ReadAllBytes(Path.Combine(expected.Checkpoints, last)), File.ReadAllBytes(Path.Combine(actual.Checkpoints, last)));
    }

    [Fact]
    public void Interrupted_at_every_step_and_resumed_it_ends_with_the_same_bits()
    {
        RunDirectory whole = NewRun("whole");
        Undisturbed(whole);
        for (int at = 0; at <= 12; at++)
        {
            RunDirectory run = NewRun($"stopped-{at}");
            using CancellationTokenSource stop = new();
            if (at == 0) stop.Cancel();
            TrainingLoop<int[]> loop = Loop(run, Options);
            foreach (TrainingProgress progress in loop.Run(stop.Token))
                if (progress.Step?.Index == at - 1) stop.Cancel();
            Assert.Equal(TrainingOutcome.Interrupted, loop.Outcome);
            Assert.True(File.Exists(run.Model));                                 // what was learned is kept

            loop = Loop(run, Options);
            loop.Resume();
            Assert.Equal(at, loop.State.Place.Step);
            Finish(loop);
            AssertSame(whole, run);
        }
        Assert.Empty(_warnings);
    }

    // A process that dies leaves what is on the disk: the last checkpoint that was due, a metrics file that may be ahead of it, a torn line.
    [Fact]
    public void Killed_at_any_moment_and_resumed_it_ends_with_the_same_bits()
    {
        RunDirectory whole = NewRun("whole"), run = NewRun("killed");
        Undisturbed(whole);
        TrainingOptions often = Options with { CheckpointSteps = 3 };
        foreach (int reports in new[] { 1, 2, 5, 3, 7, 6, 4 })                   // steps and epochs before each death
        {
            TrainingLoop<int[]> dying = Loop(run, often);
            dying.Resume();
            foreach (TrainingProgress _ in dying.Run(TestContext.Current.CancellationToken).Take(reports)) { }
            File.AppendAllText(run.Metrics, "{\"epoch\": 99}\n{\"epo");
        }
        TrainingLoop<int[]> loop = Loop(run, often);
        loop.Resume();
        Finish(loop);
        AssertSame(whole, run);
    }

    [Fact]
    public void A_damaged_newest_checkpoint_is_named_and_costs_nothing_but_time()
    {
        RunDirectory whole = NewRun("whole"), run = NewRun("damaged");
        Undisturbed(whole);
        foreach (TrainingProgress _ in Loop(run, Options).Run(TestContext.Current.CancellationToken).Take(12)) { }
        string newest = Directory.GetFiles(run.Checkpoints).Max()!;
        byte[] bytes = File.ReadAllBytes(newest);
        bytes[^1] ^= 1;
        File.WriteAllBytes(newest, bytes);
        TrainingLoop<int[]> loop = Loop(run, Options);
        loop.Resume();
        Assert.Contains(newest, Assert.Single(_warnings));
        Assert.Equal(4, loop.State.Place.Step);
        Finish(loop);
        AssertSame(whole, run);
    }

    [Fact]
    public void Reports_come_step_by_step_with_an_epoch_after_its_last()
    {
        RunDirectory run = NewRun("r");
        TrainingLoop<int[]> loop = Loop(run, Options with { Epochs = 2 });
        List<TrainingProgress> reports = Finish(loop);
        Assert.Equal([0, 1, 2, 3, null, 4, 5, 6, 7, null], reports.Select(report => report.Step?.Index));
        Assert.Equal([1, 2], reports.Where(report => report.Epoch is not null).Select(report => report.Epoch!.Epoch));
        Assert.All(reports, report => Assert.Equal(5, report.Batches));
        Assert.Equal(reports.Where(report => report.Epoch is not null).Select(report => report.Epoch!.ToJson()), TextFile.ReadLines(run.Metrics));
        Assert.Equal((TrainingOutcome.Finished, 8), (loop.Outcome, loop.State.Place.Step));
    }

    [Fact]
    public void It_learns_and_ends_with_the_best_weights_and_not_the_last()
    {
        RunDirectory run = NewRun("r");
        LineTask task = new() { Score = epoch => epoch == 1 ? 1 : 2 };
        List<float[]> after = [];
        TrainingLoop<int[]> loop = Loop(run, Options with { Epochs = 3 }, task);
        foreach (TrainingProgress progress in loop.Run(TestContext.Current.CancellationToken))
            if (progress.Epoch is not null) after.Add(task.Parameters.Values.ToArray());
        Assert.Equal(2, loop.State.BestEpoch);
        Assert.Equal(after[1], task.Parameters.Values.ToArray());
        Assert.NotEqual(after[1], after[2]);
        Assert.Equal(File.ReadAllBytes(run.Best), File.ReadAllBytes(run.Model));
    }

    [Fact]
    public void The_weights_of_the_start_stay_where_no_epoch_is_better_and_change_no_bit_of_the_training()
    {
        LineTask task = new() { Score = validation => validation == 0 ? 1 : 2 };
        float[] start = task.Parameters.Values.ToArray();
        RunDirectory run = NewRun("r");
        TrainingOptions options = Options with { Epochs = 3, CountsStart = true };
        TrainingLoop<int[]> loop = Loop(run, options, task);
        List<TrainingProgress> reports = Finish(loop);
        Assert.Equal((0, 1.0, true, false), (loop.State.BestEpoch, loop.State.BestScore, loop.HasBest, loop.State.Diverged));
        Assert.Equal(start, task.Parameters.Values.ToArray());
        Assert.DoesNotContain(reports, report => report.Epoch?.IsBest == true);
        Assert.Equal(3, TextFile.ReadLines(run.Metrics).Count());

        LineTask again = new() { Score = _ => 2 };
        TrainingLoop<int[]> resumed = Loop(run, options with { Epochs = 4 }, again);
        resumed.Resume();
        Finish(resumed);
        Assert.Equal(start, again.Parameters.Values.ToArray());

        float[] Trained(bool counts)
        {
            LineTask own = new() { Score = validation => -validation };
            Finish(Loop(NewRun(counts ? "a" : "b"), Options with { Epochs = 3, CountsStart = counts }, own));
            return own.Parameters.Values.ToArray();
        }
        Assert.Equal(Trained(false), Trained(true));
    }

    [Fact]
    public void It_stops_when_the_score_has_not_improved_for_a_while_and_a_resumed_run_knows_it()
    {
        RunDirectory run = NewRun("r");
        TrainingOptions options = Options with { Epochs = 50, EarlyStopping = new() { Patience = 2 } };
        TrainingLoop<int[]> loop = Loop(run, options, new LineTask { Score = epoch => epoch < 3 ? -epoch : 0 });
        Finish(loop);
        Assert.Equal((TrainingOutcome.StoppedEarly, 5, 3), (loop.Outcome, loop.State.Place.Epoch, loop.State.BestEpoch));

        TrainingLoop<int[]> again = Loop(run, options);
        again.Resume();
        Assert.Empty(Finish(again));
        Assert.Equal(TrainingOutcome.StoppedEarly, again.Outcome);
    }

    [Fact]
    public void The_plateau_lowers_the_rate_of_the_next_epoch()
    {
        TrainingOptions options = Options with { Step = new() { Schedule = new PlateauSchedule { Rate = 0.5f, Factor = 0.5, Patience = 0 } } };
        List<TrainingProgress> reports = Finish(Loop(NewRun("r"), options, new LineTask { Score = _ => 1 }));
        Assert.Equal([0.5f, 0.5f, 0.25f], reports.Where(report => report.Epoch is not null).Select(report => report.Epoch!.LearningRate));
    }

    [Fact]
    public void A_skipped_batch_is_counted_and_the_run_goes_on()
    {
        TrainingOptions options = Options with { Epochs = 1, Step = new() { NonFinite = NonFinitePolicy.SkipBatch } };
        List<TrainingProgress> reports = Finish(Loop(NewRun("r"), options, new LineTask { Poison = call => call == 1 }));
        Assert.NotNull(reports[1].Step!.Value.Fault);
        Assert.Equal((1, 3, 12 - 2), (reports[^1].Epoch!.Sums.Faults, reports[^1].Epoch!.Sums.Steps, reports[^1].Epoch!.Sums.Loss.Count));
    }

    [Fact]
    public void It_stops_with_an_error_by_default() => Assert.StartsWith(
        "step 1 (epoch 1, batch 2): the loss is NaN",
        Assert.Throws<DivergedException>(() => Finish(Loop(NewRun("r"), Options, new LineTask { Poison = call => call == 1 }))).Message);

    // w ← (1 − 20 η) w: η = 0.3 and 0.15 run away, 0.075 comes home.
    [Fact]
    public void It_goes_back_to_the_epochs_beginning_with_half_the_rate_until_the_loss_stays_finite()
    {
        TrainingOptions options = new()
        {
            Epochs = 2, Optimizer = new SgdOptions(), CheckpointSteps = 1,
            Step = new() { Schedule = new ConstantSchedule { Rate = 0.3f }, NonFinite = NonFinitePolicy.RestoreLastCheckpoint },
        };
        RunDirectory run = NewRun("r");
        BowlTask task = new();
        TrainingLoop<int> loop = new(task, options, _threads, run, _warnings.Add);
        Finish(loop);
        Assert.Equal((TrainingOutcome.Finished, 2, 0.25f, 16), (loop.Outcome, loop.State.Returns, loop.State.RateScale, loop.State.Place.Step));
        Assert.Equal(Math.Pow(0.5, 16), task.Parameters.Values[0], 1e-8);
        Assert.Equal(2, _warnings.Count);
        Assert.EndsWith("with 0.5 of the learning rate.", _warnings[0]);
        Assert.Equal(2, TextFile.ReadLines(run.Metrics).Count);
    }

    [Fact]
    public void It_gives_up_going_back_after_five_times()
    {
        TrainingOptions options = Options with { Step = new() { NonFinite = NonFinitePolicy.RestoreLastCheckpoint } };
        Assert.Contains("after 5 returns to a checkpoint", Assert.Throws<DivergedException>(
            () => Finish(Loop(NewRun("r"), options, new LineTask { Poison = _ => true }))).Message);
    }

    [Fact]
    public void Without_a_run_directory_it_trains_and_writes_nothing()
    {
        LineTask task = new();
        TrainingLoop<int[]> loop = new(task, Options, _threads);
        Finish(loop);
        Assert.Equal(TrainingOutcome.Finished, loop.Outcome);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.Contains("nothing to resume", Assert.Throws<UserErrorException>(loop.Resume).Message);
        Assert.Contains("needs a run", Assert.Throws<UserErrorException>(() => new TrainingLoop<int[]>(
            task, Options with { Step = new() { NonFinite = NonFinitePolicy.RestoreLastCheckpoint } }, _threads)).Message);
    }

    [Fact]
    public void Another_seed_and_lost_metrics_are_noticed_on_resuming()
    {
        RunDirectory run = NewRun("r");
        Undisturbed(run);
        Assert.Contains("has seed 1, expected 2", Assert.Throws<UserErrorException>(() => Loop(run, Options with { Seed = 2 }).Resume()).Message);
        File.Delete(run.Metrics);
        Loop(run, Options).Resume();
        Assert.Contains("has 0 lines, expected 3", Assert.Single(_warnings));
    }

    [Fact]
    public void A_step_of_the_loop_allocates_nothing_either()
    {
        LineTask task = new();
        using IEnumerator<TrainingProgress> reports =
            new TrainingLoop<int[]>(task, Options, _threads).Run(TestContext.Current.CancellationToken).GetEnumerator();
        for (int i = 0; i < 7; i++) reports.MoveNext();                          // an epoch and two steps of the next
        Assert.Equal(0, Allocation.Of(() => reports.MoveNext()));
        Assert.InRange(reports.Current.Step!.Value.Index, 6, 13);
    }
}
