using Unroll.Cells;

namespace Unroll.Inspection;

/// <summary>What it means when a gate of a built-in cell stays at a bound (notes S25, S37 to S39), and whether that is harm.</summary>
internal static class GateMeaning
{
    /// <summary>A clause, and whether the gate at that bound keeps the cell from learning or remembering.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="gate">The gate.</param>
    /// <param name="upper">Whether it is the upper bound.</param>
    public static (string Text, bool IsHarm) Of(ICell cell, string gate, bool upper) => (cell, gate, upper) switch
    {
        (LstmCell or LayerNormLstmCell, "i", false) => ("the cell takes nothing in: c never hears of the input", true),
        (LstmCell or LayerNormLstmCell, "i", true) => ("every candidate is taken in whole", false),
        (LstmCell or LayerNormLstmCell, "f", false) => ("the cell forgets at every step", true),
        (LstmCell or LayerNormLstmCell, "f", true) => ("the cell never forgets: c is a running sum", false),
        (LstmCell or LayerNormLstmCell, "o", false) => ("the cell shows nothing: h is near 0 and little gradient reaches c", true),
        (LstmCell or LayerNormLstmCell, "o", true) => ("the cell always shows all of c", false),
        (GruCell or GruAfterCell or LayerNormGruCell, "r", false) => ("the candidate sees the input alone and nothing of the past", true),
        (GruCell or GruAfterCell or LayerNormGruCell, "r", true) => ("the candidate always sees the whole past, as in a plain RNN", false),
        (GruCell or GruAfterCell or LayerNormGruCell, "z", false) => ("the state is replaced by the candidate at every step: nothing is kept, as in a plain RNN", true),
        (GruCell or GruAfterCell or LayerNormGruCell, "z", true) => ("the state is copied from step to step: nothing new comes in", true),
        (ResidualCell, "g", false) => ("nearly the same is added to the state at every step, and no gradient passes the activation", true),
        (ResidualCell, "g", true) => ("nearly the same is added to the state at every step: it grows without bound", true),
        _ => ("it is constant, and nearly no gradient passes it", true),
    };
}
