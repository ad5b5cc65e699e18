using Unroll.Core;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Data.Music;

namespace Unroll.Tasks.Music;

/// <summary>Lets a model compose, or continue a piece.</summary>
public static class MusicSampler
{
    /// <summary>A piano roll.</summary>
    /// <param name="model">A model of rolls.</param>
    /// <param name="options">
    /// Temperature, the k most probable notes, those that together have a share, seed. Temperature 0: always the most probable note; of independent
    /// keys every one that is more probable than not.
    /// </param>
    /// <param name="steps">How many are composed after the prime.</param>
    /// <param name="prime">Steps to begin with; they are part of the result, and its tempo and loudness go on.</param>
    /// <param name="stop">Ends the call.</param>
    /// <exception cref="UserErrorException">The options have a top p, and the model draws each key by itself.</exception>
    public static PianoRoll Roll(MusicModel model, SamplingOptions options, int steps, PianoRoll? prime = null, CancellationToken stop = default)
    {
        if (model.Notes is not null) return Sounding(model, NoteComposer.Compose(model, options, steps, prime, stop), prime);
        if (options.TopP is not null)
            throw new OptionException("top-p", "it is for models that draw one symbol or note after the other, and this one draws each key of a " +
                "piano by itself; use top-k or temperature.");
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
        return Sounding(model, new PianoRoll(piece), prime);
    }

    /// <summary>The other voices around a given one, by a particle filter; see <c>docs/tasks/music.md</c>.</summary>
    /// <param name="model">A model of rolls that spells steps note by note.</param>
    /// <param name="options">Temperature, top k, top p, seed.</param>
    /// <param name="given">The voice: of a roll that keeps voices apart that voice, else the note of each step at its place from the highest.</param>
    /// <param name="voice">Which voice it is, from 1, the highest.</param>
    /// <param name="particles">Pieces that are composed side by side, at least 1.</param>
    /// <param name="stop">Ends the call.</param>
    /// <exception cref="UserErrorException">The model spells no steps or has no such voice, or the voice has no notes.</exception>
    public static PianoRoll Harmonize(
        MusicModel model, SamplingOptions options, PianoRoll given, int voice = 1, int particles = 64, CancellationToken stop = default)
    {
        if (model.Notes is not { } code)
            throw new OptionException("harmonize", "only a model of rolls that spells steps note by note (keys joint) can; train one.");
        if (code.Voices > 0 && voice > code.Voices)
            throw new OptionException("voice", $"the model has {code.Voices} voices, got {voice}; 1 is the highest.");
        int at = voice - 1;
        int[] line = [.. given.Steps.Select((step, t) => given.Voices is { } voices ? at < voices[t].Length ? voices[t][at] : -1
            : step.Length > 0 ? step.OrderDescending().ElementAt(Math.Min(at, step.Length - 1)) : -1)];
        for (int t = 0; t < line.Length; t++)
            if (line[t] - MusicModel.LowestKey is < 0 or >= MusicModel.Keys) line[t] = -1;
        if (!line.AsSpan().ContainsAnyExcept(-1))
            throw new UserErrorException($"harmonize: expected a voice with notes, found none (voice {voice}).");
        PianoRoll piece = NoteComposer.Harmonize(model, options, line, at, particles, stop);
        return piece with { QuartersPerMinute = given.QuartersPerMinute, Loudness = given.Loudness };
    }

    // What is composed is as loud as what it goes on from in the mean, else as what the model learned from.
    private static PianoRoll Sounding(MusicModel model, PianoRoll piece, PianoRoll? prime)
    {
        RollSound sound = prime?.Loudness is { Count: > 0 } ? RollSound.Of([prime]) : model.Sound;
        int primed = prime?.Loudness is { Count: > 0 } known ? Math.Min(known.Count, prime.Steps.Count) : 0;
        return piece with
        {
            QuartersPerMinute = sound.QuartersPerMinute,
            Loudness = [.. Enumerable.Range(0, piece.Steps.Count).Select(t => t < primed ? prime!.Loudness![t] : sound.Loudness)],
        };
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
