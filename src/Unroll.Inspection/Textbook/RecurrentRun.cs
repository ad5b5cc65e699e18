namespace Unroll.Inspection.Textbook;

/// <summary>One cell through one sequence in one direction: every step forward, and the reverse loop of S04 back.</summary>
public sealed class RecurrentRun
{
    private readonly ICellEquations _cell;
    private readonly CellWeights _w;

    private RecurrentRun(ICellEquations cell, CellWeights w, CarriedState firstH, CarriedState? firstC, IReadOnlyList<CellStep> steps) =>
        (_cell, _w, FirstH, FirstC, Steps) = (cell, w, firstH, firstC, steps);

    internal CellWeights Weights => _w;

    /// <summary>h⟨0⟩.</summary>
    public CarriedState FirstH { get; }

    /// <summary>c⟨0⟩, or null.</summary>
    public CarriedState? FirstC { get; }

    /// <summary>The steps in the order in which they were made.</summary>
    public IReadOnlyList<CellStep> Steps { get; }

    /// <summary>y⟨t⟩ = h⟨t⟩ for every step.</summary>
    public IReadOnlyList<Vector> Outputs => [.. Steps.Select(step => step.H.Via(Paths.Output))];

    /// <summary>h⟨T⟩, the initial state for a sequence of length zero.</summary>
    public Vector LastH => (Steps.Count == 0 ? FirstH : Steps[^1].H).Via(Paths.Last);

    /// <summary>c⟨T⟩, or null.</summary>
    public Vector? LastC => (Steps.Count == 0 ? FirstC : Steps[^1].C)?.Via(Paths.Last);

    /// <summary>Runs the steps in the order given.</summary>
    /// <param name="cell">The equations.</param>
    /// <param name="w">The weights.</param>
    /// <param name="x">x⟨1⟩ … x⟨T⟩; may be empty.</param>
    /// <param name="h0">h⟨0⟩.</param>
    /// <param name="c0">c⟨0⟩; null for a cell without c.</param>
    /// <param name="place">The name under which a nudge means this run.</param>
    /// <param name="nudge">A change of one state on one path, or null.</param>
    public static RecurrentRun Forward(
        ICellEquations cell, CellWeights w, IReadOnlyList<Vector> x, Vector h0, Vector? c0, string place = "", Nudge? nudge = null)
    {
        CarriedState h = At(-1)("h", h0), firstH = h;
        CarriedState? c = c0 is null ? null : At(-1)("c", c0), firstC = c;
        List<CellStep> steps = [];
        for (int t = 0; t < x.Count; t++)
        {
            CellStep step = cell.Forward(w, x[t], h, c, At(t));
            steps.Add(step);
            (h, c) = (step.H, step.C);
        }
        return new RecurrentRun(cell, w, firstH, firstC, steps);

        Carry At(int t) => (state, value) =>
            new CarriedState(value, nudge is not null && nudge.Place == place && nudge.Step == t && nudge.State == state ? nudge : null);
    }

    //  for t = T … 1:   δh⟨t⟩ = [output: δy⟨t⟩] + [what step t + 1 sent back, path by path]
    /// <summary>The reverse loop.</summary>
    /// <param name="dy">δy⟨t⟩ for every step, from what lies above.</param>
    /// <param name="d">The gradients of the weights; added to.</param>
    /// <param name="dhLast">What reads h⟨T⟩ sends back, or null.</param>
    /// <param name="dcLast">What reads c⟨T⟩ sends back, or null.</param>
    public RecurrentGradient Backward(IReadOnlyList<Vector> dy, CellWeights d, Vector? dhLast = null, Vector? dcLast = null)
    {
        NamedVectors hFromNext = dhLast is null ? [] : new() { { Paths.Last, dhLast } };
        NamedVectors cFromNext = dcLast is null ? [] : new() { { Paths.Last, dcLast } };
        CellStepGradient[] gradients = new CellStepGradient[Steps.Count];
        for (int t = Steps.Count - 1; t >= 0; t--)
        {
            NamedVectors dh = new() { { Paths.Output, dy[t] } }, dc = [];
            foreach ((string path, Vector term) in hFromNext) dh.Add(path, term);
            foreach ((string path, Vector term) in cFromNext) dc.Add(path, term);
            gradients[t] = _cell.Backward(_w, Steps[t], dh, dc, d);
            (hFromNext, cFromNext) = (gradients[t].HPrev, gradients[t].CPrev);
        }
        return new RecurrentGradient(gradients, hFromNext, cFromNext);
    }
}

/// <summary>The gradients of one cell through one sequence.</summary>
/// <param name="Steps">Step by step, in the order in which they were made.</param>
/// <param name="FirstH">The terms of ∂L/∂h⟨0⟩ (S12, S51).</param>
/// <param name="FirstC">The terms of ∂L/∂c⟨0⟩.</param>
public sealed record RecurrentGradient(IReadOnlyList<CellStepGradient> Steps, NamedVectors FirstH, NamedVectors FirstC);
