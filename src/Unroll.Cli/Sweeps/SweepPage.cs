using System.Globalization;
using Unroll.Cli.Tasks;
using Unroll.Inspection.Report;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Sweeps;

namespace Unroll.Cli.Sweeps;

/// <summary>The page of a sweep: what was tried, what came of it, which settings decide.</summary>
internal sealed class SweepPage(ITaskView view, Sweep sweep, IReadOnlyList<SettingImportance> importance)
{
    private const double LongScale = 100;

    /// <summary>The page's file in the sweep's folder.</summary>
    internal const string FileName = "sweep.html";

    private SweepPlan Plan => sweep.Plan;

    private SweepTrial? Best => sweep.Best is { } best ? Plan.Trials[best.Trial - 1] : null;

    /// <summary>Writes it.</summary>
    /// <returns>Its path.</returns>
    internal static string Save(ITaskView view, Sweep sweep, IReadOnlyList<SettingImportance> importance, string? command, TaskEvaluation? evaluation,
        string? report)
    {
        string path = Path.Combine(sweep.Folder.Root, FileName);
        new SweepPage(view, sweep, importance).Of(command, evaluation, report).Save(path);
        return path;
    }

    private ReportPage Of(string? command, TaskEvaluation? evaluation, string? report)
    {
        TaskOptions options = Plan.Options;
        List<ReportSection> sections = [Result(command)];
        if (Coordinates() is { } coordinates) sections.Add(new ReportSection("Every trial", coordinates));
        sections.Add(new ReportSection("The search", [.. Search()]));
        if (evaluation is not null)
            sections.Add(new ReportSection("The test part", new TextBlock(string.Join('\n', view.Lines(evaluation)))
            {
                Title = $"Trial {Best!.Folder}, measured once, after it had been chosen", Verbatim = true,
                Caption = report is null ? "" : $"More is on the page of its run, trials/{Best.Folder}/{Path.GetFileName(report)}.",
            }));
        sections.Add(new ReportSection("Trials", Table()));
        sections.Add(new ReportSection("Settings of all trials", new TableBlock(["", ""], [.. RunFigures.Settings(Plan.Task.Options.ToJson(options))
            .Select(setting => (IReadOnlyList<string>)[setting.Name, setting.Value])])));
        return new ReportPage
        {
            Title = $"sweep of {Plan.Task.Name}: {string.Join(", ", Plan.Space.Select(one => one.Name))}",
            Subtitle = $"{string.Join(", ", options.Data.Select(Path.GetFileName))}; {Plan.Trials.Count} trials; " +
                $"sweep {Path.GetFileName(sweep.Folder.Root)}",
            Sections = sections,
        };
    }

    private ReportSection Result(string? command)
    {
        int tried = sweep.Results.Count(one => one is not null);
        int Of(TrialOutcome outcome) => sweep.Results.Count(one => one?.Outcome == outcome);
        List<KeyFigure> figures = [];
        if (Best is { } best) figures.Add(new KeyFigure("validation score of the best", SweepLines.Score(sweep.Best), $"trial {best.Folder}"));
        figures.Add(new KeyFigure("settings tried", Text(tried), tried < Plan.Trials.Count ? $"of {Plan.Trials.Count}: the sweep is not at its " +
            $"end" : ""));
        if (Plan.Rungs.Count > 1) figures.Add(new KeyFigure("stopped early", Text(Of(TrialOutcome.Stopped)), $"rungs: {SweepLines.Rungs(Plan)}"));
        if (Of(TrialOutcome.Diverged) > 0) figures.Add(new KeyFigure("diverged", Text(Of(TrialOutcome.Diverged))));
        if (Of(TrialOutcome.Refused) > 0) figures.Add(new KeyFigure("refused", Text(Of(TrialOutcome.Refused)), "do not go with the data"));
        List<ReportBlock> blocks =
        [
            new TextBlock(Best is null ? "No trial has come to its end."
                : $"The best of {tried} settings by the validation part, and by nothing else: {Best.Text}. Being the best of {tried}, it owes part " +
                    "of its validation score to luck; what the test part says, measured once and for this trial alone, it does not."),
            new KeyFigureBlock(figures),
        ];
        if (command is not null) blocks.Add(new TextBlock(command) { Title = "The command that trains it again, to the same weights",
            Verbatim = true });
        return new ReportSection("Result", blocks);
    }

    // Scores of the same epochs compare: with halving each line has the score of its last rung.
    private ParallelChart? Coordinates()
    {
        SweepTrial[] shown = [.. Plan.Trials.Where(trial => sweep.Results[trial.Number - 1] is { } one && double.IsFinite(one.Score))];
        if (shown.Length == 0) return null;
        double[] scores = [.. shown.Select(trial => sweep.Results[trial.Number - 1]!.Score)];
        int left = Plan.Trials.Count - shown.Length;
        return new ParallelChart(
            [
                .. Plan.Space.Select(one => new ParallelAxis(one.Name)
                {
                    Categories = one.Scale == SettingScale.Choices ? one.Choices : [], Logarithmic = one.Scale == SettingScale.Logarithmic,
                }),
                new ParallelAxis("validation score") { Logarithmic = IsLong(scores) },
            ],
            [.. shown.Select(trial => $"trial {trial.Folder}")],
            [.. shown.Select((trial, i) => (IReadOnlyList<double>)
                [.. Plan.Space.Select((one, d) => one.Number(trial.Settings[d].Value)), scores[i]])])
        {
            Title = "Settings and validation scores", Wide = true, Highlight = Best is { } best ? Array.IndexOf(shown, best) : null,
            Caption = "A line is a trial, colored by its score; lower is better, and the thick line is the best. Drag along an axis to keep " +
                "the trials that pass there." + (left > 0 ? $" {left} without a score are left out." : "") +
                (Plan.Rungs.Count > 1 ? " A trial that was stopped early has the score that it had then." : ""),
        };
    }

    private IEnumerable<ReportBlock> Search()
    {
        double[] scores = [.. Plan.Trials.Select(trial => sweep.Results[trial.Number - 1] is { } one && double.IsFinite(one.Score) ? one.Score
            : double.NaN)];
        double[] best = new double[scores.Length];
        for (int i = 0; i < best.Length; i++)
            best[i] = i == 0 || double.IsNaN(best[i - 1]) ? scores[i] : double.IsNaN(scores[i]) ? best[i - 1] : Math.Min(best[i - 1], scores[i]);
        yield return new LineChart([.. Plan.Trials.Select(trial => Text(trial.Number))], new Line("best so far", best), new Line("trial", scores,
            Stroke.Points))
        {
            Title = "Validation score, trial by trial", XName = "trial, in the order of the search", YName = "validation score",
            Logarithmic = IsLong([.. scores.Where(double.IsFinite)]),
            Caption = "Where the line has been flat for long, more trials of the same space promise little." +
                (Plan.Rungs.Count == 1 ? "" : " A trial that was stopped has the score of the epoch that it came to."),
        };
        if (importance.Count == 0)
        {
            yield return new TextBlock($"Fewer than {SettingImportance.FewestTrials} trials say nothing about which settings decide.")
            {
                Title = "Which settings decide",
            };
            yield break;
        }
        SettingImportance[] all = [.. importance.OrderByDescending(one => one.Share)];
        yield return new BarChart([.. all.Select(one => one.Name)],
            new Bars("share", [.. all.Select(one => 100 * one.Share)]) { Intervals = [.. all.Select(one => (100 * one.Low, 100 * one.High))] })
        {
            Title = "Which settings decide", ValueName = "share of the order of the trials, %",
            Caption = $"ε² of Kruskal and Wallis: the share of the variance of the scores' ranks that lies between the values of one setting " +
                $"(of a range, between its thirds), less what chance gives. It rests on {all[0].Trials} trials" +
                (Plan.Rungs.Count > 1 ? $" at the end of the first rung, epoch {Plan.Rungs[0]}" : "") +
                ", and sees no effect that depends on another setting. Lines: 95 % intervals by the bootstrap. Kruskal and Wallis 1952; " +
                "Tomczak and Tomczak 2014.",
        };
        yield return new TableBlock(["setting", "share, %", "from", "to", "p", ""], [.. all.Select(one => (IReadOnlyList<string>)
        [
            one.Name, Percent(one.Share), Percent(one.Low), Percent(one.High), one.P.ToString("F3", CultureInfo.InvariantCulture),
            SweepLines.IsFound(one, all.Length) ? "it matters" : "may be chance",
        ])])
        {
            Title = "How sure that is",
            Caption = "p: how often scores dealt out to the trials at random give as large a share; below 0.05, divided by the number of settings, " +
                "it is called found.",
        };
    }

    private TableBlock Table()
    {
        IReadOnlyList<SweepTrial> ranking = sweep.Ranking;
        return new TableBlock(["trial", .. Plan.Space.Select(one => one.Name), "outcome", "epochs", "best epoch", "validation score", "seconds"],
            [.. ranking.Select(trial =>
            {
                TrialResult? result = sweep.Results[trial.Number - 1];
                return (IReadOnlyList<string>)
                [
                    trial.Folder, .. trial.Settings.Select(one => one.Value), SweepTable.OutcomeOf(result) + (result?.Why is { } why ? $": {why}"
                        : ""),
                    Text(result?.Epochs ?? 0), SweepLines.BestOf(result), SweepLines.Score(result),
                    (result?.Seconds ?? 0).ToString("F1", CultureInfo.InvariantCulture),
                ];
            })])
        {
            Title = "All trials, the best first", Wide = true, Highlight = Best is null ? null : 0,
            Caption = $"Each is a run of its own in the folder trials; {SweepTable.FileName} has the table, without times.",
        };
    }

    // Scores that span more than two powers of ten are told apart on a logarithmic axis alone.
    private static bool IsLong(double[] scores) => scores.Length > 0 && scores.Min() > 0 && scores.Max() / scores.Min() > LongScale;

    private static string Percent(double share) => (100 * share).ToString("F0", CultureInfo.InvariantCulture);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
