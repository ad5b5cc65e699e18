using Unroll.Cells;
using Unroll.Cells.Definitions;

namespace Unroll.Inspection;

/// <summary>
/// What is known of one slot of a cell, from what the cell says (<see cref="ICell.Description"/>); what it does not say is guessed or left open.
/// </summary>
internal static class SlotFacts
{
    /// <summary>What a gate, slot or state is called where it is shown; its letter where the cell does not say.</summary>
    public static string Called(ICell cell, string trace) => cell.Description.Find(trace)?.Called ?? StateOf(cell, trace) ?? trace switch
    {
        "h" => "h, output",
        "c" => "c, cell state",
        _ => trace,
    };

    // A state of a definition is no slot.
    private static string? StateOf(ICell cell, string trace) =>
        (cell as DefinedCell)?.Derivation.Definition.Roles.FirstOrDefault(role => role.Name == trace) is { } role ? $"{trace}, {role.Called}" : null;

    /// <summary>The range of a slot's values, and whether it is a guess from them.</summary>
    public static (GateRange Range, bool Guessed) RangeOf(ICell cell, string slot, float[][] values) =>
        cell.Description.Find(slot) is { } known ? (known.Range, false) : (Guess(values), true);

    /// <summary>
    /// A clause on what it means that a gate stays at a bound, and whether the gate there keeps the cell from learning or remembering.
    /// </summary>
    public static StuckGate Stuck(ICell cell, string gate, bool upper) =>
        (upper ? cell.Description.Find(gate)?.AtUpper : cell.Description.Find(gate)?.AtLower)
        ?? new StuckGate("it is constant, and nearly no gradient passes it", IsHarm: true);

    /// <summary>Whether the slot is the new state itself.</summary>
    public static bool IsState(ICell cell, string slot) => cell.Description.Find(slot)?.Role == GateRole.State;

    private static GateRange Guess(float[][] values)
    {
        float smallest = float.PositiveInfinity, largest = float.NegativeInfinity;
        foreach (float[] step in values)
            foreach (float value in step) (smallest, largest) = (MathF.Min(smallest, value), MathF.Max(largest, value));
        return smallest >= 0 && largest <= 1 ? GateRange.Logistic : smallest >= -1 && largest <= 1 ? GateRange.Tanh : GateRange.Unbounded;
    }
}
