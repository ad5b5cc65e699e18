using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Labels;

/// <summary>The sequences of a run in their three parts.</summary>
internal sealed record LabelData(
    IReadOnlyList<LabeledSequence> Training, IReadOnlyList<LabeledSequence> Validation, IReadOnlyList<LabeledSequence> Test)
{
    /// <summary>Reads the files and deals the sequences out: by files, by the part column, by folds, else by drawn shares.</summary>
    /// <exception cref="UserErrorException">A file is not as it should be, or a part that is needed is empty.</exception>
    public static LabelData Read(LabelOptions options, TextReader standardInput)
    {
        if (options.Data.Count == 0)
            throw new UserErrorException("data: name the file to train on with --data, such as --data " +
                $"{options.Task switch { "dna" => "sites.csv", "tag" => "sentences.conll", _ => "reviews.tsv" }}.");
        IReadOnlyList<LabeledSequence> all = Files(options.Data, options, standardInput), valid = Files(options.Valid, options, standardInput),
            test = Files(options.Test, options, standardInput);
        LabelData data = Deal(all, options);
        data = data with
        {
            Training = options.Test.Count > 0 ? [.. data.Training, .. data.Test] : data.Training,
            Validation = options.Valid.Count > 0 ? valid : data.Validation,
            Test = options.Test.Count > 0 ? test : data.Test,
        };
        if (options.Valid.Count > 0 && !HasParts(all)) data = data with { Training = [.. all.Except(data.Test)] };
        if (data.Training.Count == 0)
            throw new UserErrorException($"{options.Data[0]}: no sequence is left to train on; look at the parts, the " +
                "fold and the shares.");
        return data;
    }

    /// <summary>A line for each part whose sequences stand, in part, in the training part too.</summary>
    public IEnumerable<string> Repeated() =>
        Repetitions.Between("sequences", Training.Select(Content), [.. Validation.Select(Content)], [.. Test.Select(Content)]);

    private static string Content(LabeledSequence one) => one.Features > 0
        ? Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>(one.Numbers)))
        : one.Tokens.Count > 0 ? string.Join('\u001f', one.Tokens) : one.Text;

    /// <summary>Sequences of some files, each with its label or labels where they are asked for.</summary>
    public static IReadOnlyList<LabeledSequence> Files(
        IReadOnlyList<string> files, LabelOptions options, TextReader standardInput, bool labels = true)
    {
        if (options.Labels.Count > 0 && files.Count > 0) return GenomeWindows.Read(files, labels ? options.Labels : [], options.Window);
        List<LabeledSequence> all = [.. files.SelectMany(file =>
            LabeledReader.Read(file, options.Columns with { LabelsOptional = !labels }, options.PerStep, standardInput))
            .Select(one => ImageSteps.Of(one, options))];
        if (labels && all.FirstOrDefault(one => options.PerStep ? one.StepLabels.Count == 0 : string.IsNullOrEmpty(one.Label)) is { } bare)
            throw new UserErrorException($"{bare.Where}: expected a label{(options.PerStep ? " for each step" : "")}, found none; name its column " +
                "with --label.");
        return all;
    }

    private static LabelData Deal(IReadOnlyList<LabeledSequence> all, LabelOptions options)
    {
        if (options.Fold is { } fold)
        {
            List<LabeledSequence> test = options.Folds == 0
                ? [.. all.Where(one => one.Part == fold)]
                : [.. all.Where((_, i) => i % options.Folds == (int.TryParse(fold, out int k) ? k : -1))];
            if (test.Count == 0)
                throw new UserErrorException($"fold: there is no sequence in fold '{fold}'; " +
                    (Folds(all, options).ToArray() is { Length: > 0 } folds ? $"expected one of {string.Join(", ", folds)}."
                    : "the data name no folds: give --folds N, or name their column with --part."));
            return WithValidation([.. all.Except(test)], test, options);
        }
        if (HasParts(all))
        {
            if (all.FirstOrDefault(one => PartName.Of(one.Part) is null) is { } other)
                throw new UserErrorException($"{other.Where}: expected a part (train, valid or test) because other sequences have one, " +
                    $"found '{Table.Shorten(other.Part)}'.");
            List<LabeledSequence> training = In(PartName.Train), valid = In(PartName.Valid), test = In(PartName.Test);
            return valid.Count > 0 || options.Valid.Count > 0 ? new LabelData(training, valid, test) : WithValidation(training, test, options);
        }
        if (options.Folds > 0)
            throw new UserErrorException($"folds: say which of the {options.Folds} folds tests, with --fold 0 … " +
                $"{options.Folds - 1}, or let each in its turn with --cross-validate.");
        int[] order = new int[all.Count];
        new Rng(options.Learning.Seed).For("split").Permute(order);
        Unroll.Tasks.Data.Parts.Split split = Unroll.Tasks.Data.Parts.Split.ByShare(all.Count, options.Split[0], options.Split[1]);
        LabeledSequence[] shuffled = [.. order.Select(i => all[i])];
        return new LabelData(shuffled[split.TrainRows], shuffled[split.ValidationRows], shuffled[split.TestRows]);

        List<LabeledSequence> In(string part) => [.. all.Where(one => PartName.Of(one.Part) == part)];
    }

    // A share of the training part validates, drawn by the seed; never the test part.
    private static LabelData WithValidation(List<LabeledSequence> training, List<LabeledSequence> test, LabelOptions options)
    {
        int[] order = new int[training.Count];
        new Rng(options.Learning.Seed).For("split").Permute(order);
        int validation = options.Valid.Count > 0 ? 0 : (int)Math.Round(training.Count * options.Split[1]);
        return new LabelData([.. order.Skip(validation).Order().Select(i => training[i])],
            [.. order.Take(validation).Order().Select(i => training[i])], test);
    }

    private static bool HasParts(IReadOnlyList<LabeledSequence> all) => all.Any(one => PartName.Of(one.Part) is not null);

    private static IEnumerable<string> Folds(IReadOnlyList<LabeledSequence> all, LabelOptions options) =>
        options.Folds > 0 ? Enumerable.Range(0, Math.Min(options.Folds, 12)).Select(k => $"{k}")
            : all.Select(one => one.Part).Where(part => part.Length > 0).Distinct().Take(12);
}
