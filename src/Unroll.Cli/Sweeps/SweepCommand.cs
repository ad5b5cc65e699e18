using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Unroll.Cli.Ranks;
using Unroll.Cli.Tasks;
using Unroll.Core;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Sweeps;
using Unroll.Training;

namespace Unroll.Cli.Sweeps;

/// <summary><c>unroll sweep train TASK</c>: many training runs with settings of a space, chosen among by their validation scores.</summary>
internal sealed class SweepCommand
{
    private const string SpaceName = "--space";
    private readonly ITaskView _view;
    private readonly Terminal _terminal;
    private readonly CommonOptions _common;
    private readonly RankSession? _ranks;
    private readonly OptionArguments _arguments, _sweep;
    private readonly TypedOptions _typed;
    private readonly Option<string> _space;
    private readonly Option<int?> _jobs = Opt.Int("--jobs", "N", "trials at once, each by --threads threads (default: as many as there are cores); "
        + "changes no result");
    private readonly Option<int?> _threads = Opt.Int("--threads", "N", "threads of each trial (default 1); changes no bit of any result");
    private readonly Option<string> _run = Opt.String("--run", "NAME", "the sweep's name (default: a new one)");
    private readonly Option<string> _runs = Opt.String("--runs", "FOLDER", "where runs are: the sweep's folder is FOLDER/NAME (default runs)");
    private readonly Option<bool> _resume = Opt.Bool("--resume", "go on with the sweep of that name where it was stopped or killed, to the " +
        "same table");
    private readonly Option<TimeSpan?> _limit = Opt.Time("--time-limit", "end after so much time: 90s, 30m, 1.5h, 1:30:00; the sweep can be resumed");
    private readonly Option<string> _output = Opt.String("--output", "FILE", "write the best trial's model there too");

    private SweepCommand(ITaskView view, Terminal terminal, RankSession? ranks)
    {
        (_view, _terminal, _common, _ranks) = (view, terminal, new CommonOptions(terminal), ranks);
        _arguments = new OptionArguments(Task.Options, Task.Defaults, Task.Name);
        _sweep = new OptionArguments(SweepOptions.Table, new SweepOptions(), "sweep");
        _typed = new TypedOptions(Task, _arguments, terminal);
        OptionLine line = SweepOptions.Table.Find("space")!;
        _space = new(SpaceName)
        {
            HelpName = line.Value, Description = line.Help, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true,
            CustomParser = result => string.Join("; ", result.Tokens.Select(token => token.Value)),
        };
    }

    private ITask Task => _view.Task;

    /// <summary>The command: with the options of the named task, the others with a name and a sentence.</summary>
    internal static Command Make(string[] args, Terminal terminal, Interruption stop, RankSession? ranks = null)
    {
        Command train = new("train", "Train a model with each of many settings, and take the best.");
        foreach (ITaskView view in TaskViews.All)
            train.Add(args.Length > 2 && args[1] == "train" && view.Task.Name == args[2] ? new SweepCommand(view, terminal, ranks).Make(stop)
                : new Command(view.Task.Name, view.Task.Help));
        return new Command("sweep", "Search for the settings of a training run.") { train };
    }

    private Command Make(Interruption stop)
    {
        Command command = new(Task.Name, Task.Help);
        command.Add(_space);
        _sweep.AddTo(command, except: SpaceName);
        foreach (Option option in (Option[])[_jobs, _run, _runs, _resume, _limit]) command.Add(option);
        _arguments.AddTo(command);
        foreach (Option option in (Option[])[ConfigFile.Option(), _output, _threads]) command.Add(option);
        RankOptions.AddTo(command, "have the ranks that mpirun or srun started do the trials, one at a time each: mpirun -n N unroll sweep … --mpi; "
            + "the same table for every N");
        _common.AddTo(command, threads: false).SetAction(parsed => Run(parsed, stop));
        return command;
    }

    private int Run(ParseResult parsed, Interruption stop)
    {
        Stopwatch clock = Stopwatch.StartNew();
        TextWriter lines = _common.Lines(parsed);
        bool first = _ranks?.IsFirst ?? true, resumed = parsed.GetValue(_resume);
        RankOptions.RequireJoined(parsed, _ranks, "makes a sweep", _terminal.Say);
        if (first && parsed.GetValue(_output) is { } later) AtomicFile.RequireWritable(later);
        int threads = Opt.Within(parsed, _threads, 1, 1, 1024);
        int jobs = _ranks?.All.Size ?? Opt.Within(parsed, _jobs, Math.Max(1, Environment.ProcessorCount / threads), 1, 1024);
        if (Processor.Warning is { } slow) _terminal.Say(slow);
        string? name = parsed.GetValue(_run);
        if (resumed && name is null) throw new UserErrorException("--resume: name the sweep to go on with by --run NAME.");
        RunDirectory? folder = resumed && first ? RunDirectory.Open(Runs(parsed), name!) : null;
        using IDisposable? heldBefore = _ranks is null ? null : folder?.Hold();
        (SweepPlan plan, ITaskModel? from) = resumed ? Kept(folder, name!, parsed) : New(parsed);
        if (_ranks is { AreSeveral: true }) SweepRanks.Require(plan.Options, parsed, _jobs);
        RunDirectory Create() => folder ??= name is not null ? RunDirectory.Create(Runs(parsed), name, Sweep.ConfigOf(plan))
            : RunDirectory.CreateNumbered(Runs(parsed), $"sweep-{TypedOptions.Stem(Task, plan.Options)}", Sweep.ConfigOf(plan));
        RunSettings settings = new()
        {
            Folder = Create, Note = _terminal.Say, From = from,
            FromReverse = Task.Options.Find("from-reverse")?.Text(plan.Options) is { } backwards ? TaskList.Open(backwards,
                note: _terminal.Say) : null,
        };
        DataFiles files = _ranks is { AreSeveral: true } ? DataFiles.Disk : _terminal.Files();
        Sweep sweep = new(plan, (options, own) => Task.Begin(options, files, own), settings, folder);
        SweepRanks? dealt = _ranks is null ? null : new SweepRanks(_ranks, threads);
        dealt?.Begin(sweep, from, root => folder ??= RunDirectory.Open(Path.GetDirectoryName(root)!, Path.GetFileName(root)), isNew: !resumed);
        if (!first) return dealt!.Serve(sweep, stop);
        foreach (string line in SweepLines.Plan(plan, Math.Min(jobs, plan.Trials.Count))) lines.WriteLine(line);
        if (_ranks is not null) lines.WriteLine(_ranks.Line(threads));
        if (_ranks?.Note("unroll sweep") is { } alone) _terminal.Say(alone);
        bool Interrupted() => !sweep.IsDone && (stop.Token.IsCancellationRequested || dealt is { OthersAsked: true });
        using (CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop.Token))
        using (stop.Saving())
        {
            if (parsed.GetValue(_limit) is { } limit) end.CancelAfter(limit);
            void Show(ITrialDealer dealer) => new SweepProgressView(sweep, _terminal).Show(sweep.Run(dealer, end.Token));
            if (dealt is null) Show(new TrialThreads(jobs, threads));
            else dealt.Deal(Show, Interrupted);
        }
        return Finish(parsed, sweep, from, clock, stop, Interrupted());
    }

    private int Finish(ParseResult parsed, Sweep sweep, ITaskModel? from, Stopwatch clock, Interruption stop, bool interrupted)
    {
        TextWriter lines = _common.Lines(parsed);
        bool timeUp = !sweep.IsDone && !interrupted;
        SweepTable.Save(sweep);
        IReadOnlyList<SettingImportance> importance = SettingImportance.Of(sweep.Plan, [.. sweep.Results.Select(one =>
            one is null or { Outcome: TrialOutcome.Refused } ? double.NaN : one.ScoreAt(0))]);
        foreach (string line in SweepLines.Table(sweep)) lines.WriteLine(line);
        foreach (string line in SweepLines.Importance(importance, sweep.Plan)) lines.WriteLine(line);
        foreach (string? note in (string?[])[SweepLines.Alike(sweep), SweepLines.Start(sweep)])
            if (note is not null) _terminal.Say(note);

        SweepTrial? best = sweep.Best is { } found ? sweep.Plan.Trials[found.Trial - 1] : null;
        string? command = best is null ? null : TrainLine.Of(Task, best, _typed.DefaultsOf(best.Options, from));
        ITaskRun? run = best is not null && sweep.IsDone ? sweep.BestRun() : null;
        TaskEvaluation? evaluation = run?.Finish();                      // the only time that a test part is looked at
        if (run is not null && parsed.GetValue(_output) is { } output) run.Model.Save(output);
        RunDirectory? own = best is null ? null : RunDirectory.Open(Path.Combine(sweep.Folder.Root, "trials"), best.Folder);
        if (best is not null)
            lines.WriteLine($"best of {sweep.Results.Count(one => one is not null)}: trial {best.Folder}, {best.Text}, validation score " +
                SweepLines.Score(sweep.Best));
        foreach (string line in evaluation is null ? [] : _view.Lines(evaluation)) lines.WriteLine(line);
        string? report = run is null || evaluation is null ? null
            : _view.Page(run, evaluation).Save(own!, Task, run, evaluation, sweep.Best!.Seconds);
        string page = SweepPage.Save(_view, sweep, importance, command, evaluation, report);
        if (own is not null && run is not null)
        {
            lines.WriteLine($"model: {own.Model}");
            lines.WriteLine($"weights sha256: {run.Model.WeightsSha256}");
        }
        if (command is not null) lines.WriteLine($"command: {command}");
        lines.WriteLine($"page: {page}");
        int done = sweep.Results.Count(one => one is { IsOver: true });
        string count = FormattableString.Invariant($"{done} of {sweep.Plan.Trials.Count} trials, {clock.Elapsed.TotalSeconds:F1} s");
        string goOn = $"go on with: unroll sweep train {Task.Name} --resume --run {Path.GetFileName(sweep.Folder.Root)}" +
            (parsed.GetValue(_runs) is { } runs ? $" --runs {runs}" : "");
        lines.WriteLine(interrupted ? $"interrupted after {count}; {goOn}"
            : timeUp ? $"the time limit of {Duration.Text(parsed.GetValue(_limit)!.Value)} was reached after {count}; {goOn}"
            : best is null ? $"no trial was trained to its end: {count}; try smaller rates" : count);
        _common.WriteJson(parsed, json =>
        {
            json.WriteString("task", Task.Name);
            SweepTable.WriteJson(json, sweep);
            json.Objects("importance", importance, (one, setting) =>
            {
                one.WriteString("setting", setting.Name);
                foreach ((string name, double value) in (ReadOnlySpan<(string, double)>)
                    [("share", setting.Share), ("low", setting.Low), ("high", setting.High), ("p", setting.P)]) one.Number(name, value);
                one.WriteNumber("trials", setting.Trials);
            });
            json.WriteUnlessNull("command", command);
            if (evaluation is not null)
            {
                json.WriteStartObject("test");
                evaluation.WriteJson(json);
                json.WriteEndObject();
            }
            if (run is not null) json.WriteString("weights_sha256", run.Model.WeightsSha256);
            json.WriteNumber("seconds", Math.Round(clock.Elapsed.TotalSeconds, 3));
            json.WriteBoolean("interrupted", interrupted);
            json.WriteBoolean("time_limit", timeUp);
            json.WriteString("run", sweep.Folder.Root);
            json.WriteUnlessNull("model", run is null ? null : own!.Model);
            json.WriteUnlessNull("report", report);
            json.WriteString("page", page);
        });
        return interrupted ? stop.ExitCode : sweep.IsDone && best is null ? CommandLine.Failed : CommandLine.Done;
    }

    private (SweepPlan Plan, ITaskModel? From) New(ParseResult parsed)
    {
        SweepOptions sweep = Asked(new SweepOptions(), parsed);
        (TaskOptions options, ITaskModel? from) = _typed.Of(parsed);
        return (SweepPlan.Of(Task, options.WithSettledCell(), sweep), from);
    }

    // The first rank reads it for all.
    private (SweepPlan Plan, ITaskModel? From) Kept(RunDirectory? folder, string name, ParseResult parsed)
    {
        string path = Path.Combine(Runs(parsed), name, "config.json"), text = folder?.ReadConfig() ?? "";
        if (_ranks is not null) text = Encoding.UTF8.GetString(_ranks.All.FromFirst(Encoding.UTF8.GetBytes(text)));
        if (text.Length == 0)
            throw new UserErrorException($"sweep '{name}': '{path}' is missing, so that its settings are unknown; begin a sweep of another name.");
        SweepConfig config = SweepConfig.FromJson(text, path);
        if (config.Task != Task.Name)
            throw new UserErrorException($"--resume: '{name}' is a sweep of the task {config.Task}; go on with unroll sweep train {config.Task}.");
        if (SweepOptions.Table.ToJson(Asked(config.Sweep, parsed)) != SweepOptions.Table.ToJson(config.Sweep))
            throw new UserErrorException($"--resume: sweep '{name}' goes on with the space and the trials it was started with, which are in " +
                $"'{path}'; leave them out.");
        (TaskOptions options, ITaskModel? from) = _typed.Kept(TaskList.OptionsOf(Task, config.Options, path), parsed, name, path);
        return (SweepPlan.Of(Task, options, config.Sweep, config.Cells), from);
    }

    private SweepOptions Asked(SweepOptions over, ParseResult parsed)
    {
        SweepOptions asked = (SweepOptions)_sweep.Over(over, parsed);
        return parsed.GetValue(_space) is { } space ? asked with { Space = space } : asked;
    }

    private string Runs(ParseResult parsed) => parsed.GetValue(_runs) ?? "runs";
}
