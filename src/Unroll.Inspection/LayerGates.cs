using Unroll.Cells;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Inspection;

/// <summary>Everything inside one recurrent layer, in one direction, over the steps of one sequence.</summary>
public sealed class LayerGates
{
    /// <summary>A unit whose output moves by less than this over the whole sequence is constant.</summary>
    public const float ConstantBelow = 1e-3f;

    // Gradients of a unit below this share of the layer's largest are none.
    private const float NoGradient = 1e-6f;

    private readonly float[]? _gradients;                   // of each unit: the largest |∂L/∂b| of its gates

    internal LayerGates(RecurrentLayer layer, RecurrentCache cache, int sequence, float[]? gradients)
    {
        (Layer, _gradients) = (layer, gradients);
        int[] rows = [.. Enumerable.Range(0, cache.Layout.Lengths[sequence]).Select(t => cache.Layout.Row(t, sequence))];
        float[][] Copy(MatrixView block, int units) => [.. rows.Select(row => block.Row(row)[..units].ToArray())];
        List<GateTrace> traces = [];
        foreach (string name in layer.Cell.Saved)
        {
            float[][] values = Copy(cache.Saved(name), layer.HiddenSize);
            (GateRange range, bool guessed) = SlotFacts.RangeOf(layer.Cell, name, values);
            traces.Add(new GateTrace(name, range, guessed, values));
        }
        for (int k = 1; k < layer.Plan.States.Count; k++)
            traces.Add(new GateTrace(layer.Plan.States[k].Name, GateRange.Unbounded, false, Copy(cache.State(k), layer.HiddenSize)));
        traces.Add(new GateTrace(layer.Plan.States[0].Name, GateRange.Unbounded, false, Copy(cache.H, layer.OutputSize)));
        (Traces, Steps) = (traces, rows.Length);
        MeanInput = MeanOf(cache, rows);
        HalfLives =
        [
            .. layer.Cell.Description.KeptBy.Select(one => HalfLifeBy(Find(one.Gate.Name)!, one.Gate.Role == GateRole.Forgets,
                one.State.Length > 0 ? one.State : layer.Plan.States[^1].Name)),
        ];
        ConstantUnits = [.. Enumerable.Range(0, Outputs.Units).Where(IsConstant)];
        DeadUnits = [.. ConstantUnits.Where(HasNoGradient)];
    }

    /// <summary>
    /// As its parameters are called: <c>encoder.l0</c>, <c>encoder.l0_reverse</c>; of a layer without a prefix the layer's own name.
    /// </summary>
    public string Name => Layer.Place.Contains('.') ? Layer.Place : Layer.Name;

    /// <summary>The layer.</summary>
    public RecurrentLayer Layer { get; }

    /// <summary>The length of the sequence.</summary>
    public int Steps { get; }

    /// <summary>What the cell saves, in its order (the gates first), then c where there is one, then h.</summary>
    public IReadOnlyList<GateTrace> Traces { get; }

    /// <summary>How long the units remember; null for a cell without a gate that is known to keep.</summary>
    public MemoryHalfLife? HalfLife => HalfLives.FirstOrDefault();

    /// <summary>The same for every state and gate that keeps it, <see cref="HalfLife"/> first: an LEM has two.</summary>
    public IReadOnlyList<MemoryHalfLife> HalfLives { get; }

    /// <summary>Units whose output moves by less than <see cref="ConstantBelow"/>; none in a sequence of one step.</summary>
    public IReadOnlyList<int> ConstantUnits { get; }

    /// <summary>Those of <see cref="ConstantUnits"/> that get no gradient either; none where no gradient was computed.</summary>
    public IReadOnlyList<int> DeadUnits { get; }

    /// <summary>The trace of that name, or null.</summary>
    public GateTrace? Find(string name) => Traces.FirstOrDefault(trace => trace.Name == name);

    /// <summary>What is watched while training: the gates; of a cell without letters for them, what is between bounds.</summary>
    internal IEnumerable<GateTrace> Watched => Layer.Cell.Gates.Length > 0 ? Layer.Cell.Gates.Select(gate => Find(gate.ToString())!)
        : Traces.Where(trace => trace is { RangeIsGuessed: false, Range: not GateRange.Unbounded });

    /// <summary>x, the mean over steps.</summary>
    internal float[] MeanInput { get; }

    /// <summary>What pushes a gate: the parts of its argument.</summary>
    internal GateArgument Argument(string gate) => GateArgument.Of(this, gate, MeanInput);

    // Before a projection each unit still has an output of its own: what is projected.
    private GateTrace Outputs => Find(Layer.Cell.Products.FirstOrDefault(product => product.Gates == "h")?.Of ?? Layer.Plan.States[0].Name)!;

    // Without the first step, in the layer's own direction, of a planned cell: it only keeps of the initial state, which some cells begin with
    // nothing to keep of (sLSTM).
    private MemoryHalfLife HalfLifeBy(GateTrace gate, bool forgets, string state)
    {
        int first = Layer.Reverse ? Steps - 1 : 0;
        if (Layer.Cell is IPlannedCell && Steps > 1)
            gate = new GateTrace(gate.Name, gate.Range, gate.RangeIsGuessed, [.. gate.Values.Where((_, t) => t != first)]);
        return new MemoryHalfLife(gate, forgets, state);
    }

    private bool IsConstant(int unit)
    {
        UnitStatistics s = Outputs.Statistics.Units[unit];
        return Steps > 1 && s.Largest - s.Smallest < ConstantBelow;
    }

    private bool HasNoGradient(int unit) => _gradients is not null && _gradients[unit] <= NoGradient * _gradients.Max();

    private static float[] MeanOf(RecurrentCache cache, int[] rows)
    {
        float[] mean = new float[cache.Input.Features];
        foreach (int row in rows)
            for (int i = 0; i < mean.Length; i++) mean[i] += cache.Input.All[row * mean.Length + i] / rows.Length;
        return mean;
    }
}
