using Unroll.Cli.Bench;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Cli;

/// <summary>How long a network takes for one step of one sequence.</summary>
internal static class StepTime
{
    private const int Rounds = 7;
    private const double WarmUpSeconds = 0.15, RoundSeconds = 0.02;

    /// <summary>Two networks in turn, so that other load on the machine affects both equally.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <param name="steps">Of a sequence, for a network that must see the whole of it.</param>
    /// <param name="threads">The threads for whole sequences; a single step runs on one thread.</param>
    /// <returns>Microseconds per step, the median of some rounds.</returns>
    internal static (double A, double B) InTurn(Network a, Network b, int steps, ThreadTeam threads)
    {
        (Action Run, int Steps)[] works = [Work(a, steps, threads), Work(b, steps, threads)];
        foreach ((Action run, _) in works) Timing.Repeat(run, 100, WarmUpSeconds);
        List<double>[] times = [[], []];
        for (int round = 0; round < Rounds; round++)
            for (int i = 0; i < works.Length; i++)
            {
                (long calls, double seconds) = Timing.Repeat(works[i].Run, 1, RoundSeconds);
                times[i].Add(1e6 * seconds / calls / works[i].Steps);
            }
        foreach (List<double> list in times) list.Sort();
        return (times[0][Rounds / 2], times[1][Rounds / 2]);
    }

    private static (Action Run, int Steps) Work(Network network, int steps, ThreadTeam threads)
    {
        if (network.Causal)
        {
            float[] x = new float[network.InputSize], y = new float[network.OutputSize];
            State state = network.NewState(1);
            return (() => network.Step(x, state, y), 1);
        }
        SequenceBatch whole = SequenceBatch.Zeros(SequenceLayout.Uniform(1, steps), network.InputSize);
        Pass pass = new(new Workspace(), threads, new Rng(0), Training: false);
        return (() =>
        {
            pass.Workspace.Reset();
            network.Forward(whole, null, pass);
        }, steps);
    }
}
