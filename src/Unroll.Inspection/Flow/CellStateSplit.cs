using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Inspection.Flow;

//  δc = [direct: δu₊ ⊙ f₊] + [through i: p_i ⊙ δa_i₊] + [through f: p_f ⊙ δa_f₊] + [through h: δhm ⊙ o ⊙ (1 − m²)] + [through o: p_o ⊙ δa_o]
//  δhm = δh, or W_hrᵀ δh with a projection        δu = δc, 0 where c was clipped        peepholes' terms where there are peepholes

/// <summary>
/// The terms of ∂L/∂c of one layer (study notes, S29, S30). Of a cell that says how c goes (<see cref="CellDescription.StatePath"/>), or keeps what h
/// sends to c, every one; of another cell with a c "direct" is all that the step after sends to c, and "through h" is found from the cell's Backward,
/// which is linear: δc and δh reach c₋ and the gates by the same way, so that the ratio of their effects is ∂h/∂c.
/// </summary>
internal sealed class CellStateSplit
{
    private readonly RecurrentLayer _layer;
    private readonly CellStatePath? _path;
    private readonly RecurrentCache _cache;
    private readonly LayerTrace _trace;
    private readonly StepBack _back;
    private readonly FlowTerm _total, _direct, _hidden;
    private readonly List<(string Gate, int Row, bool SeesNew, FlowTerm Term)> _peepholes = [];
    private readonly int _steps;

    public CellStateSplit(RecurrentLayer layer, RecurrentCache cache, LayerTrace trace)
    {
        (_layer, _path, _cache, _trace, _steps) = (layer, layer.Cell.Description.StatePath, cache, trace, cache.Layout.Steps);
        _back = new StepBack(layer, cache, rows: 1, layer.Cell);
        (_total, _direct, _hidden) = (Term("total"), Term(Paths.Direct), Term(Paths.Hidden));
        foreach ((string gate, int row, bool seesNew) in _path?.Peepholes ?? []) _peepholes.Add((gate, row, seesNew, Term($"through {gate}")));
    }

    public StateFlow Run()
    {
        bool kept = _trace.Arguments.Contains("δc");
        for (int visit = _steps - 1; visit >= 0; visit--)
        {
            int t = _layer.Reverse ? _steps - 1 - visit : visit, to = _layer.Reverse ? t + 1 : t - 1;
            if (_path is not null) KnownHidden(_path, t);
            else if (kept) KeptHidden(t);
            else OwnHidden(t);
            Span<double> total = _total.Row(t);
            ReadOnlySpan<float> carry = _trace.CarryC.Row(t);
            for (int u = 0; u < total.Length; u++) total[u] = carry[u] + _hidden.Row(t)[u];
            foreach ((_, _, bool seesNew, FlowTerm term) in _peepholes)
                if (seesNew)
                    for (int u = 0; u < total.Length; u++) total[u] += term.Row(t)[u];
            if (visit == 0) break;
            if (_path is not null) KnownSend(_path, t, to);
            else OwnSend(t, to);
        }
        return new StateFlow("c", _total,
            [_direct, .. _peepholes.Where(one => !one.SeesNew).Select(one => one.Term), _hidden,
                .. _peepholes.Where(one => one.SeesNew).Select(one => one.Term)]);
    }

    private void KnownHidden(CellStatePath path, int t)
    {
        ReadOnlySpan<float> dh = DHidden(t), o = _cache.Saved(path.Shows).Row(t), m = _cache.Saved(path.Shown).Row(t);
        Span<double> hidden = _hidden.Row(t);
        for (int u = 0; u < hidden.Length; u++) hidden[u] = (double)dh[u] * o[u] * (1 - (double)m[u] * m[u]);
        Peeped(seesNew: true, t, t);
    }

    // Units meet in the standardizing of c: the cell keeps what h sends.
    private void KeptHidden(int t)
    {
        ReadOnlySpan<float> kept = _trace.DArgument("δc").Row(t);
        Span<double> hidden = _hidden.Row(t);
        for (int u = 0; u < hidden.Length; u++) hidden[u] = kept[u];
    }

    private void KnownSend(CellStatePath path, int t, int to)
    {
        ReadOnlySpan<float> f = _cache.Saved(path.Keeps).Row(t), c = _cache.C.Row(t);
        Span<double> direct = _direct.Row(to);
        for (int u = 0; u < direct.Length; u++) direct[u] = Math.Abs(c[u]) < path.Clip ? _total.Row(t)[u] * f[u] : 0;
        Peeped(seesNew: false, t, to);
    }

    // What step t's gates send to the c that they see: their own step's, or the one before.
    private void Peeped(bool seesNew, int t, int to)
    {
        foreach ((string gate, int row, bool sees, FlowTerm term) in _peepholes)
        {
            if (sees != seesNew) continue;
            ReadOnlySpan<float> da = _trace.DArgument(gate).Row(t), p = Peephole(row);
            Span<double> values = term.Row(to);
            for (int u = 0; u < values.Length; u++) values[u] = (double)p[u] * da[u];
        }
    }

    // δ of what h is made of: δh, or W_hrᵀ δh.
    private ReadOnlySpan<float> DHidden(int t)
    {
        if (_layer.Projection is null) return _trace.DH.Row(t);
        _trace.DH.Row(t).CopyTo(_back.DH.Row(0));
        _back.ProjectionBack();
        return _back.DSource().Row(0);
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
        if (_layer.Projection is not null) _back.DSource().Row(0).Fill(dh);
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

    private ReadOnlySpan<float> Peephole(int row) => _layer.CellParameters[0].Values.Slice(row * _layer.HiddenSize, _layer.HiddenSize);

    private FlowTerm Term(string name) => new(name, _steps, _layer.HiddenSize);
}
