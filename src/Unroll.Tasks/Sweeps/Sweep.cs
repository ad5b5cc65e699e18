using System.Diagnostics;
using Unroll.Core;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Sweeps;

/// <summary>
/// Many training runs of one task with settings of a plan, chosen among by their validation scores. Each trial is a run in a folder of its own,
/// <c>trials/0001</c> …, exactly the one that its settings alone would be. What comes out is a function of the plan: it depends neither on how many
/// trials run at once nor on where the sweep was killed and resumed.
/// </summary>
public sealed class Sweep
{
    private readonly Func<TaskOptions, RunSettings, ITaskRun> _begin;
    private readonly RunSettings _settings;
    private readonly TrialResult?[] _results;
    private readonly HashSet<int> _tidied = [];
    private readonly HashSet<string> _said = [];
    private RunDirectory? _folder;
    private IReadOnlyList<DataPart>? _data;
    private string? _scoredOn;

    /// <summary>A sweep whose trials begin as a program says: with series, texts or records in memory.</summary>
    /// <param name="plan">The trials.</param>
    /// <param name="begin">Begins the run of some options; called by several threads at once.</param>
    /// <param name="settings">
    /// What the trials share, a model to train on say; <see cref="RunSettings.Folder"/> makes the sweep's folder, with <see cref="ConfigOf"/>;
    /// threads and a time limit are not taken from it.
    /// </param>
    /// <param name="opened">The folder of a sweep that is resumed; null: a new one.</param>
    /// <exception cref="UserErrorException">A result in the folder is damaged.</exception>
    public Sweep(SweepPlan plan, Func<TaskOptions, RunSettings, ITaskRun> begin, RunSettings settings, RunDirectory? opened = null)
    {
        (Plan, _begin, _settings, _folder) = (plan, begin, settings, opened);
        _results = [.. plan.Trials.Select(trial => opened is null ? null : Read(trial))];
    }

    /// <summary>The trials.</summary>
    public SweepPlan Plan { get; }

    /// <summary>
    /// Measures each trial on the test part, once, at its end (<see cref="TrialResult.Test"/>): for a comparison, which chooses nothing by what it
    /// measures. Null: the test part is measured for the best trial alone, by who asks for it (<see cref="BestRun"/>).
    /// </summary>
    public Func<ITaskRun, double>? Measure { get; init; }

    /// <summary>The folder.</summary>
    /// <exception cref="InvalidOperationException">The settings make none.</exception>
    public RunDirectory Folder => _folder ??= (_settings.Folder ?? throw new InvalidOperationException("a sweep needs a folder"))();

    /// <summary>
    /// The parts of the data that the trials train and are validated on; read when they are asked for, by the first trial that can be begun. A
    /// process that trains for another one asks for them before its first trial.
    /// </summary>
    /// <exception cref="UserErrorException">The data are refused, or there is nothing to validate on.</exception>
    public IReadOnlyList<DataPart> Data => _data ??= RequireData();

    /// <summary>What has become of each trial, number 1 first; null: it has come to the end of no rung.</summary>
    public IReadOnlyList<TrialResult?> Results => _results;

    /// <summary>Whether every trial has come to its end.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The best trial that was trained to its end; null: there is none.</summary>
    public TrialResult? Best =>
        _results.Where(one => one?.Outcome == TrialOutcome.Finished && double.IsFinite(one.Score)).MinBy(one => (one!.Score, one.Trial));

    /// <summary>The trials, the best first: those that came further before others, each kind by its score, equal ones by number.</summary>
    public IReadOnlyList<SweepTrial> Ranking => [.. Plan.Trials.OrderBy(trial => RankOf(_results[trial.Number - 1]))
        .ThenBy(trial => _results[trial.Number - 1]?.Score ?? double.PositiveInfinity).ThenBy(trial => trial.Number)];

    /// <summary>The text of a new sweep's <c>config.json</c>.</summary>
    public static string ConfigOf(SweepPlan plan) => SweepConfig.Of(plan).ToJson();

    /// <summary>
    /// Trains what is not trained yet and reports what happens; a rung is decided when all of its trials have come to its end. The sweep's folder is
    /// held meanwhile. Enumerate it to its end; <see cref="IsDone"/> says whether that was the sweep's.
    /// </summary>
    /// <param name="dealer">Who does the work.</param>
    /// <param name="stop">Stops the sweep: trials under way save a checkpoint and go on from there when the sweep is resumed.</param>
    /// <exception cref="UserErrorException">
    /// The data are refused, there is nothing to validate on, the data are not those that the sweep began with, another process holds the folder, or
    /// the file system reported an error.
    /// </exception>
    public IEnumerable<TrialEvent> Run(ITrialDealer dealer, CancellationToken stop = default)
    {
        using IDisposable? heldBefore = _folder?.Hold();
        string data = JsonText.Of(json =>
        {
            foreach (DataPart part in Data) json.WriteString(part.Name, part.Sha256);
        }, indented: false);
        using IDisposable held = Folder.Hold();
        string kept = Path.Combine(Folder.Root, "data.json");
        if (TextFile.ReadIfThere(kept) is not { } before) TextFile.Write(kept, data);
        else if (before != data)
            throw new UserErrorException($"'{Folder.Root}': the data changed since the sweep began, so that its trials would not compare; give " +
                "it the data of then, or begin a sweep of another name.");
        for (int rung = 0; rung < Plan.Rungs.Count; rung++)
        {
            int[] entrants = Entrants(rung);
            TrialWork[] work = [.. entrants.Where(trial => !HasRung(trial, rung)).Select(trial => new TrialWork(trial, rung))];
            foreach (TrialEvent one in dealer.Deal(work, Train, stop))
            {
                if (one.Note is { } note && !_said.Add(note)) continue;
                if (one.Result is { } result) Keep(result);
                yield return one;
            }
            if (entrants.Any(trial => !HasRung(trial, rung))) yield break;
            Decide(rung, entrants);
        }
        IsDone = true;
    }

    /// <summary>
    /// Trains a trial to the end of a rung, or goes on with it, and writes its result: what a dealer calls, in any process that has the sweep's
    /// folder.
    /// </summary>
    /// <inheritdoc cref="TrialTraining"/>
    /// <exception cref="UserErrorException">
    /// The file system reported an error, the data have gone, or the folder does not show what the trial had reached before.
    /// </exception>
    public TrialResult? Train(TrialWork work, ThreadTeam threads, Action<TrialEvent> report, CancellationToken stop)
    {
        SweepTrial trial = Plan.Trials[work.Trial - 1];
        long began = Stopwatch.GetTimestamp();
        IReadOnlyList<RungResult> before = Read(trial)?.Rungs ?? [];
        if (before.Count != work.Rung)
            throw new UserErrorException($"'{PathOf(trial)}': expected what trial {trial.Number} had reached in {work.Rung} rungs, found " +
                $"{before.Count}: another process of this sweep has written it, and the folder does not show it here; resume the sweep, on a file " +
                "system that shows files to all machines at once.");
        TrialResult? Ended(TrialOutcome outcome, RungResult rung, string? weights = null, string? why = null, double? test = null)
        {
            TrialResult result = new()
            {
                Trial = trial.Number, Outcome = outcome, WeightsSha256 = weights, Why = why, Test = test,
                Rungs = [.. before, rung with { Seconds = Stopwatch.GetElapsedTime(began).TotalSeconds }],
            };
            Files.Folder.Create(FolderOf(trial));
            TextFile.Write(PathOf(trial), result.ToJson());
            return result;
        }

        RunDirectory? opened = Opened(trial);
        ITaskRun run;
        try
        {
            run = Begin(trial, opened, threads, note => report(new TrialEvent(work) { Note = note }));
        }
        catch (UserErrorException e) when (IsOfSettings(e))
        {
            return Ended(TrialOutcome.Refused, new RungResult(0, 0, double.NaN, 0), why: e.Message);
        }
        if (_scoredOn is { } expected && run.ScoredOn != expected)
            return Ended(TrialOutcome.Refused, new RungResult(0, 0, double.NaN, 0),
                why: "its settings change what is validated on, or in which units, so that its score would not compare with the others'.");
        if (opened is not null) run = Resumed(run, trial, opened, Plan.Rungs[work.Rung], threads);
        try
        {
            if (!ToEnd(run, Plan.Rungs[work.Rung], work, report, stop)) return null;
        }
        catch (UserErrorException e) when (e is DivergedException || e.InnerException is DivergedException)
        {
            return Ended(TrialOutcome.Diverged, RungOf(run), why: e.Message);
        }
        bool isLast = Plan.Rungs[work.Rung] is null, over = run.Loop.Outcome is TrainingOutcome.Finished or TrainingOutcome.StoppedEarly;
        if (run.Loop.State.Diverged || !double.IsFinite(run.Loop.State.BestScore))
            return Ended(TrialOutcome.Diverged, RungOf(run), why: "no update of the last epoch, or no validation score, was finite.");
        double? test = over && isLast ? Measure?.Invoke(run) : null;
        if (over && test is null) run.Finish(measure: false);
        return Ended(isLast ? TrialOutcome.Finished : TrialOutcome.Waiting, RungOf(run), over && isLast ? run.Model.WeightsSha256 : null, test: test);
    }

    /// <summary>
    /// The run of the best trial at its end, with its weights: to be measured, once, on the test part (<see cref="ITaskRun.Finish"/>).
    /// </summary>
    /// <param name="threads">The threads; null: by the size of the work.</param>
    /// <exception cref="InvalidOperationException">There is no best trial.</exception>
    /// <exception cref="UserErrorException">Its folder has been changed.</exception>
    public ITaskRun BestRun(ThreadTeam? threads = null)
    {
        SweepTrial best = Plan.Trials[(Best ?? throw new InvalidOperationException("no trial was trained to its end")).Trial - 1];
        ITaskRun run = Begin(best, Opened(best), threads ?? ThreadTeam.Default, note => _settings.Note?.Invoke(note));
        run.Loop.Resume();
        foreach (TrainingProgress _ in run.Loop.Run()) { }
        if (run.Loop.State.BestScore != Best.Score || run.Model.WeightsSha256 != Best.WeightsSha256)
            throw new UserErrorException($"'{PathOf(best)}': the score or the weights are not those of the trial's checkpoint; delete it, and " +
                "resume the sweep.");
        return run;
    }

    /// <summary>The folder of a trial's run.</summary>
    public string FolderOf(SweepTrial trial) => Path.Combine(ParentFolder, trial.Folder);

    private string ParentFolder => Path.Combine(Folder.Root, "trials");

    // Rung by rung the work is the same run, which goes on at its checkpoint.
    private static bool ToEnd(ITaskRun run, int? until, TrialWork work, Action<TrialEvent> report, CancellationToken stop)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (run.Loop.State.Place.Epoch >= until) end.Cancel();
        foreach (TrainingProgress progress in run.Loop.Run(end.Token))
        {
            if (progress.Epoch is not { } epoch) continue;
            report(new TrialEvent(work) { Epoch = epoch });
            if (epoch.Epoch >= until) end.Cancel();
        }
        return run.Loop.Outcome != TrainingOutcome.Interrupted || run.Loop.State.Place.Epoch >= until;
    }

    // A trial whose result somebody has deleted may have checkpoints beyond the end of the rung: it begins anew, to the same bits.
    private ITaskRun Resumed(ITaskRun run, SweepTrial trial, RunDirectory opened, int? until, ThreadTeam threads)
    {
        run.Loop.Resume();
        TrainingPlace place = run.Loop.State.Place;
        if (until is null || place.Epoch < until || (place.Epoch == until && place.Batch == 0)) return run;
        foreach (TrainingProgress _ in run.Loop.Run(new CancellationToken(canceled: true))) { }      // gives the folder back
        DeleteCheckpoints(trial);
        ITaskRun anew = Begin(trial, opened, threads, _ => { });
        anew.Loop.Resume();
        return anew;
    }

    private ITaskRun Begin(SweepTrial trial, RunDirectory? opened, ThreadTeam threads, Action<string> note) => _begin(trial.Options, _settings with
    {
        Threads = threads, TimeLimit = null, Note = note,
        Folder = () => opened ?? RunDirectory.Create(ParentFolder, trial.Folder, Plan.Task.Options.ToJson(trial.Options)),
    });

    // The folder of a trial that has been begun.
    private RunDirectory? Opened(SweepTrial trial)
    {
        if (!Files.Folder.HasFile(Path.Combine(FolderOf(trial), "config.json")))
            return Files.Folder.IsEmpty(FolderOf(trial)) ? null : throw new UserErrorException($"'{FolderOf(trial)}': expected config.json, with the "
                + $"options of trial {trial.Number}, in a folder that has other files; delete the folder, and the sweep trains the "
                + "trial from its beginning.");
        RunDirectory own = RunDirectory.Open(ParentFolder, trial.Folder);
        return own.ReadConfig() == Plan.Task.Options.ToJson(trial.Options) ? own : throw new UserErrorException(
            $"'{own.Config}': it has not the options of trial {trial.Number} of this sweep ({trial.Text}), which another version of this " +
            "program may have begun; begin a sweep of another name.");
    }

    private static RungResult RungOf(ITaskRun run) =>
        new(run.Loop.State.Place.Epoch, run.Loop.State.BestEpoch, run.Loop.State.HasBest ? run.Loop.State.BestScore : double.NaN, 0);

    // A file that cannot be read or written says nothing about the settings, nor do data that the first trial could not be begun with either.
    private bool IsOfSettings(UserErrorException error)
    {
        if (error is OptionException) return true;
        if (error.InnerException is IOException or UnauthorizedAccessException) return false;
        try
        {
            RequireData();
            return true;
        }
        catch (UserErrorException)
        {
            return false;
        }
    }

    // The data are read and parted as the first trial that can be begun reads them; what no trial can be begun with is refused.
    private IReadOnlyList<DataPart> RequireData()
    {
        UserErrorException? first = null;
        foreach (SweepTrial trial in Plan.Trials)
            try
            {
                ITaskRun run = _begin(trial.Options with { NonFinite = NonFinitePolicy.Stop }, _settings with
                {
                    Folder = null, Note = null, TimeLimit = null, Threads = ThreadTeam.Default,
                });
                if (run.Parts.Valid == 0)
                    throw new OptionException("split", "a sweep chooses by the validation part, and there is none; give it a share, or files " +
                        "of its own" + (Plan.Task.Options.Find("choose-epoch") is null ? "." : ", or choose the epoch by one."));
                _scoredOn = run.ScoredOn;
                return run.Loop.Data;
            }
            catch (OptionException e) when (e.Option != "split")
            {
                first ??= e;
            }
        throw first!;
    }

    private int[] Entrants(int rung) =>
        [.. Plan.Trials.Select(trial => trial.Number).Where(trial => rung == 0 || _results[trial - 1] is { } one && (one.Rungs.Count > rung
            || one.Outcome == TrialOutcome.Waiting))];

    private bool HasRung(int trial, int rung) => _results[trial - 1] is { } one && (one.Rungs.Count > rung || one.IsOver);

    //  of n trials the ⌊n / η⌋ with the lowest scores go on, equal ones by number
    private void Decide(int rung, int[] entrants)
    {
        if (rung == Plan.Rungs.Count - 1) return;
        int[] ranked = [.. entrants.Where(trial => double.IsFinite(_results[trial - 1]!.ScoreAt(rung)))
            .OrderBy(trial => _results[trial - 1]!.ScoreAt(rung)).ThenBy(trial => trial)];
        foreach (int trial in ranked.Skip(Plan.Survivors(entrants.Length)))
            if (_results[trial - 1] is { Outcome: TrialOutcome.Waiting } waiting)
            {
                TrialResult stopped = waiting with { Outcome = TrialOutcome.Stopped };
                TextFile.Write(PathOf(Plan.Trials[trial - 1]), stopped.ToJson());
                Keep(stopped);
            }
    }

    private void Keep(TrialResult result)
    {
        _results[result.Trial - 1] = result;
        // Not before the result is written: a trial that is killed in between goes on from them. The best one's stay, as those of every run.
        foreach (TrialResult? one in _results)
            if (one is { IsOver: true } && one.Trial != Best?.Trial && _tidied.Add(one.Trial))
                DeleteCheckpoints(Plan.Trials[one.Trial - 1]);
    }

    private void DeleteCheckpoints(SweepTrial trial)
    {
        foreach (string folder in MemberLoop.FoldersOf(FolderOf(trial), Plan.Options.Members))
            foreach (string file in Files.Folder.Files(Path.Combine(folder, "checkpoints"), "")) Files.Folder.Delete(file);
    }

    private string PathOf(SweepTrial trial) => Path.Combine(FolderOf(trial), TrialResult.FileName);

    private TrialResult? Read(SweepTrial trial)
    {
        string path = PathOf(trial);
        if (TextFile.ReadIfThere(path) is not { } text) return null;
        TrialResult result = TrialResult.FromJson(text, path);
        return result.Trial == trial.Number && result.Rungs.Count is > 0 && result.Rungs.Count <= Plan.Rungs.Count ? result
            : throw new UserErrorException(
            $"'{path}': expected the result of trial {trial.Number} in at most {Plan.Rungs.Count} rungs, found that of trial {result.Trial} in " +
            $"{result.Rungs.Count}; delete it, and its trial goes on from its last checkpoint.");
    }

    private static (int, int) RankOf(TrialResult? result) => result switch
    {
        null => (2, 0),
        { Outcome: TrialOutcome.Finished } => (0, 0),
        { Outcome: TrialOutcome.Diverged } => (3, 0),
        { Outcome: TrialOutcome.Refused } => (4, 0),
        _ => (1, -result.Rungs.Count),
    };
}
