namespace Unroll.Cells.Definitions;

/// <summary>
/// Where something stands in the text of a definition. It takes no part in equality: two expressions are equal where they say the same.
/// </summary>
/// <param name="Line">From 1; 0: not from a text.</param>
/// <param name="Column">From 1.</param>
public readonly record struct SourcePlace(int Line, int Column)
{
    /// <summary>Always true.</summary>
    public bool Equals(SourcePlace other) => true;

    /// <inheritdoc/>
    public override int GetHashCode() => 0;
}

/// <summary>
/// A node of a cell's equations. Every value is a vector with one number a unit; a scalar or a constant stands for a vector of equal numbers.
/// Immutable; two are equal where they say the same.
/// </summary>
public abstract partial record CellExpression
{
    /// <summary>Where it stands in the text that it was read from.</summary>
    public SourcePlace Place { get; init; }
}

/// <summary>
/// x, the input of the step: as the operand of a product of any width, element by element only where the input has the
/// units' width.
/// </summary>
public sealed record InputExpression : CellExpression;

/// <summary>A state of the step before: h₋.</summary>
/// <param name="State">The state's name: <c>h</c>.</param>
public sealed record PreviousExpression(string State) : CellExpression;

/// <summary>A quantity of this step: a gate, a state's new value.</summary>
/// <param name="Name">Its name.</param>
public sealed record QuantityExpression(string Name) : CellExpression;

/// <summary>A learnable vector, one number a unit: a bias, a peephole, a gain.</summary>
/// <param name="Name">Its name.</param>
public sealed record VectorExpression(string Name) : CellExpression;

/// <summary>A learnable number.</summary>
/// <param name="Name">Its name.</param>
public sealed record ScalarExpression(string Name) : CellExpression;

/// <summary>A number.</summary>
/// <param name="Value">The number.</param>
public sealed record ConstantExpression(double Value) : CellExpression;

/// <summary>How a named matrix is used.</summary>
public enum MatrixForm
{
    /// <summary>A.</summary>
    Plain,
    /// <summary>Aᵀ.</summary>
    Transposed,
    /// <summary>A − Aᵀ.</summary>
    Antisymmetric,
}

/// <summary>A learnable matrix times a vector.</summary>
/// <param name="Matrix">The matrix's name.</param>
/// <param name="Of">What it multiplies.</param>
/// <param name="Form">How the matrix is used.</param>
public sealed record ProductExpression(string Matrix, CellExpression Of, MatrixForm Form = MatrixForm.Plain) : CellExpression;

/// <summary>What two operands make, unit by unit.</summary>
public enum BinaryOperator
{
    /// <summary>a + b.</summary>
    Add,
    /// <summary>a − b.</summary>
    Subtract,
    /// <summary>a ⊙ b.</summary>
    Multiply,
    /// <summary>a / b.</summary>
    Divide,
    /// <summary>a to the power of b, which is a constant.</summary>
    Power,
    /// <summary>The larger; where they are equal, a.</summary>
    Max,
    /// <summary>The smaller; where they are equal, a.</summary>
    Min,
}

/// <summary>Two operands, unit by unit.</summary>
/// <param name="Operator">What they make.</param>
/// <param name="Left">a.</param>
/// <param name="Right">b.</param>
public sealed record BinaryExpression(BinaryOperator Operator, CellExpression Left, CellExpression Right) : CellExpression;

/// <summary>A function of one number.</summary>
public enum CellFunction
{
    /// <summary>−a.</summary>
    Negate,
    /// <summary>σ(a) = 1 / (1 + e⁻ᵃ).</summary>
    Sigmoid,
    /// <summary>tanh a.</summary>
    Tanh,
    /// <summary>max(a, 0); its slope at 0 is 0.</summary>
    Relu,
    /// <summary>eᵃ.</summary>
    Exp,
    /// <summary>ln a.</summary>
    Log,
    /// <summary>ln(1 + eᵃ).</summary>
    Softplus,
    /// <summary>a / 6 + ½ kept within 0 … 1, as PyTorch's hardsigmoid.</summary>
    HardSigmoid,
    /// <summary>√a.</summary>
    SquareRoot,
}

/// <summary>A function, unit by unit.</summary>
/// <param name="Function">Which.</param>
/// <param name="Of">a.</param>
public sealed record FunctionExpression(CellFunction Function, CellExpression Of) : CellExpression;

/// <summary>a kept within low … high; its slope is 0 outside and at both ends.</summary>
/// <param name="Of">a.</param>
/// <param name="Low">The lowest value.</param>
/// <param name="High">The highest value.</param>
public sealed record ClipExpression(CellExpression Of, double Low, double High) : CellExpression;

//  μ = mean a      ρ = 1 / √(mean (a − μ)² + ε)      norm a = ρ (a − μ)      over all units of a row

/// <summary>Layer normalization of a row, without gain and bias (Ba, Kiros, Hinton 2016, arXiv:1607.06450, equation 4).</summary>
/// <param name="Of">a.</param>
/// <param name="Epsilon">ε.</param>
public sealed record NormExpression(CellExpression Of, double Epsilon = NormExpression.UsualEpsilon) : CellExpression
{
    /// <summary>ε where none is given: PyTorch's.</summary>
    public const double UsualEpsilon = 1e-5;
}

/// <summary>δ of a quantity: ∂L/∂(its value). Only derived expressions have it.</summary>
/// <param name="Quantity">The quantity's name.</param>
public sealed record DeltaExpression(string Quantity) : CellExpression;

/// <summary>1 where a is above b, else 0; of <paramref name="OrEqual"/> also where they are equal. Only derived expressions have it.</summary>
/// <param name="Left">a.</param>
/// <param name="Right">b.</param>
/// <param name="OrEqual">Whether it is 1 where they are equal.</param>
public sealed record AboveExpression(CellExpression Left, CellExpression Right, bool OrEqual) : CellExpression;

//  ρ (δ − mean δ − p̂ mean(δ ⊙ p̂))

/// <summary>The gradient through a layer normalization p̂ = norm a, of its operand. Only derived expressions have it.</summary>
/// <param name="Delta">δp̂.</param>
/// <param name="Normalized">The quantity p̂.</param>
public sealed record NormGradientExpression(CellExpression Delta, string Normalized) : CellExpression;
