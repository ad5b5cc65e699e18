using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Mpi;
using Unroll.RankTimes;

// mpirun -n N dotnet exec Unroll.RankTimes.dll GIGABITS MEGABYTES…: the time of a gradient's sum over N ranks, exchanged as training does,
// beside that
// of the wire. Slices go to the ranks that add them up, then all slices to all: each rank sends 2 (N − 1)/N of the gradient.
//
// dotnet exec Unroll.RankTimes.dll shards S,… B,T,I,H ROUNDS [THREADS], also under mpirun: a training step of an LSTM dealt to shards.
try
{
    Launcher? launcher = Launcher.Find();
    if (args[0] == "shards")
    {
        int[] shards = [.. args[1].Split(',').Select(int.Parse)], sizes = [.. args[2].Split(',').Select(int.Parse)];
        int[] rounds = [.. args[3..].Select(int.Parse)];
        using MpiCollective? several = launcher is null ? null
            : MpiCollective.Join(launcher, MpiLibrary.Load(launcher), lost: (all, loss) => all.Abort(1));
        ShardTimes.Print(shards, sizes, rounds[0], rounds.Length > 1 ? rounds[1] : 1, several);
        return 0;
    }
    using MpiCollective ranks = MpiCollective.Join(launcher, MpiLibrary.Load(launcher), lost: (all, loss) => all.Abort(1));
    double bitsPerSecond = 1e9 * double.Parse(args[0], CultureInfo.InvariantCulture);
    foreach (string size in args[1..])
    {
        const int rounds = 21;
        int n = ranks.Size, floats = (int)(double.Parse(size, CultureInfo.InvariantCulture) * 1e6 / sizeof(float)) / n;   // of a slice
        float[] gradient = new float[n * floats], received = new float[n * floats];
        int[] counts = [.. Enumerable.Repeat(floats * sizeof(float), n)];
        double[] seconds = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            Array.Fill(gradient, ranks.Rank + 1);
            ranks.AllGather(new byte[n], [.. Enumerable.Repeat(1, n)]);                       // begin together
            long began = Stopwatch.GetTimestamp();
            ranks.AllToAll(MemoryMarshal.AsBytes(gradient.AsSpan()), counts, MemoryMarshal.AsBytes(received.AsSpan()), counts);
            Span<float> own = gradient.AsSpan(ranks.Rank * floats, floats);
            received.AsSpan(0, floats).CopyTo(own);
            for (int rank = 1; rank < n; rank++)
                for (int i = 0; i < floats; i++) own[i] += received[rank * floats + i];
            ranks.AllGather(MemoryMarshal.AsBytes(gradient.AsSpan()), counts);
            seconds[round] = Stopwatch.GetElapsedTime(began).TotalSeconds;
            if (gradient.Any(sum => sum != n * (n + 1) / 2)) throw new InvalidOperationException("the sum is wrong");
        }
        if (ranks.Rank != 0) continue;
        double[] warm = [.. seconds[1..].Order()];
        double median = warm[warm.Length / 2], bytes = (double)gradient.Length * sizeof(float), wire = 2.0 * (n - 1) / n * bytes * 8 / bitsPerSecond;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{n} ranks, {ranks.Library.Version}: {bytes / 1e6,5:F1} MB in {1e3 * median,7:F2} ms (from {1e3 * warm[0]:F2} to "
                + $"{1e3 * warm[^1]:F2}), wire "
                + $"{1e3 * wire,7:F2} ms: {median / wire:F2} times"));
    }
    return 0;
}
catch (UserErrorException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return 2;
}
