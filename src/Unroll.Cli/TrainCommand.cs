using System.CommandLine;
using System.Diagnostics;
using Unroll.Core;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary><c>unroll train TASK</c>: trains a model, measures it, and writes it as one safetensors file.</summary>
internal static class TrainCommand
{
    /// <summary>The command with the task that is named in the arguments, or with all of them: their options are many.</summary>
    internal static Command Make(string[] args, Terminal terminal, CancellationToken stop)
    {
        Command command = new("train", "Train a model.");
        ITaskVerbs[] named = [.. TaskVerbs.All.Where(task => args.Length > 1 && task.Task.Name == args[1])];
        foreach (ITaskVerbs task in named.Length > 0 ? named : TaskVerbs.All) command.Add(task.Train(terminal, stop));
        return command;
    }
}

/// <summary>The training of one task: what all tasks have in common.</summary>
/// <typeparam name="TOptions">The task's options.</typeparam>
internal sealed class TrainCommand<TOptions>
{
    private readonly ITrainVerb<TOptions> _verb;
    private readonly Terminal _terminal;
    private readonly CommonOptions _common;
    private readonly Option<string> _run = Opt.Text("--run", "NAME", "the run's name (default: a new one)");
    private readonly Option<string> _runs = Opt.Text("--runs", "FOLDER", "where runs are: the run's folder is FOLDER/NAME (default runs)");
    private readonly Option<bool> _resume = Opt.Switch("--resume", "go on with the run of that name where it was stopped, to the same bits");
    private readonly TrainInspect _inspect = new();
    private readonly Option<string> _output = Opt.Text("--output", "FILE", "write the model there too");

    private TrainCommand(ITrainVerb<TOptions> verb, Terminal terminal) => (_verb, _terminal, _common) = (verb, terminal, new CommonOptions(terminal));

    internal static Command Make(ITrainVerb<TOptions> verb, Terminal terminal, CancellationToken stop)
    {
        TrainCommand<TOptions> own = new(verb, terminal);
        Command command = new(verb.Task, verb.Help);
        verb.Arguments.AddTo(command);
        foreach (Option option in (Option[])[own._run, own._runs, own._resume, own._inspect.Option, ConfigFile.Option(), own._output]) command.Add(option);
        own._common.AddTo(command).SetAction(parsed => own.Train(parsed, stop));
        return command;
    }

    private int Train(ParseResult parsed, CancellationToken stop)
    {
        Stopwatch clock = Stopwatch.StartNew();
        TextWriter lines = _common.Lines(parsed);
        int? every = _inspect.EveryOf(parsed);
        if (parsed.GetValue(_output) is { } later) AtomicFile.RequireWritable(later);
        using ThreadTeam threads = _common.Team(parsed);
        RunDirectory? run = parsed.GetValue(_resume) ? Opened(parsed) : null;
        TOptions options = run is null ? _verb.New(parsed) : OptionsOf(run, parsed);
        RunDirectory Create() => run ??= RunDirectory.Create(
            Runs(parsed), parsed.GetValue(_run) ?? FreeName(Runs(parsed), _verb.DataOf(options)), _verb.ToJson(options));
        bool resumed = run is not null;
        if (_verb.Folds(options, _terminal.In) is { } folds) return CrossValidate(parsed, options, folds, threads, Create, resumed, clock, stop);

        ITaskTraining training = _verb.Begin(options, new TrainingSite(_terminal.In, threads, Create, Warn));
        if (resumed) training.Loop.Resume();
        foreach (string line in training.Lines()) lines.WriteLine(line);
        lines.WriteLine($"run: {run!.Root}");

        ProgressView.Show(training, _inspect.Watched(every, training, run, threads, _terminal, stop), _terminal);
        bool interrupted = training.Loop.Outcome == TrainingOutcome.Interrupted;
        TrainingEnd? end = training.Finish(measure: !interrupted);
        if (parsed.GetValue(_output) is { } output) training.Model.Save(output);

        TrainingState state = training.Loop.State;
        foreach (string line in end?.Lines ?? []) lines.WriteLine(line);
        string? report = end?.SaveReport(run, clock.Elapsed.TotalSeconds);
        if (report is not null) lines.WriteLine($"report: {report}");
        lines.WriteLine($"model: {run.Model}");
        lines.WriteLine($"weights sha256: {training.Model.WeightsSha256}");
        lines.WriteLine(interrupted
            ? $"interrupted after {state.Place.Epoch} epochs; {GoOn(parsed, run)}"
            : $"{state.Place.Epoch} epochs, best {state.BestEpoch}, {clock.Elapsed.TotalSeconds:F1} s");
        _common.WriteJson(parsed, json =>
        {
            end?.Json(json);
            json.WriteString("weights_sha256", training.Model.WeightsSha256);
            json.WriteNumber("seconds", Math.Round(clock.Elapsed.TotalSeconds, 3));
            json.WriteNumber("epochs", state.Place.Epoch);
            json.WriteNumber("best_epoch", state.BestEpoch);
            json.Number("validation_score", state.BestScore);
            json.WriteBoolean("interrupted", interrupted);
            json.WriteString("run", run.Root);
            json.WriteString("model", run.Model);
            if (report is not null) json.WriteString("report", report);
        });
        return interrupted ? CommandLine.Interrupted : CommandLine.Done;
    }

    private int CrossValidate(
        ParseResult parsed, TOptions options, IReadOnlyList<Fold<TOptions>> folds, ThreadTeam threads, Func<RunDirectory> create, bool resumed,
        Stopwatch clock, CancellationToken stop)
    {
        foreach (Option other in (Option[])[_output, _inspect.Option])
            if (parsed.GetResult(other) is not null)
                throw new UserErrorException($"{other.Name}: a cross-validation makes a model for each fold, in folders of their own; leave it out.");
        TextWriter lines = _common.Lines(parsed);
        CrossValidation<TOptions> all = new(_verb, resumed ? Named() : null, Named, _terminal, threads);
        bool interrupted = !all.Train(folds, lines, stop);
        RunDirectory run = create();
        PooledEnd? pooled = interrupted ? null : _verb.Pool([.. all.Done.Select(fold => fold.HeldOut)]);
        foreach (string line in pooled is null ? [] : all.Lines().Concat(pooled.Lines)) lines.WriteLine(line);
        string? report = pooled is null ? null : all.Save(options, pooled, clock.Elapsed.TotalSeconds);
        if (report is not null) lines.WriteLine($"report: {report}");
        lines.WriteLine(interrupted
            ? $"interrupted after {all.Done.Count} folds; {GoOn(parsed, run)}"
            : $"{folds.Count} folds, {clock.Elapsed.TotalSeconds:F1} s");
        _common.WriteJson(parsed, json =>
        {
            if (pooled is not null)
            {
                all.Write(json);
                json.WriteStartObject("pooled");
                pooled.Json(json);
                json.WriteEndObject();
            }
            json.WriteNumber("seconds", Math.Round(clock.Elapsed.TotalSeconds, 3));
            json.WriteBoolean("interrupted", interrupted);
            json.WriteString("run", run.Root);
            if (report is not null) json.WriteString("report", report);
        });
        return interrupted ? CommandLine.Interrupted : CommandLine.Done;

        RunDirectory Named()
        {
            RunDirectory made = create();
            lines.WriteLine($"run: {made.Root}");
            return made;
        }
    }

    private string GoOn(ParseResult parsed, RunDirectory run) =>
        $"go on with: unroll train {_verb.Task} --resume --run {Path.GetFileName(run.Root)}" +
        (parsed.GetValue(_runs) is { } runs ? $" --runs {runs}" : "");

    private RunDirectory Opened(ParseResult parsed) =>
        RunDirectory.Open(Runs(parsed), parsed.GetValue(_run) ?? throw new UserErrorException("--resume: name the run to go on with by --run NAME."));

    private TOptions OptionsOf(RunDirectory run, ParseResult parsed)
    {
        string name = Path.GetFileName(run.Root), config = run.ReadConfig() ?? throw new UserErrorException(
            $"run '{name}': '{run.Config}' is missing, so that its options are unknown; start it anew under another name.");
        TOptions options = _verb.FromJson(config, run.Config);
        return _verb.ToJson(_verb.Arguments.Over(options, parsed)) == _verb.ToJson(options)
            ? options
            : throw new UserErrorException($"--resume: run '{name}' goes on with the options it was started with, which are in '{run.Config}'; " +
                "leave other options out.");
    }

    private string Runs(ParseResult parsed) => parsed.GetValue(_runs) ?? "runs";

    private void Warn(string line) => _terminal.Error.WriteLine(line);

    // forecast-sales-1, forecast-sales-2 …
    private string FreeName(string runs, string data)
    {
        string stem = string.Concat(Path.GetFileNameWithoutExtension(data).Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_').Take(40));
        for (int i = 1; ; i++)
        {
            string name = $"{_verb.Task}-{(stem.Length > 0 ? stem : "data")}-{i}";
            if (!Path.Exists(Path.Combine(runs, name))) return name;
        }
    }
}
