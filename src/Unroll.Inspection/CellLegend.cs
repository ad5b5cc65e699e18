using Unroll.Cells;

namespace Unroll.Inspection;

/// <summary>The names of a built-in cell's gates, and its equations with the ids of the notes, for who reads a page.</summary>
internal static class CellLegend
{
    /// <summary>What a gate or state is called in words; its letter for a cell that is not built in.</summary>
    public static string Called(ICell cell, string trace) => (cell, trace) switch
    {
        (LstmCell or LayerNormLstmCell, "i") => "i, input gate",
        (LstmCell or LayerNormLstmCell, "f") => "f, forget gate",
        (LstmCell or LayerNormLstmCell, "g") => "g, candidate",
        (LstmCell or LayerNormLstmCell, "o") => "o, output gate",
        (LstmCell, "m") => "m = tanh(c)",
        (LstmCell, "hm") => "o ⊙ m, before the projection",
        (LstmCell or LayerNormLstmCell, "c") => "c, cell state",
        (GruCell or GruAfterCell or LayerNormGruCell, "r") => "r, reset gate",
        (GruCell or GruAfterCell or LayerNormGruCell, "z") => "z, update gate (1 keeps the past)",
        (GruCell or GruAfterCell or LayerNormGruCell, "n") => "n, candidate",
        (GruCell, "rh") => "r ⊙ h₋",
        (LayerNormLstmCell, "m") => "m = tanh(LN(c))",
        (LayerNormLstmCell, "nc") => "ĉ, c standardized",
        (LayerNormGruCell, "hn") => "LN(U_n h₋), before the reset",
        (LayerNormLstmCell, "sc") => "1/σ of c",
        (LayerNormLstmCell, "sx") => "1/σ of W x",
        (LayerNormLstmCell, "su") => "1/σ of U h₋",
        (LayerNormGruCell, "sx" or "sxn") => $"1/σ of W x, {(trace == "sx" ? "r and z" : "n")}",
        (LayerNormGruCell, "su" or "sun") => $"1/σ of U h₋, {(trace == "su" ? "r and z" : "n")}",
        (IRowCell, ['x', var gate]) => $"W_{gate} x, standardized",
        (IRowCell, ['u', var gate]) => $"U_{gate} h₋, standardized",
        (GruAfterCell, "hn") => "W_hn h₋ + b_hn, before the reset",
        (RnnCell, "a") => "a = h, output",
        (ResidualCell, "g") => "g, what is added",
        (_, "h") => "h, output",
        _ => trace,
    };

    /// <summary>The equations: what is computed, how, and where the notes have it.</summary>
    public static IReadOnlyList<(string Equation, string Meaning, string Notes)> Equations(ICell cell) => cell switch
    {
        LstmCell lstm =>
        [
            ("i = σ(W_i x + U_i h₋ + b_i)", "how much of the candidate is taken in", "S22, S23, S25"),
            (lstm.Gates.Contains('f', StringComparison.Ordinal) ? "f = σ(W_f x + U_f h₋ + b_f)" : "f = 1 − i", "how much of the past is kept", "S23, S25, S30"),
            ("g = tanh(W_g x + U_g h₋ + b_g)", "the candidate", "S23"),
            ("o = σ(W_o x + U_o h₋ + b_o)", "how much of the cell state is shown", "S23, S25"),
            .. lstm.ExtraRows == 0 ? [] : (ReadOnlySpan<(string, string, string)>)[("+ p_i ⊙ c₋, + p_f ⊙ c₋, + p_o ⊙ c", "peepholes, inside i, f and o", "S28")],
            ("c = f ⊙ c₋ + i ⊙ g", "the cell state; its direct path backward is f", "S22, S30"),
            ("m = tanh(c),  " + (lstm.Stages == 1 ? "h = o ⊙ m" : "h = W_hr (o ⊙ m)"), "the output", "S23, S24"),
        ],
        GruCell =>
        [
            ("r = σ(W_r x + U_r h₋ + b_r)", "how much of the past the candidate sees", "S35, S36, S46"),
            ("z = σ(W_z x + U_z h₋ + b_z)", "how much of the past is kept (1 − Γu of the notes)", "S36, S37, trap 1"),
            ("n = tanh(W_n x + U_n (r ⊙ h₋) + b_n)", "the candidate, reset before the product", "S36, trap 2"),
            ("h = (1 − z) ⊙ n + z ⊙ h₋", "the state and output; its direct path backward is z", "S36, S45"),
        ],
        GruAfterCell =>
        [
            ("r = σ(W_r x + U_r h₋ + b_r)", "how much of the past the candidate sees", "S35, S46"),
            ("z = σ(W_z x + U_z h₋ + b_z)", "how much of the past is kept (1 − Γu of the notes)", "S37, trap 1"),
            ("n = tanh(W_n x + r ⊙ (U_n h₋ + b_hn) + b_n)", "the candidate, reset after the product", "trap 2"),
            ("h = (1 − z) ⊙ n + z ⊙ h₋", "the state and output; its direct path backward is z", "S36, S45"),
        ],
        LayerNormLstmCell =>
        [
            ("i, f, o = σ(LN(W x) + LN(U h₋)),  g = tanh(…)", "what comes in, what is kept, what is shown, the candidate", "S23, S25"),
            ("LN(p) = α ⊙ (p − mean p)/σ + β", "over all units of all four gates together", ""),
            ("c = f ⊙ c₋ + i ⊙ g", "the cell state; its direct path backward is f", "S22, S30"),
            ("m = tanh(LN(c)),  h = o ⊙ m", "the output; c itself is carried on as it is", "S23, S24"),
        ],
        LayerNormGruCell =>
        [
            ("r, z = σ(LN(W x) + LN(U h₋))", "what the candidate sees of the past, and how much of it is kept", "S35, S37"),
            ("LN(p) = α ⊙ (p − mean p)/σ + β", "over all units, of r and z together, of n alone", ""),
            ("n = tanh(LN(W_n x) + r ⊙ LN(U_n h₋))", "the candidate, reset after the product", "trap 2"),
            ("h = (1 − z) ⊙ n + z ⊙ h₋", "the state and output; its direct path backward is z", "S36, S45"),
        ],
        RnnCell => [("h = a = φ(W x + U h₋ + b)", "the state and output, rewritten at every step", "S02, S05, S16")],
        ResidualCell => [("h = h₋ + g(W x + U h₋ + b)", "the state and output, added to at every step", "S17, S19, S20")],
        _ => [],
    };
}
