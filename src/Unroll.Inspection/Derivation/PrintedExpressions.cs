using Unroll.Cells.Definitions;

namespace Unroll.Inspection.Derivation;

//  What stands in a printed derivation beside the expressions of a definition.

/// <summary>δ of x, of a state of the step before, or of a parameter.</summary>
/// <param name="Of">Of what.</param>
internal sealed record GradientExpression(CellExpression Of) : CellExpression;

/// <summary>∂ℓ/∂y, ℓ being a step's own loss: what arrives at the layer's output from above.</summary>
/// <param name="Of">y.</param>
internal sealed record OwnLossExpression(CellExpression Of) : CellExpression;

/// <summary>A matrix by itself.</summary>
/// <param name="Name">Its name.</param>
internal sealed record MatrixExpression(string Name) : CellExpression;

/// <summary>a bᵀ, the matrix of all products of an element of a with one of b.</summary>
/// <param name="Left">a.</param>
/// <param name="Right">b.</param>
internal sealed record OuterExpression(CellExpression Left, CellExpression Right) : CellExpression;

/// <summary>Σ a, over the units.</summary>
/// <param name="Of">a.</param>
internal sealed record UnitSumExpression(CellExpression Of) : CellExpression;

/// <summary>A quantity that is the same at every step: made of numbers and parameters alone.</summary>
/// <param name="Name">Its name.</param>
internal sealed record FixedExpression(string Name) : CellExpression;

/// <summary>An expression of the step after: f is f₊, h₋ is h.</summary>
/// <param name="Of">The expression.</param>
internal sealed record NextStepExpression(CellExpression Of) : CellExpression;
