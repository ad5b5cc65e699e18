using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Cli.Lab;

/// <summary>The inputs of every experiment.</summary>
/// <param name="Full">The longer form was asked for; else it should end well within two minutes on two cores.</param>
/// <param name="Seed">The seed of all random draws.</param>
/// <param name="Threads">The threads; no digit depends on how many they are.</param>
/// <param name="Messages">Where progress is written: standard error.</param>
internal sealed record LabRun(bool Full, ulong Seed, ThreadTeam Threads, TextWriter Messages)
{
    /// <summary>The generator of the experiment; draw from <c>Random.For("purpose")</c>.</summary>
    public Rng Random => new(Seed);

    /// <summary>Says in one line what is being done now.</summary>
    public void Progress(string line)
    {
        lock (Messages) Messages.WriteLine(line);
    }

    /// <summary>
    /// Runs small independent pieces of work in parallel, each on one thread; the results are in the order of the items.
    /// Each must draw from its own generator.
    /// </summary>
    public TResult[] Each<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, ThreadTeam, TResult> work)
    {
        TResult[] results = new TResult[items.Count];
        try
        {
            // One item at a time, in order: their durations may differ a lot.
            Partitioner<int> order = Partitioner.Create(Enumerable.Range(0, items.Count), EnumerablePartitionerOptions.NoBuffering);
            Parallel.ForEach(order, new ParallelOptions { MaxDegreeOfParallelism = Threads.Threads }, i =>
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
}
