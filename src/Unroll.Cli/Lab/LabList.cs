using Unroll.Cells;
using Unroll.Cli.Lab.Compare;
using Unroll.Cli.Lab.Feedforward;
using Unroll.Cli.Lab.Gates;
using Unroll.Cli.Lab.Memory;
using Unroll.Cli.Lab.Residual;
using Unroll.Cli.Lab.Vanish;
using Unroll.Cli.Lab.Zoo;

namespace Unroll.Cli.Lab;

/// <summary>Every experiment: a list one can read.</summary>
internal static class LabList
{
    internal static IReadOnlyList<ILab> All { get; } = With(CellCatalog.BuiltIn);

    /// <summary>The experiments, those where cells are chosen with the cells of a catalog.</summary>
    /// <param name="cells">The catalog.</param>
    /// <param name="task">The task whose options an experiment on the user's data has; null: its usual one.</param>
    internal static IReadOnlyList<ILab> With(CellCatalog cells, string? task = null) =>
    [
        new VanishLab(),
        new ResidualLab(),
        new GatesLab(),
        new MemoryLab(cells),
        new CompareLab(cells, task),
        new FeedforwardLab(cells),
        new ZooLab(cells),
    ];
}
