using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;

namespace Unroll.Cli.Lab.Gates;

/// <summary>A cell with random weights, some of whose gates are held open or closed by their biases alone.</summary>
/// <param name="Random">Where weights and inputs come from.</param>
/// <param name="Inputs">I.</param>
/// <param name="Hidden">H.</param>
/// <param name="Steps">T.</param>
internal sealed record ForcedCell(Rng Random, int Inputs, int Hidden, int Steps)
{
    /// <summary>A bias that closes (−) or opens (+) a gate completely: σ(±1000) is 0 or 1 in float and in double.</summary>
    internal const double Whole = 1000;

    /// <summary>Normal inputs, the same for every cell.</summary>
    internal Vector[] X => Draw.Inputs(Random.For("inputs"), Steps, Inputs, 1);

    /// <summary>An initial h within ±1, in floats.</summary>
    internal Vector H0 => Draw.Normal(Random.For("h0"), Hidden, 0.5).Map(v => (float)Math.Tanh(v));

    /// <summary>An initial c, in floats.</summary>
    internal Vector C0 => Draw.Normal(Random.For("c0"), Hidden, 1).Map(v => (float)v);

    /// <summary>A cell whose weights are normal, the candidate's the same for every cell.</summary>
    /// <param name="options">Which cell.</param>
    /// <param name="biases">Gate and bias: <c>('f', Whole)</c>; the others have 0.</param>
    internal PairedCell Cell(CellOptions options, params ReadOnlySpan<(char Gate, double Bias)> biases)
    {
        PairedCell cell = new(options, Inputs, Hidden);
        foreach (char gate in cell.Equations.Gates)
        {
            double bias = 0;
            foreach ((char name, double value) in biases)
                if (name == gate) bias = value;
            (Matrix input, Matrix recurrent) = Weights(gate is 'a' or 'g' or 'n' ? "candidate" : gate.ToString());
            cell.Gate(gate, input, recurrent, bias);
        }
        return cell;
    }

    /// <summary>W_i and W_h that are drawn for a purpose.</summary>
    internal (Matrix Input, Matrix Recurrent) Weights(string purpose) =>
        (new Matrix([.. Draw.Normal(Random.For(purpose + " of x"), Hidden * Inputs, 0.5)], 0, Hidden, Inputs),
            Draw.OfRadius(Random.For(purpose), Hidden, 1));
}
