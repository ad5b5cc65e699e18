using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Labels.Rules;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>A model measured on sequences that it was not trained on, beside simple rules.</summary>
/// <param name="Classes">The labels.</param>
/// <param name="Scores">The model's.</param>
/// <param name="Baselines">Simple rules and their accuracy.</param>
/// <param name="Sequences">How many sequences were measured.</param>
public sealed record LabelEvaluation(
    IReadOnlyList<string> Classes, LabelScores Scores, IReadOnlyList<(string Name, double Accuracy)> Baselines, int Sequences) : TaskEvaluation
{
    /// <summary>How often each label was taken for each.</summary>
    public ConfusionMatrix Confusion { get; } = ConfusionMatrix.Of([.. Scores.Actual], [.. Scores.Predicted], Classes.Count);

    /// <summary>
    /// Area under the receiver operating characteristic; of two labels the last, of more the mean over each against the others; null: undefined.
    /// </summary>
    public double? Auroc => Ranked(Ranking.Auroc);

    /// <summary>Area under precision and recall, as average precision; otherwise as <see cref="Auroc"/>.</summary>
    public double? AveragePrecision => Ranked(Ranking.AveragePrecision);

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteNumber("sequences", Sequences);
        json.Number("accuracy", Scores.Accuracy);
        json.Number("loss", Scores.Loss);
        json.Number("calibration_error", Scores.CalibrationError);
        json.Number("f1_macro", Confusion.Macro().F1);
        json.Number("f1_weighted", Confusion.Weighted().F1);
        json.Number("mcc", Confusion.Mcc);
        json.Number("auroc", Auroc);
        json.Number("auprc", AveragePrecision);
        json.WriteStartArray("confusion");
        for (int actual = 0; actual < Classes.Count; actual++)
        {
            json.WriteStartArray();
            for (int said = 0; said < Classes.Count; said++) json.WriteNumberValue(Confusion[actual, said]);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.Numbers("baselines", Baselines);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, double Value)> Measures
    {
        get
        {
            // On a fold that lacks a label these would measure something else.
            bool complete = Enumerable.Range(0, Classes.Count).All(k => Scores.Actual.Contains(k));
            double If(double? value) => complete && value is { } v ? v : double.NaN;
            return
            [
                ("accuracy", Scores.Accuracy), ("loss", Scores.Loss), ("f1_macro", If(Confusion.Macro().F1)), ("mcc", If(Confusion.Mcc)),
                ("auroc", If(Auroc)), ("auprc", If(AveragePrecision)),
            ];
        }
    }

    /// <inheritdoc/>
    public override FoldScore AsFold()
    {
        return FoldScore.Of(Scores.Actual.Count, Scores.Actual.Zip(Scores.Predicted).Count(pair => pair.First != pair.Second), Measures, json =>
            {
                json.Texts("classes", Classes);
                json.WriteNumber("sequences", Sequences);
                json.WriteNumber("loss", Scores.Loss);
                json.WriteWholes("actual", Scores.Actual);
                json.WriteStartArray("probabilities");
                foreach (float share in Scores.Probabilities.SelectMany(shares => shares)) json.WriteNumberValue(share);
                json.WriteEndArray();
                json.Numbers("rules", Baselines);
            });
    }

    /// <summary>Measures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="training">What the simple rules learn from; empty: none is measured.</param>
    /// <param name="test">What is measured.</param>
    /// <param name="threads">The threads; null: the team that all share. Their number changes no bit.</param>
    /// <param name="stop">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UserErrorException">A sequence or a label does not fit the model.</exception>
    public static LabelEvaluation Of(
        LabelModel model, IReadOnlyList<LabeledSequence> training, IReadOnlyList<LabeledSequence> test, ThreadTeam? threads = null,
        CancellationToken stop = default)
    {
        LabelScores scores = LabelScores.Of(model, test, TaskThreads.Or(threads), stop);
        return MemberScores.With(new LabelEvaluation(model.Encoding.Classes, scores,
            training.Count == 0 ? [] : [.. LabelRules.Of(model, training, test, scores)], test.Count), model,
            member => Of(member, [], test, threads, stop));
    }

    private delegate double? Rank(ReadOnlySpan<bool> positive, ReadOnlySpan<float> scores);

    private double? Ranked(Rank measure)
    {
        int[] positives = Classes.Count == 2 ? [1] : [.. Enumerable.Range(0, Classes.Count).Where(k => Scores.Actual.Contains(k))];
        double?[] values = [.. positives.Select(k =>
            measure([.. Scores.Actual.Select(label => label == k)], [.. Scores.Probabilities.Select(shares => shares[k])]))];
        return values.Any(value => value is null) ? null : values.Average();
    }
}

/// <summary>Simple rules learned from the training part, measured beside a model.</summary>
internal static class LabelRules
{
    /// <summary>Each rule with its accuracy: the commonest label, and of each step, or naive Bayes and logistic regression.</summary>
    internal static IEnumerable<(string, double)> Of(
        LabelModel model, IReadOnlyList<LabeledSequence> training, IReadOnlyList<LabeledSequence> test, LabelScores scores)
    {
        LabelEncoding encoding = model.Encoding;
        int[] counts = new int[encoding.Classes.Count];
        foreach (LabeledSequence one in training)
            foreach (int label in model.Labels(one, one.StepLabels.Count)) counts[label]++;
        int most = Array.IndexOf(counts, counts.Max());
        yield return ($"always '{encoding.Classes[most]}'", scores.Actual.Count(label => label == most) / (double)scores.Actual.Count);
        if (encoding.Unit == LabelUnit.Number) yield break;
        if (model.Options.PerStep)
        {
            yield return ("each step's commonest label", Commonest(model, training, test, most));
            yield break;
        }
        foreach (RuleKind kind in RuleFeatures.Fitting(training, encoding))
        {
            RuleExamples examples = RuleExamples.Of(kind, training, encoding);
            if (RuleFeatures.IsLogistic(kind) && LogisticRegression.Work(examples) > LogisticRegression.MostWork) continue;
            LinearRule rule = LinearRule.Fit(examples);
            yield return (RuleFeatures.NameOf(kind),
                test.Count(one => rule.Classify(one, encoding) == encoding.ClassOf(one.Label!, one)) / (double)test.Count);
        }
    }

    private static double Commonest(LabelModel model, IReadOnlyList<LabeledSequence> training, IReadOnlyList<LabeledSequence> test, int most)
    {
        Dictionary<string, int[]> counts = [];
        foreach (LabeledSequence one in training)
            foreach ((string step, int label) in model.Encoding.Steps(one).Zip(model.Labels(one, one.StepLabels.Count)))
            {
                if (!counts.TryGetValue(step, out int[]? own)) counts[step] = own = new int[model.Encoding.Classes.Count];
                own[label]++;
            }
        long right = 0, all = 0;
        foreach (LabeledSequence one in test)
            foreach ((string step, int label) in model.Encoding.Steps(one).Zip(model.Labels(one, one.StepLabels.Count)))
            {
                int said = counts.TryGetValue(step, out int[]? own) ? Array.IndexOf(own, own.Max()) : most;
                if (said == label) right++;
                all++;
            }
        return right / (double)Math.Max(1, all);
    }
}
