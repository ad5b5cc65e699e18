namespace Unroll.Cells.Definitions;

public abstract partial record CellExpression
{
    /// <summary>What it is made of: its operands, in order.</summary>
    public IReadOnlyList<CellExpression> Operands => this switch
    {
        ProductExpression product => [product.Of],
        BinaryExpression binary => [binary.Left, binary.Right],
        FunctionExpression function => [function.Of],
        ClipExpression clip => [clip.Of],
        NormExpression norm => [norm.Of],
        AboveExpression above => [above.Left, above.Right],
        NormGradientExpression gradient => [gradient.Delta],
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

    /// <summary>Whether it is something that is computed: an operation of the limit, not a name or a number.</summary>
    internal bool IsOperation => Operands.Count > 0;

    /// <summary>Whether x stands in it other than as what a matrix multiplies.</summary>
    internal bool UsesInputByUnit => this is InputExpression || Operands.Any(operand =>
        operand.UsesInputByUnit && !(this is ProductExpression && operand is InputExpression));
}
