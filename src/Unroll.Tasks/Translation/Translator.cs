using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Tasks.Translation;

/// <summary>A text that a model made of another.</summary>
/// <param name="Source">The source.</param>
/// <param name="Text">The translation.</param>
/// <param name="LogProbability">Σ ln p of its symbols, the end included.</param>
/// <param name="Score">The log-probability with its length made up for.</param>
/// <param name="Ended">Whether it ended by itself, not because it became too long.</param>
/// <param name="Others">Other texts that were found, the best first, with their scores.</param>
public sealed record Translation(string Source, string Text, double LogProbability, double Score, bool Ended, IReadOnlyList<(string Text, double Score)> Others);

/// <summary>Where a translation looked: a row of weights over the source's symbols for each of its symbols.</summary>
/// <param name="Source">The source's symbols.</param>
/// <param name="Target">The translation's symbols, and its end.</param>
/// <param name="Weights">[target][source], each row with the sum 1.</param>
public sealed record AttentionPicture(IReadOnlyList<string> Source, IReadOnlyList<string> Target, IReadOnlyList<float[]> Weights);

/// <summary>Translates texts.</summary>
/// <param name="model">The model.</param>
/// <param name="search">How targets are looked for.</param>
/// <param name="threads">Who does the work; their number changes no bit.</param>
public sealed class Translator(TranslationModel model, SearchOptions search, ThreadTeam threads)
{
    private const string End = "end";

    /// <summary>
    /// A translation of each text; of an empty text an empty one. A symbol that the model knows no name for is taken from the source: the symbol that the
    /// decoder looked at most (Luong, Sutskever, Le, Vinyals, Zaremba 2015).
    /// </summary>
    public IReadOnlyList<Translation> Translate(IReadOnlyList<string> texts)
    {
        Pass pass = new(new Workspace(), threads, new Rng(0), Training: false);
        int[] full = [.. Enumerable.Range(0, texts.Count).Where(i => model.Source.Symbols(texts[i]).Count > 0)];
        IReadOnlyList<IReadOnlyList<Hypothesis>> found = new BeamSearch(model.EncoderDecoder, search).Find([.. full.Select(i => model.Source.Encode(texts[i]))], pass);
        Translation[] all = [.. texts.Select(text => new Translation(text, "", 0, 0, true, []))];
        for (int k = 0; k < full.Length; k++)
        {
            string source = texts[full[k]];
            Hypothesis best = found[k][0];
            all[full[k]] = new Translation(source, TextOf(source, best), best.LogProbability, best.Score, best.Ended,
                [.. found[k].Skip(1).Select(one => (TextOf(source, one), one.Score))]);
        }
        return all;
    }

    /// <summary>Where the best translation of a text looked.</summary>
    /// <exception cref="UserErrorException">The text is empty.</exception>
    public AttentionPicture Attention(string text)
    {
        if (model.Source.Symbols(text).Count == 0) throw new UserErrorException("attention: expected a text, found an empty one.");
        Pass pass = new(new Workspace(), threads, new Rng(0), Training: false);
        AttentionPicture picture = Attention(text, new BeamSearch(model.EncoderDecoder, search).Find([model.Source.Encode(text)], pass)[0][0].Symbols);
        return picture with { Source = [.. picture.Source.Select(BytePairs.Shown)], Target = [.. picture.Target.Select(BytePairs.Shown)] };
    }

    private AttentionPicture Attention(string text, IReadOnlyList<int> target)
    {
        Pass pass = new(new Workspace(), threads, new Rng(0), Training: false);
        EncoderDecoderCache cache = model.EncoderDecoder.Forward(new SequencePairs(model.EncoderDecoder.Spec, [model.Source.Encode(text)], [[.. target]]), pass);
        float[][] weights = [.. Enumerable.Range(0, target.Count + 1).Select(t => cache.Decoder.Attention.Weights(t, 0).ToArray())];
        return new AttentionPicture(model.Source.Symbols(text), [.. target.Select(NameOf), End], weights);
    }

    private string TextOf(string source, Hypothesis one)
    {
        if (!one.Symbols.Any(symbol => symbol == Unroll.Tasks.Data.Text.Vocabulary.Unknown)) return model.Target.Text(one.Symbols.Select(NameOf));
        AttentionPicture picture = Attention(source, one.Symbols);
        return model.Target.Text(one.Symbols.Select((symbol, t) => symbol == Unroll.Tasks.Data.Text.Vocabulary.Unknown ? picture.Source[Most(picture.Weights[t])] : NameOf(symbol)));
    }

    // The symbol that begins a target is none of a text's; it was never a target in training.
    private string NameOf(int symbol) => symbol < model.Target.Vocabulary.Size ? model.Target.Vocabulary.Symbols[symbol] : "";

    private static int Most(float[] weights) => Array.IndexOf(weights, weights.Max());
}
