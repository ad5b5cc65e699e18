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
    private readonly Dictionary<string, Vector> _first = [], _dFirst = [];

    /// <summary>Finds the parameters.</summary>
    /// <param name="parameters">Values and gradients by name.</param>
    /// <param name="prefix">The layer's name and a dot.</param>
    /// <param name="suffix">PyTorch's: <c>"l0_reverse"</c>.</param>
    /// <param name="spec">The stack: its cell, units and initial state.</param>
    /// <param name="inputs">The length of x.</param>
    /// <param name="cells">Has the cell.</param>
    public DirectionEquations(TextbookParameters parameters, string prefix, string suffix, RecurrentSpec spec, int inputs, CellCatalog cells)
    {
        (_prefix, _suffix, _reverse) = (prefix, suffix, suffix.EndsWith("_reverse", StringComparison.Ordinal));
        Cell = CellEquations.Of(spec.Cell, cells);
        Outputs = Cell.WidthOf(Cell.Output, spec.Hidden);
        _parameters = parameters;
        _view = values => new CellWeights(values, prefix, suffix, Cell, inputs, spec.Hidden);
        (_w, _d) = (_view(parameters.Values), _view(parameters.Gradients));
        _random = spec.InitialState == InitialState.Random;
        foreach (string state in Cell.States)
        {
            int width = Cell.WidthOf(state, spec.Hidden);
            if (spec.InitialState == InitialState.Learned) (_first[state], _dFirst[state]) = parameters.Vector($"{prefix}{state}0_{suffix}", width);
            else _first[state] = Vector.Zeros(width).Map(_ => Cell.InitialOf(state));
        }
    }

    /// <summary>The cell.</summary>
    public ICellEquations Cell { get; }

    /// <summary>The length of the output.</summary>
    public int Outputs { get; }

    /// <summary>The name by which a <see cref="Nudge"/> means this direction: <c>"encoder.l0_reverse"</c>.</summary>
    public string Place => _prefix + _suffix;

    /// <summary>Through the sequence in this direction; the outputs are in the order of time.</summary>
    public DirectionRun Forward(IReadOnlyList<Vector> x, Given given)
    {
        Dictionary<string, Vector> first = [];
        foreach (string state in Cell.States)
        {
            string name = Name(state + "0");
            if (_random && !given.FirstStates.ContainsKey(name))
                throw new UserErrorException($"layer '{Place}' first state: the textbook draws nothing at random; give it as '{name}'.");
            first[state] = given.FirstStates.GetValueOrDefault(name, _first[state]);
        }
        return new DirectionRun(this, RecurrentRun.Forward(Cell, Weights(given), InOrder(x), first, Place, given.Nudge));
    }

    /// <summary>Adds to the gradients of the weights, and of the initial state where it is learned and none was given.</summary>
    public (RecurrentGradient Gradient, IReadOnlyList<Vector> Dx) Backward(RecurrentRun run, IReadOnlyList<Vector> dy, Given given)
    {
        RecurrentGradient gradient = Backward(run, dy, given, MaskOf(given));
        foreach ((string state, Vector learned) in _dFirst)
            if (!given.FirstStates.ContainsKey(Name(state + "0"))) learned.Add(gradient.First[state].Sum(learned.Count));
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
        if (mask is null) return run.Backward(InOrder(dy), _d, Last(given));
        double[] du = _parameters.Gradients[Recurrent], masked = new double[du.Length];
        RecurrentGradient gradient = run.Backward(InOrder(dy), _view(With(_parameters.Gradients, masked)), Last(given));
        for (int k = 0; k < du.Length; k++) du[k] += mask[k] * masked[k];
        return gradient;
    }

    private Dictionary<string, double[]> With(IReadOnlyDictionary<string, double[]> values, double[] recurrent) =>
        new(values) { [Recurrent] = recurrent };

    /// <summary>What is read from the final states: Σ weight ⊙ state.</summary>
    public double LastStateLoss(RecurrentRun run, Given given) => Last(given).Sum(one => (one.Value * run.Last(one.Key)).Sum());

    /// <summary>The sequence as this direction goes through it; applied twice it is the sequence again.</summary>
    public IReadOnlyList<Vector> InOrder(IReadOnlyList<Vector> sequence) => _reverse ? [.. sequence.Reverse()] : sequence;

    /// <summary>The name of a state: <c>"encoder.h0_l0"</c>.</summary>
    public string Name(string state) => $"{_prefix}{state}_{_suffix}";

    private Dictionary<string, Vector> Last(Given given) => Cell.States.Where(state => given.LastStateWeights.ContainsKey(Name(state)))
        .ToDictionary(state => state, state => given.LastStateWeights[Name(state)]);
}

/// <summary>One cell through one sequence in one direction, and after backward its gradients.</summary>
public sealed class DirectionRun
{
    private readonly DirectionEquations _direction;

    internal DirectionRun(DirectionEquations direction, RecurrentRun run) =>
        (_direction, Run, Carried) = (direction, run, [.. direction.Cell.States.Prepend(direction.Cell.Output).Distinct()]);

    /// <summary>The layer's name and PyTorch's suffix: <c>"encoder.l0_reverse"</c>.</summary>
    public string Place => _direction.Place;

    /// <summary>The steps, in the order in which they were made: for a reverse direction the sequence's last step comes first.</summary>
    public RecurrentRun Run { get; }

    /// <summary>The gradients in the same order; null before backward.</summary>
    public RecurrentGradient? Gradient { get; private set; }

    /// <summary>How far the nearest kink is from any argument of any step.</summary>
    public double KinkDistance => Run.Steps.Select(step => step.KinkDistance).Append(double.PositiveInfinity).Min();

    /// <summary>The name of one of its states in <see cref="Given"/>: <c>"encoder.h0_l0"</c>.</summary>
    /// <param name="state"><c>"h0"</c>, <c>"c0"</c> for the first, <c>"h"</c>, <c>"c"</c> for the last.</param>
    public string Name(string state) => _direction.Name(state);

    /// <summary>What the engine's layer carries: its output first, then the other states.</summary>
    internal IReadOnlyList<string> Carried { get; }

    internal IReadOnlyList<Vector> Outputs => _direction.InOrder(Run.Outputs);

    internal double LastStateLoss(Given given) => _direction.LastStateLoss(Run, given);

    internal IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given)
    {
        (Gradient, IReadOnlyList<Vector> dx) = _direction.Backward(Run, dy, given);
        return dx;
    }
}
