using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Language;

//  text s⟨0⟩ s⟨1⟩ … cut into parts of like length, one a stream; input of s⟨i⟩ is s⟨i-1⟩, of s⟨0⟩ the start symbol
//  several members: p is the mean of theirs, in double
//  −ln p⟨i⟩ = (max z − z[s⟨i⟩]) + ln Σ exp(z − max z)

/// <summary>Scores texts: the state is carried on from chunk to chunk, and begins anew in each stream.</summary>
internal sealed class LanguageScorer
{
    private const int RowsAtOnce = 256;
    private readonly LanguageModel _model;
    private readonly Cache[] _caches;
    private readonly int _streams;
    private State[] _states = [];
    private MemberMean? _mean;

    /// <param name="model">The model.</param>
    /// <param name="streams">
    /// 1: every symbol is scored after all those before it. More are quicker; the first symbols of a stream have a short past.
    /// </param>
    internal LanguageScorer(LanguageModel model, int streams)
    {
        (_model, _streams, _caches) = (model, streams, new Cache[model.Members.Count]);
    }

    /// <summary>Scores a text; several ranks have some of the streams each.</summary>
    internal LanguageScores Score(
        int[] symbols, ThreadTeam threads, Workspace workspace, CancellationToken stop = default, ICollective? ranks = null)
    {
        float[] nats = new float[symbols.Length];
        int[] best = new int[symbols.Length];
        int part = (symbols.Length + _streams - 1) / _streams;
        ICollective all = ranks ?? new SingleRank();
        nats = all.Shared(_streams, (first, end) =>
        {
            Streams(symbols, part, first, end, threads, workspace, stop, nats, best);
            return nats[Math.Min(symbols.Length, first * part)..Math.Min(symbols.Length, end * part)];
        });
        best = all.Shared(_streams, (first, end) => best[Math.Min(symbols.Length, first * part)..Math.Min(symbols.Length, end * part)]);
        return new LanguageScores(_model.Description, symbols, nats, best);
    }

    private void Streams(int[] symbols, int part, int first, int end, ThreadTeam threads, Workspace workspace, CancellationToken stop,
        float[] nats, int[] best)
    {
        int streams = end - first, steps = Math.Max(1, RowsAtOnce / _streams);
        if (_states.Length == 0 || _states[0].Sequences != streams)
            _states = [.. _model.Members.Select(member => member.Network.NewState(streams))];
        for (int k = 0; k < _states.Length; k++) _model.Members[k].Network.Layers.SetFirst(_states[k]);
        int[] lengths = new int[streams];
        for (int from = 0; from < part && streams > 0; from += steps)
        {
            stop.ThrowIfCancellationRequested();
            for (int s = 0; s < streams; s++)
                lengths[s] = Math.Clamp(Math.Min(symbols.Length - (first + s) * part, part) - from, 0, steps);
            Pass pass = new(workspace, threads, new Rng(0), Training: false) { InferenceOnly = true };
            Chunk(symbols, SequenceLayout.FromLengths(lengths), first * part + from, part, pass, nats, best);
        }
    }

    /// <summary>−ln p of a symbol; <paramref name="scratch"/> [symbols] is overwritten.</summary>
    internal static float Surprise(ReadOnlySpan<float> z, int symbol, Span<float> scratch, out float max)
    {
        double sum = Softmax.Exponentials(z, scratch, out max);
        return (float)(max - z[symbol] + Logarithm.Ln(sum));
    }

    /// <summary>The place of the largest of some numbers, the first of equal ones.</summary>
    internal static int Largest(ReadOnlySpan<float> p)
    {
        int best = 0;
        for (int i = 1; i < p.Length; i++)
            if (p[i] > p[best]) best = i;
        return best;
    }

    /// <summary>−ln p, finite where p is below what a float holds.</summary>
    internal static float Surprise(float p) => (float)-Logarithm.Ln(Math.Max(p, float.Epsilon));

    // Stream s of the layout goes on at symbol from + s · part.
    private void Chunk(int[] symbols, SequenceLayout layout, int from, int part, in Pass pass, float[] nats, int[] best)
    {
        pass.Workspace.Reset();
        SequenceBatch x = pass.Workspace.Rent(layout, 1);
        for (int s = 0; s < layout.Sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
            {
                int at = s * part + from + t;
                x.Row(t, s)[0] = at == 0 ? _model.Description.Start : symbols[at - 1];
            }
        for (int k = 0; k < _states.Length; k++)
        {
            _caches[k] = _model.Members[k].Network.Forward(x, _states[k], pass);
            _model.Members[k].Network.Last(_caches[k], _states[k]);
        }
        int width = _caches[0].Output.Features;
        Span<float> scratch = pass.Workspace.Rent(width).Span[..width];
        for (int s = 0; s < layout.Sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
            {
                int at = s * part + from + t;
                (nats[at], best[at]) = _caches.Length == 1 ? OfOne(t, s, symbols[at], scratch) : OfMean(t, s, symbols[at], scratch);
            }
    }

    private (float Nats, int Best) OfOne(int t, int s, int symbol, Span<float> scratch)
    {
        ReadOnlySpan<float> z = _caches[0].Output.Row(t, s);
        float nats = Surprise(z, symbol, scratch, out float max);
        return (nats, z.IndexOf(max));
    }

    private (float Nats, int Best) OfMean(int t, int s, int symbol, Span<float> scratch)
    {
        _mean ??= new MemberMean(scratch.Length);
        foreach (Cache cache in _caches)
        {
            Softmax.Row(cache.Output.Row(t, s), scratch);
            _mean.Add(scratch);
        }
        _mean.Take(scratch);
        return (Surprise(scratch[symbol]), Largest(scratch));
    }
}
