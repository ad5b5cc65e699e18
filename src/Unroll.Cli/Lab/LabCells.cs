using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Cli.Lab;

/// <summary>A cell as an experiment uses it.</summary>
/// <param name="Name">As typed and shown.</param>
/// <param name="Options">The cell.</param>
/// <param name="Weights">Its initialization, for sequences of so many steps.</param>
/// <param name="Cells">Has the cell.</param>
internal sealed record LabNamedCell(string Name, CellOptions Options, Func<int, InitializationOptions> Weights, CellCatalog Cells)
{
    /// <summary>Whether a gate says how much of the state is kept.</summary>
    internal bool KeepsByAGate => Cells.Make(Options).Description.Keeper is not null;
}

/// <summary>
/// The cells that experiments choose among: every cell of a catalog and its variants with hyphens, the cells of the zoo, files <c>NAME.cell</c>, and
/// with <c>-chrono</c> behind a name one whose gates begin with memories of 1 to T steps.
/// </summary>
internal static class LabCells
{
    private const string ChronoEnd = "-chrono";

    /// <summary>The cells that experiments use when all are requested.</summary>
    private static IReadOnlyList<string> Chosen { get; } =
        ["rnn", "rnn-relu", "residual", "gru", "gru-after", "lstm", "lstm-peephole", "lstm-coupled", "gru-chrono", "lstm-chrono"];

    internal static IReadOnlyList<LabNamedCell> All { get; } = Find(Chosen, CellCatalog.BuiltIn);

    /// <summary>The cells that <c>lab zoo</c> compares: the built-in ones without chrono, those that a catalog has besides, and the zoo.</summary>
    internal static IReadOnlyList<LabNamedCell> Zoo(CellCatalog cells) =>
        Find([.. Chosen.Where(name => !name.EndsWith(ChronoEnd, StringComparison.Ordinal)), .. cells.Kinds, .. CellZoo.Names], cells);

    /// <summary>The cells of those names, each once.</summary>
    internal static IReadOnlyList<LabNamedCell> Find(IEnumerable<string> names, CellCatalog cells) =>
        [.. names.Distinct().Select(name => Find(name, cells))];

    internal static LabNamedCell Find(string name) => Find(name, CellCatalog.BuiltIn);

    internal static LabNamedCell Find(string name, CellCatalog cells)
    {
        if (VariantOf(name, cells) is { } options)
        {
            InitializationOptions start = cells.Make(options).Description.StartsAsIdentity ? InitializationOptions.ReluIdentity : new();
            return new LabNamedCell(name, options, _ => start, cells);
        }
        // Tallec and Ollivier 2018: the only initialization that depends on the length of the sequences.
        if (name.EndsWith(ChronoEnd, StringComparison.Ordinal) && VariantOf(name[..^ChronoEnd.Length], cells) is { } timed
            && cells.Make(timed).Description.Memory is not null)
            return new LabNamedCell(name, timed, steps => new InitializationOptions { Chrono = Math.Max(3, steps) }, cells);
        string[] names = [.. Chosen, .. cells.Kinds.Where(kind => !Chosen.Contains(kind)),
            .. CellZoo.Names.Where(zoo => !Chosen.Contains(zoo) && !cells.Kinds.Contains(zoo))];
        throw new UserErrorException($"--cells: there is no '{name}'{Near(name, names)}; expected some of {string.Join(", ", names)}, or files "
            + "NAME.cell with equations.");
    }

    // A cell of the catalog comes before one of the zoo that has its name: it has kernels of its own.
    private static CellOptions? VariantOf(string name, CellCatalog cells) =>
        cells.Variants.FirstOrDefault(variant => variant.Name.Replace(' ', '-') == name)?.Options
        ?? (CellChoice.IsFile(name) ? CellChoice.Of(CellChoice.Read(name))
            : CellZoo.Names.Contains(name) ? CellChoice.Of(CellZoo.Definition(name)) : null);

    private static string Near(string name, string[] names) => NearestName.Of(name, names) is { } near ? $" (did you mean '{near}'?)" : "";
}
