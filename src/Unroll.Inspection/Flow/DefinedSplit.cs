using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Inspection.Flow;

/// <summary>
/// The terms of ∂L/∂(state) for every state of a cell that its equations define: by the textbook's equations in double, from the layer's own weights,
/// inputs and first states and from the engine's gradient of its outputs. The totals are the engine's: of what arrives from outside and from the step
/// after; what a state's readers within the step send is added to them.
/// </summary>
internal sealed class DefinedSplit
{
    private readonly RecurrentLayer _layer;
    private readonly RecurrentCache _cache;
    private readonly LayerTrace _trace;
    private readonly RecurrentGradient _gradient;
    private readonly int _steps;

    private DefinedSplit(RecurrentLayer layer, DefinedCell cell, RecurrentCache cache, LayerTrace trace)
    {
        (_layer, _cache, _trace, _steps) = (layer, cache, trace, cache.Layout.Steps);
        int dot = layer.Place.LastIndexOf('.') + 1;
        Dictionary<string, double[]> values = layer.Parameters.ToDictionary(one => one.Name, one => InDouble(one.Values)),
            gradients = layer.Parameters.ToDictionary(one => one.Name, one => new double[one.Length]);
        DefinedEquations equations = new(cell.Definition);
        CellWeights Weights(Dictionary<string, double[]> from) =>
            new(from, layer.Place[..dot], layer.Place[dot..], equations, layer.InputSize, layer.HiddenSize);
        RecurrentRun run = RecurrentRun.Forward(equations, Weights(values), [.. Visits.Select(t => Row(cache.Input.Row(t, 0)))], FirstStates());
        _gradient = run.Backward([.. Visits.Select(t => Row(trace.DOutput.Row(t)[..layer.OutputSize]))], Weights(gradients));
    }

    /// <summary>The flow of a layer; null where its cell is not defined by equations.</summary>
    public static LayerFlow? Of(RecurrentLayer layer, RecurrentCache cache, LayerTrace trace)
    {
        if (layer.Cell is not DefinedCell cell) return null;
        DefinedSplit split = new(layer, cell, cache, trace);
        return new LayerFlow(layer.Place, cell.Name, layer.Reverse, split.Flow(0), null)
        {
            Further = [.. Enumerable.Range(1, layer.Plan.States.Count - 1).Select(split.Flow)],
        };
    }

    // The steps of time in the order in which the layer visits them.
    private IEnumerable<int> Visits => _layer.Reverse ? Enumerable.Range(0, _steps).Reverse() : Enumerable.Range(0, _steps);

    private StateFlow Flow(int state)
    {
        string name = _layer.Plan.States[state].Name;
        int width = state == 0 ? _layer.OutputSize : _layer.HiddenSize;
        FlowTerm total = new("total", _steps, width);
        OrderedDictionary<string, FlowTerm> terms = [];
        foreach ((int visit, int t) in Visits.Index())
        {
            NamedVectors own = _gradient.Steps[visit].Terms.GetValueOrDefault(name) ?? [];
            HashSet<string> arriving = [Paths.Output];
            if (visit + 1 < _steps && _gradient.Steps[visit + 1].Before.GetValueOrDefault(name) is { } sent) arriving.UnionWith(sent.Names);
            Span<double> sum = total.Row(t);
            ReadOnlySpan<float> arrived = state == 0 ? _trace.DH.Row(t) : Further(_trace.CarryC, state).Row(t);
            for (int u = 0; u < width; u++) sum[u] = arrived[u];
            foreach ((string path, Vector term) in own)
            {
                if (!terms.TryGetValue(path, out FlowTerm? flow)) terms.Add(path, flow = new FlowTerm(path, _steps, width));
                for (int u = 0; u < width; u++) flow.Row(t)[u] = term[u];
                if (arriving.Contains(path)) continue;
                for (int u = 0; u < width; u++) sum[u] += term[u];
            }
        }
        return new StateFlow(name, total, [.. terms.Values]);
    }

    private Dictionary<string, Vector> FirstStates()
    {
        Dictionary<string, Vector> first = [];
        for (int k = 0; k < _layer.Plan.States.Count; k++)
            first[_layer.Plan.States[k].Name] =
                Row(_cache.FirstState(k).Row(0)[..(k == 0 ? _layer.OutputSize : _layer.HiddenSize)]);
        return first;
    }

    // One of the further states, which lie side by side.
    private MatrixView Further(in MatrixView all, int state)
    {
        int each = all.Columns / (_layer.Plan.States.Count - 1);
        return all.Part(0, all.Rows, (state - 1) * each, each);
    }

    private static Vector Row(ReadOnlySpan<float> values) => new(InDouble(values));

    private static double[] InDouble(ReadOnlySpan<float> values)
    {
        double[] wide = new double[values.Length];
        for (int i = 0; i < wide.Length; i++) wide[i] = values[i];
        return wide;
    }
}
