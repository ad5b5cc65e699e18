namespace Unroll.Cells.Definitions;

public abstract partial record CellExpression
{
    /// <summary>What it is made of: its operands, from left to right; nothing of a leaf.</summary>
    public IReadOnlyList<CellExpression> Operands => this switch
    {
        ProductExpression product => [product.Of],
        BinaryExpression binary => [binary.Left, binary.Right],
        FunctionExpression function => [function.Of],
        ClipExpression clip => [clip.Of],
        NormExpression norm => [norm.Of],
        AboveExpression above => [above.Left, above.Right],
        NormGradientExpression gradient => [gradient.Delta, new QuantityExpression(gradient.Normalized)],
        _ => [],
    };

    /// <summary>Itself and everything within it, each before its operands, from the left.</summary>
    public IEnumerable<CellExpression> All()
    {
        Stack<CellExpression> open = new([this]);
        while (open.TryPop(out CellExpression? one))
        {
            yield return one;
            IReadOnlyList<CellExpression> operands = one.Operands;
            for (int i = operands.Count - 1; i >= 0; i--) open.Push(operands[i]);
        }
    }

    /// <summary>The expression as it stands in a text.</summary>
    public sealed override string ToString() => CellText.Format(this);

    /// <summary>The name of a leaf: of x, of a state, a quantity, a vector or a number; null: it has none.</summary>
    public string? LeafName => this switch
    {
        InputExpression => CellWords.Input,
        PreviousExpression previous => previous.State,
        QuantityExpression quantity => quantity.Name,
        VectorExpression vector => vector.Name,
        ScalarExpression scalar => scalar.Name,
        _ => null,
    };

    /// <summary>Whether it is something that is computed: an operation of the limit, not a name or a number.</summary>
    internal bool IsOperation => Operands.Count > 0;

    /// <summary>Whether x stands in it other than as what a matrix multiplies.</summary>
    internal bool UsesInputByUnit => this is InputExpression || Operands.Any(operand =>
        operand.UsesInputByUnit && !(this is ProductExpression && operand is InputExpression));
}
