using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Cli.Bench;

/// <summary>
/// <c>train</c>: forward, mean(y²), backpropagation through time with the gradient of the input, clipping at a norm of 5, Adam.
/// <c>fwdbwd</c>: the same without clipping and Adam.
/// </summary>
internal static class TrainingBench
{
    internal static void Steps(BenchRun run) => Run(run, "train", Steps);

    internal static void ForwardBackward(BenchRun run) => Run(run, "fwdbwd", ForwardBackward);

    private delegate (Measured Measured, double Loss) Measurement(BenchRun run, Network network, SequenceBatch x);

    private static void Run(BenchRun run, string workload, Measurement measure)
    {
        run.Output.Head(BenchRow.Head);
        foreach (BenchCase one in run.Each(run.Plan.Cases(BenchShape.Training, BenchCells.Plain)))
        {
            run.Machine.WarmUp($"train {one.Cell}", () => Warm(run, one));
            SequenceBatch x = one.Inputs(one.Layout());
            Network network = one.Network();
            (Measured measured, double loss) = measure(run, network, x);
            double flops = 3 * BenchCase.ForwardFlops(network, x.Layout.Rows);
            new BenchRow(workload, one, x.Layout.Rows, measured, flops) { Loss = loss }.WriteTo(run.Output);
        }
    }

    private static (Measured, double) Steps(BenchRun run, Network network, SequenceBatch x)
    {
        using EndlessTraining<SequenceBatch> training = new(new OutputSquares(network), [x], 1e-6f, run.Machine.Team);
        Measured measured = run.Machine.Measure(run.Plan.Timing, training.Step);
        return (measured, training.Loss);
    }

    private static (Measured, double) ForwardBackward(BenchRun run, Network network, SequenceBatch x)
    {
        OutputSquares objective = new(network);
        Pass pass = new(new Workspace(), run.Machine.Team, new Rng(7), Training: true);
        LossSum loss = default;
        Measured measured = run.Machine.Measure(run.Plan.Timing, () =>
        {
            pass.Workspace.Reset();
            network.Parameters.ClearGradients();
            loss = objective.Accumulate(x, pass);
        });
        return (measured, loss.Mean);
    }

    private static void Warm(BenchRun run, BenchCase one)
    {
        BenchCase small = one with { Shape = new(4, 5, 16, 16) };
        SequenceBatch x = small.Inputs(small.Layout());
        using EndlessTraining<SequenceBatch> training = new(new OutputSquares(small.Network()), [x], 1e-6f, run.Machine.Team);
        for (int i = 0; i < 10; i++) training.Step();
    }
}
