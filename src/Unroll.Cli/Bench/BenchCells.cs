using Unroll.Cells;

namespace Unroll.Cli.Bench;

/// <summary>
/// The cells by the names that benchmarks of other libraries use: <c>gru</c> is the one that resets after the product, as PyTorch's, oneDNN's and
/// cuDNN's; <c>gru-before</c> the other; each variant of <see cref="CellCatalog.BuiltIn.Variants"/> with hyphens: <c>lstm-peephole</c>.
/// </summary>
internal static class BenchCells
{
    internal static IReadOnlyList<string> Plain { get; } = ["lstm", "gru", "rnn"];

    internal static IReadOnlyList<string> Names { get; } = [.. CellCatalog.BuiltIn.Variants.Select(variant => NameOf(variant.Name))];

    /// <summary>The cell of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>, or <c>gru-after</c>, or <c>lstm-projected</c>.</param>
    /// <param name="hidden">H: a projection is to half of it.</param>
    /// <exception cref="UserErrorException">There is no such cell.</exception>
    internal static CellOptions Of(string name, int hidden)
    {
        string known = name switch { "gru-after" => "gru", "lstm-projected" => "lstm-projection", _ => name };
        foreach ((string variant, CellOptions options) in CellCatalog.BuiltIn.Variants)
            if (NameOf(variant) == known) return options.Projection is null ? options : options with { Projection = Math.Max(1, hidden / 2) };
        throw BenchNames.Unknown("--cell", name, Names);
    }

    private static string NameOf(string variant)
    {
        string name = variant.Replace(' ', '-');
        return name == "gru-ln" ? name
            : name.StartsWith("gru-after", StringComparison.Ordinal) ? "gru" + name["gru-after".Length..]
            : name.StartsWith("gru", StringComparison.Ordinal) ? "gru-before" + name["gru".Length..]
            : name;
    }
}
