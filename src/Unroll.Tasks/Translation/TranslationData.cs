using Unroll.Core;
using Unroll.Tasks.Data.Parts;

namespace Unroll.Tasks.Translation;

/// <summary>A source with all translations of it that the data have.</summary>
internal sealed record TestSentence(string Source, IReadOnlyList<string> References);

/// <summary>The pairs of a run in their three parts; no source stands in two of those that are drawn.</summary>
internal sealed record TranslationData(IReadOnlyList<TranslationPair> Training, IReadOnlyList<TranslationPair> Validation, IReadOnlyList<TranslationPair> Test)
{
    /// <summary>Reads the files and deals the pairs out: by files, by the part column, else by drawn shares of the sources.</summary>
    /// <exception cref="UserErrorException">A file is not as it should be, or no pair is left to train on.</exception>
    public static TranslationData Read(TranslationOptions options, TextReader standardInput)
    {
        if (options.Data.Count == 0)
            throw new UserErrorException("data: name a TSV file of pairs with --data pairs.tsv, or two line-aligned files with --data train.en,train.de.");
        IReadOnlyList<TranslationPair> all = PairReader.Read(options.Data, standardInput);
        TranslationData data = Deal(all, options);
        if (options.Valid.Count > 0) data = data with { Validation = PairReader.Read(options.Valid, standardInput) };
        if (options.Test.Count > 0) data = data with { Test = PairReader.Read(options.Test, standardInput) };
        if (data.Training.Count == 0) throw new UserErrorException($"{options.Data[0]}: no pair is left to train on; look at the parts and the shares.");
        return data;
    }

    /// <summary>Pairs with equal sources as one sentence with several references, in the order in which the sources first stand.</summary>
    public static IReadOnlyList<TestSentence> Join(IReadOnlyList<TranslationPair> pairs) =>
        [.. pairs.GroupBy(pair => pair.Source).Select(group => new TestSentence(group.Key, [.. group.Select(pair => pair.Target).Distinct()]))];

    /// <summary>A line for each part that holds pairs of the training part.</summary>
    public IEnumerable<string> Repeated() => Repetitions.Between("pairs", Training.Select(Content), [.. Validation.Select(Content)], [.. Test.Select(Content)]);

    private static string Content(TranslationPair pair) => $"{pair.Source}\t{pair.Target}";

    private static TranslationData Deal(IReadOnlyList<TranslationPair> all, TranslationOptions options)
    {
        bool ownValid = options.Valid.Count > 0, ownTest = options.Test.Count > 0;
        if (all[0].Part.Length > 0)
        {
            TranslationData parts = new(Of(all, "train"), Of(all, "valid"), Of(all, "test"));
            return parts.Validation.Count > 0 || ownValid ? parts : WithValidation(parts, options);
        }
        if (ownTest) return ownValid ? new(all, [], []) : WithValidation(new(all, [], []), options);
        string[] sources = Shuffled(all, options);
        (double train, double valid) = (options.Split[0], ownValid ? 0 : options.Split[1]);
        int first = (int)Math.Round(sources.Length * train), second = (int)Math.Round(sources.Length * Math.Min(1, train + valid));
        Dictionary<string, int> places = sources.Select((source, i) => (source, i)).ToDictionary(one => one.source, one => one.i);
        return new TranslationData([.. all.Where(pair => places[pair.Source] < first)],
            [.. all.Where(pair => places[pair.Source] >= first && places[pair.Source] < second)], [.. all.Where(pair => places[pair.Source] >= second)]);
    }

    // A share of the training part's sources validates, drawn by the seed; never the test part.
    private static TranslationData WithValidation(TranslationData data, TranslationOptions options)
    {
        string[] sources = Shuffled(data.Training, options);
        HashSet<string> taken = [.. sources.Take((int)Math.Round(sources.Length * options.Split[1]))];
        return data with
        {
            Training = [.. data.Training.Where(pair => !taken.Contains(pair.Source))],
            Validation = [.. data.Training.Where(pair => taken.Contains(pair.Source))],
        };
    }

    private static string[] Shuffled(IReadOnlyList<TranslationPair> pairs, TranslationOptions options)
    {
        string[] sources = [.. pairs.Select(pair => pair.Source).Distinct()];
        int[] order = new int[sources.Length];
        new Rng(options.Learning.Seed).For("split").Permute(order);
        return [.. order.Select(i => sources[i])];
    }

    private static TranslationPair[] Of(IReadOnlyList<TranslationPair> all, string part) => [.. all.Where(pair => pair.Part == part)];
}
