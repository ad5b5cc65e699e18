using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Cells;

/// <summary>
/// The cells that a program knows: the place where a name becomes a cell. A catalog is a value: it is handed to what makes networks (as an optional
/// last argument, null meaning <see cref="BuiltIn"/>) and never changes, so that a custom cell is as good as a built-in one wherever it is given.
/// </summary>
/// <example><code>CellCatalog cells = CellCatalog.BuiltIn.With(new CellEntry("mgu", options => new MinimalGatedUnit()));</code></example>
public sealed class CellCatalog
{
    private CellCatalog(IReadOnlyList<CellEntry> entries)
    {
        Entries = entries;
        Kinds = [.. entries.Select(entry => entry.Kind)];
        Variants = [.. entries.SelectMany(entry => entry.Variants)];
    }

    /// <summary>The cells of this library: a list one can read.</summary>
    public static CellCatalog BuiltIn { get; } = new(
    [
        LstmCell.Entry,
        GruCell.Entry,
        GruAfterCell.Entry,
        RnnCell.Entry,
        ResidualCell.Entry,
        LayerNormLstmCell.Entry,
        LayerNormGruCell.Entry,
    ]);

    /// <summary>One line for each cell, in order.</summary>
    public IReadOnlyList<CellEntry> Entries { get; }

    /// <summary>The names that <see cref="CellOptions.Kind"/> can have.</summary>
    public IReadOnlyList<string> Kinds { get; }

    /// <summary>Every variant of every cell that has mathematics of its own; laws and gradient checks run on each.</summary>
    public IReadOnlyList<CellVariant> Variants { get; }

    /// <summary>The same cells and one more, last.</summary>
    /// <param name="entry">The cell.</param>
    /// <exception cref="UserErrorException">There is a cell of that name.</exception>
    public CellCatalog With(CellEntry entry) => Find(entry.Kind) is null
        ? new CellCatalog([.. Entries, entry])
        : throw new UserErrorException($"cell '{entry.Kind}': the catalog already has a cell with this name; choose another.");

    /// <summary>The line of that name; null if there is none.</summary>
    /// <param name="kind">As in <see cref="CellOptions.Kind"/>.</param>
    public CellEntry? Find(string kind) => Entries.FirstOrDefault(entry => entry.Kind == kind);

    /// <summary>Makes the cell that the options describe.</summary>
    /// <param name="options">The cell and its variant.</param>
    /// <exception cref="UserErrorException">The kind is unknown, or an option does not belong to it; says which and what there is.</exception>
    public ICell Make(CellOptions options)
    {
        if (options.Definition is { } definition) return Defined(options, definition);
        if (Find(options.Kind) is not { } entry)
            throw new UserErrorException($"cell '{options.Kind}' is unknown: expected one of {string.Join(", ", Kinds)}.");
        if (entry.Lacks(options))
            throw new UserErrorException($"cell '{options.Kind}': peepholes, coupled gates, a projection and a cell clip belong to the "
                + $"{string.Join(" and the ", Entries.Where(other => other.HasRare).Select(other => other.Kind))} alone.");
        return entry.Make(options);
    }

    private static DefinedCell Defined(CellOptions options, CellDefinition definition)
    {
        if (options.Kind != definition.Name)
            throw new UserErrorException($"cell '{options.Kind}': its equations call it '{definition.Name}'; give both one name.");
        if (options != new CellOptions { Kind = options.Kind, Definition = definition })
            throw new UserErrorException($"cell '{options.Kind}': an activation, peepholes, coupled gates, a projection and clips are written into "
                + "its equations, and are no options beside them.");
        return definition.Cell;
    }
}
