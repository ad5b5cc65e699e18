namespace Unroll.Cells.Definitions;

/// <summary>What kind of value a quantity has.</summary>
public enum QuantityKind
{
    /// <summary>Unit by unit, of other quantities.</summary>
    Plain,
    /// <summary>A sum with products of matrices in it: the argument of a gate.</summary>
    Argument,
    /// <summary>A row that is standardized.</summary>
    Norm,
}

/// <summary>
/// A quantity of a step, taken apart so far that what is derived has a name everywhere: the argument of every nonlinear function, what every matrix
/// multiplies and what is standardized are quantities of their own.
/// </summary>
/// <param name="Name">Its name: as in the text, or made for it: <c>a_f</c>, the argument of f; <c>rh</c>, r ⊙ h₋.</param>
/// <param name="Owner">The quantity of the text for which it was made; of one of the text itself its name.</param>
/// <param name="Kind">Of what kind its value is.</param>
/// <param name="Value">
/// The whole value, over x, states of the step before, quantities that come earlier, and parameters. Of a plain one: unit by unit without a nonlinear
/// function, or such a function of a single leaf.
/// </param>
public sealed record CellQuantity(string Name, string Owner, QuantityKind Kind, CellExpression Value)
{
    /// <summary>Of an argument: the products, in order; each multiplies x, a state of the step before, or a quantity.</summary>
    public IReadOnlyList<ProductExpression> Products { get; init; } = [];

    /// <summary>Of an argument: the vectors that are added and have no other use, at most two.</summary>
    public IReadOnlyList<string> Biases { get; init; } = [];

    /// <summary>Of an argument: what else is added, unit by unit; null: nothing. Of others: the value.</summary>
    public CellExpression? Rest { get; init; }

    /// <summary>The first stage in which everything that it needs is there: a product of a quantity needs that quantity's stage to be over.</summary>
    public int Stage { get; init; }

    /// <summary>
    /// The stage, backward, in which its δ is complete: the stage of its last reader, or the one before the product that multiplies it.
    /// </summary>
    public int BackStage { get; init; }

    /// <summary>The quantities that it reads unit by unit, not through a matrix; each once.</summary>
    internal IEnumerable<string> ReadByUnit =>
        Rest is null ? [] : Rest.All().OfType<QuantityExpression>().Select(part => part.Name).Distinct();

    /// <summary>Whether it stands in the text.</summary>
    public bool IsNamed => Name == Owner;
}
