using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.Attention;

/// <summary>What a decoder's forward pass leaves: its output is the attentional states, [rows, size].</summary>
public sealed class DecoderCache : Cache
{
    private readonly List<RecurrentSteps> _steps = [];
    private readonly List<SequenceBatch> _masks = [];

    /// <summary>The symbol that each step was given, packed; with scheduled sampling not always the true one.</summary>
    public ReadOnlySpan<int> Symbols => Given.AsSpan(0, Output.Layout.Rows);

    /// <summary>What was attended to; <see cref="AttentionCache.Weights"/> are the picture.</summary>
    public AttentionCache Attention { get; private set; } = null!;

    /// <summary>Every gate of one of the decoder's layers.</summary>
    public RecurrentCache Cells(int k) => _steps[k].Cache;

    internal int[] Given { get; private set; } = [];

    internal List<RecurrentSteps> Steps => _steps;

    /// <summary>[c; h] of every row.</summary>
    internal SequenceBatch Combined { get; private set; }

    /// <summary>The dropout masks of what each layer multiplies; none where nothing is dropped.</summary>
    internal List<SequenceBatch> Masks => _masks;

    /// <summary>One step for each sequence.</summary>
    internal SequenceLayout FirstLayout { get; private set; } = SequenceLayout.FromLengths();

    internal void Begin(
        AttentionDecoder decoder, ReadOnlySpan<int> symbols, SequenceLayout layout, SequenceBatch? first, in SequenceBatch memory, in Pass pass)
    {
        if (Given.Length < symbols.Length) Given = new int[symbols.Length];
        symbols.CopyTo(Given);
        Output = pass.Workspace.Rent(layout, decoder.Size);
        if (FirstLayout.Sequences != layout.Sequences) FirstLayout = SequenceLayout.Uniform(layout.Sequences, 1);
        Combined = pass.Workspace.Rent(layout, decoder.Combine.Inputs);
        Attention = decoder.Attention.Begin(pass.Workspace.Rent(layout, decoder.Size), decoder.Attention.Prepare(memory, pass), pass);
        decoder.Combine.Refresh(pass.Threads);
        _steps.Clear();
        _masks.Clear();
        bool drops = pass.Training && decoder.Options.Dropout > 0;
        for (int k = 0, at = 0; k < decoder.Layers.Count; k++)
        {
            RecurrentSteps steps = pass.Workspace.Cache<RecurrentSteps>();
            steps.Begin(decoder.Layers[k], layout, pass);
            _steps.Add(steps);
            if (drops) _masks.Add(pass.Workspace.Rent(layout, k == 0 ? decoder.Options.Embedding : decoder.Size));
            at = SetFirst(decoder.Layers[k], steps.Cache, first, at);
        }
    }

    // Of each layer h, then its further states.
    private static int SetFirst(RecurrentLayer layer, RecurrentCache cache, SequenceBatch? first, int at)
    {
        int states = layer.Plan.States.Count;
        for (int p = 0; p < cache.Layout.Sequences; p++)
            for (int k = 0, from = at; k < states; from += k++ == 0 ? layer.OutputSize : layer.HiddenSize)
                cache.SetFirst(k, p, first is { } given
                    ? given.Row(0, cache.Layout.Order[p]).Slice(from, k == 0 ? layer.OutputSize : layer.HiddenSize) : layer.FirstOf(k));
        return at + layer.OutputSize + layer.CellSize;
    }
}
