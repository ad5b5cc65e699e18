using System.Diagnostics;
using System.Globalization;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Benchmarks;

/// <summary>
/// <c>memory --shape B,T,I,H [--cell lstm] [--layers 1] [--recompute K|auto] [--updates 3] [--threads 1]</c>: trains in this process and prints the
/// most memory that it held, the time of an update, and the hash of the weights. One process is one measurement.
/// </summary>
/// <remarks>
/// An update is what <c>unroll bench --workload train</c> times: forward, mean(y²), backpropagation through time with the gradient of the input,
/// clipping at a norm of 5, Adam.
/// </remarks>
internal static class TrainingMemory
{
    private const double MiB = 1 << 20;

    public static void Run(ReadOnlySpan<string> args)
    {
        string cell = "lstm", recompute = "";
        int[] shape = [64, 100, 256, 256];
        int updates = 3, threads = 1, layers = 1;
        for (int k = 0; k + 1 < args.Length; k += 2)
            switch (args[k])
            {
                case "--shape": shape = [.. args[k + 1].Split(',').Select(size => int.Parse(size, CultureInfo.InvariantCulture))]; break;
                case "--cell": cell = args[k + 1]; break;
                case "--layers": layers = int.Parse(args[k + 1], CultureInfo.InvariantCulture); break;
                case "--recompute": recompute = args[k + 1]; break;
                case "--updates": updates = int.Parse(args[k + 1], CultureInfo.InvariantCulture); break;
                case "--threads": threads = int.Parse(args[k + 1], CultureInfo.InvariantCulture); break;
                default: throw new UserErrorException($"memory: there is no option '{args[k]}'.");
            }
        NetworkSpec spec = new(shape[2],
            [new RecurrentSpec { Name = "core", Cell = new CellOptions { Kind = cell }, Hidden = shape[3], Layers = layers }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new InitializationOptions(), new Rng(1));
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.Uniform(shape[0], shape[1]), shape[2]);
        new Rng(2).Uniform(0, x.All);

        using ThreadTeam team = new(threads);
        TrainerOptions options = new()
        {
            Schedule = new ConstantSchedule { Rate = 1e-3f }, Clipping = new Clipping { Limit = 5 },
            Recomputation = recompute.Length == 0 ? null
                : new Recomputation { Every = recompute == "auto" ? null : int.Parse(recompute, CultureInfo.InvariantCulture) },
        };
        Trainer<SequenceBatch> trainer = new(new Squares(network), new AdamOptions().Create(network.Parameters.Length), options, team);
        long began = Stopwatch.GetTimestamp();
        List<double> times = [];
        foreach (TrainingStep _ in trainer.Run([.. Enumerable.Repeat(x, updates)], default, PlateauState.Start, new Rng(3)))
        {
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            began = Stopwatch.GetTimestamp();
        }
        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{cell} ({string.Join(',', shape)}), recompute {(recompute.Length == 0 ? "off" : recompute)}, {threads} threads: "
            + $"peak {Peak() / MiB:F0} MiB, fastest update {times[0]:F1} ms, median {times[times.Count / 2]:F1} ms, "
            + $"weights {WeightsHash.Compute(network.Parameters)}"));
    }

    // VmHWM, the most resident memory so far; where there is no /proc, what the runtime knows of it.
    private static long Peak()
    {
        const string status = "/proc/self/status", key = "VmHWM:";
        string? line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) : null;
        return line is null ? Process.GetCurrentProcess().PeakWorkingSet64
            : 1024 * long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }

    //  L = Σ y²      δy = 2 y
    private sealed class Squares(Network network) : IObjective<SequenceBatch>
    {
        public ParameterStore Parameters => network.Parameters;

        public LossSum Accumulate(SequenceBatch batch, in Pass pass)
        {
            Cache cache = network.Forward(batch, null, pass);
            ReadOnlySpan<float> y = cache.Output.All;
            SequenceBatch dy = pass.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
            for (int k = 0; k < y.Length; k++) dy.All[k] = 2 * y[k];
            network.Backward(dy, cache, pass);
            return new LossSum(Reduce.SumSquares(y), y.Length);
        }
    }
}
