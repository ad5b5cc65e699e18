using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Ranks that are threads of this process: what they exchange is what processes exchange.</summary>
internal sealed class ThreadRanks
{
    private readonly Barrier _barrier;
    private readonly CancellationTokenSource _failed = new();
    private readonly byte[][] _given;
    private readonly int[][] _counts;

    private ThreadRanks(int size) => (_barrier, _given, _counts) = (new Barrier(size), new byte[size][], new int[size][]);

    /// <summary>Runs the same on every rank; where one fails, the others are let go and its exception is thrown.</summary>
    public static T[] Run<T>(int size, Func<ICollective, T> each)
    {
        ThreadRanks ranks = new(size);
        T[] results = new T[size];
        Exception? first = null;
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = each(new One(ranks, rank, size));
            }
            catch (Exception e)
            {
                if (e is not OperationCanceledException) Interlocked.CompareExchange(ref first, e, null);
                ranks._failed.Cancel();
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return first is null ? results : throw first;
    }

    private void Meet() => _barrier.SignalAndWait(_failed.Token);

    private sealed class One(ThreadRanks ranks, int rank, int size) : ICollective
    {
        public int Rank => rank;

        public int Size => size;

        public void AllGather(Span<byte> all, ReadOnlySpan<int> counts)
        {
            int from = 0;
            for (int r = 0; r < rank; r++) from += counts[r];
            ranks._given[rank] = all.Slice(from, counts[rank]).ToArray();
            ranks.Meet();
            int at = 0;
            for (int r = 0; r < size; at += counts[r++])
            {
                Assert.Equal(counts[r], ranks._given[r].Length);
                ranks._given[r].CopyTo(all[at..]);
            }
            ranks.Meet();
        }

        public void AllToAll(ReadOnlySpan<byte> send, ReadOnlySpan<int> sendCounts, Span<byte> receive, ReadOnlySpan<int> receiveCounts)
        {
            (ranks._given[rank], ranks._counts[rank]) = (send.ToArray(), sendCounts.ToArray());
            ranks.Meet();
            int at = 0;
            for (int r = 0; r < size; at += receiveCounts[r++])
            {
                int[] counts = ranks._counts[r];
                Assert.Equal(receiveCounts[r], counts[rank]);
                ranks._given[r].AsSpan(counts[..rank].Sum(), counts[rank]).CopyTo(receive[at..]);
            }
            ranks.Meet();
        }
    }
}
