using Unroll.Inspection.Textbook;

namespace Unroll.Cli.Lab;

//  row i of ∂s⟨T⟩/∂s⟨k⟩ is δs⟨k⟩ of the loss L = sᵢ⟨T⟩: one backward pass for every unit gives the matrices of all k at once

/// <summary>How the final state of a sequence depends on what came before; s is c for a cell that has one, else h.</summary>
/// <param name="First">∂s⟨T⟩/∂s⟨0⟩, [H, H].</param>
/// <param name="States">∂s⟨T⟩/∂s⟨k⟩, [H, H], for every step; the last is 1.</param>
/// <param name="Inputs">∂s⟨T⟩/∂x⟨k⟩, [H, I], for every step.</param>
internal sealed record StateJacobians(Matrix First, IReadOnlyList<Matrix> States, IReadOnlyList<Matrix> Inputs)
{
    internal static StateJacobians Of(PairedCell cell, RecurrentRun run)
    {
        int hidden = cell.Hidden, steps = run.Steps.Count;
        string state = cell.Equations.States[^1];
        Matrix first = new(hidden, hidden);
        Matrix[] states = [.. Enumerable.Range(0, steps).Select(_ => new Matrix(hidden, hidden))];
        Matrix[] inputs = [.. Enumerable.Range(0, steps).Select(_ => new Matrix(hidden, cell.Inputs))];
        Vector[] none = [.. Enumerable.Repeat(Vector.Zeros(hidden), steps)];
        CellWeights unused = cell.Gradients();
        for (int unit = 0; unit < hidden; unit++)
        {
            Vector one = Vector.Zeros(hidden);
            one[unit] = 1;
            RecurrentGradient gradient = run.Backward(none, unused, new Dictionary<string, Vector> { [state] = one });
            SetRow(first, unit, gradient.First[state].Sum(hidden));
            for (int t = 0; t < steps; t++)
            {
                CellStepGradient step = gradient.Steps[t];
                SetRow(states[t], unit, step.Terms[state].Sum(hidden));
                SetRow(inputs[t], unit, step.X);
            }
        }
        return new StateJacobians(first, states, inputs);
    }

    private static void SetRow(Matrix matrix, int row, Vector values)
    {
        for (int column = 0; column < values.Count; column++) matrix[row, column] = values[column];
    }
}
