using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tasks.Sweeps;

/// <summary>A piece of work: a trial up to the end of a rung.</summary>
/// <param name="Trial">Which trial, from 1.</param>
/// <param name="Rung">Which rung, from 0.</param>
public readonly record struct TrialWork(int Trial, int Rung);

/// <summary>What happens in a trial: an epoch has ended, a line is said, or its work is done.</summary>
/// <param name="Work">The work.</param>
public sealed record TrialEvent(TrialWork Work)
{
    /// <summary>The epoch that has ended; null: none has.</summary>
    public EpochResult? Epoch { get; init; }

    /// <summary>A line for the user; null: none.</summary>
    public string? Note { get; init; }

    /// <summary>What the trial has reached at the end of its rung; null: it is not there yet.</summary>
    public TrialResult? Result { get; init; }
}

/// <summary>Does a piece of work: <see cref="Sweep.Train"/>, in this process or in another one that has the sweep's folder.</summary>
/// <param name="work">The trial and its rung.</param>
/// <param name="threads">The threads; their number changes no bit.</param>
/// <param name="report">Receives epochs and notes, on the thread that does the work.</param>
/// <param name="stop">Ends the work with a checkpoint.</param>
/// <returns>What the trial has reached; null: it was stopped before.</returns>
public delegate TrialResult? TrialTraining(TrialWork work, ThreadTeam threads, Action<TrialEvent> report, CancellationToken stop);

/// <summary>
/// Who does the work of a rung: threads of this process (<see cref="TrialThreads"/>), or other processes that have the sweep's folder too. Which of
/// them does which trial, and in which order, changes no result.
/// </summary>
public interface ITrialDealer
{
    /// <summary>Has each piece of work done once, and reports what happens as it comes.</summary>
    /// <param name="work">The work, in the order in which it should begin.</param>
    /// <param name="train">Does a piece.</param>
    /// <param name="stop">Nothing further begins, and what is under way ends with a checkpoint.</param>
    /// <returns>
    /// Ends when nothing is under way any more. Who leaves the enumeration stops what is under way, and nothing is at work behind him.
    /// </returns>
    /// <exception cref="Core.UserErrorException">A piece of work failed; the others have been stopped.</exception>
    IEnumerable<TrialEvent> Deal(IReadOnlyList<TrialWork> work, TrialTraining train, CancellationToken stop);
}
