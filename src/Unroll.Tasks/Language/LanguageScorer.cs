using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Language;

//  text s⟨0⟩ s⟨1⟩ … cut into parts of like length, one a stream; input of s⟨i⟩ is s⟨i-1⟩, of s⟨0⟩ the start symbol
//  −ln p⟨i⟩ = (max z − z[s⟨i⟩]) + ln Σ exp(z − max z)

/// <summary>Scores texts: the state is carried on from chunk to chunk, and begins anew in each stream.</summary>
internal sealed class LanguageScorer
{
    private const int RowsAtOnce = 256;
    private readonly LanguageModel _model;
    private readonly State _state;
    private readonly int _streams;

    /// <param name="model">The model.</param>
    /// <param name="streams">
    /// 1: every symbol is scored after all those before it. More are quicker; the first symbols of a stream have a short past.
    /// </param>
    internal LanguageScorer(LanguageModel model, int streams) => (_model, _streams, _state) = (model, streams, model.Network.NewState(streams));

    internal LanguageScores Score(int[] symbols, ThreadTeam threads, Workspace workspace, CancellationToken stop = default)
    {
        float[] nats = new float[symbols.Length];
        int[] best = new int[symbols.Length];
        int part = (symbols.Length + _streams - 1) / _streams, steps = Math.Max(1, RowsAtOnce / _streams);
        _model.Network.Layers.SetFirst(_state);
        int[] lengths = new int[_streams];
        for (int from = 0; from < part; from += steps)
        {
            stop.ThrowIfCancellationRequested();
            for (int s = 0; s < _streams; s++) lengths[s] = Math.Clamp(Math.Min(symbols.Length - s * part, part) - from, 0, steps);
            Pass pass = new(workspace, threads, new Rng(0), Training: false) { InferenceOnly = true };
            Chunk(symbols, SequenceLayout.FromLengths(lengths), part, from, pass, nats, best);
        }
        return new LanguageScores(_model.Description, symbols, nats, best);
    }

    /// <summary>−ln p of a symbol; <paramref name="scratch"/> [symbols] is overwritten.</summary>
    internal static float Surprise(ReadOnlySpan<float> z, int symbol, Span<float> scratch, out float max)
    {
        double sum = Softmax.Exponentials(z, scratch, out max);
        return (float)(max - z[symbol] + Logarithm.Ln(sum));
    }

    private void Chunk(int[] symbols, SequenceLayout layout, int part, int from, in Pass pass, float[] nats, int[] best)
    {
        pass.Workspace.Reset();
        SequenceBatch x = pass.Workspace.Rent(layout, 1);
        for (int s = 0; s < _streams; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
            {
                int at = s * part + from + t;
                x.Row(t, s)[0] = at == 0 ? _model.Description.Start : symbols[at - 1];
            }
        Cache cache = _model.Network.Forward(x, _state, pass);
        Span<float> scratch = pass.Workspace.Rent(cache.Output.Features).Span[..cache.Output.Features];
        for (int s = 0; s < _streams; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
            {
                int at = s * part + from + t;
                ReadOnlySpan<float> z = cache.Output.Row(t, s);
                nats[at] = Surprise(z, symbols[at], scratch, out float max);
                best[at] = z.IndexOf(max);
            }
        _model.Network.Last(cache, _state);
    }
}
