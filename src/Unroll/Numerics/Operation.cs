namespace Unroll.Numerics;

/// <summary>What one node of lowered equations does to each unit. Every one is rounded once, or as <see cref="Activations"/> says.</summary>
internal enum Operation
{
    /// <summary>A value from memory.</summary>
    Operand,
    /// <summary>The number 1.</summary>
    One,
    /// <summary>a as it is.</summary>
    Copy,
    /// <summary>a + b.</summary>
    Add,
    /// <summary>a − b.</summary>
    Subtract,
    /// <summary>a · b.</summary>
    Multiply,
    /// <summary>a / b.</summary>
    Divide,
    /// <summary>a · b + c, rounded once.</summary>
    MultiplyAdd,
    /// <summary>−a.</summary>
    Negate,
    /// <summary>The larger; a where they are equal, NaN where either is.</summary>
    Max,
    /// <summary>The smaller; a where they are equal, NaN where either is.</summary>
    Min,
    /// <summary>a within b … c; a NaN stays one.</summary>
    Clip,
    /// <summary>1 where a &gt; b, else 0.</summary>
    Above,
    /// <summary>0 where a &lt; b, else 1.</summary>
    NotBelow,
    /// <summary>σ(a).</summary>
    Sigmoid,
    /// <summary>tanh a.</summary>
    Tanh,
    /// <summary>0 where a &lt; 0, else a.</summary>
    Relu,
    /// <summary>eᵃ.</summary>
    Exp,
    /// <summary>ln a.</summary>
    Log,
    /// <summary>ln(1 + eᵃ).</summary>
    Softplus,
    /// <summary>a/6 + ½, the product and the sum rounded once, within 0 … 1.</summary>
    HardSigmoid,
    /// <summary>√a.</summary>
    SquareRoot,
    /// <summary>The standardized row; only as a statement of its own.</summary>
    Norm,
    /// <summary>The gradient through a standardized row: of δp̂, p̂ and ρ; only as a statement of its own.</summary>
    NormBack,
}

/// <summary>The operations as trees: what a shape of statement computes, for the selection to match.</summary>
/// <param name="Operation">What the root does.</param>
/// <param name="Operand">Which operand, of <see cref="Operation.Operand"/>.</param>
/// <param name="Of">What it is done to.</param>
internal sealed record Pattern(Operation Operation, int Operand = 0, params Pattern[] Of)
{
    /// <summary>How many different operands.</summary>
    public int Operands => Operation == Operation.Operand ? Operand + 1 : Of.Length == 0 ? 0 : Of.Max(p => p.Operands);

    /// <summary>How many operations.</summary>
    public int Operations => Operation is Operation.Operand or Operation.One ? 0 : 1 + Of.Sum(p => p.Operations);

    /// <inheritdoc/>
    public override string ToString() => Operation switch
    {
        Operation.Operand => "abcd"[Operand].ToString(),
        Operation.One => "1",
        _ => $"{Operation}({string.Join(", ", Of.Select(p => p.ToString()))})",
    };
}
