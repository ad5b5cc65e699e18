using Unroll.Cli.Lab.Statistics;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Cli.Lab.Compare;

/// <summary>Trains cells whose trainings are not kept, and times all.</summary>
internal static class CompareTraining
{
    private const int MaxRounds = 7;
    private const double SecondsOfRounds = 6;

    /// <summary>Every cell with every seed, as many at once as there are threads, each by one thread.</summary>
    /// <returns>Of each cell its outcomes in the order of the seeds.</returns>
    internal static IReadOnlyList<IReadOnlyList<CompareOutcome>> Train(
        IComparison comparison, IReadOnlyList<(LabNamedCell Cell, int Hidden)> cells, int seeds, LabRun run)
    {
        int done = 0;
        CompareOutcome[] outcomes = run.Each([.. Enumerable.Range(0, cells.Count * seeds)], (i, alone) =>
        {
            ((LabNamedCell cell, int hidden), ulong seed) = (cells[i % cells.Count], run.Seed + (ulong)(i / cells.Count));
            ComparedTraining training = comparison.Begin(cell, hidden, seed, alone);
            foreach (TrainingProgress _ in training.Steps) { }
            TrainingState state = training.State();
            CompareOutcome outcome = new(training.Test(), state.BestEpoch, state.Place.Epoch);
            run.Progress($"{Interlocked.Increment(ref done)}/{cells.Count * seeds}  {cell.Name}, seed {seed}: "
                + $"{LabCell.Short(outcome.Test)}, best epoch {outcome.Best} of {outcome.Epochs}");
            return outcome;
        });
        return [.. cells.Select((_, c) => (IReadOnlyList<CompareOutcome>)[.. Enumerable.Range(0, seeds).Select(s => outcomes[s * cells.Count + c])])];
    }

    /// <summary>
    /// The median time of an epoch of each cell: one thread, nothing of this program beside it, an epoch of each cell in turn.
    /// </summary>
    internal static IReadOnlyList<double> Time(IComparison comparison, IReadOnlyList<(LabNamedCell Cell, int Hidden)> cells, LabRun run)
    {
        using ThreadTeam alone = new(1);
        IEnumerator<TrainingProgress>[] trainings = [.. cells.Select(cell =>
            comparison.Begin(cell.Cell, cell.Hidden, run.Seed, alone).Steps.GetEnumerator())];
        IReadOnlyList<double> seconds =
            InTurn.Median([.. trainings.Select(training => (Func<bool>)(() => Epoch(training)))], MaxRounds, SecondsOfRounds);
        foreach (IEnumerator<TrainingProgress> training in trainings) training.Dispose();
        return seconds;
    }

    private static bool Epoch(IEnumerator<TrainingProgress> training)
    {
        while (training.MoveNext())
            if (training.Current.Epoch is not null) return true;
        return false;
    }
}
