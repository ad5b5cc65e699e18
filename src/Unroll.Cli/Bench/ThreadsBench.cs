using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Cli.Bench;

/// <summary>
/// <c>threads</c>: training passes (<c>fwdbwd</c>) on several threads and on one in turn, in pairs, with the same network and batch: what sharing
/// gains, idle or while other threads keep the cores busy.
/// </summary>
internal static class ThreadsBench
{
    private const double SampleSeconds = 0.04, WarmUpSeconds = 0.5;

    internal static void Run(BenchRun run)
    {
        run.Output.Head(
            "workload  cell                       B,T,I,H              one ms  of peak  shared ms  of peak  shared ÷ one (middle half)  pairs");
        using ThreadTeam one = new(1);
        List<double> ratios = [];
        foreach (BenchCase each in run.Each(run.Plan.Cases(BenchShape.Training, BenchCells.Plain)))
        {
            run.Machine.WarmUp($"threads {each.Cell}", () => { });
            using Competitors others = new(run.Plan.Load);
            Pairs pairs = Measure(run, each, one);
            ratios.Add(pairs.Ratio(0.5));
            run.Output.Line("threads", pairs.Text(each), json => pairs.Members(json, each, run.Plan.Load));
        }
        double mean = Math.Exp(ratios.Average(Math.Log));
        run.Output.Head(string.Create(CultureInfo.InvariantCulture,
            $"threads   shared ÷ one: geometric mean {mean:F3}, at most {ratios.Max():F3}, above 1.05 at {ratios.Count(ratio => ratio > 1.05)}"));
    }

    private static Pairs Measure(BenchRun run, BenchCase each, ThreadTeam one)
    {
        SequenceBatch x = each.Inputs(each.Layout());
        Network network = each.Network();
        OutputSquares objective = new(network);
        Workspace workspace = new();
        ThreadTeam[] teams = [one, run.Machine.Team];
        double[] peaks = [0, 0];
        Timing.Repeat(() => Array.ForEach(teams, Pass), 2, run.Plan.Timing.Seconds > 0 ? WarmUpSeconds : 0);
        List<(double One, double Shared)> times = [];
        long start = Stopwatch.GetTimestamp();
        Peaks();
        do
        {
            double[] taken = [0, 0];
            for (int i = 0; i < 2; i++)
            {
                int which = (times.Count + i) % 2;                       // each goes first every other time
                (long calls, double seconds) = Timing.Repeat(() => Pass(teams[which]), 1, run.Plan.Timing.Seconds > 0 ? SampleSeconds : 0);
                taken[which] = seconds / calls;
            }
            times.Add((taken[0], taken[1]));
        }
        while (times.Count < run.Plan.Pairs || Stopwatch.GetElapsedTime(start).TotalSeconds < run.Plan.Timing.Seconds);
        Peaks();
        return new Pairs(times, 3 * BenchCase.ForwardFlops(network, x.Layout.Rows), peaks[0], peaks[1]);

        void Pass(ThreadTeam team)
        {
            workspace.Reset();
            network.Parameters.ClearGradients();
            using (network.Parameters.Edit()) { }                        // weights that changed: panels are packed again, as in training
            objective.Accumulate(x, new Pass(workspace, team, new Rng(7), Training: true));
        }

        void Peaks()
        {
            for (int i = 0; i < 2; i++) peaks[i] = Math.Max(peaks[i], MachineLimits.MultiplyAdds(teams[i]));
        }
    }

    /// <summary>Seconds of a pass, and the GFLOP/s that the threads could reach.</summary>
    private sealed record Pairs(List<(double One, double Shared)> Times, double Flops, double PeakOfOne, double Peak)
    {
        internal double Ratio(double quantile) => Quantile(Times.Select(pair => pair.Shared / pair.One), quantile);

        private double One => Quantile(Times.Select(pair => pair.One), 0.5);

        private double Shared => Quantile(Times.Select(pair => pair.Shared), 0.5);

        private double ShareOfOne => Flops / One / 1e9 / PeakOfOne;

        private double Share => Flops / Shared / 1e9 / Peak;

        private static double Quantile(IEnumerable<double> values, double quantile)
        {
            double[] sorted = [.. values.Order()];
            return sorted[(int)(quantile * (sorted.Length - 1))];
        }

        internal string Text(BenchCase of) => string.Create(CultureInfo.InvariantCulture,
            $"threads   {of.Title,-26} {of.Shape,-18} {One * 1e3,8:F2} {100 * ShareOfOne,7:F1}% {Shared * 1e3,10:F2} {100 * Share,7:F1}%")
            + string.Create(CultureInfo.InvariantCulture, $" {Ratio(0.5),7:F3} ({Ratio(0.25):F3} … {Ratio(0.75):F3})          {Times.Count,5}");

        internal void Members(Utf8JsonWriter json, BenchCase of, int load)
        {
            of.Members(json);
            json.WriteNumber("load", load);
            json.WriteNumber("pairs", Times.Count);
            json.WriteNumber("one_us", Math.Round(One * 1e6, 3));
            json.WriteNumber("median_us", Math.Round(Shared * 1e6, 3));
            json.WriteNumber("one_share_of_peak", Math.Round(ShareOfOne, 4));
            json.WriteNumber("share_of_peak", Math.Round(Share, 4));
            json.WriteNumber("ratio", Math.Round(Ratio(0.5), 4));
            json.WriteNumber("ratio_quarter", Math.Round(Ratio(0.25), 4));
            json.WriteNumber("ratio_three_quarters", Math.Round(Ratio(0.75), 4));
        }
    }

    /// <summary>Threads that compute all the time, as other programs would.</summary>
    private sealed class Competitors : IDisposable
    {
        private readonly Thread[] _threads;
        private volatile bool _ended;

        internal Competitors(int count)
        {
            _threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(Compute) { IsBackground = true, Name = "competitor" })];
            foreach (Thread thread in _threads) thread.Start();
        }

        private void Compute()
        {
            while (!_ended) Thread.SpinWait(1000);
        }

        public void Dispose()
        {
            _ended = true;
            foreach (Thread thread in _threads) thread.Join();
        }
    }
}
