using Unroll.Core;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Cli.Bench;

/// <summary>
/// <c>infer</c>: forward over whole sequences, no training. <c>stream</c>: one step of every sequence with the state carried over; batch 1 by
/// default.
/// </summary>
internal static class InferenceBench
{
    internal static void Batches(BenchRun run)
    {
        run.Output.Head(BenchRow.Head);
        foreach (BenchCase one in run.Each(run.Plan.InferenceCases(BenchShape.Inference)))
        {
            run.Machine.WarmUp($"infer {one.Title}", Forward(run, one with { Shape = new(4, 5, 16, 16) }));
            long rows = one.Layout().Rows;
            Measured measured = run.Machine.Measure(run.Plan.Timing, Forward(run, one));
            new BenchRow("infer", one, rows, measured, BenchCase.ForwardFlops(one.Network(), rows)).WriteTo(run.Output);
        }
    }

    internal static void Streams(BenchRun run)
    {
        run.Output.Head(BenchRow.StreamHead);
        using ThreadTeam alone = new(1);
        foreach (BenchCase one in run.Each(run.Plan.InferenceCases(BenchShape.Streaming)))
        {
            run.Machine.WarmUp($"stream {one.Title}", Step(one with { Shape = new(1, 1, 16, 16) }));
            BenchCase step = one with { Shape = one.Shape with { T = 1 } };
            Network network = step.Network();
            double floor = ReadingSeconds(network, alone);
            Measured measured = run.Machine.Measure(run.Plan.Timing, Step(step));
            new BenchRow("stream", step, step.Shape.B, measured, BenchCase.ForwardFlops(network, step.Shape.B))
            {
                FloatFloor = Math.Min(floor, ReadingSeconds(network, alone)),
            }.WriteTo(run.Output);
        }
    }

    // What a step with floats cannot be faster than, where its weights lie: a step reads each of them once, on one thread.
    private static double ReadingSeconds(Network network, ThreadTeam alone)
    {
        long bytes = BenchCase.FloatBytes(network);
        return bytes / (1e9 * MachineLimits.ReadBandwidth(alone, (int)Math.Clamp(bytes, 4096, 1 << 30), runs: 3));
    }

    private static Action Forward(BenchRun run, BenchCase one)
    {
        Network network = one.Network();
        SequenceBatch x = one.Inputs(one.Layout());
        Pass pass = new(new Workspace(), run.Machine.Team, new Rng(7), Training: false) { InferenceOnly = true };
        return () =>
        {
            pass.Workspace.Reset();
            network.Forward(x, null, pass);
        };
    }

    private static Action Step(BenchCase one)
    {
        Network network = one.Network();
        float[] x = one.Inputs(one.Layout()).All.ToArray(), y = new float[one.Shape.B * network.OutputSize];
        State state = network.NewState(one.Shape.B);
        return () => network.Step(x, state, y);
    }
}
