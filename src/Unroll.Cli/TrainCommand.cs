using System.CommandLine;
using System.Diagnostics;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary><c>unroll train forecast</c>: trains a model on a table, measures it, and writes it as one safetensors file.</summary>
internal sealed class TrainCommand
{
    private readonly Terminal _terminal;
    private readonly CommonOptions _common;
    private readonly ForecastArguments _forecast = new();
    private readonly Option<string> _run = Opt.Text("--run", "NAME", "the run's name (default: a new one)");
    private readonly Option<string> _runs = Opt.Text("--runs", "FOLDER", "where runs are: the run's folder is FOLDER/NAME (default runs)");
    private readonly Option<bool> _resume = Opt.Switch("--resume", "go on with the run of that name where it was stopped, to the same bits");
    private readonly Option<string> _output = Opt.Text("--output", "FILE", "write the model there too");

    private TrainCommand(Terminal terminal) => (_terminal, _common) = (terminal, new CommonOptions(terminal));

    internal static Command Make(Terminal terminal, CancellationToken stop)
    {
        TrainCommand own = new(terminal);
        Command forecast = new("forecast", "Train a model that forecasts columns of a table. Without options: monthly sunspots, one month ahead.");
        own._forecast.AddTo(forecast);
        foreach (Option option in (Option[])[own._run, own._runs, own._resume, ConfigFile.Option(), own._output]) forecast.Add(option);
        own._common.AddTo(forecast).SetAction(parsed => own.Forecast(parsed, stop));
        return new Command("train", "Train a model.") { forecast };
    }

    private int Forecast(ParseResult parsed, CancellationToken stop)
    {
        Stopwatch clock = Stopwatch.StartNew();
        TextWriter lines = _common.Lines(parsed);
        if (parsed.GetValue(_output) is { } later) AtomicFile.RequireWritable(later);
        using ThreadTeam threads = _common.Team(parsed);
        RunDirectory? run = null;
        ForecastTraining training = parsed.GetValue(_resume) ? Resumed(parsed, threads, out run) : Started(parsed, threads, made => run = made);
        foreach (string line in ForecastText.Lines(training.Model)) lines.WriteLine(line);
        lines.WriteLine($"run: {run!.Root}");

        ProgressView.Show(training, _terminal, stop);
        bool interrupted = training.Loop.Outcome == TrainingOutcome.Interrupted;
        ForecastEvaluation? evaluation = training.Finish(measure: !interrupted);
        if (parsed.GetValue(_output) is { } output) training.Model.Save(output);

        TrainingState state = training.Loop.State;
        if (evaluation is not null) foreach (string line in evaluation.Report.Lines()) lines.WriteLine(line);
        string? report = evaluation is null ? null : RunReport.Save(run, training.Model, evaluation, clock.Elapsed.TotalSeconds);
        if (report is not null) lines.WriteLine($"report: {report}");
        lines.WriteLine($"model: {run.Model}");
        lines.WriteLine($"weights sha256: {training.Model.WeightsSha256}");
        lines.WriteLine(interrupted
            ? $"interrupted after {state.Place.Epoch} epochs; go on with: unroll train forecast --resume --run {Path.GetFileName(run.Root)}" +
                (parsed.GetValue(_runs) is { } runs ? $" --runs {runs}" : "")
            : $"{state.Place.Epoch} epochs, best {state.BestEpoch}, {clock.Elapsed.TotalSeconds:F1} s");
        _common.WriteJson(parsed, json =>
        {
            if (evaluation is not null) json.Report(evaluation.Report);
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

    private ForecastTraining Started(ParseResult parsed, ThreadTeam threads, Action<RunDirectory> made)
    {
        ForecastOptions typed = _forecast.Over(new ForecastOptions(), parsed);
        ForecastModel? from = typed.From is null ? null : ForecastModel.Open(typed.From);
        ForecastOptions options = from is null ? typed : _forecast.Over(from.Description.Options with { Epochs = null, Patience = null }, parsed);
        RunDirectory Create()
        {
            RunDirectory run = RunDirectory.Create(Runs(parsed), parsed.GetValue(_run) ?? FreeName(Runs(parsed), options.Data), options.ToJson());
            made(run);
            return run;
        }
        return from is null
            ? ForecastTraining.Begin(options, _terminal.In, threads, Create, Warn)
            : ForecastTraining.From(from, options, _terminal.In, threads, Create, Warn);
    }

    private ForecastTraining Resumed(ParseResult parsed, ThreadTeam threads, out RunDirectory run)
    {
        string name = parsed.GetValue(_run) ?? throw new UserErrorException("--resume: name the run to go on with by --run NAME.");
        RunDirectory opened = run = RunDirectory.Open(Runs(parsed), name);
        string config = run.ReadConfig() ?? throw new UserErrorException(
            $"run '{name}': '{run.Config}' is missing, so that its options are unknown; start it anew under another name.");
        ForecastOptions options = ForecastOptions.FromJson(config, run.Config);
        if (_forecast.Over(options, parsed).ToJson() != options.ToJson())
            throw new UserErrorException($"--resume: run '{name}' goes on with the options it was started with, which are in '{run.Config}'; " +
                "leave other options out.");
        ForecastTraining training = options.From is null
            ? ForecastTraining.Begin(options, _terminal.In, threads, () => opened, Warn)
            : ForecastTraining.From(ForecastModel.Open(options.From), options, _terminal.In, threads, () => opened, Warn);
        training.Loop.Resume();
        return training;
    }

    private string Runs(ParseResult parsed) => parsed.GetValue(_runs) ?? "runs";

    private void Warn(string line) => _terminal.Error.WriteLine(line);

    // forecast-sales-1, forecast-sales-2 …
    private static string FreeName(string runs, string data)
    {
        string stem = string.Concat(Path.GetFileNameWithoutExtension(data).Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_').Take(40));
        for (int i = 1; ; i++)
        {
            string name = $"forecast-{(stem.Length > 0 ? stem : "data")}-{i}";
            if (!Path.Exists(Path.Combine(runs, name))) return name;
        }
    }
}
