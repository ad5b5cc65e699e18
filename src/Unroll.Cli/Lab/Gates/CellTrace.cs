using Unroll.Inspection.Textbook;
using Unroll.Numerics;

namespace Unroll.Cli.Lab.Gates;

/// <summary>One sequence through a cell, whoever computed it.</summary>
/// <param name="H">h⟨t⟩, t from 0.</param>
/// <param name="C">c⟨t⟩; empty for a cell without one.</param>
/// <param name="Gate">A gate of a step by its letter.</param>
internal sealed record CellTrace(IReadOnlyList<Vector> H, IReadOnlyList<Vector> C, Func<string, int, Vector> Gate)
{
    /// <summary>By the equations, in double.</summary>
    internal static CellTrace Textbook(PairedCell cell, IReadOnlyList<Vector> x, Vector? h0 = null, Vector? c0 = null)
    {
        IReadOnlyList<CellStep> steps = cell.Textbook(x, h0, c0).Steps;
        return new CellTrace([.. steps.Select(step => step.After["h"].Value)],
            [.. steps.Where(step => step.After.ContainsKey("c")).Select(step => step.After["c"].Value)],
            (gate, t) => steps[t][gate]);
    }

    /// <summary>By the engine, in float.</summary>
    internal static Run Engine(ThreadTeam threads) => (cell, x, h0, c0) =>
    {
        EngineRun run = cell.Engine(x, threads, h0, c0);
        int[] steps = [.. Enumerable.Range(0, x.Count)];
        return new CellTrace([.. steps.Select(run.H)], cell.Equations.States.Contains("c") ? [.. steps.Select(run.C)] : [], run.Gate);
    };

    /// <summary>Runs a cell from an initial state; null for zero.</summary>
    internal delegate CellTrace Run(PairedCell cell, IReadOnlyList<Vector> x, Vector? h0 = null, Vector? c0 = null);

    /// <summary>The largest |a − b| of any element.</summary>
    internal static double Apart(Vector a, Vector b) => (a - b).Max(Math.Abs);

    /// <summary>The largest |a − b| of any element of any step.</summary>
    internal static double Apart(IEnumerable<Vector> a, IEnumerable<Vector> b) => a.Zip(b, Apart).Max();
}
