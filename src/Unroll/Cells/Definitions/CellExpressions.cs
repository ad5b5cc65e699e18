namespace Unroll.Cells.Definitions;

/// <summary>Walks over expressions.</summary>
public static class CellExpressions
{
    /// <summary>What an expression is made of, from left to right; nothing of a leaf.</summary>
    /// <param name="value">The expression.</param>
    public static IEnumerable<CellExpression> Parts(CellExpression value) => value switch
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

    /// <summary>An expression and everything inside it, from left to right.</summary>
    /// <param name="value">The expression.</param>
    public static IEnumerable<CellExpression> All(CellExpression value) => [value, .. Parts(value).SelectMany(All)];
}
