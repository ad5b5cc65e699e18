using Unroll.Core;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

//  harmonizing, by a particle filter (Gordon, Salmond and Smith 1993): P pieces grow side by side, and in each the given note g of a step is the note
//  of its voice. A piece's weight is the product, over the notes, of the probability that the model gives to what is allowed there:
//
//      the given note itself: w ← w p(g)        a set's notes above it: w ← w p(some key above g), one of those is drawn        else any: w ← w
//
//  Where 1 ÷ Σ w² < P ÷ 2, pieces are drawn anew by their weights. So a harmony that the melody's next notes do not follow from dies out later: the
//  choice hears the notes up to now, and those after it by this selection alone.

/// <summary>Composes rolls note by note: freely, after a prime, or around a given voice.</summary>
internal static class NoteComposer
{
    /// <summary>Composes after a prime.</summary>
    /// <param name="model">A model of rolls that are spelt note by note.</param>
    /// <param name="options">Temperature, top k, top p, seed.</param>
    /// <param name="steps">Steps after the prime.</param>
    /// <param name="prime">Steps to begin with; they are part of the result.</param>
    /// <param name="stop">Ends the call.</param>
    public static PianoRoll Compose(MusicModel model, SamplingOptions options, int steps, PianoRoll? prime, CancellationToken stop)
    {
        NoteCode code = model.Notes!;
        NotePredictor predictor = new(model, 1);
        SymbolSampler sampler = new(code.Symbols, options);
        Written piece = new(code);
        predictor.Advance();
        for (int t = 0; t < (prime?.Steps.Count ?? 0); t++) piece.Add(Read(predictor, NoteSpelling.KeysOf(code, prime!, t, 0), out _));
        for (int t = 0; t < steps; t++)
        {
            stop.ThrowIfCancellationRequested();
            piece.Add(Draw(predictor, sampler));
        }
        return piece.ToRoll();
    }

    /// <summary>Reads a step into the first piece.</summary>
    /// <param name="predictor">Has looked at the last note.</param>
    /// <param name="keys">As <see cref="NoteSpelling.KeysOf"/> has them.</param>
    /// <param name="nats">−ln of the step's probability.</param>
    public static IReadOnlyList<int> Read(NotePredictor predictor, IReadOnlyList<int> keys, out double nats)
    {
        nats = 0;
        bool complete = false;
        for (int i = 0; !complete; i++)
        {
            int symbol = i < keys.Count ? predictor[0].SymbolOf(keys[i]) : NoteCode.End;
            nats -= predictor.Logs(0)[symbol];
            complete = predictor[0].Take(symbol);
            predictor.Advance();
        }
        return predictor[0].Last;
    }

    /// <summary>Draws a step of the first piece.</summary>
    public static IReadOnlyList<int> Draw(NotePredictor predictor, SymbolSampler sampler)
    {
        bool complete = false;
        while (!complete)
        {
            complete = predictor[0].Take(sampler.Draw(predictor.Logs(0)));
            predictor.Advance();
        }
        return predictor[0].Last;
    }

    /// <summary>Composes the other voices around a given one.</summary>
    /// <param name="model">A model of rolls that are spelt note by note.</param>
    /// <param name="options">Temperature, top k, top p, seed.</param>
    /// <param name="given">A pitch for each step; −1: the voice rests; of sets: the step is free.</param>
    /// <param name="voice">Which voice it is, from 0, the highest.</param>
    /// <param name="pieces">P, at least 1: pieces side by side, of which the weights choose.</param>
    /// <param name="stop">Ends the call.</param>
    /// <exception cref="UserErrorException">No piece is left that the model can put around the voice.</exception>
    public static PianoRoll Harmonize(
        MusicModel model, SamplingOptions options, IReadOnlyList<int> given, int voice, int pieces, CancellationToken stop)
    {
        NoteCode code = model.Notes!;
        NotePredictor predictor = new(model, pieces);
        SymbolSampler sampler = new(code.Symbols, options);
        Rng random = new Rng(options.Seed).For("harmonize");
        Written[] written = [.. Enumerable.Range(0, pieces).Select(_ => new Written(code))];
        double[] weights = new double[pieces];
        bool[] open = new bool[pieces], took = new bool[pieces];
        float[] logs = new float[code.Symbols];
        predictor.Advance();
        for (int t = 0; t < given.Count; t++)
        {
            Array.Fill(open, true);
            while (open.AsSpan().Contains(true))
            {
                stop.ThrowIfCancellationRequested();
                open.CopyTo(took, 0);
                for (int i = 0; i < pieces; i++)
                {
                    if (!open[i]) continue;
                    weights[i] += Allow(code, predictor[i], predictor.Logs(i), given[t] < 0 ? -1 : given[t] - MusicModel.LowestKey, voice, logs);
                    int symbol = double.IsFinite(weights[i]) ? sampler.Draw(logs) : code.Voices == 0 ? NoteCode.End : NoteCode.Rest;
                    open[i] = !predictor[i].Take(symbol);
                    if (!open[i]) written[i].Add(predictor[i].Last);
                }
                predictor.Advance(took);
            }
            if (Chosen(weights, random.At((ulong)t), last: t == given.Count - 1) is not { } chosen) continue;
            predictor.Select(chosen);
            written = Array.ConvertAll(chosen, i => written[i].Copy());
        }
        return written[0].ToRoll();
    }

    // The logarithms of what is allowed, −∞ elsewhere; returns ln of its probability.
    private static double Allow(NoteCode code, NoteSpeller piece, ReadOnlySpan<float> all, int key, int voice, Span<float> logs)
    {
        all.CopyTo(logs);
        int at = piece.Now.Count;
        bool forced = at == voice && (key >= 0 || code.Voices > 0), above = code.Voices == 0 && key >= 0 && at < voice;
        if (!forced && !above) return 0;
        int only = forced ? piece.SymbolOf(key) : -1;
        double sum = 0;
        for (int k = 0; k < logs.Length; k++)
        {
            if (forced ? k != only : k == NoteCode.End || k <= key) logs[k] = float.NegativeInfinity;
            else sum += Math.Exp(logs[k]);
        }
        return Math.Log(sum);
    }

    // Which piece each one becomes; null: all stay. At the end the first becomes one drawn by the weights.
    private static int[]? Chosen(double[] weights, Rng random, bool last)
    {
        double most = weights.Max();
        if (!double.IsFinite(most))
            throw new UserErrorException("harmonize: the model gives the given voice no probability at some step, so that nothing can be put " +
                "around it; give another voice, or move it to where this voice of the model sings.");
        double[] shares = Array.ConvertAll(weights, w => Math.Exp(w - most));
        double sum = shares.Sum(), squares = shares.Sum(share => share * share);
        if (!last && sum * sum / squares >= weights.Length / 2.0) return null;
        int[] chosen = new int[weights.Length];
        double reached = 0, at = random.Uniform(0);
        for (int i = 0, k = 0; i < weights.Length; i++)
        {
            reached += shares[i] / sum * weights.Length;
            while (k < chosen.Length && at + k < reached) chosen[k++] = i;
            if (i == weights.Length - 1)
                while (k < chosen.Length) chosen[k++] = Array.IndexOf(weights, most);
        }
        Array.Clear(weights);
        if (last) chosen[0] = chosen[random.Below(chosen.Length, 1)];
        return chosen;
    }

    // Steps as they are composed.
    private sealed class Written(NoteCode code)
    {
        private readonly List<int[]> _steps = [];

        public void Add(IReadOnlyList<int> keys) => _steps.Add([.. keys.Select(key => key < 0 ? -1 : key + MusicModel.LowestKey)]);

        public Written Copy()
        {
            Written other = new(code);
            other._steps.AddRange(_steps);
            return other;
        }

        public PianoRoll ToRoll() => new([.. _steps.Select(step => (int[])[.. step.Where(pitch => pitch >= 0).Distinct().Order()])])
        {
            Voices = code.Voices > 0 ? _steps : null,
        };
    }
}
