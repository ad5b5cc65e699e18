using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>Cross-validation: every sequence is tested once, by a model that has not seen its fold.</summary>
internal static class LabelFolds
{
    /// <summary>One run for each fold, the options but for <see cref="TaskOptions.Fold"/> alike.</summary>
    /// <param name="options">With a number of <see cref="TaskOptions.Folds"/>, or data with a column of folds.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">
    /// There are fewer than two folds, or the options name one, or files of their own to test on; or a label stands in one fold alone.
    /// </exception>
    internal static IReadOnlyList<Fold> Of(LabelOptions options, DataFiles files)
    {
        if (options.Fold is { } one) throw Refused($"every fold tests in its turn; leave fold {one} out.");
        if (options.Test.Count > 0) throw Refused("every fold tests in its turn; leave test out.");
        IReadOnlyList<LabeledSequence> all = LabelData.Read(options, files).All;
        string[] names = options.Folds > 0
            ? [.. Enumerable.Range(0, Math.Min(options.Folds, all.Count)).Select(k => $"{k}")]
            : [.. all.Select(sequence => sequence.Part).Distinct().OrderBy(name => int.TryParse(name, out int k) ? k : int.MaxValue)
                .ThenBy(name => name, StringComparer.Ordinal)];
        if (names.Length < 2 || names.Any(name => name.Length == 0 || PartName.Of(name) is not null))
            throw Refused("expected at least two folds, by a number of folds or a column named with part, found " +
                $"{(options.Folds > 0 ? "folds 1" : names is [] or [""] ? "none" : $"'{Table.Shorten(string.Join(", ", names.Take(5)))}'")}.");
        RequireLabels(all, options);
        return [.. names.Select(name => new Fold(name, options with { Fold = name, CrossValidate = false }))];
    }

    // Known before hours of training: a fold whose labels the others lack cannot be tested.
    private static void RequireLabels(IReadOnlyList<LabeledSequence> all, LabelOptions options)
    {
        Dictionary<string, string?> only = [];
        for (int i = 0; i < all.Count; i++)
        {
            string fold = options.Folds > 0 ? $"{i % options.Folds}" : all[i].Part;
            foreach (string label in options.PerStep ? all[i].StepLabels : [all[i].Label!])
                if (!only.TryAdd(label, fold) && only[label] != fold) only[label] = null;
        }
        foreach ((string label, string? fold) in only)
            if (fold is not null)
                throw Refused("expected each label in at least two folds, because one that is tested must be trained on too, found " +
                    $"'{Table.Shorten(label)}' in fold '{fold}' alone; deal its sequences to several folds, or leave them out.");
    }

    /// <summary>All folds measured together, as if one model had said it all; a fold's model need not know every label.</summary>
    internal static LabelEvaluation Pool(IReadOnlyList<FoldScore> scores)
    {
        LabelEvaluation[] folds = [.. scores.Select(score => Read(score.HeldOut))];
        string[] classes = [.. LabelEncoding.Sorted(folds.SelectMany(fold => fold.Classes))];
        List<int> actual = [], predicted = [];
        List<float[]> probabilities = [];
        double loss = 0;
        foreach (LabelEvaluation fold in folds)
        {
            int[] place = [.. fold.Classes.Select(name => Array.IndexOf(classes, name))];
            actual.AddRange(fold.Scores.Actual.Select(k => place[k]));
            predicted.AddRange(fold.Scores.Predicted.Select(k => place[k]));
            foreach (float[] shares in fold.Scores.Probabilities)
            {
                float[] all = new float[classes.Length];
                for (int k = 0; k < shares.Length; k++) all[place[k]] = shares[k];
                probabilities.Add(all);
            }
            loss += fold.Scores.Loss * fold.Scores.Actual.Count;
        }
        // "always 'a'" may be "always 'b'" in another fold: what all folds have in common is their place in the list.
        (string Name, double Accuracy)[] rules = [.. Enumerable.Range(0, folds.Min(fold => fold.Baselines.Count)).Select(i => (
            folds.Select(fold => fold.Baselines[i].Name).Distinct().Count() == 1 ? folds[0].Baselines[i].Name
                : "always the commonest of the training part",
            folds.Sum(fold => fold.Baselines[i].Accuracy * fold.Scores.Actual.Count) / Math.Max(1, actual.Count)))];
        return new LabelEvaluation(classes, new LabelScores(actual, predicted, probabilities, loss / Math.Max(1, actual.Count)), rules,
            folds.Sum(fold => fold.Sequences))
        {
            Lengths = [.. folds.SelectMany(fold => fold.Lengths)],
            Rules = folds.Any(fold => fold.Rules.Count < rules.Length) ? []
                : [.. rules.Select((rule, i) => new LabelRule(rule.Name, [.. folds.SelectMany(fold => fold.Rules[i].Right)]))],
        };
    }

    // What LabelEvaluation.AsFold wrote.
    private static LabelEvaluation Read(JsonElement json)
    {
        string[] classes = [.. json.GetProperty("classes").EnumerateArray().Select(name => name.GetString()!)];
        int[] actual = [.. json.GetProperty("actual").EnumerateArray().Select(label => label.GetInt32())];
        float[][] shares = [.. json.GetProperty("probabilities").EnumerateArray().Select(share => share.GetSingle()).Chunk(classes.Length)];
        (string, double)[] rules = [.. json.GetProperty("rules").EnumerateObject().Select(rule => (rule.Name, rule.Value.GetDouble()))];
        int[] predicted = [.. shares.Select(row => LabelScores.Largest(row))];
        return new LabelEvaluation(classes, new LabelScores(actual, predicted, shares, json.GetProperty("loss").GetDouble()), rules,
            json.GetProperty("sequences").GetInt32())
        {
            Lengths = json.TryGetProperty("lengths", out JsonElement lengths) ? [.. lengths.EnumerateArray().Select(one => one.GetInt32())] : [],
            Rules = json.TryGetProperty("right", out JsonElement right) ? [.. right.EnumerateObject().Select(rule =>
                new LabelRule(rule.Name, [.. rule.Value.GetString()!.Select(one => one == '1')]))] : [],
        };
    }

    private static OptionException Refused(string what) => new("cross-validate", what);
}
