using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Unroll.Cli.Ranks;
using Unroll.Core;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Networks;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll train TASK</c>: trains a model, measures it, and writes it as one safetensors file.</summary>
internal sealed class TrainCommand
{
    private readonly ITaskView _view;
    private readonly Terminal _terminal;
    private readonly CommonOptions _common;
    private readonly OptionArguments _arguments;
    private readonly RankSession? _ranks;
    private readonly TypedOptions _typed;
    private readonly Option<string> _run = Opt.String("--run", "NAME", "the run's name (default: a new one)");
    private readonly Option<string> _runs = Opt.String("--runs", "FOLDER", "where runs are: the run's folder is FOLDER/NAME (default runs)");
    private readonly Option<bool> _resume = Opt.Bool("--resume", "go on with the run of that name where it was stopped, to the same bits");
    private readonly Option<TimeSpan?> _limit = Opt.Time("--time-limit",
        "end training after so much time with what was learned: 90s, 30m, 1.5h, 1:30:00; the run can be resumed");
    private readonly Option<Recomputation?> _recompute = Opt.Recompute("--recompute");
    private readonly TrainInspect _inspect = new();
    private readonly Option<string> _output = Opt.String("--output", "FILE", "write the model there too");

    private TrainCommand(ITaskView view, Terminal terminal, RankSession? ranks)
    {
        (_view, _terminal, _common, _ranks) = (view, terminal, new CommonOptions(terminal), ranks);
        _arguments = new OptionArguments(Task.Options, Task.Defaults, Task.Name);
        _typed = new TypedOptions(Task, _arguments, terminal, ranks);
    }

    private ITask Task => _view.Task;

    /// <summary>The command: the named task with its options, the others with a name and a sentence, because options are many.</summary>
    internal static Command Make(string[] args, Terminal terminal, Interruption stop, RankSession? ranks = null)
    {
        if (args.Length > 1 && args[1] == NetworkTask.Instance.Name)
            throw new UserErrorException("unroll train network: a network has rows in and rows out and nothing to be trained for; train a model that "
                + "begins with its layers: unroll train TASK --from MODEL, where TASK is lm, classify, dna or tag.");
        Command command = new("train", "Train a model.");
        foreach (ITaskView view in TaskViews.All)
            command.Add(args.Length > 1 && view.Task.Name == args[1] ? new TrainCommand(view, terminal, ranks).Make(stop)
                : new Command(view.Task.Name, view.Task.Help));
        return command;
    }

    private Command Make(Interruption stop)
    {
        Command command = new(Task.Name, Task.Help);
        _arguments.AddTo(command);
        foreach (Option option in (Option[])[_run, _runs, _resume, _limit, _recompute, _inspect.Option, ConfigFile.Option(), _output])
            command.Add(option);
        RankOptions.AddTo(command, "train as one of the ranks that mpirun or srun started: mpirun -n N unroll train … --mpi; "
            + "the same bits for every N up to --shards, which is 8 then");
        _common.AddTo(command).SetAction(parsed => Train(parsed, stop));
        return command;
    }

    private int Train(ParseResult parsed, Interruption stop)
    {
        Stopwatch clock = Stopwatch.StartNew();
        TextWriter lines = _common.Lines(parsed);
        int? every = _inspect.EveryOf(parsed);
        bool first = _ranks?.IsFirst ?? true, resumed = parsed.GetValue(_resume);
        RankOptions.RequireJoined(parsed, _ranks, "trains a model", _terminal.Say);
        if (first && parsed.GetValue(_output) is { } later) AtomicFile.RequireWritable(later);
        using ThreadTeam? threads = _common.Team(parsed, _ranks?.Threads);
        if (Processor.Warning is { } slow) _terminal.Say(slow);
        DataFiles files = (_ranks is { AreSeveral: true } ? DataFiles.Disk : _terminal.Files()).NotingTo(_terminal.Say);
        RunDirectory? folder = resumed && first ? Opened(parsed) : null;
        using IDisposable? heldBefore = folder?.Hold();
        (TaskOptions options, ITaskModel? from) = resumed ? OptionsOf(folder, parsed) : _typed.Of(parsed);
        options = options.WithSettledCell();
        RunDirectory Create() => folder ??= parsed.GetValue(_run) is { } name
            ? RunDirectory.Create(Runs(parsed), name, Task.Options.ToJson(options))
            : RunDirectory.CreateNumbered(Runs(parsed), TypedOptions.Stem(Task, options), Task.Options.ToJson(options));
        RunSettings settings = new()
        {
            Threads = threads, Folder = first ? Create : null, Note = _terminal.Say, From = from, TimeLimit = parsed.GetValue(_limit),
            Recomputation = parsed.GetValue(_recompute),
            FromReverse = Task.Options.Find("from-reverse")?.Text(options) is { } backwards ? TaskList.Open(backwards, note: _terminal.Say) : null,
            Ranks = _ranks?.All,
        };
        if (_ranks is { AreSeveral: true }) RankOptions.RequireOneModel(options);
        if (options.CrossValidate && Task.Folds(options, files) is { } folds)
            return CrossValidate(parsed, options, folds, new CrossValidation(Task, files, settings, folder), clock, stop);

        ITaskRun run = Task.Begin(options, files, settings);
        using IDisposable? held = folder?.Hold();
        RankOptions.Begin(_ranks, Task.Options.ToJson(options), run, folder, isNew: !resumed);
        if (resumed) run.Loop.Resume();
        lines.WriteLine(FormattableString.Invariant(
            $"{run.ExamplesName}: {run.Parts.Train:N0} to train on, {run.Parts.Valid:N0} to validate on, {run.Parts.Test:N0} to test on"));
        foreach (string line in _view.Lines(run.Model)) lines.WriteLine(line);
        if (run.Model.Members.Count > 1) lines.WriteLine(MembersView.Line(run.Model));
        if (_ranks is not null) lines.WriteLine(_ranks.Line(run.Threads.Threads));
        if (_ranks?.Note("unroll train") is { } alone) _terminal.Say(alone);

        bool interrupted;
        using (stop.Saving())
        {
            if (folder is null) return TrainBeside(run, stop);
            lines.WriteLine($"run: {folder.Root}");
            IEnumerable<TrainingProgress> steps = _inspect.Watched(every, run, folder, files, stop.Token);
            ProgressView.Show(run, _ranks?.Logged(steps) ?? steps, _terminal);
            interrupted = stop.Token.IsCancellationRequested;            // perhaps while the last epoch was validated
            if (_ranks is not null) interrupted = _ranks.EndTogether(run, interrupted);
            if (interrupted) run.Finish(measure: false);
        }
        TaskEvaluation? evaluation = interrupted ? null : run.Finish();
        if (parsed.GetValue(_output) is { } output) run.Model.Save(output);

        TrainingState state = run.Loop.State;
        bool timeUp = run.Loop.Outcome == TrainingOutcome.TimeLimit, diverged = state.Diverged;
        long skipped = RunFigures.Skipped(folder, run.Model);
        foreach (string line in MembersView.Lines(run)) lines.WriteLine(line);
        foreach (string line in evaluation is null ? [] : _view.Lines(evaluation).Concat(MemberScores.Lines(evaluation))) lines.WriteLine(line);
        string? report = evaluation is null ? null : _view.Page(run, evaluation).Save(folder, Task, run, evaluation, clock.Elapsed.TotalSeconds);
        if (report is not null) lines.WriteLine($"report: {report}");
        lines.WriteLine($"model: {folder.Model}");
        lines.WriteLine($"weights sha256: {run.Model.WeightsSha256}");
        if (skipped > 0) _terminal.Say(FormattableString.Invariant(
            $"note: {skipped:N0} updates were passed over because a loss or a gradient was not finite; a smaller --lr or --clip may help."));
        if (MembersView.NoteOfFirst(run) is { } note) _terminal.Say(note);
        string epochs = FormattableString.Invariant($"{MembersView.Epochs(run.Loop)}, {clock.Elapsed.TotalSeconds:F1} s");
        lines.WriteLine(interrupted ? $"interrupted after {state.Place.Epoch} epochs; {GoOn(parsed, folder)}"
            : diverged ? $"diverged, not done: {Diverged(state)}; {epochs}"
            : timeUp ? $"the time limit of {Duration.Text(parsed.GetValue(_limit)!.Value)} was reached after {epochs}; {GoOn(parsed, folder)}"
            : epochs);
        _common.WriteJson(parsed, json =>
        {
            evaluation?.WriteJson(json);
            if (evaluation is not null) MemberScores.WriteJson(json, evaluation);
            MembersView.WriteJson(json, run);
            json.WriteString("weights_sha256", run.Model.WeightsSha256);
            json.WriteNumber("seconds", Math.Round(clock.Elapsed.TotalSeconds, 3));
            json.WriteNumber("epochs", state.Place.Epoch);
            json.WriteNumber("best_epoch", state.BestEpoch);
            json.Number("validation_score", state.BestScore);
            json.WriteBoolean("interrupted", interrupted);
            json.WriteBoolean("time_limit", timeUp);
            json.WriteBoolean("diverged", diverged);
            json.WriteNumber("skipped_updates", skipped);
            json.WriteString("run", folder.Root);
            json.WriteString("model", folder.Model);
            if (report is not null) json.WriteString("report", report);
        });
        return interrupted ? stop.ExitCode : diverged ? CommandLine.Failed : CommandLine.Done;
    }

    // What every rank does; the first does the rest.
    private int TrainBeside(ITaskRun run, Interruption stop)
    {
        foreach (TrainingProgress _ in _ranks!.Logged(run.Loop.Run(stop.Token))) { }
        return _ranks.EndTogether(run, stop.Token.IsCancellationRequested) ? stop.ExitCode
            : run.Loop.State.Diverged ? CommandLine.Failed : CommandLine.Done;
    }

    private static string Diverged(TrainingState state) => state.LostEpoch
        ? $"no update of the last epoch was finite, and the model is that of epoch {state.BestEpoch}; train again with a smaller --lr or --clip"
        : "the validation score is not finite in any epoch, and the model is not to be relied on; train again with a smaller --lr or --clip";

    private int CrossValidate(
        ParseResult parsed, TaskOptions options, IReadOnlyList<Fold> folds, CrossValidation all, Stopwatch clock, Interruption stop)
    {
        foreach (Option other in (Option[])[_output, _inspect.Option])
            if (parsed.GetResult(other) is not null)
                throw new UserErrorException($"{other.Name}: a cross-validation makes a model for each fold, in folders of their own; leave it out.");
        TextWriter lines = _common.Lines(parsed);
        bool told = false;
        int diverged = 0;
        using IDisposable saving = stop.Saving();
        all.Train(folds, (run, ask) =>
        {
            if (!told)
            {
                lines.WriteLine($"run: {all.Folder.Root}");
                foreach (string line in _view.Lines(run.Model)) lines.WriteLine(line);
            }
            told = true;
            if (_terminal.Live) ProgressView.Show(run, run.Loop.Run(ask), _terminal);
            else foreach (TrainingProgress _ in run.Loop.Run(ask)) { }
            if (run.Loop.State.Diverged) diverged++;
        }, (name, score) => lines.WriteLine(FormattableString.Invariant(
            $"fold {name}: {score.Count:N0} tested, {score.Errors:N0} errors, accuracy {100 * score.Accuracy:F2} %")), stop.Token);
        bool interrupted = all.Outcome == TrainingOutcome.Interrupted, timeUp = all.Outcome == TrainingOutcome.TimeLimit;
        FoldsPage page = new(_view, all);
        TaskEvaluation? pooled = interrupted || all.Done.Count == 0 ? null : all.Pool();
        foreach (string line in pooled is null ? [] : page.Lines(pooled)) lines.WriteLine(line);
        string? report = pooled is null ? null : page.Save(options, pooled, clock.Elapsed.TotalSeconds);
        if (report is not null) lines.WriteLine($"report: {report}");
        lines.WriteLine(interrupted
            ? $"interrupted after {all.Done.Count} folds; {GoOn(parsed, all.Folder)}"
            : diverged > 0 ? FormattableString.Invariant(
                $"diverged in {diverged} folds, not done: {folds.Count} folds, {clock.Elapsed.TotalSeconds:F1} s; train again with a smaller --lr")
            : timeUp ? $"the time limit of {Duration.Text(parsed.GetValue(_limit)!.Value)} was reached after " +
                $"{all.Done.Count} of {folds.Count} folds; {GoOn(parsed, all.Folder)}"
            : FormattableString.Invariant($"{folds.Count} folds, {clock.Elapsed.TotalSeconds:F1} s"));
        _common.WriteJson(parsed, json =>
        {
            if (pooled is not null)
            {
                all.WriteJson(json);
                json.WriteStartObject("pooled");
                pooled.WriteJson(json);
                json.WriteEndObject();
            }
            json.WriteNumber("seconds", Math.Round(clock.Elapsed.TotalSeconds, 3));
            json.WriteBoolean("interrupted", interrupted);
            json.WriteBoolean("time_limit", timeUp);
            json.WriteBoolean("diverged", diverged > 0);
            json.WriteString("run", all.Folder.Root);
            if (report is not null) json.WriteString("report", report);
        });
        return interrupted ? stop.ExitCode : diverged > 0 ? CommandLine.Failed : CommandLine.Done;
    }

    private string GoOn(ParseResult parsed, RunDirectory run) =>
        $"go on with: unroll train {Task.Name} --resume --run {Path.GetFileName(run.Root)}" +
        (parsed.GetValue(_runs) is { } runs ? $" --runs {runs}" : "");

    private RunDirectory Opened(ParseResult parsed) => RunDirectory.Open(Runs(parsed), Named(parsed));

    private string Named(ParseResult parsed) =>
        parsed.GetValue(_run) ?? throw new UserErrorException("--resume: name the run to go on with by --run NAME.");

    // The first rank reads them, so that the others need not see its files.
    private (TaskOptions, ITaskModel?) OptionsOf(RunDirectory? run, ParseResult parsed)
    {
        string name = Named(parsed), path = Path.Combine(Runs(parsed), name, "config.json"), own = run?.ReadConfig() ?? "";
        string config = _ranks is null ? own : Encoding.UTF8.GetString(_ranks.All.FromFirst(Encoding.UTF8.GetBytes(own)));
        if (config.Length == 0)
            throw new UserErrorException($"run '{name}': '{path}' is missing, so that its options are unknown; start it anew under another name.");
        return _typed.Kept(TaskList.OptionsOf(Task, config, path), parsed, name, path);
    }

    private string Runs(ParseResult parsed) => parsed.GetValue(_runs) ?? "runs";
}
