using System.Diagnostics;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Benchmarks;

/// <summary>Times of one layer's training step: forward, loss = mean of y², backward through time; then clipping at 5 and Adam.</summary>
/// <param name="FlopsPerStep">Multiply-adds of forward, δx and weight gradients, times two: 6 · T · B · gates · H · (I + H).</param>
/// <param name="BackwardMicroseconds">Forward and backward, median.</param>
/// <param name="BestMicroseconds">Forward and backward, the quickest: what the machine gives when nobody else wants it.</param>
/// <param name="StepMicroseconds">All of it, median.</param>
/// <param name="BytesPerStep">Managed bytes allocated by a warmed-up step.</param>
/// <param name="Samples">How many steps were timed.</param>
internal sealed record TrainingTimes(double FlopsPerStep, double BackwardMicroseconds, double BestMicroseconds, double StepMicroseconds, long BytesPerStep, int Samples)
{
    public double Gflops(double microseconds) => FlopsPerStep / microseconds / 1e3;

    public static TrainingTimes Measure(string cell, int batch, int steps, int inputs, int hidden, int threads)
    {
        using ThreadTeam team = new(threads);
        ParameterStore store = new();
        RecurrentLayer layer = new("l", store, new CellOptions { Kind = cell }, inputs, hidden);
        Rng random = new(1);
        using (Edit edit = store.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = (2 * random.Uniform((ulong)i) - 1) / MathF.Sqrt(hidden);
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.Uniform(batch, steps), inputs);
        for (int i = 0; i < x.All.Length; i++) x.All[i] = (float)random.For("x").Normal((ulong)i);
        Optimizer adam = OptimizerOptions.Of("adam").Create(store.Length);
        Clipping clipping = new() { Limit = 5 };
        Workspace workspace = new();
        Pass pass = new(workspace, team, random, Training: true);

        void ForwardBackward()
        {
            workspace.Reset();
            store.ClearGradients();
            Cache cache = layer.Forward(x, pass);
            Span<float> y = cache.Output.All;
            SequenceBatch dy = workspace.Rent(x.Layout, hidden);
            float scale = 2f / y.Length;
            y.CopyTo(dy.All);
            Elementwise.Scale(dy.All, scale);
            layer.Backward(dy, cache, pass);
        }
        void Step()
        {
            ForwardBackward();
            clipping.Apply(store);
            adam.Step(store, 1e-3f, team);
        }
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < (threads > 1 ? 3 : 1);) Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        (double backward, double best, int samples) = Time(ForwardBackward);
        (double whole, _, _) = Time(Step);
        return new TrainingTimes(6.0 * steps * batch * layer.Cell.Gates.Length * hidden * (inputs + hidden), backward, best, whole, bytes, samples);
    }

    private static (double Median, double Best, int Samples) Time(Action work)
    {
        List<double> times = [];
        for (long start = Stopwatch.GetTimestamp(); times.Count < 5 || Stopwatch.GetElapsedTime(start).TotalSeconds < 3;)
        {
            long begin = Stopwatch.GetTimestamp();
            work();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMicroseconds);
        }
        times.Sort();
        return (times[times.Count / 2], times[0], times.Count);
    }
}
