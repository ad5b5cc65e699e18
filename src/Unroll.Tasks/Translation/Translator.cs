using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Translation;

/// <summary>A text that a model made of another.</summary>
/// <param name="Source">The source.</param>
/// <param name="Text">The translation.</param>
/// <param name="LogProbability">Σ ln p of its symbols, the end included.</param>
/// <param name="Score">The log-probability normalized by its length; the higher the better.</param>
/// <param name="Ended">Whether it ended by itself, not because it became too long.</param>
/// <param name="Others">Other texts that were found, the best first, with their scores.</param>
public sealed record Translation(
    string Source, string Text, double LogProbability, double Score, bool Ended, IReadOnlyList<(string Text, double Score)> Others)
{
    /// <summary>The symbols of the translation.</summary>
    internal IReadOnlyList<int> Symbols { get; init; } = [];
}

/// <summary>Where a translation looked: a row of weights over the source's symbols for each of its symbols; of several members their mean.</summary>
/// <param name="Source">The source's symbols.</param>
/// <param name="Target">The translation's symbols, and its end.</param>
/// <param name="Weights">[target][source], each row with the sum 1.</param>
public sealed record AttentionPicture(IReadOnlyList<string> Source, IReadOnlyList<string> Target, IReadOnlyList<float[]> Weights);

/// <summary>Translates texts.</summary>
/// <param name="model">The model.</param>
/// <param name="search">How targets are looked for; null: <see cref="TranslationModel.Search"/>.</param>
/// <param name="threads">The threads, which change no bit; null: the team that all callers share.</param>
public sealed class Translator(TranslationModel model, SearchOptions? search = null, ThreadTeam? threads = null)
{
    private const string End = "end";

    /// <summary>How targets are looked for.</summary>
    public SearchOptions Search { get; } = search ?? model.Search;

    /// <summary>
    /// A translation of each text; of an empty text an empty one. A symbol that the model knows no name for is taken from the source: the symbol that
    /// the decoder looked at most (Luong, Sutskever, Le, Vinyals, Zaremba 2015, arXiv:1410.8206).
    /// </summary>
    /// <param name="texts">The sources.</param>
    /// <param name="stop">Ends the search before its next step.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> asked for it.</exception>
    public IReadOnlyList<Translation> Translate(IReadOnlyList<string> texts, CancellationToken stop = default)
    {
        int[] full = [.. Enumerable.Range(0, texts.Count).Where(i => model.Source.Symbols(texts[i]).Count > 0)];
        IReadOnlyList<IReadOnlyList<Hypothesis>> found =
            new BeamSearch([.. model.Members.Select(member => member.EncoderDecoder)], Search)
                .Find([.. full.Select(i => model.Source.Encode(texts[i]))], NewPass(), stop);
        Translation[] all = [.. texts.Select(text => new Translation(text, "", 0, 0, true, []))];
        for (int k = 0; k < full.Length; k++)
        {
            string source = texts[full[k]];
            Hypothesis best = found[k][0];
            all[full[k]] = new Translation(source, TextOf(source, best), best.LogProbability, best.Score, best.Ended,
                [.. found[k].Skip(1).Select(one => (TextOf(source, one), one.Score))]) { Symbols = best.Symbols };
        }
        return all;
    }

    /// <summary>Where the best translation of a text looked.</summary>
    /// <exception cref="UserErrorException">The text is empty.</exception>
    public AttentionPicture Attention(string text) => Attention(Translate([text])[0]);

    /// <summary>Where a translation of this model looked.</summary>
    /// <exception cref="UserErrorException">Its source is empty.</exception>
    public AttentionPicture Attention(Translation one)
    {
        if (model.Source.Symbols(one.Source).Count == 0) throw new UserErrorException("attention: expected a text, found an empty one.");
        AttentionPicture picture = Attention(one.Source, one.Symbols);
        return picture with { Source = [.. picture.Source.Select(BytePairs.Shown)], Target = [.. picture.Target.Select(BytePairs.Shown)] };
    }

    /// <summary>The same search by another model of the same symbols.</summary>
    internal Translator Of(TranslationModel other) => new(other, Search, threads);

    /// <summary>One that takes the most probable symbol at each step.</summary>
    internal Translator Greedy() => new(model, Search with { Beam = 1 }, threads);

    private Pass NewPass() => new(new Workspace(), TaskThreads.Or(threads), new Rng(0), Training: false);

    private AttentionPicture Attention(string text, IReadOnlyList<int> target)
    {
        SequencePairs pair = new(model.EncoderDecoder.Spec, [model.Source.Encode(text)], [[.. target]]);
        IReadOnlyList<float[]>[] weights = [.. model.Members.Select(member =>
        {
            EncoderDecoderCache cache = member.EncoderDecoder.Forward(pair, NewPass());
            return (float[][])[.. Enumerable.Range(0, target.Count + 1).Select(t => cache.Decoder.Attention.Weights(t, 0).ToArray())];
        })];
        return new AttentionPicture(model.Source.Symbols(text), [.. target.Select(NameOf), End], Ensemble.Mean(weights));
    }

    private string TextOf(string source, Hypothesis one)
    {
        if (!one.Symbols.Contains(Vocabulary.Unknown)) return model.Target.Text(one.Symbols.Select(NameOf));
        AttentionPicture picture = Attention(source, one.Symbols);
        return model.Target.Text(one.Symbols.Select(
            (symbol, t) => symbol == Vocabulary.Unknown ? picture.Source[Most(picture.Weights[t])] : NameOf(symbol)));
    }

    // The symbol that begins a target is none of a text's; it was never a target in training.
    private string NameOf(int symbol) => symbol < model.Target.Vocabulary.Size ? model.Target.Vocabulary.Symbols[symbol] : "";

    private static int Most(float[] weights) => Array.IndexOf(weights, weights.Max());
}
