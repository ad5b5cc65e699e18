using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// Which equations belong to which description of a cell: those of its definition where the language has words for it; a cell in C# says so itself.
/// </summary>
public static class CellEquations
{
    /// <summary>The equations of a cell and its variants.</summary>
    /// <param name="options">The cell.</param>
    /// <param name="cells">The cells that the options may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">There is no cell of that kind, or it is a custom one without equations.</exception>
    public static ICellEquations Of(CellOptions options, CellCatalog? cells = null) =>
        Find(options, cells ?? CellCatalog.BuiltIn) ?? throw new UserErrorException((cells ?? CellCatalog.BuiltIn).Find(options.Kind) is null
            ? $"cell kind: expected {Words((cells ?? CellCatalog.BuiltIn).Kinds)}, got '{options.Kind}'."
            : $"cell '{options.Kind}' brings no equations in double ({nameof(IKnowsEquations)}), so that the textbook cannot compute it.");

    /// <summary>The same; null where there are none.</summary>
    /// <param name="options">The cell.</param>
    /// <param name="cells">The cells that the options may name.</param>
    public static ICellEquations? Find(CellOptions options, CellCatalog cells) => options.Definition is { } definition
        ? new DefinedEquations(definition) : options.Kind switch
    {
        "gru-ln" => new LayerNormGruEquations(),
        "lstm-ln" => new LayerNormLstmEquations(),
        _ => BuiltInEquations.Of(options) ?? OfCell(options, cells),
    };

    private static ICellEquations? OfCell(CellOptions options, CellCatalog cells) =>
        cells.Find(options.Kind) is not null && cells.Make(options) is IKnowsEquations own ? own.Equations : null;

    private static string Words(IReadOnlyList<string> kinds) => $"{string.Join(", ", kinds.SkipLast(1))} or {kinds[^1]}";
}
