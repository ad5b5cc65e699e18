using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Labels;

namespace Unroll.Cli;

/// <summary>What a labeling run keeps of a fold, and all folds together.</summary>
internal static class LabelFoldText
{
    internal static FoldEnd End(LabelEvaluation evaluation)
    {
        LabelScores scores = evaluation.Scores;
        // On a fold that lacks a label these would measure something else.
        bool complete = Enumerable.Range(0, evaluation.Classes.Count).All(k => scores.Actual.Contains(k));
        double If(double? value) => complete && value is { } v ? v : double.NaN;
        return new FoldEnd(scores.Actual.Count, scores.Actual.Zip(scores.Predicted).Count(pair => pair.First != pair.Second),
            [
                ("accuracy", scores.Accuracy), ("loss", scores.Loss), ("f1_macro", If(evaluation.Confusion.Macro().F1)),
                ("mcc", If(evaluation.Confusion.Mcc)),
                ("auroc", If(evaluation.Auroc)), ("auprc", If(evaluation.AveragePrecision)),
            ], json => Write(json, evaluation));
    }

    internal static PooledEnd Pool(IReadOnlyList<JsonElement> folds)
    {
        LabelEvaluation all = LabelFolds.Pool([.. folds.Select(Read)]);
        return new PooledEnd(LabelText.Lines(all), json => LabelText.Write(json, all), LabelRunReport.Confusions(all, "all that was held out"));
    }

    private static void Write(Utf8JsonWriter json, LabelEvaluation evaluation)
    {
        json.WriteStartArray("classes");
        foreach (string label in evaluation.Classes) json.WriteStringValue(label);
        json.WriteEndArray();
        json.WriteNumber("sequences", evaluation.Sequences);
        json.WriteNumber("loss", evaluation.Scores.Loss);
        json.WriteStartArray("actual");
        foreach (int label in evaluation.Scores.Actual) json.WriteNumberValue(label);
        json.WriteEndArray();
        json.WriteStartArray("probabilities");
        foreach (float share in evaluation.Scores.Probabilities.SelectMany(shares => shares)) json.WriteNumberValue(share);
        json.WriteEndArray();
        json.WriteStartObject("rules");
        foreach ((string name, double accuracy) in evaluation.Baselines) json.Number(name, accuracy);
        json.WriteEndObject();
    }

    private static LabelEvaluation Read(JsonElement json)
    {
        string[] classes = [.. json.GetProperty("classes").EnumerateArray().Select(name => name.GetString()!)];
        int[] actual = [.. json.GetProperty("actual").EnumerateArray().Select(label => label.GetInt32())];
        float[][] shares = [.. json.GetProperty("probabilities").EnumerateArray().Select(share => share.GetSingle()).Chunk(classes.Length)];
        (string, double)[] rules = [.. json.GetProperty("rules").EnumerateObject().Select(rule => (rule.Name, rule.Value.GetDouble()))];
        int[] predicted = [.. shares.Select(row => Array.IndexOf(row, row.Max()))];
        return new LabelEvaluation(classes, new LabelScores(actual, predicted, shares, json.GetProperty("loss").GetDouble()), rules,
            json.GetProperty("sequences").GetInt32());
    }
}
