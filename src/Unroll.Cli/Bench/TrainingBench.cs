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

    private delegate (Times Times, double Peak, double Loss) Measurement(BenchRun run, Network network, SequenceBatch x, Timing timing);

    private static void Run(BenchRun run, string workload, Measurement measure)
    {
        run.Output.Head(BenchRow.Head);
        foreach (BenchCase one in run.Each(run.Plan.Cases(BenchShape.Training, BenchCells.Plain)))
        {
            run.Machine.WarmUp($"train {one.Cell}", () => Warm(run, one));
            SequenceBatch x = one.Inputs(one.Layout());
            Network network = one.Network();
            (Times times, double peak, double loss) = measure(run, network, x, run.Plan.Timing);
            double flops = 3 * BenchCase.ForwardFlops(network, x.Layout.Rows);
            new BenchRow(workload, one, x.Layout.Rows, times, flops, peak) { Loss = loss }.WriteTo(run.Output);
        }
    }

    private static (Times, double, double) Steps(BenchRun run, Network network, SequenceBatch x, Timing timing)
    {
        using EndlessTraining<SequenceBatch> training = new(new OutputSquares(network), [x], 1e-6f, run.Machine.Team);
        (Times times, double peak) = run.Machine.Measure(timing, training.Step);
        return (times, peak, training.Loss);
    }

    private static (Times, double, double) ForwardBackward(BenchRun run, Network network, SequenceBatch x, Timing timing)
    {
        OutputSquares objective = new(network);
        Pass pass = new(new Workspace(), run.Machine.Team, new Rng(7), Training: true);
        LossSum loss = default;
        (Times times, double peak) = run.Machine.Measure(timing, () =>
        {
            pass.Workspace.Reset();
            network.Parameters.ClearGradients();
            loss = objective.Accumulate(x, pass);
        });
        return (times, peak, loss.Mean);
    }

    private static void Warm(BenchRun run, BenchCase one)
    {
        BenchCase small = one with { Shape = new(4, 5, 16, 16) };
        SequenceBatch x = small.Inputs(small.Layout());
        using EndlessTraining<SequenceBatch> training = new(new OutputSquares(small.Network()), [x], 1e-6f, run.Machine.Team);
        for (int i = 0; i < 10; i++) training.Step();
    }
}
