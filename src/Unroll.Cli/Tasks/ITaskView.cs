using Unroll.Inspection.Report;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary>A task as the program shows it: its models and answers in lines for a terminal and on pages. Listed in <see cref="TaskViews"/>.</summary>
internal interface ITaskView
{
    /// <summary>The task.</summary>
    ITask Task { get; }

    /// <summary>A model in words: before training, and in <c>info</c>.</summary>
    IEnumerable<string> Lines(ITaskModel model);

    /// <summary>Where a model came from, as <c>info</c> says it after its kind.</summary>
    string Origin(ITaskModel model) => $"trained on {(model.Options.Data.Count > 0 ? string.Join(", ", model.Options.Data) : "data in memory")}";

    /// <summary>What <c>info</c> says after the list of weights.</summary>
    IEnumerable<string> Notes(ITaskModel model) => [];

    /// <summary>An answer or an evaluation as lines for a terminal; what <c>predict</c> and <c>sample</c> write into a file of text.</summary>
    IEnumerable<string> Lines(TaskAnswer answer);

    /// <summary>One line about an answer, beside its lines on standard output or in a file; null: none.</summary>
    string? Summary(TaskAnswer answer) => null;

    /// <summary>An answer as the bytes of a file that is no text, such as MIDI; null: the lines are written.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="path">The file, whose ending may decide.</param>
    byte[]? FileOf(TaskAnswer answer, string path) => null;

    /// <summary>Whether the lines of an answer are a table that spreadsheets open.</summary>
    bool IsTable(TaskAnswer answer) => false;

    /// <summary>Lines for a terminal about an answer that is written into a file, after its <see cref="Summary"/>.</summary>
    IEnumerable<string> Beside(TaskAnswer answer) => [];

    /// <summary>Where an answer goes when no file is named; null: standard output.</summary>
    string? DefaultFile(TaskAnswer answer) => null;

    /// <summary>Whether <see cref="Picture"/> has something to show.</summary>
    bool HasPictures => false;

    /// <summary>Whether <see cref="Picture"/> shows the answers of a verb: <c>predict</c>, <c>evaluate</c>.</summary>
    bool HasPicturesOf(string verb) => HasPictures && verb == "predict";

    /// <summary>A page about an answer, for <c>--picture</c>.</summary>
    ReportPage Picture(ITaskModel model, TaskAnswer answer) => throw new NotSupportedException();

    /// <summary>Answers while the input still comes, such as a sound on standard input; null: the whole input is read first.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Of <see cref="ITask.Predict"/>.</param>
    /// <param name="terminal">Where the input comes from, and where words go as soon as they are known.</param>
    /// <param name="lines">Where lines for people go.</param>
    TaskAnswer? Live(ITaskModel model, object options, Terminal terminal, TextWriter lines) => null;

    /// <summary>The page of a run: figures, then the task's own sections.</summary>
    RunPage Page(ITaskRun run, TaskEvaluation evaluation);

    /// <summary>Sections of the page of a cross-validation, beside the table of folds.</summary>
    IReadOnlyList<ReportSection> Sections(TaskEvaluation pooled) => [];
}

/// <summary>What a task puts on the page of a run; weights, seconds, curves and settings are the program's.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Metric">The name in the metrics file of what is drawn beside the loss.</param>
/// <param name="MetricName">What it is called.</param>
/// <param name="Measures">The measures that methods are compared by, the one that decides first.</param>
/// <param name="Methods">This model and simple rules.</param>
internal sealed record RunPage(
    string Title, string Metric, string MetricName, IReadOnlyList<string> Measures, IReadOnlyList<MethodScores> Methods)
{
    /// <summary>Whether the larger value of the measure that decides is better.</summary>
    public bool LargerIsBetter { get; init; }

    /// <summary>Figures at the top, before weights and seconds.</summary>
    public IReadOnlyList<KeyFigure> Figures { get; init; } = [];

    /// <summary>The part that was measured; null: the test part.</summary>
    public string? Part { get; init; }

    /// <summary>Curves of forecasts.</summary>
    public IReadOnlyList<ForecastFigures> Forecasts { get; init; } = [];

    /// <summary>Sections after the first.</summary>
    public IReadOnlyList<ReportSection> Sections { get; init; } = [];

    /// <summary>A simple rule beside the model, with what their paired test shows.</summary>
    /// <param name="name">The rule.</param>
    /// <param name="test">The model against it; null: none was made.</param>
    /// <param name="scale">What the test's difference is multiplied by.</param>
    /// <param name="scores">The rule's measures.</param>
    internal static MethodScores Beside(string name, PairedTest? test, double scale, params IReadOnlyList<double> scores) => test is null
        ? new MethodScores(name, scores)
        : new MethodScores(name, scores)
        {
            Against = test.ToText(scale),
            Verdict = test.Verdict switch
            {
                PairedVerdict.Better => Verdict.Good,
                PairedVerdict.Worse => Verdict.Bad,
                _ => Verdict.None,
            },
        };

    /// <summary>Writes <c>report.html</c> into the run's folder.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="task">The task, for the settings.</param>
    /// <param name="trained">The run.</param>
    /// <param name="evaluation">What it reached.</param>
    /// <param name="seconds">How long the run took.</param>
    /// <returns>The path.</returns>
    internal string Save(RunDirectory run, ITask task, ITaskRun trained, TaskEvaluation evaluation, double seconds)
    {
        ITaskModel model = trained.Model;
        TaskOptions options = model.Options;
        TrainingReport report = new()
        {
            Title = Title,
            Subtitle = $"{options.CellName}, {options.Layers} × {options.Hidden} units; " +
                $"{string.Join(", ", options.Data.Select(Path.GetFileName))}; " +
                $"run {Path.GetFileName(run.Root)}",
            Epochs = RunFigures.Epochs(run, model, Metric),
            MetricName = MetricName,
            Measures = Measures,
            LargerIsBetter = LargerIsBetter,
            Methods = Methods,
            Figures =
            [
                .. Figures,
                new KeyFigure("weights",
                    model.Members.Sum(member => (long)member.Parameters.Length).ToString("N0", System.Globalization.CultureInfo.InvariantCulture),
                    $"sha256 {model.WeightsSha256[..12]}…"),
                new KeyFigure("seconds", seconds.ToString("F1", System.Globalization.CultureInfo.InvariantCulture)),
            ],
            Forecasts = Forecasts,
            Inside = TrainingInspectionSection.Read(run.Inspection),
            Settings = RunFigures.Settings(task.Options.ToJson(options)),
        };
        if (Part is not null) report = report with { Part = Part };
        ReportPage page = report.ToPage();
        page = page with { Sections = [page.Sections[0], .. MembersView.Sections(trained, evaluation), .. Sections, .. page.Sections.Skip(1)] };
        string path = Path.Combine(run.Root, "report.html");
        page.Save(path);
        return path;
    }
}
