using System.Diagnostics;
using System.Globalization;
using Unroll.Core;
using Unroll.Training;

namespace Unroll.Mpi.Host;

/// <summary>What the ranks of a test do.</summary>
internal static class Plays
{
    internal static void Run(string[] args, MpiCollective ranks)
    {
        switch (args[0])
        {
            case "exchange": Exchange(ranks); break;
            case "long-step": LongStep(ranks, int.Parse(args[1], CultureInfo.InvariantCulture)); break;
            case "forever": Forever(ranks); break;
            case "null": NullReference(ranks); break;
            default: throw new ArgumentException(args[0]);
        }
    }

    // Every byte is a function of who sends it to whom, its place and the round.
    private static IEnumerable<byte> Bytes(int from, int to, int round) =>
        Enumerable.Range(0, Count(from, to, round)).Select(at => (byte)(31 * from + 17 * to + 7 * at + (at >> 8) + round));

    private static int Count(int from, int to, int round) => round % 4 == 3 ? 0 : (from + 2 * to) * 1000 % 7777 * (round % 5 == 4 ? 300 : 1);

    private static void Exchange(MpiCollective ranks)
    {
        int size = ranks.Size, rank = ranks.Rank;
        int[] each = [.. Enumerable.Range(0, size)];
        for (int round = 0; round < 60; round++)
        {
            int[] sent = [.. each.Select(to => Count(rank, to, round))], received = [.. each.Select(from => Count(from, rank, round))];
            byte[] receive = new byte[received.Sum()];
            ranks.AllToAll([.. each.SelectMany(to => Bytes(rank, to, round))], sent, receive, received);
            if (!receive.AsSpan().SequenceEqual([.. each.SelectMany(from => Bytes(from, rank, round))]))
                throw new InvalidOperationException($"all to all, round {round}");

            int[] counts = [.. each.Select(from => Count(from, 0, round))];
            byte[] all = new byte[counts.Sum()], whole = [.. each.SelectMany(from => Bytes(from, 0, round))];
            int begin = counts[..rank].Sum();
            whole.AsSpan(begin, counts[rank]).CopyTo(all.AsSpan(begin));
            ranks.AllGather(all, counts);
            if (!all.AsSpan().SequenceEqual(whole)) throw new InvalidOperationException($"all gather, round {round}");
        }
        Console.WriteLine($"rank {rank} of {size} {ranks.Library.Version} waited {(ranks.Waited >= TimeSpan.Zero ? "some" : "none")}");
    }

    private static void LongStep(MpiCollective ranks, int milliseconds)
    {
        long until = Stopwatch.GetTimestamp() + Stopwatch.Frequency * milliseconds / 1000;
        double sum = 0;
        if (ranks.Rank == 0) while (Stopwatch.GetTimestamp() < until) sum = sum / 3 + 1;
        ranks.TextFromEach($"{sum}");
        Console.WriteLine($"rank {ranks.Rank} done");
    }

    private static void Forever(MpiCollective ranks)
    {
        Console.WriteLine($"rank {ranks.Rank} is process {Environment.ProcessId}");
        try
        {
            for (int i = 0; ; i++)
            {
                ranks.TextFromEach(i.ToString(CultureInfo.InvariantCulture));
                Thread.Sleep(10);
            }
        }
        catch (UserErrorException)
        {
            Thread.Sleep(Timeout.Infinite);                              // the heartbeat's thread says what is lost, and ends the rank
        }
    }

    // The runtime turns a fault of memory into an exception: a library that takes that signal for itself would end the program.
    private static void NullReference(MpiCollective ranks)
    {
        string? text = ranks.Rank < 0 ? "" : null;
        try
        {
            Console.WriteLine(text!.Length);
        }
        catch (NullReferenceException)
        {
            Console.WriteLine($"rank {ranks.Rank} caught it");
        }
    }
}
