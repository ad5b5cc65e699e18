using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

/// <summary>Lets a model compose, or continue a piece.</summary>
public static class MusicSampler
{
    /// <summary>A piano roll.</summary>
    /// <param name="model">A model of rolls.</param>
    /// <param name="options">Temperature, the k most probable keys of a step, seed. Temperature 0: every key that is more probable than not.</param>
    /// <param name="steps">How many are composed after the prime.</param>
    /// <param name="prime">Steps to begin with; they are part of the result.</param>
    /// <exception cref="UserErrorException">The options have a top p: keys are drawn each by itself, and no share of them adds up to 1.</exception>
    public static PianoRoll Roll(MusicModel model, SamplingOptions options, int steps, PianoRoll? prime = null)
    {
        if (options.TopP is not null)
            throw new UserErrorException("top-p: it is for tunes, and this model draws each key of a piano by itself; use --top-k or --temperature.");
        Rng random = new Rng(options.Seed).For("compose");
        State state = model.Network.NewState(1);
        float[] x = new float[MusicModel.Keys], scores = new float[MusicModel.Keys];
        List<int[]> piece = [];
        IReadOnlyList<int[]> first = prime?.Steps ?? [];
        for (int t = 0; t < first.Count + steps; t++)
        {
            model.Network.Step(x, state, scores);
            int[] step = t < first.Count ? first[t] : Draw(scores, options, random.At((ulong)t));
            piece.Add(step);
            Array.Clear(x);
            foreach (int pitch in step)
                if (pitch - MusicModel.LowestKey is >= 0 and < MusicModel.Keys and int key) x[key] = 1;
        }
        return new PianoRoll(piece);
    }

    /// <summary>A tune.</summary>
    /// <param name="model">A model of tunes.</param>
    /// <param name="options">Temperature, top k, top p, seed.</param>
    /// <param name="most">Symbols at most; the tune may end sooner.</param>
    /// <param name="prime">Symbols to begin with; they are part of the result.</param>
    public static IReadOnlyList<string> Tune(MusicModel model, SamplingOptions options, int most, IReadOnlyList<string> prime)
    {
        SymbolSampler sampler = new(model.Symbols.Count, options, never: MusicModel.Unknown);
        State state = model.Network.NewState(1);
        float[] x = [MusicModel.Begin], scores = new float[model.Symbols.Count];
        List<string> tune = [.. prime];
        for (int t = 0; t < prime.Count + most; t++)
        {
            model.Network.Step(x, state, scores);
            int symbol = t < prime.Count ? Math.Max(MusicModel.Unknown, Place(model, prime[t])) : sampler.Draw(scores);
            if (t >= prime.Count && symbol == MusicModel.End) break;
            if (t >= prime.Count) tune.Add(model.Symbols[symbol]);
            x[0] = symbol;
        }
        return tune;
    }

    private static int Place(MusicModel model, string symbol)
    {
        for (int k = 0; k < model.Symbols.Count; k++)
            if (model.Symbols[k] == symbol) return k;
        return MusicModel.Unknown;
    }

    //  each key by itself:  p = σ(z ÷ T)
    private static int[] Draw(float[] scores, SamplingOptions options, Rng random)
    {
        IEnumerable<int> keys = Enumerable.Range(0, MusicModel.Keys);
        if (options.TopK is int most) keys = keys.OrderByDescending(key => scores[key]).ThenBy(key => key).Take(most).Order();
        return [.. keys.Where(key => options.Temperature == 0 ? scores[key] > 0
            : random.Uniform((ulong)key) < 1 / (1 + Math.Exp(-scores[key] / options.Temperature))).Select(key => key + MusicModel.LowestKey)];
    }
}
