using Unroll.Inspection.Textbook;
using Unroll.Numerics;

namespace Unroll.Cli.Lab.Residual;

//  h_j = h_{j−1} + g(z_j), L_t = v · h_t:      δ_{t,k} = ∂L_t/∂z_k = g′(z_k) ⊙ Π_{j=k+1…t} (I + diag(g′(z_j)) U)ᵀ v

/// <summary>The error terms δ_{t,k} of the residual recurrence, found in three ways (study notes, S18, S19).</summary>
/// <param name="Textbook">By the backward pass through the equations, in double; [T] of them, k from 0.</param>
/// <param name="Product">By multiplying the Jacobians out.</param>
/// <param name="Engine">By the engine in float: with W the identity, ∂L/∂x_k is δ_{t,k}.</param>
internal sealed record ErrorTerms(IReadOnlyList<Vector> Textbook, IReadOnlyList<Vector> Product, IReadOnlyList<Vector> Engine)
{
    /// <summary>For a loss at the last step alone.</summary>
    /// <param name="cell">A residual cell whose W is the identity.</param>
    /// <param name="x">The inputs.</param>
    /// <param name="v">∂L/∂h⟨T⟩.</param>
    /// <param name="threads">The threads of the engine.</param>
    internal static ErrorTerms Of(PairedCell cell, IReadOnlyList<Vector> x, Vector v, ThreadTeam threads)
    {
        RecurrentRun run = cell.Textbook(x);
        Vector[] none = [.. x.Select(_ => Vector.Zeros(cell.Hidden))];
        RecurrentGradient gradient = run.Backward(none, cell.Gradients(), new Dictionary<string, Vector> { ["h"] = v });
        EngineRun engine = cell.Engine(x, threads, dLast: v);
        return new ErrorTerms([.. gradient.Steps.Select(step => step.Deltas["a_g"])], Multiply(cell, run, v),
            [.. Enumerable.Range(0, x.Count).Select(engine.Dx)]);
    }

    private static Vector[] Multiply(PairedCell cell, RecurrentRun run, Vector v)
    {
        Matrix u = cell.Weights.Wh['g'];
        Vector[] terms = new Vector[run.Steps.Count];
        Vector back = v;                                                 // ∂L_t/∂h_k
        for (int k = terms.Length - 1; k >= 0; k--)
        {
            Vector slope = Slope(cell, run.Steps[k]);
            terms[k] = slope * back;
            back = Jacobian(u, slope).T * back;
        }
        return terms;
    }

    /// <summary>I + diag(g′) U.</summary>
    internal static Matrix Jacobian(Matrix u, Vector slope)
    {
        Matrix jacobian = new(u.Rows, u.Columns);
        for (int row = 0; row < u.Rows; row++)
            for (int column = 0; column < u.Columns; column++)
                jacobian[row, column] = slope[row] * u[row, column] + (row == column ? 1 : 0);
        return jacobian;
    }

    /// <summary>g′(z) of a step: σ (1 − σ), or 1 − tanh².</summary>
    internal static Vector Slope(PairedCell cell, CellStep step)
    {
        Vector g = step["g"];
        return cell.Options.Activation == "logistic" ? g * (1 - g) : 1 - g * g;
    }

    /// <summary>The largest distance between two ways, relative to the length of the term.</summary>
    internal static double Difference(IReadOnlyList<Vector> a, IReadOnlyList<Vector> b) =>
        a.Zip(b, (x, y) => Draw.Length(x) is > 0 and var length ? Draw.Length(x - y) / length : Draw.Length(y)).Max();
}
