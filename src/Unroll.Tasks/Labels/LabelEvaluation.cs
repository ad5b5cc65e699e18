using System.Text.Json;
using Unroll.Core;
using Unroll.Layers.Losses;
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
    /// <summary>What each simple rule got right, in the order of <see cref="Baselines"/>; empty: it is not known.</summary>
    public IReadOnlyList<LabelRule> Rules { get; init; } = [];

    /// <summary>How many labels each sequence has; empty: one each.</summary>
    public IReadOnlyList<int> Lengths { get; init; } = [];

    /// <summary>
    /// The model against each simple rule, in the order of <see cref="Baselines"/>: by McNemar's test where each sequence has one label; where its
    /// steps have, by a bootstrap of whole sequences, because the steps of one depend on each other.
    /// </summary>
    public IReadOnlyList<PairedTest> Tests => [.. Rules.Select(Test)];

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
        if (Scores.Entities is { } entities)
        {
            json.WriteObject("entities", entities.All, Write);
            json.Objects("entity_types", entities.Each, (own, one) =>
            {
                own.WriteString("type", one.Key);
                Write(own, one.Value);
            });
        }
        json.WriteStartArray("confusion");
        for (int actual = 0; actual < Classes.Count; actual++)
        {
            json.WriteStartArray();
            for (int said = 0; said < Classes.Count; said++) json.WriteNumberValue(Confusion[actual, said]);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.Numbers("baselines", Baselines);
        if (Rules.Count > 0) json.WriteObject("against", Rules.Zip(Tests), WriteTests);
    }

    private static void WriteTests(Utf8JsonWriter json, IEnumerable<(LabelRule Rule, PairedTest Test)> tests)
    {
        foreach ((LabelRule rule, PairedTest test) in tests) json.WriteObject(rule.Name, test, PairedTestJson.Write);
    }

    private PairedTest Test(LabelRule rule)
    {
        bool[] own = [.. Scores.Actual.Zip(Scores.Predicted, (a, p) => a == p)];
        if (Lengths.Count == 0) return PairedTest.OfRight(own, rule.Right);
        PairedSums[] sums = new PairedSums[Lengths.Count];
        for (int i = 0, row = 0; i < sums.Length; row += Lengths[i++])
        {
            int[] rows = [.. Enumerable.Range(row, Lengths[i])];
            sums[i] = new(rows.Count(at => own[at]), rows.Count(at => rule.Right[at]), rows.Length);
        }
        return PairedTest.OfSums(sums, largerIsBetter: true);
    }

    private static void Write(Utf8JsonWriter json, EntityScore score)
    {
        json.Number("precision", score.Precision);
        json.Number("recall", score.Recall);
        json.Number("f1", score.F1);
        json.WriteNumber("right", score.Right);
        json.WriteNumber("predicted", score.Predicted);
        json.WriteNumber("actual", score.Actual);
    }

    /// <inheritdoc/>
    public override PredictionChange? ChangeFrom(TaskEvaluation other) =>
        other is LabelEvaluation one ? PredictionChange.Of("labels", one.Scores.Predicted, Scores.Predicted) : null;

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
                .. Scores.Entities is { } entities ? [("f1_entities", entities.All.F1)] : (ReadOnlySpan<(string, double)>)[],
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
                if (Rules.Count == 0) return;
                json.WriteObject("right", Rules, (own, rules) =>
                {
                    foreach (LabelRule rule in rules) own.WriteString(rule.Name, string.Concat(rule.Right.Select(right => right ? '1' : '0')));
                });
                json.WriteWholes("lengths", Lengths);
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
        LabelEvaluation alone = new(model.Encoding.Classes, scores, [], test.Count) { Lengths = LabelRules.Lengths(model, test) };
        return MemberScores.With(training.Count == 0 ? alone : alone.Beside([.. LabelRules.Of(model, training, test, scores)]), model,
            member => Of(member, [], test, threads, stop));
    }

    /// <summary>The same with simple rules beside it.</summary>
    internal LabelEvaluation Beside(IReadOnlyList<LabelRule> rules) =>
        this with { Rules = rules, Baselines = [.. rules.Select(rule => (rule.Name, rule.Accuracy))] };

    private delegate double? Rank(ReadOnlySpan<bool> positive, ReadOnlySpan<float> scores);

    private double? Ranked(Rank measure)
    {
        int[] positives = Classes.Count == 2 ? [1] : [.. Enumerable.Range(0, Classes.Count).Where(k => Scores.Actual.Contains(k))];
        double?[] values = [.. positives.Select(k =>
            measure([.. Scores.Actual.Select(label => label == k)], [.. Scores.Probabilities.Select(shares => shares[k])]))];
        return values.Any(value => value is null) ? null : values.Average();
    }
}

/// <summary>A simple rule, measured.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Right">Whether it is right on each label that was measured.</param>
public sealed record LabelRule(string Name, IReadOnlyList<bool> Right)
{
    /// <summary>The share of labels that it got right.</summary>
    public double Accuracy => Right.Count(right => right) / (double)Math.Max(1, Right.Count);
}

/// <summary>Simple rules learned from the training part, measured beside a model.</summary>
internal static class LabelRules
{
    /// <summary>How many labels each sequence has that are measured; empty where each has one.</summary>
    internal static IReadOnlyList<int> Lengths(LabelModel model, IReadOnlyList<LabeledSequence> test) => !model.Options.PerStep ? []
        : [.. test.Select(one => model.Labels(one, one.StepLabels.Count).Count(label => label != Targets.Ignored))];

    /// <summary>Each rule with what it gets right: the commonest label, and of each step, or naive Bayes and logistic regression.</summary>
    internal static IEnumerable<LabelRule> Of(
        LabelModel model, IReadOnlyList<LabeledSequence> training, IReadOnlyList<LabeledSequence> test, LabelScores scores)
    {
        LabelEncoding encoding = model.Encoding;
        int[] counts = new int[encoding.Classes.Count];
        foreach (LabeledSequence one in training)
            foreach (int label in model.Labels(one, one.StepLabels.Count)) counts[label]++;
        int most = Array.IndexOf(counts, counts.Max());
        yield return new LabelRule($"always '{encoding.Classes[most]}'", [.. scores.Actual.Select(label => label == most)]);
        if (encoding.Unit == LabelUnit.Number) yield break;
        if (model.Options.PerStep)
        {
            yield return new LabelRule(encoding.Unit == LabelUnit.Word ? "each word's commonest label" : "each step's commonest label",
                new CommonestLabels(model, training).Right(model, test));
            yield break;
        }
        foreach (RuleKind kind in RuleFeatures.Fitting(training, encoding))
        {
            RuleExamples examples = RuleExamples.Of(kind, training, encoding);
            if (RuleFeatures.IsLogistic(kind) && LogisticRegression.Work(examples) > LogisticRegression.MostWork) continue;
            LinearRule rule = LinearRule.Fit(examples);
            yield return new LabelRule(RuleFeatures.NameOf(kind),
                [.. test.Select(one => rule.Classify(one, encoding) == encoding.ClassOf(one.Label!, one))]);
        }
    }
}
