namespace Unroll.Cells.Definitions;

/// <summary>Where a statement of a compiled cell reads or writes a row of numbers.</summary>
internal enum OperandKind
{
    /// <summary>A saved slot.</summary>
    Saved,
    /// <summary>A state of the step before.</summary>
    Before,
    /// <summary>A state of this step.</summary>
    After,
    /// <summary>x.</summary>
    Input,
    /// <summary>A row of the cell's own vectors, the same for every row of the tile.</summary>
    Extra,
    /// <summary>A slot of δ.</summary>
    Delta,
    /// <summary>δ of a state as it arrives; of states beside the first it leaves as δ of the state before.</summary>
    DeltaState,
    /// <summary>δ of the first state of the step before.</summary>
    DeltaBefore,
    /// <summary>δ of a product's source, as the layer computed it.</summary>
    Source,
    /// <summary>A row that lives no longer than the stage.</summary>
    Scratch,
}

/// <summary>A row of numbers.</summary>
/// <param name="Kind">Where it lies.</param>
/// <param name="Index">Which one.</param>
internal readonly record struct Operand(OperandKind Kind, int Index);

/// <summary>A leaf that is bound to where its numbers lie.</summary>
/// <param name="At">Where.</param>
internal sealed record OperandExpression(Operand At) : CellExpression;

/// <summary>How a statement computes its target.</summary>
internal enum StatementKind
{
    /// <summary>Unit by unit.</summary>
    ByUnit,
    /// <summary>A row standardized: the target receives p̂, <see cref="CellStatement.Scale"/> ρ in every unit; the value is an operand.</summary>
    Norm,
    /// <summary>The gradient through it: the value is δp̂, an operand; <see cref="CellStatement.Normalized"/> and Scale are read.</summary>
    NormGradient,
}

/// <summary>target = value, or target += value.</summary>
/// <param name="Target">Where it goes.</param>
/// <param name="Value">Over operands and constants.</param>
/// <param name="Kind">How it is computed.</param>
internal sealed record CellStatement(Operand Target, CellExpression Value, StatementKind Kind = StatementKind.ByUnit)
{
    /// <summary>Whether it is added to what is there.</summary>
    public bool Adds { get; init; }

    /// <summary>ε of a standardized row.</summary>
    public double Epsilon { get; init; }

    /// <summary>ρ of a standardized row.</summary>
    public Operand Scale { get; init; }

    /// <summary>p̂.</summary>
    public Operand Normalized { get; init; }
}
