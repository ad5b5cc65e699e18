using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Cli.Bench;

/// <summary>
/// The cells by the names that they have everywhere, each variant of <see cref="CellCatalog.Variants"/> with hyphens: <c>lstm-peephole</c>.
/// </summary>
internal static class BenchCells
{
    /// <summary>The cells that other engines have too: their GRU resets after the product.</summary>
    internal static IReadOnlyList<string> Plain { get; } = ["lstm", "gru-after", "rnn"];

    internal static IReadOnlyList<string> Names { get; } = [.. CellCatalog.BuiltIn.Variants.Select(variant => NameOf(variant.Name))];

    /// <summary>The cell of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>, else a file NAME.cell or a cell of the zoo: <see cref="CellSubject"/>.</param>
    /// <param name="hidden">H: a projection is to half of it.</param>
    /// <exception cref="UserErrorException">There is no such cell, or its definition is wrong.</exception>
    internal static CellOptions Of(string name, int hidden)
    {
        foreach ((string variant, CellOptions options) in CellCatalog.BuiltIn.Variants)
            if (NameOf(variant) == name) return options.Projection is null ? options : options with { Projection = Math.Max(1, hidden / 2) };
        string before = "gru-before", renamed = name.StartsWith(before, StringComparison.Ordinal) ? "gru" + name[before.Length..] : name;
        if (renamed != name && Names.Contains(renamed))
            throw new UserErrorException(
                $"--cell: '{name}' is called '{renamed}' now; 'gru' resets before the product, 'gru-after' after it, as PyTorch and Keras do.");
        if (CellSubject.Find(name) is { } definition) return CellChoice.Of(definition);
        throw BenchNames.Unknown("--cell", name, [.. Names, .. CellZoo.Names.Except(Names), "a file NAME.cell"]);
    }

    private static string NameOf(string variant) => variant.Replace(' ', '-');
}
