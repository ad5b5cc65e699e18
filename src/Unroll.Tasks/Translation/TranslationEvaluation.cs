using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.Scores;

namespace Unroll.Tasks.Translation;

/// <summary>One way to translate, measured.</summary>
/// <param name="Name">The model, or a simple rule.</param>
/// <param name="Bleu">0 … 100, by sacreBLEU's definition.</param>
/// <param name="ChrF">0 … 100, by sacreBLEU's definition.</param>
/// <param name="Exact">The share of sentences that are equal to a reference.</param>
/// <param name="Errors">Edits of words for each word of the nearest reference: for phonemes with spaces between them the phoneme error rate.</param>
public sealed record TranslationScore(string Name, double Bleu, double ChrF, double Exact, double Errors)
{
    internal static TranslationScore Of(string name, TranslationModel model, IReadOnlyList<TestSentence> test, IReadOnlyList<string> said)
    {
        TranslationOptions options = model.Options;
        IReadOnlyList<string>[] references = [.. test.Select(one => (IReadOnlyList<string>)[.. one.References.Select(model.Target.Normal)])];
        string[] own = [.. said.Select(model.Target.Normal)];
        EditCounts edits = default;
        int exact = 0;
        for (int i = 0; i < own.Length; i++)
        {
            edits += references[i].Select(reference => EditCounts.OfWords(reference, own[i])).MinBy(counts => counts.Errors);
            if (references[i].Contains(own[i])) exact++;
        }
        return new TranslationScore(name, Unroll.Tasks.Data.Scores.Bleu.Corpus(own, references, new BleuOptions { Tokenized = options.Tokens == "spaces" }).Score,
            Unroll.Tasks.Data.Scores.ChrF.Corpus(own, references), exact / (double)Math.Max(1, own.Length), edits.Rate ?? 0);
    }
}

/// <summary>A sentence of the test part with what was made of it.</summary>
/// <param name="Source">The source.</param>
/// <param name="Reference">Its first reference.</param>
/// <param name="Said">The translation.</param>
public sealed record TranslationExample(string Source, string Reference, string Said);

/// <summary>A model measured on sentences that it was not trained on, beside simple rules.</summary>
/// <param name="Scores">The model's by beam search and greedily, then those of simple rules.</param>
/// <param name="Validation">The model's greedily on the validation part; null where there is none.</param>
/// <param name="Sentences">How many different sources were measured.</param>
/// <param name="References">How many references they have.</param>
/// <param name="Examples">Some of them, evenly taken.</param>
public sealed record TranslationEvaluation(
    IReadOnlyList<TranslationScore> Scores, TranslationScore? Validation, int Sentences, int References, IReadOnlyList<TranslationExample> Examples)
{
    private const int MaxExamples = 20;

    internal static TranslationEvaluation Of(TranslationModel model, TranslationData data, SearchOptions search, ThreadTeam threads)
    {
        IReadOnlyList<TestSentence> test = TranslationData.Join(data.Test);
        string[] sources = [.. test.Select(one => one.Source)];
        Translator beam = new(model, search, threads), greedy = new(model, search with { Beam = 1 }, threads);
        string[] said = Texts(beam, sources);
        List<TranslationScore> scores = [TranslationScore.Of($"this model, beam {search.Beam}", model, test, said)];
        if (search.Beam > 1) scores.Add(TranslationScore.Of("this model, greedy", model, test, Texts(greedy, sources)));
        scores.Add(TranslationScore.Of("copy of the source", model, test, sources));
        if (data.Training.Count > 0)
        {
            WordForWord words = new(model, data.Training);
            scores.Add(TranslationScore.Of("symbol for symbol", model, test, [.. sources.Select(words.Translate)]));
        }
        IReadOnlyList<TestSentence> valid = TranslationData.Join(data.Validation);
        int every = Math.Max(1, test.Count / MaxExamples);
        return new TranslationEvaluation(scores,
            valid.Count == 0 ? null : TranslationScore.Of("validation part, greedy", model, valid, Texts(greedy, [.. valid.Select(one => one.Source)])),
            test.Count, test.Sum(one => one.References.Count),
            [.. Enumerable.Range(0, Math.Min(MaxExamples, test.Count)).Select(k => k * every).Select(i => new TranslationExample(test[i].Source, test[i].References[0], said[i]))]);
    }

    /// <summary>The test part that the run was split into, or all pairs of other files, measured.</summary>
    /// <param name="model">The model.</param>
    /// <param name="files">One TSV file or two aligned ones (with parts: their test part); empty: those that the model was trained beside.</param>
    /// <param name="search">How targets are looked for.</param>
    /// <param name="standardInput">Read when a file is <c>-</c>.</param>
    /// <param name="threads">Who does the work.</param>
    /// <exception cref="UserErrorException">A file is not as it should be, or there is nothing to measure.</exception>
    public static TranslationEvaluation Of(TranslationModel model, IReadOnlyList<string> files, SearchOptions search, TextReader standardInput, ThreadTeam threads)
    {
        TranslationData data;
        if (files.Count == 0) data = TranslationData.Read(model.Options, standardInput) with { Validation = [] };
        else
        {
            _ = new TranslationOptions { Data = files };
            IReadOnlyList<TranslationPair> pairs = PairReader.Read(files, standardInput);
            data = new TranslationData([], [], pairs[0].Part.Length > 0 ? [.. pairs.Where(pair => pair.Part == "test")] : pairs);
        }
        return data.Test.Count > 0 ? Of(model, data, search, threads) : throw new UserErrorException("evaluate: the data have no test part; name pairs with --data.");
    }

    private static string[] Texts(Translator translator, IReadOnlyList<string> sources) => [.. translator.Translate(sources).Select(one => one.Text)];
}
