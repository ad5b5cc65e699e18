using Unroll.Cells;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// a custom cell that brings its equations in double: the textbook, gradient checks and worked examples then know it as they know the built-in
/// ones. A cell need not; gradients are then held against differences of its own forward.
/// </summary>
public interface IKnowsEquations : ICell
{
    /// <summary>The same cell's equations.</summary>
    ICellEquations Equations { get; }
}
