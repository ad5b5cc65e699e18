namespace Unroll.Cells;

/// <summary>
/// What a cell says of itself to those who look inside it, start its weights or compare it. A cell need say none of it; then its parts go by their
/// letters, ranges are guessed from values and marked as guessed, and nothing is known of its memory.
/// </summary>
public sealed record CellDescription
{
    /// <summary>Nothing.</summary>
    public static CellDescription None { get; } = new();

    /// <summary>The cell's gates and other saved slots, in any order; one that is left out is not known.</summary>
    public IReadOnlyList<SlotDescription> Slots { get; init; } = [];

    /// <summary>Its equations, for those who read a page.</summary>
    public IReadOnlyList<CellEquation> Equations { get; init; } = [];

    /// <summary>The bias that decides how long the state is kept; null: there is none.</summary>
    public MemoryBias? Memory { get; init; }

    /// <summary>How c reaches h and the next c, for a cell with h = o ⊙ tanh c; null: inspection finds it from the cell's Backward.</summary>
    public CellStatePath? StatePath { get; init; }

    /// <summary>Whether it learns best when its recurrent weights begin as the identity and its biases at 0 (Le, Jaitly, Hinton 2015).</summary>
    public bool StartsAsIdentity { get; init; }

    /// <summary>What is said of a slot; null where nothing is.</summary>
    /// <param name="slot">One of <see cref="ICell.Saved"/>.</param>
    public SlotDescription? Find(string slot)
    {
        foreach (SlotDescription one in Slots)
            if (one.Name == slot) return one;
        return null;
    }

    /// <summary>The slot that says how much of the state is kept, by its role; null where no gate does.</summary>
    public SlotDescription? Keeper => KeptBy.FirstOrDefault().Gate;

    /// <summary>
    /// The slots that say how much of a state is kept, in the order of <see cref="Slots"/>, each with the name of the state; of a cell whose roles
    /// are taken at their word the first one alone, and the name is empty.
    /// </summary>
    public IReadOnlyList<(SlotDescription Gate, string State)> KeptBy => Keepers is null
        ? [.. Slots.Where(IsKeeper).Take(1).Select(slot => (slot, ""))]
        : [.. Slots.Where(IsKeeper).SelectMany(slot => Keepers.Where(one => one.Slot == slot.Name).Select(one => (slot, one.State)))];

    /// <summary>
    /// The slots that alone are what a state is multiplied by, and the state, where equations say it; null: roles are taken at their word.
    /// </summary>
    internal IReadOnlyList<(string Slot, string State)>? Keepers { get; init; }

    private static bool IsKeeper(SlotDescription slot) => slot.Role is GateRole.Keeps or GateRole.Forgets;
}

/// <summary>What the values of a slot can be, which says when it is saturated.</summary>
public enum GateRange
{
    /// <summary>No bounds: a state, a product, a rectified sum.</summary>
    Unbounded,
    /// <summary>0 … 1, the logistic function: saturated below 0.05 and above 0.95.</summary>
    Logistic,
    /// <summary>−1 … 1, tanh: saturated below −0.95 and above 0.95.</summary>
    Tanh,
}

/// <summary>What a slot does in its cell.</summary>
public enum GateRole
{
    /// <summary>None of these.</summary>
    Other,
    /// <summary>The old state is multiplied by it: f of an LSTM, z of a GRU.</summary>
    Keeps,
    /// <summary>The old state is multiplied by 1 minus it.</summary>
    Forgets,
    /// <summary>The candidate is multiplied by it: i of an LSTM.</summary>
    Admits,
    /// <summary>What comes out is multiplied by it: o of an LSTM.</summary>
    Shows,
    /// <summary>What may become the state.</summary>
    Candidate,
    /// <summary>What the candidate sees of the old state is multiplied by it: r of a GRU.</summary>
    Resets,
    /// <summary>The cell state as the output sees it: m of an LSTM.</summary>
    Shown,
    /// <summary>It is the new h itself.</summary>
    State,
}

/// <summary>A gate or another saved slot.</summary>
/// <param name="Name">As in <see cref="ICell.Saved"/>.</param>
/// <param name="Called">What it is called where it is shown: <c>"f, forget gate"</c>.</param>
/// <param name="Range">What its values can be.</param>
/// <param name="Role">What it does.</param>
public sealed record SlotDescription(string Name, string Called, GateRange Range = GateRange.Unbounded, GateRole Role = GateRole.Other)
{
    /// <summary>What it means when it stays at its lower bound; null: the general words.</summary>
    public StuckGate? AtLower { get; init; }

    /// <summary>What it means when it stays at its upper bound; null: the general words.</summary>
    public StuckGate? AtUpper { get; init; }

    /// <summary>
    /// The gate whose argument it is a part of, where that is not by adding a product to the gate's own slot: <c>hn</c> enters <c>n</c>.
    /// </summary>
    public char? Enters { get; init; }

    /// <summary>The gate that it is multiplied by on its way there; null: none.</summary>
    public char? Times { get; init; }
}

/// <summary>What it means when a gate stays at a bound.</summary>
/// <param name="Meaning">A clause: <c>"the cell forgets at every step"</c>.</param>
/// <param name="IsHarm">Whether that keeps the cell from learning or remembering.</param>
public sealed record StuckGate(string Meaning, bool IsHarm);

/// <summary>A line of a cell's equations.</summary>
/// <param name="Equation">The equation.</param>
/// <param name="Meaning">What it computes, in words.</param>
/// <param name="Notes">The numbers of the notes' statements about it; may be empty.</param>
public sealed record CellEquation(string Equation, string Meaning, string Notes = "");

/// <summary>The gate whose bias decides how long the state is kept.</summary>
/// <param name="Gate">The gate.</param>
public sealed record MemoryBias(char Gate)
{
    /// <summary>Whether a larger bias forgets: the state is kept by 1 minus the gate.</summary>
    public bool Negated { get; init; }

    /// <summary>Whether it begins at a forget bias (Jozefowicz, Zaremba, Sutskever 2015), as an LSTM's does.</summary>
    public bool TakesForgetBias { get; init; }

    /// <summary>The gate that admits the candidate apart: chrono initialization gives its bias the negative; null where one gate does both.</summary>
    public char? Admits { get; init; }
}

/// <summary>The way of c in a cell with c = keeps ⊙ c₋ + …, clipped, and h, or what is projected onto it, = shows ⊙ shown.</summary>
/// <param name="Keeps">The slot that multiplies c₋.</param>
/// <param name="Shows">The slot that multiplies what is shown.</param>
/// <param name="Shown">The slot with tanh c.</param>
public sealed record CellStatePath(string Keeps, string Shows, string Shown)
{
    /// <summary>c is clipped to ±this, its gradient zero outside; infinite for no clip.</summary>
    public float Clip { get; init; } = float.PositiveInfinity;

    /// <summary>
    /// The rows of the cell's own parameter that are multiplied by c₋ or c inside a gate; <c>SeesNew</c>: by the new c. Empty: no peepholes.
    /// </summary>
    public IReadOnlyList<(string Gate, int Row, bool SeesNew)> Peepholes { get; init; } = [];
}
