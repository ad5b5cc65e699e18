using Unroll.Cells.Definitions;

namespace Unroll.Inspection.Textbook;

//  dt = 0.1      dt ⊙ 2

/// <summary>The quantities of a definition that are made of written numbers alone: nothing learns by their gradient.</summary>
internal static class ConstantQuantities
{
    /// <summary>Their names.</summary>
    /// <param name="derivation">What was derived from the definition.</param>
    public static IReadOnlySet<string> Of(CellDerivation derivation)
    {
        HashSet<string> names = [];
        foreach (CellQuantity one in derivation.Quantities)
            if (!derivation.Arrives(one.Name) && one.Value.All().All(part => part is ConstantExpression or BinaryExpression
                or FunctionExpression or ClipExpression || part is QuantityExpression read && names.Contains(read.Name))) names.Add(one.Name);
        return names;
    }
}
