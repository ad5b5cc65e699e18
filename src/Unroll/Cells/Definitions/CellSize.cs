namespace Unroll.Cells.Definitions;

/// <summary>By what a number of values is given.</summary>
public enum CellSizeKind
{
    /// <summary>The units of the layer.</summary>
    Units,
    /// <summary>The features of the input.</summary>
    Inputs,
    /// <summary>The width that is declared of a state.</summary>
    Declared,
}

/// <summary>How many numbers a value has, or a matrix rows or columns, before a layer says how many units and inputs there are.</summary>
/// <param name="Kind">By what it is given.</param>
/// <param name="Width">The declared width.</param>
public readonly record struct CellSize(CellSizeKind Kind, CellWidth Width = default)
{
    /// <summary>The number in a layer.</summary>
    /// <param name="inputs">Features of the input.</param>
    /// <param name="units">Units of the layer.</param>
    public int Of(int inputs, int units) => Kind switch
    {
        CellSizeKind.Units => units,
        CellSizeKind.Inputs => inputs,
        _ => Width.Of(units),
    };

    /// <summary>In words: <c>units</c>, <c>inputs</c>, <c>64</c>, <c>units / 4</c>.</summary>
    public override string ToString() => Kind switch
    {
        CellSizeKind.Units => "units",
        CellSizeKind.Inputs => "inputs",
        _ => CellFormatter.Width(Width),
    };
}
