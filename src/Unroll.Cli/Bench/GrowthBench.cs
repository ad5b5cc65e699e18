using Unroll.Tasks.Shared;
using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Training;

namespace Unroll.Cli.Bench;

/// <summary>
/// <c>growth</c>: time and memory of training as the sequences get longer, the batch larger, the layer wider, one at a time, with full and with
/// truncated backpropagation; and the slope of each in logarithms, fitted by least squares: 1 is proportional, 2 is quadratic.
/// </summary>
internal static class GrowthBench
{
    private static readonly BenchShape Middle = new(8, 100, 128, 128);

    internal static IReadOnlyList<string> Axes { get; } = ["T", "B", "H"];

    internal static void Run(BenchRun run)
    {
        run.Output.Head("workload  axis backpropagation cell  B,T,I,H               median µs     GFLOP/s  of peak  weights MiB   passes MiB");
        foreach ((string cell, string axis) in run.Each(from cell in run.Plan.Cells ?? ["lstm"] from axis in run.Plan.Axes select (cell, axis)))
            foreach (int window in run.Each(new[] { int.MaxValue, run.Plan.Window }))
                Axis(run, cell, axis, window);
    }

    private static IEnumerable<BenchShape> Along(string axis, BenchShape middle) => axis switch
    {
        "T" => new[] { 50, 100, 200, 500, 1000, 2000 }.Select(t => middle with { T = t }),
        "B" => new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256 }.Select(b => middle with { B = b }),
        _ => new[] { 32, 64, 128, 256, 512, 1024, 2048 }.Select(h => middle with { I = h, H = h }),
    };

    private static double Place(string axis, BenchShape shape) => axis switch { "T" => shape.T, "B" => shape.B, _ => shape.H };

    private static void Axis(BenchRun run, string cell, string axis, int window)
    {
        List<(double Place, Point Point)> points = [];
        string kind = window == int.MaxValue ? "full" : string.Create(CultureInfo.InvariantCulture, $"{window} steps");
        foreach (BenchShape shape in run.Each(Along(axis, run.Plan.Shapes?[0] ?? Middle)))
        {
            BenchCase one = new(cell, run.Plan.Layers ?? 1, false, shape, run.Plan.Ragged);
            run.Machine.WarmUp($"growth {cell}", () => Measure(run, one with { Shape = new(4, 5, 16, 16) }, window, new Timing(1, 0)));
            Point point = Measure(run, one, window, run.Plan.Timing);
            points.Add((Place(axis, shape), point));
            string text = $"growth    {axis,-4} {kind,-15} {cell,-5} {shape,-18} {point}";
            run.Output.Line("growth", text, json => Members(json, one, axis, window, point));
        }
        if (points.Count < 2) return;
        double Fit(Func<Point, double> value, int count) => Slope(points.TakeLast(count).Select(p => (p.Place, value(p.Point))));
        double time = Fit(p => p.Times.Median, points.Count), last = Fit(p => p.Times.Median, 2);
        double memory = Fit(p => p.PassBytes, points.Count), weights = Fit(p => p.WeightBytes, points.Count);
        run.Output.Line("growth", string.Create(CultureInfo.InvariantCulture,
            $"growth    {axis,-4} {kind,-15} {cell,-5} slopes: time {time:F2}, at last {last:F2}, passes' memory {memory:F2}, weights' {weights:F2}"),
            json =>
            {
                Head(json, cell, axis, window);
                json.Number("time_slope", Math.Round(time, 3));
                json.Number("time_slope_last", Math.Round(last, 3));
                json.Number("pass_memory_slope", Math.Round(memory, 3));
                json.Number("weight_memory_slope", Math.Round(weights, 3));
            });
    }

    /// <summary>One place on an axis.</summary>
    private sealed record Point(Times Times, double Gflops, double Peak, long WeightBytes, long PassBytes)
    {
        private const double Mebi = 1 << 20;

        public override string ToString()
        {
            string times = string.Create(CultureInfo.InvariantCulture, $"{Times.Median * 1e6,12:F1} {Gflops,11:F1} {100 * Gflops / Peak,7:F1}%");
            return string.Create(CultureInfo.InvariantCulture, $"{times} {WeightBytes / Mebi,12:F2} {PassBytes / Mebi,12:F2}");
        }
    }

    // A call is a training step of every window of the batch. Memory is what lives after a collection: with weights, gradients and the
    // optimizer's state, then what the passes have taken besides; the batch itself is in neither.
    private static Point Measure(BenchRun run, BenchCase one, int window, Timing timing)
    {
        SequenceLayout layout = one.Layout();
        SequenceBatch x = one.Inputs(layout);
        Targets targets = Targets.Of(SequenceBatch.Zeros(layout, one.Shape.H));
        long empty = GC.GetTotalMemory(forceFullCollection: true);
        Network network = one.Network();
        int steps = Math.Min(window, layout.Steps);
        TruncatedBptt objective = new(network, new SquaredError(), steps, steps, one.Shape.B);
        IReadOnlyList<TruncatedUpdate> updates = objective.UpdatesOf(x, targets);
        using EndlessTraining<TruncatedUpdate> training = new(objective, updates, 1e-6f, run.Machine.Team);
        long built = GC.GetTotalMemory(forceFullCollection: true);
        (Times times, double peak, _, _) = run.Machine.Measure(timing, () =>
        {
            for (int i = 0; i < updates.Count; i++) training.Step();
        });
        long used = GC.GetTotalMemory(forceFullCollection: true);
        return new Point(times, 3 * BenchCase.ForwardFlops(network, layout.Rows) / times.Median / 1e9, peak, built - empty, used - built);
    }

    /// <summary>The slope of ln y over ln x, by least squares; NaN where a number is not positive.</summary>
    internal static double Slope(IEnumerable<(double X, double Y)> points)
    {
        (double X, double Y)[] logs = [.. points.Select(p => (Math.Log(p.X), Math.Log(p.Y)))];
        double x = logs.Average(p => p.X), y = logs.Average(p => p.Y);
        return logs.Sum(p => (p.X - x) * (p.Y - y)) / logs.Sum(p => (p.X - x) * (p.X - x));
    }

    private static void Head(Utf8JsonWriter json, string cell, string axis, int window)
    {
        json.WriteString("cell", cell);
        json.WriteString("axis", axis);
        if (window == int.MaxValue) json.WriteNull("bptt");
        else json.WriteNumber("bptt", window);
    }

    private static void Members(Utf8JsonWriter json, BenchCase one, string axis, int window, Point point)
    {
        Head(json, one.Cell, axis, window);
        json.WriteNumber("layers", one.Layers);
        json.WriteNumber("B", one.Shape.B);
        json.WriteNumber("T", one.Shape.T);
        json.WriteNumber("I", one.Shape.I);
        json.WriteNumber("H", one.Shape.H);
        json.WriteNumber("median_us", Math.Round(point.Times.Median * 1e6, 3));
        json.WriteNumber("min_us", Math.Round(point.Times.Min * 1e6, 3));
        json.WriteNumber("max_us", Math.Round(point.Times.Max * 1e6, 3));
        json.WriteNumber("samples", point.Times.Samples);
        json.WriteNumber("gflops", Math.Round(point.Gflops, 2));
        json.WriteNumber("peak_gflops", Math.Round(point.Peak, 1));
        json.WriteNumber("share_of_peak", Math.Round(point.Gflops / point.Peak, 4));
        json.WriteNumber("alloc_bytes", point.Times.AllocatedBytes);
        json.WriteNumber("weight_bytes", point.WeightBytes);
        json.WriteNumber("pass_bytes", point.PassBytes);
    }
}
