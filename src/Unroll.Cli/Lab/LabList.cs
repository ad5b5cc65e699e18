//MIGRATING using Unroll.Cli.Lab.Compare;
using Unroll.Cli.Lab.Feedforward;
using Unroll.Cli.Lab.Gates;
using Unroll.Cli.Lab.Memory;
using Unroll.Cli.Lab.Residual;
using Unroll.Cli.Lab.Vanish;

namespace Unroll.Cli.Lab;

/// <summary>Every experiment: a list one can read.</summary>
internal static class LabList
{
    internal static IReadOnlyList<ILab> All { get; } =
    [
        new VanishLab(),
        new ResidualLab(),
        new GatesLab(),
        new MemoryLab(),
        //MIGRATING new CompareLab(),
        new FeedforwardLab(),
    ];
}
