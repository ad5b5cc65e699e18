using Unroll.Inspection.Textbook;

namespace Unroll.Inspection.Worked;

/// <summary>What a state becomes from one step to the next, and over all of them (S19).</summary>
internal static class WorkedJacobian
{
    //  J⟨t⟩ = ∂h⟨t⟩/∂h⟨t−1⟩ = I + diag(1 − g²) U        ∂h⟨T⟩/∂h⟨0⟩ = J⟨T⟩ ⋯ J⟨1⟩
    internal static IEnumerable<WorkedValue> Of(TextbookGradient gradient)
    {
        RecurrentRun run = gradient.Run.Directions.Single().Run;
        Matrix u = run.Weights.Wh['g'];
        Matrix product = Identity(u.Rows);
        for (int t = 0; t < run.Steps.Count; t++)
        {
            Vector slope = Functions.TanhSlope(run.Steps[t]["g"]);
            Matrix jacobian = Identity(u.Rows);
            for (int row = 0; row < u.Rows; row++)
                for (int column = 0; column < u.Columns; column++)
                    jacobian[row, column] += slope[row] * u[row, column];
            product = jacobian * product;
            yield return WorkedValue.Of("Jacobians", $"∂h⟨{t + 1}⟩/∂h⟨{t}⟩", "", jacobian);
        }
        yield return WorkedValue.Of("Jacobians", $"∂h⟨{run.Steps.Count}⟩/∂h⟨0⟩", "product", product);
    }

    private static Matrix Identity(int size)
    {
        Matrix identity = new(size, size);
        for (int k = 0; k < size; k++) identity[k, k] = 1;
        return identity;
    }
}
