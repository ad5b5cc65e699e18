using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Inspection.Flow;

//  δc = [direct: δu₊ ⊙ f₊] + [through i: p_i ⊙ δa_i₊] + [through f: p_f ⊙ δa_f₊] + [through h: δhm ⊙ o ⊙ (1 − m²)] + [through o: p_o ⊙ δa_o]
//  δhm = δh, or W_hrᵀ δh with a projection        δu = δc, 0 where c was clipped        peepholes' terms where there are peepholes

/// <summary>
/// The terms of ∂L/∂c of one layer (notes S29, S30). Of the LSTM, normalized or not, every one; of another cell with a c "direct" is all that the step after sends to c,
/// and "through h" is found from the cell's Backward, which is linear: δc and δh reach c₋ and the gates by the same way, so that the ratio of
/// their effects is ∂h/∂c.
/// </summary>
internal sealed class CellStateSplit
{
    private readonly RecurrentLayer _layer;
    private readonly RecurrentWeights _weights;
    private readonly RecurrentCache _cache;
    private readonly LayerTrace _trace;
    private readonly StepBack _back;
    private readonly FlowTerm _total, _direct, _hidden;
    private readonly FlowTerm? _i, _f, _o;
    private readonly int _steps;

    public CellStateSplit(RecurrentLayer layer, RecurrentCache cache, LayerTrace trace)
    {
        (_layer, _weights, _cache, _trace, _steps) = (layer, layer.Weights, cache, trace, cache.Layout.Steps);
        _back = new StepBack(layer, cache, rows: 1, layer.Cell);
        (_total, _direct, _hidden) = (Term("total"), Term(Paths.Direct), Term(Paths.Hidden));
        if (layer.Cell is not LstmCell || layer.Cell.ExtraRows == 0) return;
        (_i, _o) = (Term("through i"), Term("through o"));
        if (trace.Arguments.Contains("f")) _f = Term("through f");
    }

    public StateFlow Run()
    {
        bool lstm = _layer.Cell is LstmCell;
        float clip = lstm ? ((LstmCell)_layer.Cell).CellLimit : float.PositiveInfinity;
        for (int visit = _steps - 1; visit >= 0; visit--)
        {
            int t = _layer.Reverse ? _steps - 1 - visit : visit, to = _layer.Reverse ? t + 1 : t - 1;
            if (lstm) LstmHidden(t);
            else if (_layer.Cell is LayerNormLstmCell) KeptHidden(t);
            else OwnHidden(t);
            Span<double> total = _total.Row(t);
            ReadOnlySpan<float> carry = _trace.CarryC.Row(t);
            for (int u = 0; u < total.Length; u++) total[u] = carry[u] + _hidden.Row(t)[u] + (_o is null ? 0 : _o.Row(t)[u]);
            if (visit == 0) break;
            if (lstm) LstmSend(t, to, clip);
            else OwnSend(t, to);
        }
        return new StateFlow("c", _total, [.. new[] { _direct, _i, _f, _hidden, _o }.OfType<FlowTerm>()]);
    }

    private void LstmHidden(int t)
    {
        ReadOnlySpan<float> dh = DHidden(t), o = _cache.Saved("o").Row(t), m = _cache.Saved("m").Row(t), dao = _trace.DArgument("o").Row(t);
        Span<double> hidden = _hidden.Row(t);
        for (int u = 0; u < hidden.Length; u++)
        {
            hidden[u] = (double)dh[u] * o[u] * (1 - (double)m[u] * m[u]);
            if (_o is not null) _o.Row(t)[u] = (double)Peephole(2)[u] * dao[u];
        }
    }

    // Units meet in the standardizing of c: the cell keeps what h sends.
    private void KeptHidden(int t)
    {
        ReadOnlySpan<float> kept = _trace.DArgument("δc").Row(t);
        Span<double> hidden = _hidden.Row(t);
        for (int u = 0; u < hidden.Length; u++) hidden[u] = kept[u];
    }

    private void LstmSend(int t, int to, float clip)
    {
        ReadOnlySpan<float> f = _cache.Saved("f").Row(t), c = _cache.C.Row(t);
        Span<double> direct = _direct.Row(to);
        for (int u = 0; u < direct.Length; u++) direct[u] = Math.Abs(c[u]) < clip ? _total.Row(t)[u] * f[u] : 0;
        Peeped(_i, "i", 0, t, to);
        Peeped(_f, "f", 1, t, to);
    }

    private void Peeped(FlowTerm? term, string gate, int row, int t, int to)
    {
        if (term is null) return;
        ReadOnlySpan<float> da = _trace.DArgument(gate).Row(t);
        Span<double> values = term.Row(to);
        for (int u = 0; u < values.Length; u++) values[u] = (double)Peephole(row)[u] * da[u];
    }

    // δ of what h is made of: δh, or W_hrᵀ δh.
    private ReadOnlySpan<float> DHidden(int t)
    {
        if (_weights.Projection is null) return _trace.DH.Row(t);
        _trace.DH.Row(t).CopyTo(_back.DH.Row(0));
        for (int p = 0; p < _layer.Cell.Products.Count; p++)
            if (_weights.BackSlot(p) < 0) _back.ProductBack(p, _back.DSource, ChainStart.Zero);
        return _back.DSource.Row(0);
    }

    //  effects of δc = 1 and of δh = 1 on c₋ and on every gate; where an effect goes through c, their ratio is ∂h/∂c: taken where δc's is largest
    private void OwnHidden(int t)
    {
        float[][] byC = Effects(t, dh: 0, dc: 1), byH = Effects(t, dh: 1, dc: 0);
        ReadOnlySpan<float> dh = DHidden(t);
        Span<double> hidden = _hidden.Row(t);
        for (int u = 0; u < hidden.Length; u++)
        {
            int best = 0;
            for (int e = 1; e < byC.Length; e++)
                if (Math.Abs(byC[e][u]) > Math.Abs(byC[best][u])) best = e;
            hidden[u] = byC[best][u] == 0 ? 0 : (double)dh[u] * byH[best][u] / byC[best][u];
        }
    }

    private float[][] Effects(int t, float dh, float dc)
    {
        _back.Clear();
        _back.DH.Row(0).Fill(dh);
        if (_weights.Projection is not null) _back.DSource.Row(0).Fill(dh);
        _back.DC.Row(0).Fill(dc);
        for (int stage = _layer.Cell.Stages - 1; stage >= 0; stage--) _back.Stage(stage, t);
        return [_back.DC.Row(0).ToArray(), .. Enumerable.Range(0, _trace.Arguments.Count).Select(slot => _back.DArgument(slot).Row(0).ToArray())];
    }

    private void OwnSend(int t, int to)
    {
        _back.Clear();
        _trace.DH.Row(t).CopyTo(_back.DH.Row(0));
        _trace.CarryC.Row(t).CopyTo(_back.DC.Row(0));
        _back.Run(t);
        ReadOnlySpan<float> sent = _back.DC.Row(0);
        Span<double> direct = _direct.Row(to);
        for (int u = 0; u < direct.Length; u++) direct[u] = sent[u];
    }

    private ReadOnlySpan<float> Peephole(int row) => _weights.Extras[0].Values.Slice(row * _weights.Hidden, _weights.Hidden);

    private FlowTerm Term(string name) => new(name, _steps, _weights.Hidden);
}
