using System.Globalization;
using Unroll.Core;
using Unroll.Inspection.Report;
using Unroll.Networks;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>Labeling models, their answers and measures in lines and on pages.</summary>
/// <param name="task">Which of the three tasks.</param>
internal sealed class LabelView(LabelTask task) : ITaskView
{
    private const int ListedLabels = 12, DrawnLabels = 50, NumberedLabels = 20;

    public ITask Task => task;

    public IEnumerable<string> Lines(ITaskModel model)
    {
        LabelModel own = (LabelModel)model;
        (LabelOptions o, LabelEncoding e) = (own.Options, own.Encoding);
        string classes = string.Join(", ", e.Classes.Take(ListedLabels)) + (e.Classes.Count > ListedLabels ? " …" : "");
        string unit = e.Unit.ToString().ToLowerInvariant();
        yield return $"labels: {e.Classes.Count} ({classes}), one for each {(o.PerStep ? "step" : "sequence")}";
        yield return e.HasVocabulary
            ? $"a step is a {unit}, {e.Vocabulary.Count - 1:N0} are known"
            : $"a step is {(e.Unit == LabelUnit.Base ? "a base" : $"{e.Features} numbers")}";
        if (e.Characters is { } spelling)
            yield return $"words are read with their characters: {spelling.Characters.Count:N0} known, " +
                $"{own.Network.Spec.Layers.OfType<CharacterSpec>().First().CharacterSize} features each, " +
                $"{o.CellName} of {o.CharacterHidden}, both directions";
        yield return $"network: {(e.HasVocabulary ? $"embedding of {o.Embedding}, " : "")}{o.Layers} × {o.CellName} of {o.Hidden}" +
            $"{(o.Direction == ReadingDirection.Both ? ", both directions" : "")}, " +
            $"{(own.ScoresPaths ? "paths of labels are scored" : o.PerStep ? "each step has an output" : PoolingOf(o))}, " +
            $"{own.Network.Parameters.Length:N0} weights";
    }

    private static string PoolingOf(LabelOptions options) => $"pooling: {options.Pooling.ToString().ToLowerInvariant()}";

    public IEnumerable<string> Lines(TaskAnswer answer) => answer switch
    {
        LabelEvaluation evaluation => Lines(evaluation),
        LabelAnswer labels => Lines(labels),
        LabelIntervals bed => bed.Intervals.Select(one => $"{one.Name}\t{one.Start}\t{one.End}\t{Field(one.Label)}"),
        _ => [],
    };

    private IEnumerable<string> Lines(LabelAnswer answer)
    {
        bool steps = task.Kind == LabelKind.Tag, named = answer.Predictions.Any(one => one.Record.Length > 0);
        foreach ((int i, LabelPrediction one) in answer.Predictions.Index())
        {
            string probability = one.Labels.Count > 0 ? Invariant($"{one.Probability:F4}") : "";
            string name = named ? $"\t{Field(one.Record)}" : "";
            yield return steps
                ? string.Join(' ', one.Labels.Select(label => Field(label).Replace(" ", "\\s"))) + name
                : $"{Field(one.Label)}\t{probability}{name}\t{one.Shown}";
            if (answer.Reasons.Count > 0 && one.Labels.Count > 0) yield return $"    {string.Join(", ", Strongest(answer.Reasons[i], answer.Shown))}";
        }
    }

    // One field of a row, whatever it holds; JSON has it as it is.
    private static string Field(string text) => text.AsSpan().IndexOfAny("\\\t\r\n") < 0 ? text
        : text.Replace("\\", "\\\\").Replace("\t", "\\t").Replace("\r", "\\r").Replace("\n", "\\n");

    // 'dreadful' +2.31
    private IEnumerable<string> Strongest(LabelReasons reasons, int shown) => reasons.Effects
        .Select((effect, t) => (Effect: effect, Step: reasons.Steps[t], t)).OrderByDescending(one => Math.Abs(one.Effect)).ThenBy(one => one.t)
        .Take(shown).Select(one => Invariant(
            $"'{one.Step}'{(task.Kind == LabelKind.Dna ? $" at {one.t + 1}" : "")} {Math.Round(one.Effect, 2) + 0.0:+0.00;-0.00;0.00}"));

    private static IEnumerable<string> Lines(LabelEvaluation evaluation)
    {
        (LabelScores scores, ConfusionMatrix confusion) = (evaluation.Scores, evaluation.Confusion);
        string labels = scores.Actual.Count != evaluation.Sequences ? $", {scores.Actual.Count:N0} labels" : "";
        yield return $"{evaluation.Part}: {evaluation.Sequences:N0} sequences{labels}";
        int rules = TextColumns.Widest(evaluation.Baselines.Select(rule => Field(rule.Name)), 34);
        yield return $"  {TextColumns.Left("", rules)} accuracy";
        yield return $"  {TextColumns.Left("this model", rules)} {Percent(scores.Accuracy)}";
        IReadOnlyList<PairedTest> tests = evaluation.Tests;
        foreach ((int i, (string name, double accuracy)) in evaluation.Baselines.Index())
            yield return $"  {TextColumns.Left(Field(name), rules)} {Percent(accuracy)}" +
                $"{(i < tests.Count ? $"  this model {tests[i].ToText(100)}" : "")}";
        yield return Invariant($"  F1 macro {confusion.Macro().F1:F4}, weighted {confusion.Weighted().F1:F4}; MCC {confusion.Mcc:F4}; ") +
            Invariant($"AUROC {Text(evaluation.Auroc)}; AUPRC {Text(evaluation.AveragePrecision)}; loss {scores.Loss:F4} nats");
        if (evaluation.Classes.Count <= ListedLabels)
        {
            int names = TextColumns.Widest(evaluation.Classes.Select(Field), 20);
            yield return $"  {TextColumns.Left("label", names)} precision  recall      F1   number";
            for (int k = 0; k < evaluation.Classes.Count; k++)
            {
                ClassScore one = confusion.Of(k);
                yield return $"  {TextColumns.Left(Field(evaluation.Classes[k]), names)} " +
                    Invariant($"{one.Precision,9:F4} {one.Recall,7:F4} {one.F1,7:F4} {one.Support,8:N0}");
            }
        }
        foreach (string line in EntityLines(scores.Entities)) yield return line;
        foreach ((int i, (string name, double accuracy)) in evaluation.Baselines.Index())
            if (accuracy > scores.Accuracy)
            {
                bool chance = i < tests.Count && tests[i].Verdict != PairedVerdict.Worse;
                yield return $"  note: {name} {(chance ? "has more right than" : "is better than")} this model: " +
                    $"{Percent(accuracy).Trim()} against {Percent(scores.Accuracy).Trim()}{(chance ? ", which may be chance" : "")}";
            }
    }

    // As conlleval prints them.
    private static IEnumerable<string> EntityLines(EntityScores? entities)
    {
        if (entities is null) yield break;
        yield return $"  {"entities, as wholes",-20} precision  recall      F1   number";
        yield return Line("all", entities.All);
        if (entities.Each.Count > ListedLabels) yield break;
        foreach ((string name, EntityScore one) in entities.Each) yield return Line(Field(name), one);

        static string Line(string name, EntityScore one) =>
            $"  {TextColumns.Left(name, 20)} " + Invariant($"{one.Precision,9:F4} {one.Recall,7:F4} {one.F1,7:F4} {one.Actual,8:N0}");
    }

    public RunPage Page(ITaskRun run, TaskEvaluation evaluation)
    {
        LabelEvaluation own = (LabelEvaluation)evaluation;
        return new RunPage($"{task.Name}: {string.Join(", ", run.Model.Options.Data.Select(Path.GetFileName))}", "validation_accuracy", "accuracy",
            ["accuracy, %"],
            [
                new MethodScores("this model", 100 * own.Scores.Accuracy),
                .. own.Baselines.Select((b, i) => RunPage.Beside(b.Name, own.Tests.ElementAtOrDefault(i), 100, 100 * b.Accuracy)),
            ])
        {
            LargerIsBetter = true,
            Figures =
            [
                .. own.Scores.Entities is { } entities ? [new KeyFigure("F1 of entities, test part", Percent(entities.All.F1).Trim())]
                    : (ReadOnlySpan<KeyFigure>)[],
                new KeyFigure("accuracy, test part", Percent(own.Scores.Accuracy).Trim()),
            ],
            Sections = [.. LabelLogo.Sections(((LabelRun)run).Logos(), "test part"), .. Confusions(own, "test part")],
        };
    }

    public IReadOnlyList<ReportSection> Sections(TaskEvaluation pooled) => Confusions((LabelEvaluation)pooled, "all that was held out");

    // [true label][label said], as shares of the true label's row; where it can be read
    private static IReadOnlyList<ReportSection> Confusions(LabelEvaluation evaluation, string part)
    {
        int n = evaluation.Classes.Count;
        if (n > DrawnLabels) return [];
        double[][] counts = [.. Enumerable.Range(0, n)
            .Select(actual => Enumerable.Range(0, n).Select(said => (double)evaluation.Confusion[actual, said]).ToArray())];
        IReadOnlyList<double>[] shares = [.. counts.Select(row =>
            (IReadOnlyList<double>)[.. row.Select(c => row.Sum() > 0 ? c / row.Sum() : double.NaN)])];
        return [new ReportSection("Which labels are taken for which", new HeatmapChart(evaluation.Classes, evaluation.Classes, shares)
        {
            Title = $"Confusion matrix, {part}", Caption = "Each row is a true label, its color the share of what was predicted for it" +
                (n > NumberedLabels ? "." : "; the numbers count sequences or steps."),
            XName = "predicted", YName = "true", Minimum = 0, Maximum = 1,
            Texts = n > NumberedLabels ? []
                : [.. counts.Select(row => (IReadOnlyList<string>)[.. row.Select(c => c > 0 ? Invariant($"{c:N0}") : "")])],
        })];
    }

    private static string Text(double? value) => value is { } v ? v.ToString("F4", CultureInfo.InvariantCulture) : "undefined";

    private static string Percent(double share) => (100 * share).ToString("F2", CultureInfo.InvariantCulture).PadLeft(7) + " %";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
