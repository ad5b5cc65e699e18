using Unroll.Cells;
using Unroll.Cells.Definitions;

namespace Unroll.Layers.Recurrent;

/// <summary>A product of a step as the layer carries it out: a planned one, or a part of it whose chains all begin or all go on.</summary>
internal sealed class StepProduct
{
    /// <summary>Its number among the layer's, and that of its panels.</summary>
    public required int Index { get; init; }

    /// <summary>Which matrix.</summary>
    public required int Matrix { get; init; }

    /// <summary>How the matrix is used.</summary>
    public required MatrixForm Form { get; init; }

    /// <summary>The first of the matrix's blocks.</summary>
    public required int Block { get; init; }

    /// <summary>How many blocks.</summary>
    public required int Count { get; init; }

    /// <summary>Rows of a block.</summary>
    public required int Rows { get; init; }

    /// <summary>Terms of a sum: columns of the matrix.</summary>
    public required int Depth { get; init; }

    /// <summary>The first of the arguments that receive it.</summary>
    public required int Argument { get; init; }

    /// <summary>The saved slot that receives the first block; −1: the first state.</summary>
    public required int Slot { get; init; }

    /// <summary>The slot of δ of the first block; −1: δ of the first state.</summary>
    public required int Delta { get; init; }

    /// <summary>What is multiplied.</summary>
    public required ProductSource Of { get; init; }

    /// <summary>Its number among what products multiply.</summary>
    public required int Operand { get; init; }

    /// <summary>Its number among <see cref="StepPlan.Sources"/>; −1: its δ goes elsewhere.</summary>
    public required int Source { get; init; }

    /// <summary>Before which stage.</summary>
    public required int Stage { get; init; }

    /// <summary>Whether the chains begin with it.</summary>
    public required bool Begins { get; init; }

    /// <summary>Whether none of its arguments has a bias.</summary>
    public required bool IsBare { get; init; }

    /// <summary>Whether it is the first, on the way back, to reach δ of its source, and nothing stands there before.</summary>
    public bool BeginsBack { get; set; }

    /// <summary>Whether it serves that argument.</summary>
    public bool Serves(int argument) => argument >= Argument && argument < Argument + Count;
}
