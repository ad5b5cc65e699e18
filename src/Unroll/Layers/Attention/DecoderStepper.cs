using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Attention;

/// <summary>
/// A decoder step by step where each next symbol is chosen from the scores of the step before: any number of rows, each attending to some sequence of
/// the memory; rows may be kept, copied and dropped between steps. The same bits as the whole sequence.
/// </summary>
internal sealed class DecoderStepper
{
    private readonly AttentionDecoder _decoder;
    private readonly AttentionMemory _memory;
    private State[] _states;
    private int[] _sources;
    private float[] _fed, _weights = [];
    private PinnedBuffer _x, _h, _combined, _compared, _scratch, _wide;

    /// <summary>Begins with a row for each of some sequences.</summary>
    /// <param name="decoder">The decoder, its weights as they are.</param>
    /// <param name="memory">What it attends to.</param>
    /// <param name="first">[B, state size], one step for each sequence; null: zero.</param>
    /// <param name="sources">The sequence of each row, in the caller's order.</param>
    public DecoderStepper(AttentionDecoder decoder, in AttentionMemory memory, SequenceBatch? first, ReadOnlySpan<int> sources)
    {
        (_decoder, _memory, _sources) = (decoder, memory, sources.ToArray());
        _fed = new float[sources.Length * decoder.Size];
        _states = [.. decoder.Layers.Select(layer => layer.NewState(_sources.Length))];
        for (int row = 0; first is { } given && row < sources.Length; row++) SetFirst(given.Row(0, sources[row]), row);
        (_x, _h, _combined, _compared, _scratch, _wide) = (new(0), new(0), new(0), new(0), new(0), new(0));
        Reserve();
    }

    /// <summary>How many rows there are.</summary>
    public int Rows => _sources.Length;

    /// <summary>One step of all rows.</summary>
    /// <param name="symbols">[rows]: what each row was given last.</param>
    /// <param name="logits">[rows, vocabulary], overwritten with the scores of the next symbol.</param>
    public void Step(ReadOnlySpan<int> symbols, Span<float> logits)
    {
        int size = _decoder.Size, embedding = _decoder.Options.Embedding, inputs = _decoder.Layers[0].InputSize;
        Span<float> x = _x.Span[..(Rows * inputs)], h = _h.Span[..(Rows * size)];
        for (int row = 0; row < Rows; row++)
        {
            _decoder.Table.Values.Slice(symbols[row] * embedding, embedding).CopyTo(x[(row * inputs)..]);
            if (inputs > embedding) _fed.AsSpan(row * size, size).CopyTo(x[(row * inputs + embedding)..]);
        }
        for (int k = 0; k < _states.Length; k++)
        {
            _decoder.Layers[k].Step(k == 0 ? x : _x.Span[..(Rows * size)], _states[k], h);
            if (k < _states.Length - 1) h.CopyTo(_x.Span);
        }
        Attend(h);
        _decoder.Output.Step(_fed, logits, _wide);
    }

    /// <summary>Goes on with these rows, in this order; a row may be named more than once.</summary>
    public void Keep(ReadOnlySpan<int> rows)
    {
        State[] states = new State[_states.Length];
        for (int k = 0; k < states.Length; k++)
        {
            states[k] = _decoder.Layers[k].NewState(rows.Length);
            CopyRows(_states[k].H, _states[k].HiddenSize, rows, states[k].H);
            CopyRows(_states[k].C, _states[k].CellSize, rows, states[k].C);
        }
        float[] fed = new float[rows.Length * _decoder.Size];
        CopyRows(_fed, _decoder.Size, rows, fed);
        int[] sources = new int[rows.Length];
        for (int row = 0; row < rows.Length; row++) sources[row] = _sources[rows[row]];
        (_states, _fed, _sources) = (states, fed, sources);
        Reserve();
    }

    private void Attend(ReadOnlySpan<float> h)
    {
        Attention attention = _decoder.Attention;
        int size = _decoder.Size, memory = attention.MemorySize, width = memory + size, compared = attention.ComparedSize;
        MatrixView scratch = _scratch.MatrixView(0, 1, _scratch.Length, _scratch.Length);
        Span<float> combined = _combined.Span[..(Rows * width)], queries = _compared.Span[..(Rows * compared)];
        if (attention.Score == AttentionScore.Additive) attention.Project(h, queries, scratch);
        else h.CopyTo(queries);
        if (_weights.Length < _memory.Values.Layout.Steps) _weights = new float[_memory.Values.Layout.Steps];
        for (int row = 0; row < Rows; row++)
        {
            Span<float> weights = _weights.AsSpan(0, _memory.Values.Layout.Lengths[_sources[row]]);
            attention.Attend(_memory, _sources[row], queries.Slice(row * compared, compared), weights, combined.Slice(row * width, memory), scratch);
            h.Slice(row * size, size).CopyTo(combined[(row * width + memory)..]);
        }
        _decoder.Combine.Refresh(null);
        _decoder.Combine.Forward(combined, _fed, scratch);
        Elementwise.Tanh(_fed);
        GC.KeepAlive(_scratch);                                          // the block above is an address in it
    }

    private void SetFirst(ReadOnlySpan<float> first, int row)
    {
        foreach (State state in _states)
        {
            first[..state.HiddenSize].CopyTo(state.H[(row * state.HiddenSize)..]);
            first[state.HiddenSize..][..state.CellSize].CopyTo(state.C[(row * state.CellSize)..]);
            first = first[(state.HiddenSize + state.CellSize)..];
        }
    }

    private void Reserve()
    {
        int size = _decoder.Size, rows = Rows;
        if (_x.Length < rows * Math.Max(size, _decoder.Layers[0].InputSize))
            _x = new PinnedBuffer(rows * Math.Max(size, _decoder.Layers[0].InputSize));
        if (_h.Length < rows * size) _h = new PinnedBuffer(rows * size);
        if (_combined.Length < rows * _decoder.Combine.Inputs) _combined = new PinnedBuffer(rows * _decoder.Combine.Inputs);
        if (_compared.Length < rows * _decoder.Attention.ComparedSize) _compared = new PinnedBuffer(rows * _decoder.Attention.ComparedSize);
        int scratch = _decoder.Attention.Scratch(rows) + _decoder.Combine.Scratch(rows), wide = rows * ((_decoder.Output.OutputSize + 15) / 16 * 16);
        if (_scratch.Length < scratch) _scratch = new PinnedBuffer(scratch);
        if (_wide.Length < wide) _wide = new PinnedBuffer(wide);
    }

    private static void CopyRows(ReadOnlySpan<float> from, int columns, ReadOnlySpan<int> rows, Span<float> to)
    {
        for (int row = 0; row < rows.Length; row++) from.Slice(rows[row] * columns, columns).CopyTo(to[(row * columns)..]);
    }
}
