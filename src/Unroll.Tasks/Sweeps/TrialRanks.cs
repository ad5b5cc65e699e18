using Unroll.Core;
using Unroll.Training;

namespace Unroll.Tasks.Sweeps;

/// <summary>
/// Ranks that do a trial each, the first one included, which deals: <see cref="Deal"/> there, meanwhile <see cref="Serve"/> on all others. They meet
/// again and again while a thread of each does its trial, and tell each other what has happened: soon where something has, else up to sixteen times a
/// second. All of them must have the sweep's folder.
/// </summary>
/// <param name="ranks">Those that exchange.</param>
/// <param name="threads">The threads of each trial, at least 1.</param>
/// <param name="begun">Told on each rank which work begins there, and null when it has ended.</param>
public sealed class TrialRanks(ICollective ranks, int threads = 1, Action<TrialWork?>? begun = null) : ITrialDealer
{
    private const int Soon = 1, Longest = 64;                            // milliseconds until the next meeting
    private readonly int _threads = Math.Max(1, threads);
    private int _pause = Soon;

    /// <summary>Whether another rank than the first was asked to stop.</summary>
    public bool OthersAsked { get; private set; }

    /// <inheritdoc/>
    public IEnumerable<TrialEvent> Deal(IReadOnlyList<TrialWork> work, TrialTraining train, CancellationToken stop)
    {
        if (work.Count == 0) yield break;
        using TrialWorker worker = new(train, _threads);
        TrialWork?[] under = new TrialWork?[ranks.Size];
        string? failure = null;
        int next = 0;
        bool left = true;
        try
        {
            do
            {
                bool stopping = stop.IsCancellationRequested || OthersAsked || failure is not null;
                TrialWork?[] given = new TrialWork?[ranks.Size];
                for (int rank = 0; rank < given.Length && next < work.Count && !stopping; rank++)
                    if (under[rank] is null) given[rank] = under[rank] = work[next++];
                TrialMessage[] all = Meet(worker, new TrialMessage { Given = given, Stop = stopping });
                for (int rank = 0; rank < all.Length; rank++)
                {
                    if (all[rank].Ended is { } ended && under[rank] == ended) under[rank] = null;
                    if (rank > 0) OthersAsked |= all[rank].Asked;
                    if (all[rank].Failure is { } why) failure ??= rank == 0 ? why : FormattableString.Invariant($"rank {rank}: {why}");
                }
                foreach (TrialEvent one in all.SelectMany(message => message.Events)) yield return one;
                if (stopping) next = work.Count;
            }
            while (next < work.Count || Array.Exists(under, one => one is not null));
            left = false;
        }
        finally
        {
            // Who leaves before the end waits until nothing is under way anywhere.
            while (left && Array.Exists(under, one => one is not null))
            {
                TrialMessage[] all = Meet(worker, new TrialMessage { Stop = true });
                for (int rank = 0; rank < all.Length; rank++)
                    if (all[rank].Ended is not null) under[rank] = null;
            }
        }
        if (failure is not null) throw new UserErrorException(failure);
    }

    /// <summary>On every rank but the first: does what that one deals, until it says that this is over.</summary>
    /// <param name="train">Does a piece of work.</param>
    /// <param name="stop">Asks the first rank to stop the sweep.</param>
    /// <returns>Whether the sweep was stopped before its end because a rank was asked to.</returns>
    /// <exception cref="UserErrorException">The first rank ended the sweep by <see cref="Fail"/>, with the same words.</exception>
    public bool Serve(TrialTraining train, CancellationToken stop)
    {
        using TrialWorker worker = new(train, _threads);
        while (true)
        {
            TrialMessage[] all = Meet(worker, new TrialMessage { Asked = stop.IsCancellationRequested });
            if (!all[0].Over) continue;
            return all[0].Failure is { } why ? throw new UserErrorException(why) : all[0].Asked;
        }
    }

    /// <summary>On the first rank, when nothing further is to be dealt: <see cref="Serve"/> returns on all others.</summary>
    /// <param name="interrupted">Whether the sweep was stopped before its end because a rank was asked to.</param>
    /// <exception cref="UserErrorException">A rank was lost.</exception>
    public void End(bool interrupted) => Meet(null, new TrialMessage { Over = true, Asked = interrupted });

    /// <summary>On the first rank, where the sweep ends with an error: <see cref="Serve"/> throws it on all others.</summary>
    /// <param name="message">The error.</param>
    /// <exception cref="UserErrorException">A rank was lost.</exception>
    public void Fail(string message) => Meet(null, new TrialMessage { Over = true, Failure = message });

    // Every rank sleeps as long as all do: the pause follows from what all have said.
    private TrialMessage[] Meet(TrialWorker? worker, TrialMessage own)
    {
        Thread.Sleep(_pause);
        if (worker?.Take() is { } news) own = own with { Events = news.Events, Ended = news.Ended, Failure = news.Failure };
        if (own.Ended is not null) begun?.Invoke(null);
        TrialMessage[] all = Array.ConvertAll(ranks.FromEach(own.ToBytes()), TrialMessage.Of);
        _pause = Array.Exists(all, message => message.IsNews) ? Soon : Math.Min(2 * _pause, Longest);
        if (all[0].Stop) worker?.Stop();
        if (all[0].Given.ElementAtOrDefault(ranks.Rank) is { } work && worker is not null)
        {
            begun?.Invoke(work);
            worker.Begin(work);
        }
        return all;
    }
}
