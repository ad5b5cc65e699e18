using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Translation;

/// <summary>A source and one of its translations.</summary>
/// <param name="Source">Its text.</param>
/// <param name="Target">Its text.</param>
/// <param name="Part"><c>train</c>, <c>valid</c>, <c>test</c> or the name of a fold; empty: the data do not say.</param>
public sealed record TranslationPair(string Source, string Target, string Part = "");

/// <summary>A source with all translations of it that the data have.</summary>
internal sealed record TestSentence(string Source, IReadOnlyList<string> References);

/// <summary>The pairs that a run learns from, chooses by and is measured on, before they are dealt into parts: from files or from memory.</summary>
public sealed record TranslationData
{
    private TranslationData(IReadOnlyList<TranslationPair> pairs) => Pairs = pairs;

    /// <summary>The pairs.</summary>
    public IReadOnlyList<TranslationPair> Pairs { get; }

    /// <summary>Others to validate on; empty: a part of the pairs.</summary>
    public IReadOnlyList<TranslationPair> Valid { get; init; } = [];

    /// <summary>Others to test on; empty: a part of the pairs.</summary>
    public IReadOnlyList<TranslationPair> Test { get; init; } = [];

    /// <summary>Pairs in memory. Several targets of one source are several pairs.</summary>
    /// <exception cref="UserErrorException">A side is empty, or there are no pairs; names the pair by its number, from 1.</exception>
    public static TranslationData From(IEnumerable<(string Source, string Target)> pairs) => From(pairs, pair => pair.Source, pair => pair.Target);

    /// <summary>Records in memory, such as rows of a database.</summary>
    /// <param name="records">A pair each.</param>
    /// <param name="source">Its source.</param>
    /// <param name="target">Its target.</param>
    /// <param name="part">Its part: <c>train</c>, <c>valid</c>, <c>test</c> or the name of a fold; null: the options' shares decide.</param>
    /// <exception cref="UserErrorException">A side is empty, or there are no records; names the record by its number, from 1.</exception>
    public static TranslationData From<T>(IEnumerable<T> records, Func<T, string> source, Func<T, string> target, Func<T, string>? part = null)
    {
        TranslationPair[] pairs = [.. records.Select((one, i) =>
            PairReader.Pair(source(one), target(one), $"pair {i + 1}", $"pair {i + 1}", part?.Invoke(one) ?? ""))];
        return pairs.Length > 0 ? new TranslationData(pairs) : throw new UserErrorException("data: expected pairs of texts, found none.");
    }

    /// <summary>Reads the files that the options name.</summary>
    /// <param name="options">Their names.</param>
    /// <param name="files">What the names stand for.</param>
    /// <exception cref="UserErrorException">A file is not as it should be, or none is named.</exception>
    public static TranslationData Read(TranslationOptions options, DataFiles files)
    {
        if (options.Data.Count == 0)
            throw new OptionException("data", "name a TSV file of pairs, such as pairs.tsv, or two line-aligned files, such as train.en,train.de.");
        TranslationData data = new(PairReader.Read(options.Data, files))
        {
            Valid = options.Valid.Count > 0 ? PairReader.Read(options.Valid, files) : [],
            Test = options.Test.Count > 0 ? PairReader.Read(options.Test, files) : [],
        };
        TranslationPair[] all = [.. data.Pairs, .. data.Valid, .. data.Test];
        TestSentence[] several = [.. Join(all).Where(one => one.References.Count > 1)];
        if (several.Length > 0)
            files.Note($"{string.Join(", ", options.Data.Select(DataFiles.Called))}: " +
                FormattableString.Invariant($"{several.Length:N0} of {all.Select(pair => pair.Source).Distinct().Count():N0} sources ") +
                $"have several targets, '{Table.Shorten(several[0].Source)}' first: each is learned from, and each counts as right.");
        return data;
    }

    /// <summary>All pairs in their parts: those with the same source are in one.</summary>
    /// <exception cref="UserErrorException">No pair is left to train on, or there is no such fold.</exception>
    internal Partition<TranslationPair> Parts(TranslationOptions options, Action<string>? note = null) => Partitioning.Of(Pairs, Valid, Test, options,
        new PartitionKeys<TranslationPair>(pair => pair.Part, pair => $"'{Table.Shorten(pair.Source)}'", Content) { Group = pair => pair.Source },
        "pairs", note);

    /// <summary>A line where sources to be measured stand in the training part with other targets than there; null: none does.</summary>
    internal static string? Contradictions(IReadOnlyList<TranslationPair> training, IReadOnlyList<TranslationPair> measured)
    {
        ILookup<string, string> known = training.ToLookup(pair => pair.Source, pair => pair.Target);
        IReadOnlyList<TestSentence> sentences = Join(measured);
        TestSentence[] others = [.. sentences.Where(one => known.Contains(one.Source) && !known[one.Source].Intersect(one.References).Any())];
        return others.Length == 0 ? null
            : FormattableString.Invariant($"note: {others.Length:N0} of {sentences.Count:N0} sources to measure on stand in the training part ") +
                $"with another target, '{Table.Shorten(others[0].Source)}' first ('{Table.Shorten(known[others[0].Source].First())}' there, " +
                $"'{Table.Shorten(others[0].References[0])}' here): what was learned counts as wrong; take them out of one of the two.";
    }

    /// <summary>Pairs with equal sources as one sentence with several references, in the order in which the sources first stand.</summary>
    internal static IReadOnlyList<TestSentence> Join(IReadOnlyList<TranslationPair> pairs) =>
        [.. pairs.GroupBy(pair => pair.Source).Select(group => new TestSentence(group.Key, [.. group.Select(pair => pair.Target).Distinct()]))];

    /// <summary>What makes two pairs the same.</summary>
    internal static string Content(TranslationPair pair) => $"{pair.Source}\t{pair.Target}";
}
