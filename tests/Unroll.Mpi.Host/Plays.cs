using System.Diagnostics;
using Unroll.Mpi;

namespace Unroll.Mpi.Host;

/// <summary>What the ranks of a test do.</summary>
internal static class Plays
{
    internal static void Run(string[] args, MpiCollective ranks)
    {
        switch (args[0])
        {
            case "exchange": Exchange(ranks); break;
            case "long-step": LongStep(ranks, int.Parse(args[1])); break;
            case "forever": Forever(ranks); break;
            case "null": NullReference(ranks); break;
            case "texts": Console.WriteLine(string.Join('|', ranks.Gather($"{new string('ü', 1000 * ranks.Rank)}{ranks.Rank}").Select(t => t.Length))); break;
            default: throw new ArgumentException(args[0]);
        }
    }

    // Every byte is a function of who sends it to whom, its place and the round.
    private static byte Byte(int from, int to, int at, int round) => (byte)(31 * from + 17 * to + 7 * at + (at >> 8) + round);

    private static int Count(int from, int to, int round) => round % 4 == 3 ? 0 : (from + 2 * to) * 1000 % 7777 * (round % 5 == 4 ? 300 : 1);

    private static void Exchange(MpiCollective ranks)
    {
        int size = ranks.Size, rank = ranks.Rank;
        for (int round = 0; round < 60; round++)
        {
            int[] out_ = [.. Enumerable.Range(0, size).Select(to => Count(rank, to, round))], in_ = [.. Enumerable.Range(0, size).Select(from => Count(from, rank, round))];
            byte[] send = [.. Enumerable.Range(0, size).SelectMany(to => Enumerable.Range(0, out_[to]).Select(at => Byte(rank, to, at, round)))];
            byte[] receive = new byte[in_.Sum()];
            ranks.AllToAll(send, out_, receive, in_);
            byte[] expected = [.. Enumerable.Range(0, size).SelectMany(from => Enumerable.Range(0, in_[from]).Select(at => Byte(from, rank, at, round)))];
            if (!receive.AsSpan().SequenceEqual(expected)) throw new InvalidOperationException($"all to all, round {round}");

            int[] counts = [.. Enumerable.Range(0, size).Select(from => Count(from, 0, round))];
            byte[] all = new byte[counts.Sum()], whole = [.. Enumerable.Range(0, size).SelectMany(from => Enumerable.Range(0, counts[from]).Select(at => Byte(from, 0, at, round)))];
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
        ranks.Gather($"{sum}");
        Console.WriteLine($"rank {ranks.Rank} done");
    }

    private static void Forever(MpiCollective ranks)
    {
        Console.WriteLine($"rank {ranks.Rank} is process {Environment.ProcessId}");
        for (int i = 0; ; i++)
        {
            ranks.Gather(i.ToString());
            Thread.Sleep(10);
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
