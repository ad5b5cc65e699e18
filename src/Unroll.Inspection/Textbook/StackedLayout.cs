using Unroll.Cells.Definitions;

namespace Unroll.Inspection.Textbook;

//  i = σ(W_ii x + b_ii + W_hi h₋ + b_hi)        PyTorch's names: W_ii lies in weight_ih, b_hi in bias_hh

/// <summary>The layout of a cell whose weights are stacked gate by gate, as PyTorch stacks them.</summary>
public static class StackedLayout
{
    /// <summary>W_i·, W_h·, b_i·, b_h· of every gate.</summary>
    /// <param name="gates">One letter per gate in the order of the rows.</param>
    /// <param name="more">What the cell has besides.</param>
    public static DefinedLayout Of(string gates, params IReadOnlyList<StoredParameter> more) => new(
    [
        new(DefinedLayout.OfInput, ParameterKind.Matrix, Names("W_i", gates)) { Of = new InputExpression() },
        new(DefinedLayout.OfState, ParameterKind.Matrix, Names("W_h", gates)) { Of = new PreviousExpression("h") },
        Vectors("bias_ih", "b_i", gates), Vectors("bias_hh", "b_h", gates), .. more,
    ]);

    /// <summary>A parameter of a row per gate.</summary>
    /// <param name="stored">The first part of its name in files.</param>
    /// <param name="name">What stands before the gate's letter in the name of a row.</param>
    /// <param name="gates">The gates that have a row.</param>
    public static StoredParameter Vectors(string stored, string name, string gates) => new(stored, ParameterKind.Vector, Names(name, gates));

    private static string[] Names(string name, string gates) => [.. gates.Select(gate => $"{name}{gate}")];
}
