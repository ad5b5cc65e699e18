using System.Text.Json;
using Unroll.Networks;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Translation;

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
    : TaskEvaluation
{
    private const int MaxExamples = 20;
    private SaidSentences? _said;

    /// <summary>Measures a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tested">The pairs to measure on.</param>
    /// <param name="trained">Those that the rule symbol for symbol learns from; empty: it is left out.</param>
    /// <param name="valid">Those of the validation part; empty: none.</param>
    /// <param name="beam">Translates.</param>
    /// <param name="stop">Ends it.</param>
    internal static TranslationEvaluation Of(
        TranslationModel model, IReadOnlyList<TranslationPair> tested, IReadOnlyList<TranslationPair> trained, IReadOnlyList<TranslationPair> valid,
        Translator beam, CancellationToken stop)
    {
        IReadOnlyList<TestSentence> test = TranslationData.Join(tested);
        string[] sources = [.. test.Select(one => one.Source)];
        Translator greedy = beam.Greedy();
        string[] Texts(Translator translator, IReadOnlyList<string> texts) => [.. translator.Translate(texts, stop).Select(one => one.Text)];
        List<(string Name, string[] Texts)> said = [($"this model, beam {beam.Search.Beam}", Texts(beam, sources))];
        if (beam.Search.Beam > 1) said.Add(("this model, greedy", Texts(greedy, sources)));
        said.Add(("copy of the source", sources));
        if (trained.Count > 0) said.Add(("symbol for symbol", [.. sources.Select(new WordForWord(model, trained).Translate)]));

        IReadOnlyList<TestSentence> validation = TranslationData.Join(valid);
        int every = Math.Max(1, test.Count / MaxExamples);
        SaidSentences all = SaidSentences.Of(model, test, said);
        TranslationEvaluation together = new(all.Scores(),
            valid.Count == 0 ? null : SaidSentences.Of(model, validation,
                ("validation part, greedy", Texts(greedy, [.. validation.Select(one => one.Source)]))).Scores()[0],
            test.Count, test.Sum(one => one.References.Count),
            [.. Enumerable.Range(0, Math.Min(MaxExamples, test.Count)).Select(k => k * every)
                .Select(i => new TranslationExample(test[i].Source, test[i].References[0], said[0].Texts[i]))]) { _said = all };
        return MemberScores.With(together, model, member => Of(member, tested, [], [], beam.Of(member), stop));
    }

    /// <summary>The held-out sentences of all folds measured as one set: BLEU and chrF are of a whole corpus, not means of its parts.</summary>
    internal static TranslationEvaluation Pool(IReadOnlyList<FoldScore> folds)
    {
        SaidSentences all = SaidSentences.Together([.. folds.Select(fold => SaidSentences.Read(fold.HeldOut))]);
        return new TranslationEvaluation(all.Scores(), null, all.References.Count, all.References.Sum(one => one.Length), []) { Part = "held out" };
    }

    /// <inheritdoc/>
    public override PredictionChange? ChangeFrom(TaskEvaluation other) =>
        other is TranslationEvaluation { _said: { } theirs } && _said is { } own
            ? PredictionChange.Of("sentences", theirs.Said[0].Texts, own.Said[0].Texts) : null;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, double Value)> Measures => Scores[0].Measures;

    /// <inheritdoc/>
    public override FoldScore? AsFold() => _said is null ? null : FoldScore.Of(Sentences, Sentences - _said.Equal, Scores[0].Measures, _said.Write);

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteNumber("sentences", Sentences);
        json.WriteNumber("references", References);
        Scores[0].WriteJson(json);
        json.WriteStartObject("others");
        foreach (TranslationScore one in Scores.Skip(1).Concat(Validation is { } validation ? [validation] : []))
        {
            json.WriteStartObject(one.Name);
            one.WriteJson(json);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
