using Unroll.Core;

namespace Unroll.Cells.Definitions;

//  h = V (o ⊙ m)      the one state that the engine keeps narrower than the units: a projection

/// <summary>
/// The rule for states with a width of their own. Rows of numbers within a step are as wide as the units, so a narrower value has no place there: the
/// engine carries out a narrow output that is a sum of products, which only matrices multiply.
/// </summary>
internal static class NarrowStates
{
    /// <summary>Throws where a narrow state is used otherwise.</summary>
    /// <param name="derivation">What was derived from the definition.</param>
    /// <exception cref="UserErrorException">It is.</exception>
    public static void Check(CellDerivation derivation)
    {
        CellDefinition definition = derivation.Definition;
        if (definition.States.FirstOrDefault(state => state.Width is not null && state.Name != definition.Output) is { } other)
            throw Error(definition, other.Name, $"it is narrower than the units and not the output, which is '{definition.Output}'");
        if (definition.States.FirstOrDefault(state => state.Width is not null) is not { Name: var narrow }) return;
        CellWidths widths = new(definition);
        foreach (CellQuantity one in derivation.Quantities)
        {
            if (one.Name == narrow)
            {
                if (one.Kind != QuantityKind.Argument || one.Rest is not null || one.Biases.Count > 0
                    || one.Products.Any(product => product.Of is not QuantityExpression))
                    throw Error(definition, narrow, "its value is more than products of quantities of this step");
                continue;
            }
            CellExpression[] byUnit = one.Rest is null ? [] : [.. one.Rest.All()];
            if (byUnit.Contains(new PreviousExpression(narrow)) || byUnit.Contains(new QuantityExpression(narrow)))
                throw Error(definition, narrow, $"'{one.Owner}' uses it unit by unit");
            if (one.Products.FirstOrDefault(product => widths.Rows(product.Matrix).Kind == CellSizeKind.Declared) is { } product)
                throw Error(definition, narrow, $"'{product.Matrix}' makes another value of its width, for '{one.Owner}'");
        }
    }

    private static UserErrorException Error(CellDefinition definition, string state, string what) => new(
        $"cell '{definition.Name}' state '{state}': {what}; expected of a state with a width of its own that it is the output and a sum of "
        + $"products, as in h = V (o ⊙ m), and stands only behind matrices; leave out 'width {state}', or write it so.");
}
