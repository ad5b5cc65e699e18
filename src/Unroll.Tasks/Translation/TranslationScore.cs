using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Translation;

/// <summary>One way to translate, measured.</summary>
/// <param name="Name">The model, or a simple rule.</param>
/// <param name="Bleu">0 … 100, by sacreBLEU's definition.</param>
/// <param name="ChrF">0 … 100, by sacreBLEU's definition.</param>
/// <param name="Exact">The share of sentences that are equal to a reference.</param>
/// <param name="Errors">Edits of words for each word of the nearest reference: for phonemes with spaces between them the phoneme error rate.</param>
public sealed record TranslationScore(string Name, double Bleu, double ChrF, double Exact, double Errors)
{
    /// <summary>The model's BLEU less this one's, by a bootstrap of sentences (Koehn 2004); null: this is the model.</summary>
    public PairedTest? Against { get; init; }

    /// <summary>Writes the members <c>bleu</c>, <c>chrf</c>, <c>equal</c> and <c>word_error_rate</c>.</summary>
    /// <param name="json">An object that has been begun.</param>
    public void WriteJson(Utf8JsonWriter json)
    {
        foreach ((string name, double value) in Measures) json.Number(name, value);
        if (Against is { } test) json.WriteObject("against", test, PairedTestJson.Write);
    }

    /// <summary>The measures by their names in JSON.</summary>
    internal IReadOnlyList<(string Name, double Value)> Measures => [("bleu", Bleu), ("chrf", ChrF), ("equal", Exact), ("word_error_rate", Errors)];
}

/// <summary>What was said of the same sentences by several, all in the target side's form, so that folds can be measured together.</summary>
/// <param name="Spaces">Whether words are what lies between spaces.</param>
/// <param name="References">Of each sentence its references.</param>
/// <param name="Said">Who said what of each sentence.</param>
internal sealed record SaidSentences(bool Spaces, IReadOnlyList<string[]> References, IReadOnlyList<(string Name, string[] Texts)> Said)
{
    /// <summary>What the names of the model's own ways begin with.</summary>
    internal const string Model = "this model";

    internal static SaidSentences Of(
        TranslationModel model, IReadOnlyList<TestSentence> test, params IReadOnlyList<(string Name, string[] Texts)> said) => new(
        model.Options.Tokens == TokenKind.Spaces, [.. test.Select(one => one.References.Select(model.Target.Normal).ToArray())],
        [.. said.Select(one => (one.Name, one.Texts.Select(model.Target.Normal).ToArray()))]);

    /// <summary>Folds one after the other.</summary>
    internal static SaidSentences Together(IReadOnlyList<SaidSentences> folds) => new(folds[0].Spaces, [.. folds.SelectMany(fold => fold.References)],
        [.. folds[0].Said.Select((one, k) => (one.Name, folds.SelectMany(fold => fold.Said[k].Texts).ToArray()))]);

    /// <summary>Sentences of the first that are equal to a reference.</summary>
    internal int Equal => Said[0].Texts.Zip(References).Count(pair => pair.Second.Contains(pair.First));

    internal TranslationScore[] Scores()
    {
        BleuOptions options = new() { Tokenized = Spaces };
        Bleu.BleuCounts[] own = Said.Count > 1 ? Bleu.CountEach(Said[0].Texts, References, options) : [];
        return [.. Said.Select(one => Score(one.Name, one.Texts) with
        {
            Against = one.Name.StartsWith(Model, StringComparison.Ordinal) || Said.Count == 1 ? null
                : Against(own, Bleu.CountEach(one.Texts, References, options)),
        })];

        static PairedTest Against(Bleu.BleuCounts[] own, Bleu.BleuCounts[] other) =>
            PairedTest.Of(own.Length, drawn => Bleu.Of(own, drawn) - Bleu.Of(other, drawn), largerIsBetter: true);
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteBoolean("spaces", Spaces);
        json.Objects("references", References, (own, texts) => own.Texts("texts", texts));
        json.Objects("said", Said, (own, one) =>
        {
            own.WriteString("name", one.Name);
            own.Texts("texts", one.Texts);
        });
    }

    internal static SaidSentences Read(JsonElement json) => JsonRecord.Read(json.GetRawText(), record => new SaidSentences(
        record.Flag("spaces"), record.Objects("references", own => own.Texts("texts")),
        record.Objects("said", own => (own.Text("name"), own.Texts("texts")))));

    private TranslationScore Score(string name, string[] said)
    {
        EditCounts edits = default;
        int exact = 0;
        for (int i = 0; i < said.Length; i++)
        {
            edits += References[i].Select(reference => EditCounts.OfWords(reference, said[i])).MinBy(counts => counts.Errors);
            if (References[i].Contains(said[i])) exact++;
        }
        return new TranslationScore(name, Bleu.Corpus(said, References, new BleuOptions { Tokenized = Spaces }).Score, ChrF.Corpus(said, References),
            exact / (double)Math.Max(1, said.Length), edits.Rate ?? 0);
    }
}
