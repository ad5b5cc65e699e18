using System.Diagnostics;
using System.Globalization;
using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.RankTimes;

/// <summary>
/// The time of a training step of one LSTM layer, with batches dealt to one number of shards after the other, in turn: what shards cost, and what
/// ranks and threads save. Several ranks take each step together and then each by itself, all at once, in turn: the second is the work of one rank on
/// a machine that is as busy, and what the first is of it says what ranks save whatever the machine's speed is at the moment.
/// </summary>
internal static class ShardTimes
{
    private const double WarmSeconds = 3;

    /// <summary>Prints the median of each number of shards, and what it is of the first.</summary>
    /// <param name="shards">Numbers of shards; more ranks than one need as many.</param>
    /// <param name="sizes">B, T, I, H.</param>
    /// <param name="rounds">Steps of each, one in turn.</param>
    /// <param name="threads">Of each rank.</param>
    /// <param name="ranks">Who train together; null: this process alone.</param>
    public static void Print(int[] shards, int[] sizes, int rounds, int threads, ICollective? ranks)
    {
        using ThreadTeam team = new(threads);
        Func<double>[] steps = [.. shards.Select(count => Stepper(count, sizes, team, ranks)),
            .. ranks is null ? [] : shards.Select(count => Stepper(count, sizes, team, null))];
        double[][] seconds = [.. steps.Select(_ => new double[rounds])];
        for (int first = 0; first < 5; first++)
            foreach (Func<double> step in steps) step();
        int warm = Math.Max(3, (int)(WarmSeconds / steps.Sum(step => step())));      // until all is compiled for the last time; not counted
        if (ranks is not null) warm = BitConverter.ToInt32(ranks.FromFirst(BitConverter.GetBytes(warm)));
        for (int round = -warm; round < rounds; round++)
            for (int i = 0; i < steps.Length; i++)
            {
                ranks?.AllGather(new byte[ranks.Size], [.. Enumerable.Repeat(1, ranks.Size)]);              // begin together
                double took = steps[i]();
                if (round >= 0) seconds[i][round] = took;
            }
        if (ranks is { Rank: > 0 }) return;
        for (int i = 0; ranks is not null && i < shards.Length; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"({string.Join(", ", sizes)})  {shards[i],2} shards: each rank by itself "
                    + $"{1e3 * Median(seconds[shards.Length + i]),8:F2} ms, together "
                    + $"{1e3 * Median(seconds[i]),8:F2} ms, "
                    + $"{Median([.. seconds[shards.Length + i].Zip(seconds[i], (alone, own) => alone / own)]):F3} times as fast in pairs"));
        for (int i = 0; i < shards.Length; i++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"({string.Join(", ", sizes)})  {ranks?.Size ?? 1} ranks of {threads} threads, {shards[i],2} shards: "
                    + $"{1e3 * Median(seconds[i]),8:F2} ms a step (from {1e3 * seconds[i].Min():F2} to {1e3 * seconds[i].Max():F2}), "
                    + $"{Median([.. seconds[i].Zip(seconds[0], (own, one) => own / one)]):F3} of {shards[0]} shards in pairs"));
    }

    private static Func<double> Stepper(int shards, int[] sizes, ThreadTeam team, ICollective? ranks)
    {
        (int sequences, int steps, int inputs, int hidden) = (sizes[0], sizes[1], sizes[2], sizes[3]);
        Network network = Network.Build(new NetworkSpec(inputs, [new RecurrentSpec { Name = "core", Hidden = hidden }]));
        Rng random = new(7);
        using (Edit edit = network.Parameters.Edit()) Fill(edit.Values, random.For("weights"), 0.05f);
        TruncatedBptt objective = new(network, new SquaredError(), steps, steps, sequences);
        SequenceLayout layout = SequenceLayout.Uniform(sequences, steps);
        SequenceBatch x = SequenceBatch.Zeros(layout, inputs), y = SequenceBatch.Zeros(layout, hidden);
        Fill(x.All, random.For("x"), 1);
        Fill(y.All, random.For("y"), 1);
        IReadOnlyList<TruncatedUpdate> batches = objective.UpdatesOf(x, Targets.Of(y));
        Trainer<TruncatedUpdate> trainer = new(
            objective, new SgdOptions().Create(network.Parameters.Length), new TrainerOptions { Shards = shards }, team, ranks);
        long done = 0;
        return () =>
        {
            long began = Stopwatch.GetTimestamp();
            foreach (TrainingStep _ in trainer.Run(batches, new TrainingPlace(0, 0, done), default, random)) done++;
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        };
    }

    private static void Fill(Span<float> values, Rng random, float scale)
    {
        for (int i = 0; i < values.Length; i++) values[i] = scale * (2 * random.Uniform((ulong)i) - 1);
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
