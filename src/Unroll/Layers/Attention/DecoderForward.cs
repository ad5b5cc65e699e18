using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.Attention;

/// <summary>The decoder's loop through time: every worker has some sequences, from the first step to the last.</summary>
internal sealed class DecoderForward : IWork
{
    private AttentionDecoder _decoder = null!;
    private DecoderCache _cache = null!;
    private PinnedBuffer _scratch = null!;
    private PinnedBuffer[] _logits = [], _wide = [];
    private Pass _pass;
    private float _sampled;
    private int _workers, _scratchEach;

    public void Run(AttentionDecoder decoder, DecoderCache cache, float sampled, in Pass pass)
    {
        (_decoder, _cache, _sampled, _pass) = (decoder, cache, sampled, pass);
        SequenceLayout layout = cache.Output.Layout;
        if (layout.Rows == 0) return;
        _workers = Workers(decoder, layout, pass.Threads);
        _scratchEach = decoder.Attention.Scratch(layout.Sequences) + decoder.Combine.Scratch(layout.Sequences);
        _scratch = pass.Workspace.Rent(_workers, _scratchEach);
        if (sampled > 0) PrepareSampling(layout.Sequences);
        if (_workers == 1) Run(0);
        else pass.Threads.Run(this, _workers);
    }

    /// <summary>How many workers share the sequences: each has two at least.</summary>
    public static int Workers(AttentionDecoder decoder, SequenceLayout layout, ThreadTeam team) =>
        Math.Min(team.WorkersFor(layout.Rows * decoder.StepSize), Math.Max(1, layout.Sequences / 2));

    public void Run(int worker)
    {
        SequenceLayout layout = _cache.Output.Layout;
        MatrixView scratch = _scratch.MatrixView(worker * _scratchEach, 1, _scratchEach, _scratchEach);
        int from = Share.SplitRows(worker, _workers, layout), until = Share.SplitRows(worker + 1, _workers, layout);
        for (int t = 0; t < layout.Steps; t++)
        {
            int to = Math.Min(until, layout.Active(t));
            if (to <= from) return;
            if (_sampled > 0 && t > 0) Sample(t, from, to, worker);
            Cells(t, from, to);
            Attend(t, from, to, scratch);
        }
    }

    private void Cells(int t, int from, int to)
    {
        SequenceLayout layout = _cache.Output.Layout;
        for (int k = 0; k < _cache.Steps.Count; k++)
        {
            RecurrentSteps steps = _cache.Steps[k];
            for (int p = from; p < to; p++)
            {
                int row = layout.Offset(t) + p;
                Span<float> x = Row(steps.X, row);
                if (k == 0) Input(t, p, row, x);
                else _cache.Steps[k - 1].H(row).CopyTo(x);
                if (_cache.Masks.Count > 0) Drop(k, t, layout.Order[p], row, x);
            }
            steps.Forward(t, from, to);
        }
    }

    //  x = [E y₋; h̃₋],  h̃₋ zero at the first step
    private void Input(int t, int p, int row, Span<float> x)
    {
        int size = _decoder.Options.Embedding;
        _decoder.Table.Values.Slice(_cache.Given[row] * size, size).CopyTo(x);
        if (!_decoder.Options.InputFeeding) return;
        if (t == 0) x[size..].Clear();
        else Row(_cache.Output, _cache.Output.Layout.Offset(t - 1) + p).CopyTo(x[size..]);
    }

    private void Drop(int k, int t, int sequence, int row, Span<float> x)
    {
        Span<float> mask = Row(_cache.Masks[k], row);
        ReadOnlySpan<long> ids = _pass.SequenceIds.Span;
        float rate = _decoder.Options.Dropout;
        ulong at = _decoder.Options.LockedDropout ? 0 : (ulong)t << 32;
        _pass.Random.For(_decoder.Layers[k].Name).At((ulong)(ids.IsEmpty ? sequence : ids[sequence])).Uniform(at, mask);
        Masks.Drop(mask, x[..mask.Length], x[..mask.Length], rate, 1 / (1 - rate));
    }

    //  c = attention(h)      h̃ = tanh(W [c; h])
    private void Attend(int t, int from, int to, in MatrixView scratch)
    {
        int first = _cache.Output.Layout.Offset(t) + from, rows = to - from, memory = _decoder.Attention.MemorySize;
        AttentionCache attention = _cache.Attention;
        for (int row = first; row < first + rows; row++) _cache.Steps[^1].H(row).CopyTo(Row(attention.Queries, row));
        _decoder.Attention.ForwardStep(attention, t, from, to, scratch);
        for (int row = first; row < first + rows; row++)
        {
            Row(attention.Output, row).CopyTo(Row(_cache.Combined, row));
            Row(attention.Queries, row).CopyTo(Row(_cache.Combined, row)[memory..]);
        }
        int width = _cache.Combined.Features, size = _decoder.Size;
        Span<float> output = _cache.Output.All.Slice(first * size, rows * size);
        _decoder.Combine.Forward(_cache.Combined.All.Slice(first * width, rows * width), output, scratch);
        Elementwise.Tanh(output);
    }

    private void PrepareSampling(int sequences)
    {
        int padded = (_decoder.Output.OutputSize + 15) / 16 * 16;
        (_logits, _wide) = (new PinnedBuffer[_workers], new PinnedBuffer[_workers]);
        for (int worker = 0; worker < _workers; worker++)
            (_logits[worker], _wide[worker]) = (_pass.Workspace.Rent(sequences, _decoder.Output.OutputSize), _pass.Workspace.Rent(sequences, padded));
    }

    // The symbol that the step before scores highest takes the place of the true one, where the draw says so.
    private void Sample(int t, int from, int to, int worker)
    {
        SequenceLayout layout = _cache.Output.Layout;
        ReadOnlySpan<long> ids = _pass.SequenceIds.Span;
        Rng draws = _pass.Random.For($"{_decoder.Name}.sampling");
        int size = _decoder.Size, symbols = _decoder.Output.OutputSize, rows = to - from;
        Span<float> logits = _logits[worker].Span[..(rows * symbols)];
        _decoder.Output.Step(_cache.Output.All.Slice((layout.Offset(t - 1) + from) * size, rows * size), logits, _wide[worker]);
        for (int p = from; p < to; p++)
        {
            int s = layout.Order[p];
            if (draws.At((ulong)(ids.IsEmpty ? s : ids[s])).Uniform((ulong)t) >= _sampled) continue;
            ReadOnlySpan<float> z = logits.Slice((p - from) * symbols, symbols);
            int best = 0;
            for (int k = 1; k < z.Length; k++)
                if (z[k] > z[best]) best = k;
            _cache.Given[layout.Offset(t) + p] = best;
        }
    }

    private static Span<float> Row(in SequenceBatch batch, int row) => batch.All.Slice(row * batch.Features, batch.Features);
}
