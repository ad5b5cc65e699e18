using Unroll.Core;
using Unroll.Tasks.Data.Parts;

namespace Unroll.Tasks.Shared;

/// <summary>Examples in their three parts.</summary>
/// <param name="Train">To learn from; never empty.</param>
/// <param name="Valid">To choose the epoch by.</param>
/// <param name="Test">To measure on.</param>
public sealed record Partition<T>(IReadOnlyList<T> Train, IReadOnlyList<T> Valid, IReadOnlyList<T> Test)
{
    /// <summary>How many there are in each.</summary>
    public PartCounts Counts => new(Train.Count, Valid.Count, Test.Count);

    /// <summary>Those of all parts.</summary>
    internal IEnumerable<T> All => Train.Concat(Valid).Concat(Test);
}

/// <summary>How examples are distinguished when they are assigned to parts.</summary>
/// <param name="Part">The part or the fold that the data name for an example; empty: none.</param>
/// <param name="Where">The place of an example, for errors.</param>
/// <param name="Content">What makes two examples the same, to detect one that is in two parts.</param>
public sealed record PartitionKeys<T>(Func<T, string> Part, Func<T, string> Where, Func<T, string> Content)
{
    /// <summary>Examples with the same key stay in one part or fold, such as translations of one source; null: each is its own.</summary>
    public Func<T, string>? Group { get; init; }

    /// <summary>Each part has its share of each of these, such as the spoken words; null: examples are drawn without regard to them.</summary>
    public Func<T, string>? Strata { get; init; }

    /// <summary>What is to be learned for an example, to find one input with two of them; null: there is nothing such.</summary>
    internal Func<T, string>? Label { get; init; }

    /// <summary>What the label is for, where <see cref="Content"/> holds more; null: the content.</summary>
    internal Func<T, string>? Input { get; init; }

    /// <summary>The fold that an example is in, where it is not the part that the data name: the speaker of a recording; null: the part.</summary>
    public Func<T, string>? Fold { get; init; }

    /// <summary>What is kept where nothing validates.</summary>
    internal string Kept { get; init; } = "the epoch with the lowest training loss is kept";

    internal string FoldOf(T one) => (Fold ?? Part)(one);
}

/// <summary>
/// Assigns examples to training, validation and test, the same way for every task: by files, by named parts, by fold, else by random shares.
/// </summary>
public static class Partitioning
{
    private const double GoldenRatio = 0.6180339887498949;

    /// <summary>Assigns examples to parts.</summary>
    /// <param name="all">Those of the data.</param>
    /// <param name="valid">Those of files of their own to validate on; empty: none.</param>
    /// <param name="test">Those of files of their own to test on; empty: none.</param>
    /// <param name="options">Shares, folds and seed.</param>
    /// <param name="keys">How examples are distinguished.</param>
    /// <param name="what">What examples are called, in the plural: <c>sequences</c>.</param>
    /// <param name="note">
    /// Receives a line for each part that is empty though a share was asked for it, and for examples in two parts; null: nobody.
    /// </param>
    /// <exception cref="UserErrorException">A part name is unknown, a fold is not there, or nothing is left to train on.</exception>
    public static Partition<T> Of<T>(
        IReadOnlyList<T> all, IReadOnlyList<T> valid, IReadOnlyList<T> test, TaskOptions options, PartitionKeys<T> keys, string what,
        Action<string>? note = null)
    {
        if (keys.Group is { } group && options.Folds > 0)
        {
            Dictionary<string, int> numbers = Groups(all, keys).Select((key, number) => (key, number)).ToDictionary();
            keys = keys with { Fold = one => $"{numbers[group(one)] % options.Folds}" };
        }
        bool ownValid = valid.Count > 0, ownTest = test.Count > 0;
        Partition<T> dealt = Deal(all, ownValid, ownTest, options, keys, what);
        Partition<T> parts = new(
            ownTest && dealt.Test.Count > 0 ? [.. dealt.Train, .. dealt.Test] : dealt.Train,
            ownValid ? valid : dealt.Valid, ownTest ? test : dealt.Test);
        if (parts.Train.Count == 0)
            throw new UserErrorException($"{(options.Data.Count > 0 ? options.Data[0] : "data")}: "
                + $"none of {all.Count:N0} {what} is left to train on; " +
                "look at the parts, the fold and the shares (split).");
        foreach (string line in Notes(parts, options, keys, what, ownValid, ownTest)) note?.Invoke(line);
        return parts;
    }

    private static Partition<T> Deal<T>(
        IReadOnlyList<T> all, bool ownValid, bool ownTest, TaskOptions options, PartitionKeys<T> keys, string what)
    {
        if (options.Fold is { } tested && !all.Where((one, i) => Tests(one, i, tested, options, keys)).Any())
            throw NoFold(all, tested, options, keys, what);
        if (options.Folds > 0 && options.Fold is null)
            throw new OptionException("folds", $"say which of the {options.Folds} folds tests, with fold 0 … {options.Folds - 1}, " +
                "or let each in its turn with cross-validate.");
        bool named = all.Any(one => PartName.Of(keys.Part(one)) is not null);
        if (keys.Strata is not null) return Stratified(all, ownValid, ownTest, options, keys);
        if (options.Fold is { } fold) return ByFold(all, fold, ownValid, options, keys);
        if (named) return ByName(all, ownValid, options, keys);
        double train = options.Split[0], share = options.Split[1];
        if (ownTest && ownValid) return new Partition<T>(all, [], []);
        if (ownTest) return WithValidation(all, [], ownValid, options, keys);
        if (ownValid) (train, share) = (Math.Min(1, train + share), 0);
        return ByShares(all, train, share, options, keys);
    }

    private static bool Tests<T>(T one, int i, string fold, TaskOptions options, PartitionKeys<T> keys) =>
        options.Folds > 0 && keys.Group is null ? int.TryParse(fold, out int k) && i % options.Folds == k : keys.FoldOf(one) == fold;

    private static Partition<T> ByFold<T>(IReadOnlyList<T> all, string fold, bool ownValid, TaskOptions options, PartitionKeys<T> keys)
    {
        List<T> test = [.. all.Where((one, i) => Tests(one, i, fold, options, keys))],
            rest = [.. all.Where((one, i) => !Tests(one, i, fold, options, keys))];
        return WithValidation(rest, test, ownValid, options, keys);
    }

    private static OptionException NoFold<T>(IReadOnlyList<T> all, string fold, TaskOptions options, PartitionKeys<T> keys, string what)
    {
        string[] names = options.Folds > 0
            ? [.. Enumerable.Range(0, Math.Min(options.Folds, 12)).Select(i => $"{i}")]
            : [.. all.Select(keys.FoldOf).Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal).Take(12)];
        return new OptionException("fold", $"none of the {what} is in fold '{fold}'; " + (names.Length > 0
            ? $"expected one of {string.Join(", ", names)}."
            : "the data name no folds: give a number of folds, or name their column with part."));
    }

    private static Partition<T> ByName<T>(IReadOnlyList<T> all, bool ownValid, TaskOptions options, PartitionKeys<T> keys)
    {
        foreach (T one in all)
            if (PartName.Of(keys.Part(one)) is null)
                throw new UserErrorException($"{keys.Where(one)}: expected a part (train, valid or test) because others have one, " +
                    $"found '{Data.Tables.Table.Shorten(keys.Part(one))}'.");
        T[] In(string part) => [.. all.Where(one => PartName.Of(keys.Part(one)) == part)];
        T[] train = In(PartName.Train), valid = In(PartName.Valid), test = In(PartName.Test);
        return valid.Length > 0 || ownValid ? new Partition<T>(train, valid, test) : WithValidation(train, test, ownValid, options, keys);
    }

    // A share of the training part validates, drawn by the seed; never the test part.
    private static Partition<T> WithValidation<T>(
        IReadOnlyList<T> training, IReadOnlyList<T> test, bool ownValid, TaskOptions options, PartitionKeys<T> keys)
    {
        string[] groups = Groups(training, keys);
        int[] order = Shuffled(groups.Length, options.Seed);
        HashSet<string> taken = [.. order.Take(ownValid ? 0 : (int)Math.Round(groups.Length * options.Split[1])).Select(i => groups[i])];
        bool IsTaken(T one, int i) => taken.Contains(GroupOf(one, i, keys));
        return new Partition<T>([.. training.Where((one, i) => !IsTaken(one, i))], [.. training.Where(IsTaken)], test);
    }

    private static Partition<T> ByShares<T>(IReadOnlyList<T> all, double train, double valid, TaskOptions options, PartitionKeys<T> keys)
    {
        string[] groups = Groups(all, keys);
        Split split = Split.ByShare(groups.Length, train, valid);
        int[] order = Shuffled(groups.Length, options.Seed);
        if (keys.Group is null)
        {
            T[] shuffled = [.. order.Select(i => all[i])];
            return new Partition<T>(shuffled[split.TrainRows], shuffled[split.ValidationRows], shuffled[split.TestRows]);
        }
        Dictionary<string, int> places = [];
        for (int place = 0; place < order.Length; place++) places[groups[order[place]]] = place;
        T[] Between(Range rows) => [.. all.Where((one, i) => places[GroupOf(one, i, keys)] is var place
            && place >= rows.Start.GetOffset(groups.Length) && place < rows.End.GetOffset(groups.Length))];
        return new Partition<T>(Between(split.TrainRows), Between(split.ValidationRows), Between(split.TestRows));
    }

    // Shuffled, those of one stratum put together, and the places of a part spread evenly over that order by the golden ratio, so that each stratum
    // has its share in each part. What the data or the fold put into a part stays there.
    private static Partition<T> Stratified<T>(IReadOnlyList<T> all, bool ownValid, bool ownTest, TaskOptions options, PartitionKeys<T> keys)
    {
        string? NamedPart(T one, int i) => options.Fold is { } fold
            ? Tests(one, i, fold, options, keys) ? PartName.Test : null
            : PartName.Of(keys.Part(one)) is var part && part != PartName.Train ? part : null;
        string?[] named = [.. all.Select(NamedPart)];
        bool hasTest = ownTest || named.Contains(PartName.Test), hasValid = ownValid || named.Contains(PartName.Valid);
        double train = options.Split[0], valid = options.Split[1], test = Math.Max(0, 1 - train - valid);
        (valid, test) = (hasValid ? 0 : hasTest ? valid / (train + valid) : valid, hasTest ? 0 : test);
        List<T>[] parts = [[], [], []];
        int[] dealt = new int[all.Count];
        int place = 0;
        foreach (int i in Shuffled(all.Count, options.Seed).OrderBy(i => keys.Strata!(all[i]), StringComparer.Ordinal))
        {
            if (named[i] is { } part) dealt[i] = part == PartName.Test ? 2 : 1;
            else
            {
                double at = (place++ + 0.5) * GoldenRatio % 1;
                dealt[i] = at < test ? 2 : at < test + valid ? 1 : 0;
            }
        }
        for (int i = 0; i < dealt.Length; i++) parts[dealt[i]].Add(all[i]);
        return new Partition<T>(parts[0], parts[1], parts[2]);
    }

    private static IEnumerable<string> Notes<T>(
        Partition<T> parts, TaskOptions options, PartitionKeys<T> keys, string what, bool ownValid, bool ownTest)
    {
        double valid = options.Split[1], test = 1 - options.Split[0] - options.Split[1];
        if (parts.Valid.Count == 0)
            yield return $"note: none of the {what} validates{(valid > 0 ? $", though a share of {valid:0.###} was asked for" : "")}: " +
                $"{keys.Kept}.";
        if (parts.Test.Count == 0)
            yield return $"note: none of the {what} tests{(test > 1e-9 ? $", though a share of {test:0.###} was asked for" : "")}: "
                + "nothing will be measured.";
        foreach (string line in Repetitions.Between(what, parts.Train.Select(keys.Content), [.. parts.Valid.Select(keys.Content)],
            [.. parts.Test.Select(keys.Content)])) yield return line;
        if (keys.Label is { } label && Repetitions.Contradictions(what,
            parts.All.Select(one => ((keys.Input ?? keys.Content)(one), label(one), keys.Where(one)))) is { } contradictions)
            yield return contradictions;
        if (UnusedFolds(parts, options, keys, ownValid && ownTest) is { } folds) yield return folds;
    }

    private static string? UnusedFolds<T>(Partition<T> parts, TaskOptions options, PartitionKeys<T> keys, bool given)
    {
        if (given || options.Fold is not null || options.Folds > 0 || parts.All.Any(one => PartName.Of(keys.Part(one)) is not null)) return null;
        string[] names = [.. parts.All.Select(keys.Part).Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal)];
        return names.Length < 2 ? null
            : $"note: the data name {names.Length:N0} folds ({string.Join(", ", names.Take(3).Select(Data.Tables.Table.Shorten))} …) and none was " +
                "chosen, so that parts are drawn by shares; choose the one that tests (fold), or test each in its turn (cross-validate).";
    }

    private static string[] Groups<T>(IReadOnlyList<T> all, PartitionKeys<T> keys) => [.. all.Select((one, i) => GroupOf(one, i, keys)).Distinct()];

    private static string GroupOf<T>(T one, int i, PartitionKeys<T> keys) =>
        keys.Group?.Invoke(one) ?? i.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static int[] Shuffled(int count, ulong seed)
    {
        int[] order = new int[count];
        new Rng(seed).For("split").Permute(order);
        return order;
    }
}
