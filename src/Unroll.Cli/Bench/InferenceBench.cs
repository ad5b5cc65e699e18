using Unroll.Core;
using Unroll.Layers;
using Unroll.Networks;

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
        foreach (BenchCase one in run.Each(run.Plan.Cases(BenchShape.Inference, BenchCells.Plain)))
        {
            run.Machine.WarmUp($"infer {one.Title}", Forward(run, one with { Shape = new(4, 5, 16, 16) }));
            long rows = one.Layout().Rows;
            Measured measured = run.Machine.Measure(run.Plan.Timing, Forward(run, one));
            new BenchRow("infer", one, rows, measured, BenchCase.ForwardFlops(one.Network(), rows)).WriteTo(run.Output);
        }
    }

    internal static void Streams(BenchRun run)
    {
        run.Output.Head(BenchRow.Head);
        foreach (BenchCase one in run.Each(run.Plan.Cases(BenchShape.Streaming, BenchCells.Plain)))
        {
            run.Machine.WarmUp($"stream {one.Title}", Step(one with { Shape = new(1, 1, 16, 16) }));
            BenchCase step = one with { Shape = one.Shape with { T = 1 } };
            Measured measured = run.Machine.Measure(run.Plan.Timing, Step(step));
            new BenchRow("stream", step, step.Shape.B, measured, BenchCase.ForwardFlops(step.Network(), step.Shape.B)).WriteTo(run.Output);
        }
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
