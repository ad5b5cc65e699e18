using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Inspection.Flow;

//  step t sends to h₋:   direct        what the cell's Backward writes into δh₋ by itself
//                        through g     W_hgᵀ δa_g of each gate of a product of h₋
//                        through n     for a product of a saved slot (r ⊙ h₋): W_hnᵀ δa_n pushed through the cell's earlier stages

/// <summary>
/// The terms of ∂L/∂h of one layer, from the gates of a forward pass and the gradients of a traced backward pass. It asks of a cell no more than
/// <see cref="ICell"/>, whose Backward is linear: each source alone gives its term.
/// </summary>
internal sealed class GradientSplit
{
    private readonly RecurrentLayer _layer;
    private readonly LayerTrace _trace;
    private readonly StepBack _back;
    private readonly Dictionary<string, FlowTerm> _terms = [];
    private readonly double[] _sum;
    private readonly int _steps;

    public GradientSplit(RecurrentLayer layer, RecurrentCache cache, LayerTrace trace)
    {
        (_layer, _trace, _steps) = (layer, trace, cache.Layout.Steps);
        _back = new StepBack(layer, cache, rows: 1, layer.Cell);
        _sum = new double[Math.Max(layer.HiddenSize, layer.OutputSize)];
        foreach (string name in (string[])[Paths.Output, Paths.Direct, .. layer.Cell.Gates.Select(Through)]) Term(name);
    }

    public StateFlow Run()
    {
        FlowTerm total = new("total", _steps, _layer.OutputSize);
        for (int t = 0; t < _steps; t++)
        {
            Copy(_trace.DH.Row(t), total.Row(t));
            Copy(_trace.DOutput.Row(t), Term(Paths.Output).Row(t));
        }
        for (int visit = _steps - 1; visit > 0; visit--) Send(_layer.Reverse ? _steps - 1 - visit : visit, _layer.Reverse ? _steps - visit
            : visit - 1);
        return new StateFlow("h", total, [.. _terms.Values.Where(term => term.Name != Paths.Direct || !term.IsZero)]);
    }

    // Where a gate is the state itself, as the vanilla RNN's, the state before a step has one reader: the notes call it by its name.
    private string Through(char gate) => SlotFacts.IsState(_layer.Cell, gate.ToString()) ? Paths.Next : $"through {gate}";

    private void Send(int t, int to)
    {
        if (_layer.Projection is null) Direct(t, to);
        for (int p = 0; p < _layer.Cell.Products.Count; p++)
        {
            Product product = _layer.Cell.Products[p];
            if (product.Gates == "h") continue;                          // the state itself, within its step
            for (int g = 0; g < product.Gates.Length; g++)
            {
                Span<double> term = Term(Through(product.Gates[g])).Row(to);
                ReadOnlySpan<float> da = _trace.DArgument(ArgumentOf(product, g)).Row(t);
                if (product.Of == "h") AddTransposed(_layer.Cell.Gates.IndexOf(product.Gates[0], StringComparison.Ordinal) + g, da, term);
                else ThroughSlot(product, g, da, t, term);
            }
        }
    }

    // A gate's own argument, or the slot that keeps its product apart.
    private string ArgumentOf(Product product, int gate) => product.Into is null ? product.Gates[gate].ToString()
        : _layer.Cell.Saved[_layer.Cell.Saved.ToList().IndexOf(product.Into) + gate];

    private void Direct(int t, int to)
    {
        _back.Clear();
        _trace.DH.Row(t).CopyTo(_back.DH.Row(0));
        if (_layer.Cell.HasCellState) _trace.CarryC.Row(t).CopyTo(_back.DC.Row(0));
        for (int stage = _layer.Cell.Stages - 1; stage >= 0; stage--) _back.Stage(stage, t);
        Copy(_back.DHPrev.Row(0), Term(Paths.Direct).Row(to));
    }

    // δ(slot) = W_gᵀ δa_g alone, at the cell's stages before the product, with δh = 0: what comes out at δh₋ came this way.
    private void ThroughSlot(Product product, int gate, ReadOnlySpan<float> da, int t, Span<double> term)
    {
        _back.Clear();
        Span<double> sum = _sum.AsSpan(0, _layer.HiddenSize);
        sum.Clear();
        AddTransposed(_layer.Cell.Gates.IndexOf(product.Gates[0], StringComparison.Ordinal) + gate, da, sum);
        ProductSource slot = new(SourceKind.Saved, _layer.Cell.Saved.ToList().IndexOf(product.Of));
        Span<float> source = _back.DSource(_layer.Plan.Sources.ToList().IndexOf(slot)).Row(0);
        for (int u = 0; u < sum.Length; u++) source[u] = (float)sum[u];
        for (int stage = product.Stage - 1; stage >= 0; stage--)
        {
            _back.Stage(stage, t);
            source.Clear();
        }
        ReadOnlySpan<float> arrived = _back.DHPrev.Row(0);
        for (int u = 0; u < term.Length; u++) term[u] += arrived[u];
    }

    //  to += W_hgᵀ δa_g
    private void AddTransposed(int gate, ReadOnlySpan<float> da, Span<double> to)
    {
        int hidden = _layer.HiddenSize, columns = to.Length;
        ReadOnlySpan<float> w = _layer.HiddenToHidden.Values.Slice(gate * hidden * columns, hidden * columns);
        for (int u = 0; u < hidden; u++)
        {
            double d = da[u];
            ReadOnlySpan<float> row = w.Slice(u * columns, columns);
            for (int k = 0; k < row.Length; k++) to[k] += d * row[k];
        }
    }

    private FlowTerm Term(string name)
    {
        if (!_terms.TryGetValue(name, out FlowTerm? term)) _terms.Add(name, term = new FlowTerm(name, _steps, _layer.OutputSize));
        return term;
    }

    private static void Copy(ReadOnlySpan<float> from, Span<double> to)
    {
        for (int u = 0; u < to.Length; u++) to[u] = from[u];
    }
}
