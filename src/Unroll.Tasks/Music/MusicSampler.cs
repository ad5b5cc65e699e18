using Unroll.Core;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Data.Music;

namespace Unroll.Tasks.Music;

/// <summary>Lets a model compose, or continue a piece.</summary>
public static class MusicSampler
{
    /// <summary>A piano roll.</summary>
    /// <param name="model">A model of rolls.</param>
    /// <param name="options">Temperature, the k most probable keys of a step, seed. Temperature 0: every key that is more probable than not.</param>
    /// <param name="steps">How many are composed after the prime.</param>
    /// <param name="prime">Steps to begin with; they are part of the result.</param>
    /// <param name="stop">Ends the call.</param>
    /// <exception cref="UserErrorException">The options have a top p: keys are drawn each by itself, and no share of them adds up to 1.</exception>
    public static PianoRoll Roll(MusicModel model, SamplingOptions options, int steps, PianoRoll? prime = null, CancellationToken stop = default)
    {
        if (options.TopP is not null)
            throw new OptionException("top-p", "it is for tunes, and this model draws each key of a piano by itself; use top-k or temperature.");
        SamplingOptions.Lines.Check(options);
        Rng random = new Rng(options.Seed).For("compose");
        MusicSession session = new(model);
        List<int[]> piece = [];
        IReadOnlyList<int[]> first = prime?.Steps ?? [];
        for (int t = 0; t < first.Count + steps; t++)
        {
            stop.ThrowIfCancellationRequested();
            int[] step = t < first.Count ? first[t] : Draw(session.Scores, options, random.At((ulong)t));
            piece.Add(step);
            session.Step(step);
        }
        return new PianoRoll(piece);
    }

    /// <summary>A tune.</summary>
    /// <param name="model">A model of tunes.</param>
    /// <param name="options">Temperature, top k, top p, seed.</param>
    /// <param name="max">Symbols at most; the tune may end sooner.</param>
    /// <param name="prime">Symbols to begin with; they are part of the result.</param>
    /// <param name="stop">Ends the call.</param>
    public static IReadOnlyList<string> Tune(MusicModel model, SamplingOptions options, int max, IReadOnlyList<string> prime,
        CancellationToken stop = default)
    {
        SymbolSampler sampler = new(model.Symbols.Count, options, never: MusicModel.Unknown);
        MusicSession session = new(model);
        List<string> tune = [.. prime];
        for (int t = 0; t < prime.Count + max; t++)
        {
            stop.ThrowIfCancellationRequested();
            int symbol = t < prime.Count ? model.PlaceOf(prime[t]) : sampler.Draw(session.Scores);
            if (t >= prime.Count && symbol == MusicModel.End) break;
            if (t >= prime.Count) tune.Add(model.Symbols[symbol]);
            session.Step(model.Symbols[symbol]);
        }
        return tune;
    }

    //  each key by itself:  p = σ(z ÷ T)
    private static int[] Draw(ReadOnlySpan<float> all, SamplingOptions options, Rng random)
    {
        float[] scores = all.ToArray();
        IEnumerable<int> keys = Enumerable.Range(0, MusicModel.Keys);
        if (options.TopK is int top) keys = keys.OrderByDescending(key => scores[key]).ThenBy(key => key).Take(top).Order();
        return [.. keys.Where(key => options.Temperature == 0 ? scores[key] > 0
            : random.Uniform((ulong)key) < 1 / (1 + Math.Exp(-scores[key] / options.Temperature))).Select(key => key + MusicModel.LowestKey)];
    }
}
