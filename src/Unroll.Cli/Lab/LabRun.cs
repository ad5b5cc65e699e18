using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Cli.Lab;

/// <summary>What every experiment is given.</summary>
/// <param name="Full">The longer form was asked for; else it should end well within two minutes on two cores.</param>
/// <param name="Seed">Where every random draw begins.</param>
/// <param name="Threads">Who does the work; no digit depends on how many they are.</param>
/// <param name="Stop">Set when someone asks to stop.</param>
/// <param name="Messages">Where progress is written: standard error.</param>
internal sealed record LabRun(bool Full, ulong Seed, ThreadTeam Threads, CancellationToken Stop, TextWriter Messages)
{
    /// <summary>The generator of the experiment; draw from <c>Random.For("purpose")</c>.</summary>
    public Rng Random => new(Seed);

    /// <summary>Says in one line what is being done now, and ends the experiment if someone asked for that.</summary>
    /// <exception cref="OperationCanceledException">Someone asked to stop.</exception>
    public void Progress(string line)
    {
        StopIfAsked();
        lock (Messages) Messages.WriteLine(line);
    }

    /// <summary>
    /// Small independent pieces of work side by side, each on one thread, as many at a time as there are threads; the results in the order of
    /// the items. Each must draw from a generator of its own.
    /// </summary>
    /// <exception cref="OperationCanceledException">Someone asked to stop.</exception>
    public TResult[] Each<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, ThreadTeam, TResult> work)
    {
        TResult[] results = new TResult[items.Count];
        try
        {
            // One item at a time, in their order: they may differ much in length.
            Partitioner<int> order = Partitioner.Create(Enumerable.Range(0, items.Count), EnumerablePartitionerOptions.NoBuffering);
            Parallel.ForEach(order, new ParallelOptions { MaxDegreeOfParallelism = Threads.Threads, CancellationToken = Stop }, i =>
            {
                using ThreadTeam one = new(1);
                results[i] = work(items[i], one);
            });
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
        return results;
    }

    /// <summary>Ends the experiment if someone asked for that; to be called at least once a second.</summary>
    /// <exception cref="OperationCanceledException">Someone asked to stop.</exception>
    public void StopIfAsked() => Stop.ThrowIfCancellationRequested();
}
