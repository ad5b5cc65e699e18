using System.Diagnostics;
using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Cli.Bench;

/// <summary>
/// <c>charlm</c>: a training step of a character model: embedding of 65 characters, two layers, a linear layer, softmax and cross entropy,
/// backpropagation through time, clipping at a norm of 5, Adam.
/// </summary>
internal static class CharacterBench
{
    internal const int Characters = 65;

    internal static void Run(BenchRun run)
    {
        run.Output.Head(BenchRow.Head);
        foreach (BenchCase one in run.Each(run.Plan.Cases(BenchShape.Characters, ["lstm"], layers: 2)))
        {
            run.Machine.WarmUp($"charlm {one.Cell}", () => Measure(run, one with { Shape = new(4, 5, 16, 16) }, new Timing(1, 0)));
            Measure(run, one, run.Plan.Timing).WriteTo(run.Output);
        }
    }

    internal static EndlessTraining<(SequenceBatch, Targets)> Training(Network network, SequenceLayout layout, ThreadTeam team) =>
        new(new NextCharacter(network), [Text(layout)], 1e-3f, team);

    private static BenchRow Measure(BenchRun run, BenchCase shaped, Timing timing)
    {
        BenchCase one = shaped with { Vocabulary = Characters };
        Network network = one.Network();
        SequenceLayout layout = one.Layout();
        long rows = layout.Rows;
        using EndlessTraining<(SequenceBatch, Targets)> training = Training(network, layout, run.Machine.Team);
        Measured measured = run.Machine.Measure(timing, training.Step);
        return new BenchRow("charlm", one, rows, measured, 3 * BenchCase.ForwardFlops(network, rows))
        {
            Loss = training.Loss,
            TokensPerSecond = rows / measured.Times.Median,
            PeakMegabytes = Process.GetCurrentProcess().PeakWorkingSet64 / (1024.0 * 1024),
        };
    }

    // Five of seven characters follow a rule, two are drawn: something can be learned, and not everything.
    private static (SequenceBatch Characters, Targets Next) Text(SequenceLayout layout)
    {
        SequenceBatch characters = SequenceBatch.Zeros(layout, 1);
        int[] next = new int[layout.Rows];
        Rng random = new(3);
        int start = 0;
        for (int s = 0; s < layout.Sequences; s++)
        {
            for (int t = 0; t < layout.Lengths[s]; t++)
            {
                characters.Row(t, s)[0] = At(start + t);
                next[layout.Row(t, s)] = At(start + t + 1);
            }
            start += layout.Lengths[s] + 1;
        }
        return (characters, Targets.Of(next));

        int At(int i) => i % 7 < 5 ? i * 31 % Characters : random.Below(Characters, (ulong)i);
    }
}
