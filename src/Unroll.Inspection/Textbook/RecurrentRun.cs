namespace Unroll.Inspection.Textbook;

/// <summary>One cell through one sequence in one direction: every step forward, and the reverse loop of S04 back.</summary>
public sealed class RecurrentRun
{
    private readonly ICellEquations _cell;

    private RecurrentRun(ICellEquations cell, CellWeights w, IReadOnlyDictionary<string, CarriedState> first, IReadOnlyList<CellStep> steps) =>
        (_cell, Weights, First, Steps) = (cell, w, first, steps);

    internal CellWeights Weights { get; }

    /// <summary>The states before the first step: h⟨0⟩, c⟨0⟩.</summary>
    public IReadOnlyDictionary<string, CarriedState> First { get; }

    /// <summary>The steps in the order in which they were made.</summary>
    public IReadOnlyList<CellStep> Steps { get; }

    /// <summary>y⟨t⟩ for every step: h⟨t⟩, of most cells.</summary>
    public IReadOnlyList<Vector> Outputs => [.. Steps.Select(step => step.After[_cell.Output].Via(Paths.Output))];

    /// <summary>A state of the last step, the initial one for a sequence of length zero: h⟨T⟩.</summary>
    /// <param name="state">Its name.</param>
    public Vector Last(string state) => (Steps.Count == 0 ? First : Steps[^1].After)[state].Via(Paths.Last);

    /// <summary>Runs the steps in the order given.</summary>
    /// <param name="cell">The equations.</param>
    /// <param name="w">The weights.</param>
    /// <param name="x">x⟨1⟩ … x⟨T⟩; may be empty.</param>
    /// <param name="first">The initial state of every state.</param>
    /// <param name="place">The name under which a nudge means this run.</param>
    /// <param name="nudge">A change of one state on one path, or null.</param>
    public static RecurrentRun Forward(
        ICellEquations cell, CellWeights w, IReadOnlyList<Vector> x, IReadOnlyDictionary<string, Vector> first, string place = "",
        Nudge? nudge = null)
    {
        OrderedDictionary<string, CarriedState> states = [];
        foreach (string state in cell.States) states[state] = At(-1)(state, first[state]);
        IReadOnlyDictionary<string, CarriedState> before = states;
        List<CellStep> steps = [];
        for (int t = 0; t < x.Count; t++)
        {
            steps.Add(cell.Forward(w, x[t], before, At(t)));
            before = steps[^1].After;
        }
        return new RecurrentRun(cell, w, states, steps);

        Carry At(int t) => (state, value) =>
            new CarriedState(value, nudge is not null && nudge.Place == place && nudge.Step == t && nudge.State == state ? nudge : null);
    }

    //  for t = T … 1:   δh⟨t⟩ = [output: δy⟨t⟩] + [what step t + 1 sent back, path by path]
    /// <summary>The reverse loop.</summary>
    /// <param name="dy">δy⟨t⟩ for every step, from what lies above.</param>
    /// <param name="d">The gradients of the weights; added to.</param>
    /// <param name="dLast">What reads the last states sends back, by the state's name; null: nothing does.</param>
    public RecurrentGradient Backward(IReadOnlyList<Vector> dy, CellWeights d, IReadOnlyDictionary<string, Vector>? dLast = null)
    {
        OrderedDictionary<string, NamedVectors> last = [];
        foreach (string state in _cell.States)
            last[state] = dLast?.GetValueOrDefault(state) is { } given ? new() { { Paths.Last, given } } : [];
        IReadOnlyDictionary<string, NamedVectors> next = last;
        CellStepGradient[] gradients = new CellStepGradient[Steps.Count];
        for (int t = Steps.Count - 1; t >= 0; t--)
        {
            OrderedDictionary<string, NamedVectors> arriving = new() { [_cell.Output] = new() { { Paths.Output, dy[t] } } };
            foreach (string state in _cell.States)
            {
                arriving.TryAdd(state, []);
                foreach ((string path, Vector term) in next[state]) arriving[state].Add(path, term);
            }
            gradients[t] = _cell.Backward(Weights, Steps[t], arriving, d);
            next = gradients[t].Before;
        }
        return new RecurrentGradient(gradients, next);
    }
}

/// <summary>The gradients of one cell through one sequence.</summary>
/// <param name="Steps">Step by step, in the order in which they were made.</param>
/// <param name="First">For each state the terms of its δ before the first step: of ∂L/∂h⟨0⟩, ∂L/∂c⟨0⟩ (S12, S51).</param>
public sealed record RecurrentGradient(IReadOnlyList<CellStepGradient> Steps, IReadOnlyDictionary<string, NamedVectors> First);
