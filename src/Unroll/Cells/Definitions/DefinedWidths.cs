namespace Unroll.Cells.Definitions;

/// <summary>
/// How wide the quantities and vectors of a definition are, where that is not the units: what meets a state of a declared width unit by unit is as
/// wide as that state.
/// </summary>
public sealed class DefinedWidths
{
    private readonly Dictionary<CellExpression, CellExpression> _like = [];
    private readonly Dictionary<CellExpression, CellWidth> _widths = [];

    private DefinedWidths(CellDerivation derivation)
    {
        foreach (CellQuantity quantity in derivation.Quantities)
        {
            QuantityExpression own = new(quantity.Name);
            foreach (string bias in quantity.Biases) Join(own, new VectorExpression(bias));
            if (quantity.Rest is null) continue;
            foreach (CellExpression leaf in CellExpressions.All(quantity.Rest))
                if (leaf is QuantityExpression or PreviousExpression or VectorExpression) Join(own, leaf);
        }
        foreach (CellState state in derivation.Definition.States)
        {
            QuantityExpression own = new(state.Name);
            Join(own, new PreviousExpression(state.Name));
        }
        foreach (CellState state in derivation.Definition.States)
            if (state.Width is { } width) _widths[First(new QuantityExpression(state.Name))] = width;
    }

    /// <summary>Finds them.</summary>
    /// <param name="derivation">What was derived from the definition.</param>
    public static DefinedWidths Of(CellDerivation derivation) => new(derivation);

    /// <summary>The width of a quantity; null: the units.</summary>
    /// <param name="quantity">Its name.</param>
    public CellWidth? Of(string quantity) => Of(new QuantityExpression(quantity));

    /// <summary>The width of what a matrix multiplies; null: the units, of x its features.</summary>
    /// <param name="source">A state of the step before, or a quantity.</param>
    public CellWidth? Of(CellExpression source) => _widths.TryGetValue(First(source), out CellWidth width) ? width : null;

    /// <summary>The width of a vector; null: the units.</summary>
    /// <param name="vector">Its name.</param>
    public CellWidth? OfVector(string vector) => Of(new VectorExpression(vector));

    private CellExpression First(CellExpression one)
    {
        while (_like.TryGetValue(one, out CellExpression? other)) one = other;
        return one;
    }

    private void Join(CellExpression one, CellExpression other)
    {
        (CellExpression a, CellExpression b) = (First(one), First(other));
        if (a != b) _like[b] = a;
    }
}
