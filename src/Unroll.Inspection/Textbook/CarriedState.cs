namespace Unroll.Inspection.Textbook;

/// <summary>
/// A state on its way out of a step. It has one value, but it is read at several places, each by the name of its path: h⟨t⟩ by the output and by
/// every gate of step t + 1, c⟨t⟩ by h⟨t⟩ and by c⟨t+1⟩. Every path gives one term of the state's gradient, and a <see cref="Textbook.Nudge"/>
/// of one path, and only of that one, measures that term.
/// </summary>
/// <param name="Value">The state.</param>
/// <param name="Nudge">What one of the readers sees in addition, or null.</param>
public sealed record CarriedState(Vector Value, Nudge? Nudge)
{
    /// <summary>The state as the reader at the end of that path sees it; see <see cref="Paths"/>.</summary>
    public Vector Via(string path)
    {
        if (Nudge is null || Nudge.Path != path) return Value;
        Vector seen = new([.. Value]);
        seen[Nudge.Unit] += Nudge.Amount;
        return seen;
    }
}

/// <summary>A small change of one unit of one state on one of its paths.</summary>
/// <param name="Place">Which recurrent layer and direction: the layer's name and PyTorch's suffix, as in <c>"encoder.l0_reverse"</c>.</param>
/// <param name="Step">The step that makes the state, in the order in which the layer goes through time; −1 is the initial state.</param>
/// <param name="State">Its name: <c>"h"</c>, <c>"c"</c>; or that of another quantity of which terms have names.</param>
/// <param name="Path">The only path on which the change is seen.</param>
/// <param name="Unit">Which element.</param>
/// <param name="Amount">What is added to it.</param>
public sealed record Nudge(string Place, int Step, string State, string Path, int Unit, double Amount);

/// <summary>Says that <paramref name="value"/> is the state <paramref name="state"/> (<c>"h"</c>, <c>"c"</c>) of the step being computed.</summary>
public delegate CarriedState Carry(string state, Vector value);

/// <summary>
/// The names of the paths on which a state is read; a term of a gradient has the name of its path. The path into the argument of a gate is
/// called after the gate: <c>"through z"</c>.
/// </summary>
public static class Paths
{
    /// <summary>h⟨t⟩ to y⟨t⟩, or to whatever lies above: the term of the step's own loss (S03, S41).</summary>
    public const string Output = "output";

    /// <summary>The last state to whatever reads the final state, where something does.</summary>
    public const string Last = "last state";

    /// <summary>The state to its successor through a matrix and nothing else that has a name. Vanilla RNN: a⟨t⟩ to a⟨t+1⟩ (S03).</summary>
    public const string Next = "next step";

    /// <summary>The state to its successor without a weight: (1 − Γu₊) for the GRU, f₊ for the LSTM's c, 1 for the residual recurrence.</summary>
    public const string Direct = "direct";

    /// <summary>LSTM: c⟨t⟩ to h⟨t⟩ by m = tanh(c).</summary>
    public const string Hidden = "through h";
}
