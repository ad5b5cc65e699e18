using Unroll.Cells;
using Unroll.Inspection.Textbook;

namespace Unroll.Tests.Laws;

/// <summary>The built-in cells and the two of docs/own-cell.md, a line each: the laws run over all of them alike.</summary>
internal static class OwnCells
{
    public static CellCatalog All { get; } = CellCatalog.BuiltIn
        .With(new CellEntry("mgu", _ => new MinimalGatedUnit()))
        .With(new CellEntry("light-ru", _ => new LightRecurrentUnit()));

    /// <summary>The names of all variants of all cells.</summary>
    public static TheoryData<string> Variants => new(All.Variants.Select(variant => variant.Name));

    /// <summary>Those whose equations in double are known.</summary>
    public static TheoryData<string> InTheTextbook =>
        new(All.Variants.Where(variant => IsInTheTextbook(variant.Options)).Select(variant => variant.Name));

    /// <summary>The variant of that name.</summary>
    public static CellOptions Options(string variant) => All.Variants.Single(one => one.Name == variant).Options;

    private static bool IsInTheTextbook(CellOptions options) => CellEquations.Find(options, All) is not null;
}
