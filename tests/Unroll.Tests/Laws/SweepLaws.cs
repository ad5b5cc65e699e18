using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Sweeps;
using Unroll.Tests.Formats;
using Unroll.Tests.Training;
using Unroll.Training;

namespace Unroll.Tests.Laws;

/// <summary>What must hold of every sweep: its table is a function of its plan, and each trial is the run that its settings alone would be.</summary>
public sealed class SweepLaws : IDisposable
{
    private const string Space = "lr=log:1e-3..1e-1; hidden=2..5; cell=gru,rnn";
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Tasks => [.. TaskList.All.Select(task => task.Name)];

    public void Dispose() => _folder.Dispose();

    private static (SweepPlan, DataFiles) Case(bool halving, string name = "forecast", int trials = 9)
    {
        (ITask task, TaskOptions options, DataFiles files) = TaskLaws.Case(name);
        return (SweepPlan.Of(task, options with { Epochs = halving ? 9 : 2 }, new SweepOptions { Space = Space, Trials = trials,
            Halving = halving }), files);
    }

    private Sweep Begin(string name, SweepPlan plan, DataFiles files, bool resume = false, Action<string>? note = null) => new(plan,
        (options, settings) => plan.Task.Begin(options, files, settings),
        new RunSettings { Folder = () => RunDirectory.Create(_folder.Path, name, Sweep.ConfigOf(plan)), Note = note },
        resume && Directory.Exists(_folder[name]) ? RunDirectory.Open(_folder.Path, name) : null);

    private string TableOf(Sweep sweep)
    {
        SweepTable.Save(sweep);
        return File.ReadAllText(Path.Combine(sweep.Folder.Root, SweepTable.FileName));
    }

    private string Whole(string name, SweepPlan plan, DataFiles files, int jobs)
    {
        Sweep sweep = Begin(name, plan, files);
        foreach (TrialEvent _ in sweep.Run(new TrialThreads(jobs))) { }
        Assert.True(sweep.IsDone);
        return TableOf(sweep);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void The_table_is_the_same_for_any_number_of_jobs(bool halving)
    {
        (SweepPlan plan, DataFiles files) = Case(halving);
        string[] tables = [.. ((int[])[1, 2, 4]).Select(jobs => Whole($"jobs{jobs}", plan, files, jobs))];
        Assert.Equal([tables[0], tables[0]], tables[1..]);
        Assert.Equal(10, tables[0].TrimEnd().Split('\n').Length);
        Assert.Equal(halving ? 1 : 9, tables[0].Split(",finished,").Length - 1);
        Assert.Equal(halving ? 8 : 0, tables[0].Split(",stopped,").Length - 1);
    }

    // Stopped after a random number of events, again and again, with another number of jobs each time.
    [Theory, InlineData(false), InlineData(true)]
    public void Stopped_anywhere_and_resumed_it_ends_with_the_same_table_and_no_trial_lost_or_doubled(bool halving)
    {
        (SweepPlan plan, DataFiles files) = Case(halving);
        string whole = Whole("whole", plan, files, 1);
        Rng random = new(3);
        List<TrialWork> ended = [];
        Sweep? sweep = null;
        for (ulong round = 0; sweep is not { IsDone: true }; round++)
        {
            Assert.True(round < 60, "the sweep does not come to its end");
            sweep = Begin("stopped", plan, files, resume: true);
            using CancellationTokenSource stop = new();
            int left = 1 + random.Below(halving ? 12 : 5, 2 * round);
            foreach (TrialEvent one in sweep.Run(new TrialThreads(1 + random.Below(4, 2 * round + 1)), stop.Token))
            {
                if (one.Result is not null) ended.Add(one.Work);
                if (--left == 0) stop.Cancel();
            }
        }
        Assert.Equal(whole, TableOf(sweep));
        Assert.Equal(ended.Count, ended.Distinct().Count());
        Assert.Equal(halving ? 9 + 3 + 1 : 9, ended.Count);
    }

    // As after a kill: what a process that is gone had written is all there is, here without some of the results.
    [Fact]
    public void Results_that_were_not_written_any_more_are_found_again_from_the_checkpoints()
    {
        (SweepPlan plan, DataFiles files) = Case(halving: true);
        string whole = Whole("killed", plan, files, 2);
        File.Delete(Path.Combine(_folder["killed"], "trials", "0003", TrialResult.FileName));
        File.WriteAllText(Path.Combine(_folder["killed"], "trials", "0004", "metrics.jsonl.tmp"), "half a l");
        Sweep again = Begin("killed", plan, files, resume: true);
        foreach (TrialEvent _ in again.Run(new TrialThreads(2))) { }
        Assert.Equal(whole, TableOf(again));
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Each_trial_is_the_run_of_its_settings_alone_and_the_best_one_is_measured_as_that(string name)
    {
        (SweepPlan plan, DataFiles files) = Case(halving: false, name, trials: 3);
        Sweep sweep = Begin(name, plan, files);
        foreach (TrialEvent _ in sweep.Run(new TrialThreads(2))) { }
        foreach (SweepTrial trial in plan.Trials)
        {
            ITaskRun alone = plan.Task.Begin(trial.Options, files);
            alone.Train();
            TrialResult result = sweep.Results[trial.Number - 1]!;
            Assert.Equal(alone.Model.WeightsSha256, result.WeightsSha256);
            Assert.Equal(alone.Loop.State.BestScore, result.Score);
            Assert.Equal(alone.Model.WeightsSha256, TaskList.Open(Path.Combine(sweep.FolderOf(trial), "model.safetensors")).WeightsSha256);
        }
        Assert.Equal(sweep.Results.MinBy(one => (one!.Score, one.Trial)), sweep.Best);
        ITaskRun best = sweep.BestRun();
        ITaskRun same = plan.Task.Begin(plan.Trials[sweep.Best!.Trial - 1].Options, files);
        TaskEvaluation? expected = same.Train();
        Assert.Equal(expected?.Measures, best.Finish()?.Measures);
    }

    [Fact]
    public void A_trial_that_diverges_or_does_not_go_with_the_data_is_a_row_and_not_the_end()
    {
        ForecastOptions options = new() { Data = ["airline"], Epochs = 8, Clip = 0, Optimizer = OptimizerKind.Sgd, Momentum = 0.99, Cell = "rnn",
            Hidden = 8,
            Loss = ForecastLoss.Mse, Schedule = ScheduleKind.Constant };
        SweepPlan plan = SweepPlan.Of(ForecastTask.Instance, options, new SweepOptions { Space = "lr=0.001,100; window=6,5000",
            Search = SweepSearch.Grid });
        Sweep sweep = Begin("rows", plan, DataFiles.Disk);
        foreach (TrialEvent _ in sweep.Run(new TrialThreads(2))) { }
        Assert.True(sweep.IsDone);
        Assert.Equal([TrialOutcome.Finished, TrialOutcome.Refused, TrialOutcome.Diverged, TrialOutcome.Refused],
            sweep.Results.Select(one => one!.Outcome));
        Assert.Equal(1, sweep.Best!.Trial);
        Assert.Matches("^step [0-9]+ .*(loss|gradient)", sweep.Results[2]!.Why);
        Assert.Contains("window", sweep.Results[1]!.Why);
        Assert.Equal([1, 3, 2, 4], sweep.Ranking.Select(trial => trial.Number));
        Sweep again = Begin("rows", plan, DataFiles.Disk, resume: true);
        Assert.Empty(again.Run(new TrialThreads(2)));
        Assert.True(again.IsDone);
    }

    [Fact]
    public void Other_data_or_none_to_validate_on_are_refused_before_anything_is_written_or_changed()
    {
        (ITask task, TaskOptions options, DataFiles files) = TaskLaws.Case("classify");
        SweepOptions sweep = new() { Space = "lr=log:1e-3..1e-1", Trials = 2 };
        SweepPlan plan = SweepPlan.Of(task, options, sweep);
        Whole("first", plan, files, 1);
        string[] lines = System.Text.Encoding.UTF8.GetString(files.Bytes("texts.tsv", "texts")).Split('\n');
        DataFiles others = DataFiles.Of("texts.tsv", string.Join('\n', lines[4..]));
        Assert.Contains("the data changed since the sweep began", Assert.Throws<UserErrorException>(() =>
            Begin("first", plan, others, resume: true).Run(new TrialThreads(1)).Count()).Message);

        SweepPlan without = SweepPlan.Of(task, options with { Split = [0.9, 0] }, sweep);
        Assert.Equal("split: a sweep chooses by the validation part, and there is none; give it a share, or files of its own.",
            Assert.Throws<OptionException>(() => Begin("none", without, files).Run(new TrialThreads(1)).Count()).Message);
        Assert.False(Directory.Exists(_folder["none"]));
    }

    // What is only seen may differ from trial to trial; what is forecast and the unit of its errors may not.
    [Fact]
    public void Scores_in_other_units_are_refused_and_other_inputs_are_not()
    {
        string rows = string.Concat(Enumerable.Range(0, 160).Select(t => FormattableString.Invariant(
            $"{t},{Math.Exp(0.02 * t) * (5 + Math.Sin(Math.Tau * t / 12)):F4},{t % 7},{t % 5}\n")));
        DataFiles files = DataFiles.Of("shop.csv", "t,units,promo,temp\n" + rows);
        string[] Outcomes(string name, string space, ForecastOptions options)
        {
            SweepPlan plan = SweepPlan.Of(TaskList.All.Single(task => task.Name == "forecast"), options with
            {
                Data = ["shop.csv"], Column = ["units"], Window = 12, Hidden = 4, Epochs = 1,
            }, new SweepOptions { Space = space, Search = SweepSearch.Grid });
            Sweep sweep = Begin(name, plan, files);
            foreach (TrialEvent _ in sweep.Run(new TrialThreads(1))) { }
            return [.. sweep.Results.Select(one => TrialResult.Word(one!.Outcome))];
        }

        Assert.Equal(["finished", "refused"], Outcomes("season", "season=3,12", new ForecastOptions()));
        Assert.Equal(["finished", "finished"], Outcomes("last", "season=3,12", new ForecastOptions
        {
            Anchor = AnchorChoice.Last, Transform = TransformChoice.Log,
        }));
        Assert.Equal(["finished", "finished", "finished"], Outcomes("inputs", "input=promo|temp|promo,temp", new ForecastOptions
        {
            Anchor = AnchorChoice.Last, Transform = TransformChoice.Log,
        }));
    }

    [Fact]
    public void An_error_that_says_nothing_about_the_settings_ends_the_sweep_and_it_can_be_resumed()
    {
        (SweepPlan plan, DataFiles files) = Case(halving: false);
        string whole = Whole("whole", plan, files, 1);
        int begun = 0;
        Sweep failing = new(plan, (options, settings) => Interlocked.Increment(ref begun) == 6
            ? throw new UserErrorException("the disk is full", new IOException()) : plan.Task.Begin(options, files, settings),
            new RunSettings { Folder = () => RunDirectory.Create(_folder.Path, "failing", Sweep.ConfigOf(plan)) });
        Assert.Equal("the disk is full", Assert.Throws<UserErrorException>(() => failing.Run(new TrialThreads(2)).Count()).Message);
        Assert.False(failing.IsDone);
        Sweep again = Begin("failing", plan, files, resume: true);
        foreach (TrialEvent _ in again.Run(new TrialThreads(2))) { }
        Assert.Equal(whole, TableOf(again));
    }

    // What a rank does: the first one runs the sweep, the others train what it deals.
    private Sweep OfRank(ICollective ranks, string name, SweepPlan plan, Func<TaskOptions, RunSettings, ITaskRun> begin,
        Action<TrialEvent>? seen = null, CancellationToken stop = default)
    {
        bool resumed = File.Exists(Path.Combine(_folder[name], "data.json"));
        TrialRanks dealer = new(ranks);
        if (ranks.Rank == 0 && !resumed) RunDirectory.Create(_folder.Path, name, Sweep.ConfigOf(plan));
        ranks.TextFromEach("");
        Sweep sweep = new(plan, begin, new RunSettings(), RunDirectory.Open(_folder.Path, name));
        _ = sweep.Data;
        if (ranks.Rank > 0)
        {
            dealer.Serve(sweep.Train, stop);
            return sweep;
        }
        try
        {
            foreach (TrialEvent one in sweep.Run(dealer, stop)) seen?.Invoke(one);
        }
        catch (UserErrorException e)
        {
            dealer.Fail(e.Message);
            throw;
        }
        dealer.End(interrupted: false);
        return sweep;
    }

    [Theory, InlineData(1, false), InlineData(2, true), InlineData(3, true)]
    public void Dealt_to_ranks_it_ends_with_the_same_table_and_every_event_is_told_once(int size, bool halving)
    {
        (SweepPlan plan, DataFiles files) = Case(halving);
        string whole = Whole("whole", plan, files, 1);
        List<TrialEvent> seen = [];
        Sweep sweep = ThreadRanks.Run(size, ranks => OfRank(ranks, "ranks", plan, (own, settings) => plan.Task.Begin(own, files, settings),
            seen.Add))[0];
        Assert.True(sweep.IsDone);
        Assert.Equal(whole, TableOf(sweep));
        TrialWork[] ended = [.. seen.Where(one => one.Result is not null).Select(one => one.Work)];
        Assert.Equal(halving ? 9 + 3 + 1 : 9, ended.Distinct().Count());
        Assert.Equal(ended.Length, ended.Distinct().Count());
        // As the metrics of each trial have them, whichever rank trained it.
        foreach (SweepTrial trial in plan.Trials)
            Assert.Equal(File.ReadAllLines(Path.Combine(sweep.FolderOf(trial), "metrics.jsonl")),
                seen.Where(one => one.Work.Trial == trial.Number && one.Epoch is not null).Select(one => one.Epoch!.ToJson()));
    }

    [Fact]
    public void Ranks_that_are_asked_to_stop_go_on_to_the_same_table()
    {
        (SweepPlan plan, DataFiles files) = Case(halving: true);
        string whole = Whole("whole", plan, files, 1);
        Rng random = new(5);
        Sweep? sweep = null;
        for (ulong round = 0; sweep is not { IsDone: true }; round++)
        {
            Assert.True(round < 60, "the sweep does not come to its end");
            using CancellationTokenSource stop = new();
            int left = 1 + random.Below(12, 2 * round), size = 1 + random.Below(3, 2 * round + 1), asked = random.Below(size, 2 * round + 1);
            sweep = ThreadRanks.Run(size, ranks => OfRank(ranks, "stopped", plan, (own, settings) => plan.Task.Begin(own, files, settings), _ =>
            {
                if (--left == 0) stop.Cancel();
            }, ranks.Rank == asked ? stop.Token : default))[0];
        }
        Assert.Equal(whole, TableOf(sweep));
    }

    [Fact]
    public void What_fails_on_one_rank_ends_the_sweep_with_its_words_on_all()
    {
        (SweepPlan plan, DataFiles files) = Case(halving: false);
        string[] said = ThreadRanks.Run(3, ranks => Assert.Throws<UserErrorException>(() => OfRank(ranks, "failing", plan, (own, settings) =>
            ranks.Rank == 1 && settings.Folder is not null ? throw new UserErrorException("the disk is full", new IOException())
                : plan.Task.Begin(own, files, settings))).Message);
        Assert.All(said, one => Assert.Equal("rank 1: the disk is full", one));
    }

    [Fact]
    public void A_folder_that_does_not_show_what_a_trial_had_reached_is_refused()
    {
        (SweepPlan plan, DataFiles files) = Case(halving: true);
        Sweep sweep = Begin("late", plan, files);
        using ThreadTeam team = new(1);
        string message = Assert.Throws<UserErrorException>(() => sweep.Train(new TrialWork(2, 1), team, _ => { }, default)).Message;
        Assert.Contains("expected what trial 2 had reached in 1 rungs, found 0", message);
    }

    [Fact]
    public void A_trial_whose_options_are_gone_is_refused_with_what_to_do_and_trained_anew_after_it()
    {
        (SweepPlan plan, DataFiles files) = Case(halving: false, trials: 2);
        string table = Whole("whole", plan, files, 1);
        Whole("one", plan, files, 1);
        string trial = _folder["one/trials/0002"];
        File.Delete(Path.Combine(trial, "config.json"));
        File.Delete(Path.Combine(trial, TrialResult.FileName));
        string message = Assert.Throws<UserErrorException>(() => Begin("one", plan, files, resume: true).Run(new TrialThreads(1)).Count()).Message;
        Assert.Contains("expected config.json, with the options of trial 2", message);
        Assert.Contains("delete the folder, and the sweep trains the trial from its beginning", message);
        Directory.Delete(trial, recursive: true);
        Sweep sweep = Begin("one", plan, files, resume: true);
        Assert.Equal(2, sweep.Run(new TrialThreads(1)).Count(one => one.Epoch is not null));     // trial 2, and nothing else
        Assert.Equal(table, TableOf(sweep));
    }

    // The seam for other processes: whoever has the folder can do a piece of work, and whoever deals can hand the pieces to anybody.
    [Fact]
    public void Another_dealer_gives_the_same_table()
    {
        (SweepPlan plan, DataFiles files) = Case(halving: true);
        string whole = Whole("whole", plan, files, 1);
        Sweep sweep = Begin("dealt", plan, files);
        foreach (TrialEvent _ in sweep.Run(new Backwards(() => Begin("dealt", plan, files, resume: true)))) { }
        Assert.Equal(whole, TableOf(sweep));
    }

    private sealed class Backwards(Func<Sweep> other) : ITrialDealer
    {
        public IEnumerable<TrialEvent> Deal(IReadOnlyList<TrialWork> work, TrialTraining train, CancellationToken stop)
        {
            using ThreadTeam team = new(1);
            foreach (TrialWork one in work.Reverse())
                yield return new TrialEvent(one) { Result = other().Train(one, team, _ => { }, stop) };
        }
    }
}
