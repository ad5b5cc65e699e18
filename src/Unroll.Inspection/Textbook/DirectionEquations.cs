using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Inspection.Textbook;

/// <summary>One cell in one layer and one direction of a recurrent stack: its weights, its initial state, and which way it goes.</summary>
internal sealed class DirectionEquations
{
    private readonly string _prefix, _suffix;
    private readonly bool _reverse, _random;
    private readonly CellWeights _w, _d;
    private readonly TextbookParameters _parameters;
    private readonly Func<IReadOnlyDictionary<string, double[]>, CellWeights> _view;
    private readonly Vector _h0, _c0;
    private readonly Vector? _dh0, _dc0;

    /// <summary>Finds the parameters.</summary>
    /// <param name="parameters">Values and gradients by name.</param>
    /// <param name="prefix">The layer's name and a dot.</param>
    /// <param name="suffix">PyTorch's: <c>"l0_reverse"</c>.</param>
    /// <param name="spec">The stack: its cell, units and initial state.</param>
    /// <param name="inputs">The length of x.</param>
    /// <param name="cells">Has the cell.</param>
    public DirectionEquations(TextbookParameters parameters, string prefix, string suffix, RecurrentSpec spec, int inputs, CellCatalog cells)
    {
        (CellOptions cell, int hidden, InitialState first) = (spec.Cell, spec.Hidden, spec.InitialState);
        (_prefix, _suffix, _reverse) = (prefix, suffix, suffix.EndsWith("_reverse", StringComparison.Ordinal));
        (Cell, Outputs) = (CellEquations.Of(cell, cells), cell.Projection ?? hidden);
        _parameters = parameters;
        _view = values => new CellWeights(values, prefix, suffix, Cell.Gates, inputs, hidden, cell);
        (_w, _d) = (_view(parameters.Values), _view(parameters.Gradients));
        (_h0, _c0) = (Vector.Zeros(Outputs), Vector.Zeros(hidden));
        _random = first == InitialState.Random;
        if (first != InitialState.Learned) return;
        (_h0, _dh0) = parameters.Vector($"{prefix}h0_{suffix}", Outputs);
        if (Cell.HasCellState) (_c0, _dc0) = parameters.Vector($"{prefix}c0_{suffix}", hidden);
    }

    /// <summary>The cell.</summary>
    public ICellEquations Cell { get; }

    /// <summary>The length of h.</summary>
    public int Outputs { get; }

    /// <summary>The name by which a <see cref="Nudge"/> means this direction: <c>"encoder.l0_reverse"</c>.</summary>
    public string Place => _prefix + _suffix;

    /// <summary>Through the sequence in this direction; the outputs are in the order of time.</summary>
    public DirectionRun Forward(IReadOnlyList<Vector> x, Given given)
    {
        if (_random && !given.FirstStates.ContainsKey(Name("h0")))
            throw new UserErrorException($"layer '{Place}' first state: the textbook draws nothing at random; give it as '{Name("h0")}'.");
        Vector h0 = given.FirstStates.GetValueOrDefault(Name("h0"), _h0);
        Vector? c0 = Cell.HasCellState ? given.FirstStates.GetValueOrDefault(Name("c0"), _c0) : null;
        return new DirectionRun(this, RecurrentRun.Forward(Cell, Weights(given), InOrder(x), h0, c0, Place, given.Nudge));
    }

    /// <summary>Adds to the gradients of the weights, and of the initial state where it is learned and none was given.</summary>
    public (RecurrentGradient Gradient, IReadOnlyList<Vector> Dx) Backward(RecurrentRun run, IReadOnlyList<Vector> dy, Given given)
    {
        RecurrentGradient gradient = Backward(run, dy, given, MaskOf(given));
        if (!given.FirstStates.ContainsKey(Name("h0"))) _dh0?.Add(gradient.FirstH.Sum(Outputs));
        if (!given.FirstStates.ContainsKey(Name("c0"))) _dc0?.Add(gradient.FirstC.Sum(_c0.Count));
        return (gradient, InOrder([.. gradient.Steps.Select(step => step.X)]));
    }

    private string Recurrent => $"{_prefix}weight_hh_{_suffix}";

    private Vector? MaskOf(Given given) => given.WeightMasks.GetValueOrDefault(Recurrent);

    //  Ũ = m ⊙ U
    private CellWeights Weights(Given given) => MaskOf(given) is { } mask
        ? _view(With(_parameters.Values, [.. _parameters.Values[Recurrent].Select((u, k) => mask[k] * u)])) : _w;

    //  dU += m ⊙ dŨ
    private RecurrentGradient Backward(RecurrentRun run, IReadOnlyList<Vector> dy, Given given, Vector? mask)
    {
        if (mask is null) return run.Backward(InOrder(dy), _d, LastH(given), LastC(given));
        double[] du = _parameters.Gradients[Recurrent], masked = new double[du.Length];
        RecurrentGradient gradient = run.Backward(InOrder(dy), _view(With(_parameters.Gradients, masked)), LastH(given), LastC(given));
        for (int k = 0; k < du.Length; k++) du[k] += mask[k] * masked[k];
        return gradient;
    }

    private Dictionary<string, double[]> With(IReadOnlyDictionary<string, double[]> values, double[] recurrent) =>
        new(values) { [Recurrent] = recurrent };

    /// <summary>What is read from the final state: Σ weight ⊙ state.</summary>
    public double LastStateLoss(RecurrentRun run, Given given) =>
        (LastH(given) is Vector h ? (h * run.LastH).Sum() : 0) + (LastC(given) is Vector c && run.LastC is not null ? (c * run.LastC).Sum() : 0);

    /// <summary>The sequence as this direction goes through it; applied twice it is the sequence again.</summary>
    public IReadOnlyList<Vector> InOrder(IReadOnlyList<Vector> sequence) => _reverse ? [.. sequence.Reverse()] : sequence;

    /// <summary>The name of a state: <c>"encoder.h0_l0"</c>.</summary>
    public string Name(string state) => $"{_prefix}{state}_{_suffix}";

    private Vector? LastH(Given given) => given.LastStateWeights.GetValueOrDefault(Name("h"));

    private Vector? LastC(Given given) => given.LastStateWeights.GetValueOrDefault(Name("c"));
}

/// <summary>One cell through one sequence in one direction, and after backward its gradients.</summary>
public sealed class DirectionRun
{
    private readonly DirectionEquations _direction;

    internal DirectionRun(DirectionEquations direction, RecurrentRun run) => (_direction, Run) = (direction, run);

    /// <summary>The layer's name and PyTorch's suffix: <c>"encoder.l0_reverse"</c>.</summary>
    public string Place => _direction.Place;

    /// <summary>The steps, in the order in which they were made: for a reverse direction the sequence's last step comes first.</summary>
    public RecurrentRun Run { get; }

    /// <summary>The gradients in the same order; null before backward.</summary>
    public RecurrentGradient? Gradient { get; private set; }

    /// <summary>How far the nearest kink is from any argument of any step.</summary>
    public double KinkDistance => Run.Steps.Select(_direction.Cell.KinkDistance).Append(double.PositiveInfinity).Min();

    /// <summary>The name of one of its states in <see cref="Given"/>: <c>"encoder.h0_l0"</c>.</summary>
    /// <param name="state"><c>"h0"</c> or <c>"c0"</c> for the first, <c>"h"</c> or <c>"c"</c> for the last.</param>
    public string Name(string state) => _direction.Name(state);

    internal IReadOnlyList<Vector> Outputs => _direction.InOrder(Run.Outputs);

    internal double LastStateLoss(Given given) => _direction.LastStateLoss(Run, given);

    internal IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given)
    {
        (Gradient, IReadOnlyList<Vector> dx) = _direction.Backward(Run, dy, given);
        return dx;
    }
}
