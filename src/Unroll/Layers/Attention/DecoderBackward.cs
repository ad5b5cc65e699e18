using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.Attention;

//  δh̃ₜ = δ(output)ₜ + (the fed part of δxₜ₊₁)      δa = δh̃ ⊙ (1 − h̃²)      δ[c; h] = Wᵀ δa      δq from the attention
//  δhₜ of the top layer: its part of δ[c; h] + δq      of a lower one: the mask ⊙ δx of the layer above

/// <summary>The decoder's loop back: every worker has some sequences; then the weight gradients of all rows, divided by units.</summary>
internal sealed class DecoderBackward : IWork
{
    private AttentionDecoder _decoder = null!;
    private DecoderCache _cache = null!;
    private SequenceBatch _dOutput, _da, _dCombined, _dSymbols;
    private PinnedBuffer _scratch = null!, _fed = null!;
    private bool _weights;
    private int _workers, _scratchEach;

    public (SequenceBatch DMemory, SequenceBatch DFirst) Run(AttentionDecoder decoder, DecoderCache cache, in SequenceBatch dOutput, in Pass pass)
    {
        SequenceLayout layout = cache.Output.Layout;
        (_decoder, _cache, _dOutput, _workers) = (decoder, cache, dOutput, DecoderForward.Workers(decoder, layout, pass.Threads));
        Workspace workspace = pass.Workspace;
        (_da, _dCombined, _dSymbols) = (workspace.Rent(layout, decoder.Size), workspace.Rent(layout, decoder.Combine.Inputs),
            workspace.Rent(layout, decoder.Options.Embedding));
        _fed = workspace.Rent(layout.Sequences, decoder.Size);
        _fed.Span.Clear();
        foreach (RecurrentSteps steps in cache.Steps) steps.BeginBack(pass, _workers);
        decoder.Attention.BeginBack(cache.Attention, pass);
        decoder.Combine.Refresh(pass.Threads, back: true);
        _scratchEach = decoder.Attention.Scratch(layout.Sequences) + decoder.Combine.Scratch(layout.Sequences);
        _scratch = workspace.Rent(_workers, _scratchEach);
        if (layout.Rows > 0)
        {
            Share(weights: false, pass.Threads);
            Share(weights: true, pass.Threads);
            foreach (RecurrentSteps steps in cache.Steps) steps.FinishBack();
            decoder.Combine.AddGradients(cache.Combined, _da, pass);
            TableGradients.Add(cache.Symbols, _dSymbols, decoder.Table, pass);
        }
        return (decoder.Attention.FinishBack(cache.Attention, pass), DFirst(workspace));
    }

    private void Share(bool weights, ThreadTeam team)
    {
        _weights = weights;
        if (_workers == 1) Run(0);
        else team.Run(this, _workers);
    }

    public void Run(int worker)
    {
        if (_weights)
        {
            foreach (RecurrentSteps steps in _cache.Steps) steps.AddWeightGradients(worker);
            return;
        }
        SequenceLayout layout = _cache.Output.Layout;
        MatrixView scratch = _scratch.MatrixView(worker * _scratchEach, 1, _scratchEach, _scratchEach);
        int from = Unroll.Layers.Recurrent.Share.SplitRows(worker, _workers, layout),
            until = Unroll.Layers.Recurrent.Share.SplitRows(worker + 1, _workers, layout);
        for (int t = layout.Steps - 1; t >= 0; t--)
        {
            int to = Math.Min(until, layout.Active(t));
            if (to <= from) continue;
            Attend(t, from, to, scratch);
            for (int k = _cache.Steps.Count - 1; k >= 0; k--) Cells(k, t, from, to);
        }
    }

    private void Attend(int t, int from, int to, in MatrixView scratch)
    {
        int first = _cache.Output.Layout.Offset(t) + from, rows = to - from, size = _decoder.Size, width = _dCombined.Features;
        int memory = _decoder.Attention.MemorySize;
        Span<float> da = _da.All.Slice(first * size, rows * size);
        _dOutput.All.Slice(first * size, rows * size).CopyTo(da);
        Elementwise.Add(_fed.Span.Slice(from * size, rows * size), da);
        Elementwise.TanhBackward(_cache.Output.All.Slice(first * size, rows * size), da);
        _decoder.Combine.Back(da, _dCombined.All.Slice(first * width, rows * width), scratch);
        for (int row = first; row < first + rows; row++) Row(_dCombined, row)[..memory].CopyTo(Row(_cache.Attention.DContexts, row));
        _decoder.Attention.BackwardStep(_cache.Attention, t, from, to, scratch);
        for (int row = first; row < first + rows; row++)
        {
            Span<float> dh = Row(_cache.Steps[^1].DY, row);
            Row(_dCombined, row)[memory..].CopyTo(dh);
            Elementwise.Add(Row(_cache.Attention.DQueries, row), dh);
        }
    }

    private void Cells(int k, int t, int from, int to)
    {
        RecurrentSteps steps = _cache.Steps[k];
        steps.Backward(t, from, to);
        int embedding = _decoder.Options.Embedding, offset = _cache.Output.Layout.Offset(t), size = _decoder.Size;
        for (int p = from; p < to; p++)
        {
            ReadOnlySpan<float> dx = Row(steps.DX, offset + p);
            Span<float> below = Row(k > 0 ? _cache.Steps[k - 1].DY : _dSymbols, offset + p);
            dx[..below.Length].CopyTo(below);
            if (_cache.Masks.Count > 0) Elementwise.Multiply(Row(_cache.Masks[k], offset + p), below);
            if (k == 0 && _decoder.Options.InputFeeding) dx[embedding..].CopyTo(_fed.Span.Slice(p * size, size));
        }
    }

    // Of each layer δh, then δ of its further states; the layers' blocks lie in packed order.
    private SequenceBatch DFirst(Workspace workspace)
    {
        SequenceLayout layout = _cache.Output.Layout;
        SequenceBatch dFirst = workspace.Rent(_cache.FirstLayout, _decoder.StateSize);
        for (int p = 0; p < layout.Sequences; p++)
        {
            Span<float> row = dFirst.Row(0, layout.Order[p]);
            for (int k = 0; k < _cache.Steps.Count; k++)
            {
                RecurrentLayer layer = _decoder.Layers[k];
                for (int state = 0; state < layer.Plan.States.Count; state++)
                {
                    int width = state == 0 ? layer.OutputSize : layer.HiddenSize;
                    _cache.Steps[k].DFirst(state).Row(p)[..width].CopyTo(row);
                    row = row[width..];
                }
            }
        }
        return dFirst;
    }

    private static Span<float> Row(in SequenceBatch batch, int row) => batch.All.Slice(row * batch.Features, batch.Features);
}
