using Unroll.Cells;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Synthetic;
using Unroll.Training;

namespace Unroll.Cli.Lab.Feedforward;

/// <summary>What <c>lab feedforward</c> trains.</summary>
/// <param name="Cell">The recurrent cell.</param>
/// <param name="Steps">Letters per training sequence.</param>
/// <param name="Hidden">Units of either network.</param>
/// <param name="Updates">Updates per training run.</param>
/// <param name="Seeds">Training runs of each kind.</param>
internal sealed record FeedforwardPlan(LabNamedCell Cell, int Steps, int Hidden, int Updates, int Seeds)
{
    /// <summary>The lengths on which both are tested after training on one.</summary>
    internal IReadOnlyList<int> Lengths => [Steps / 2, Steps, 2 * Steps, 4 * Steps];
}

/// <summary>The share of right answers of one pair of networks, trained on the same sequences with the same seed.</summary>
/// <param name="Feedforward">Of the one without recurrence.</param>
/// <param name="Recurrent">Of the other.</param>
internal readonly record struct Right(double Feedforward, double Recurrent);

/// <summary>What one seed found.</summary>
/// <param name="SeenPlaces">Trained on motifs that begin at even places, tested on such motifs.</param>
/// <param name="OtherPlaces">The same networks, tested on odd places.</param>
/// <param name="SeenHalf">Trained on motifs in the first half, tested on the first half.</param>
/// <param name="OtherHalf">The same networks, tested on the second half.</param>
/// <param name="ByLength">Trained on motifs anywhere, tested at each of the plan's lengths.</param>
/// <param name="Permuted">Trained and tested with the steps in a different order, the same for all sequences.</param>
internal sealed record FeedforwardOutcome(
    Right SeenPlaces, Right OtherPlaces, Right SeenHalf, Right OtherHalf, IReadOnlyList<Right> ByLength, Right Permuted);

/// <summary>Trains and tests both networks.</summary>
internal static class FeedforwardTraining
{
    private const int Epochs = 10, TestSequences = 1000;

    /// <summary>
    /// The network without recurrence. A plain recurrent cell takes one step from state zero: h = tanh(W x + b_ih + b_hh), which is a dense layer
    /// with a tanh; its recurrent matrix multiplies zeros.
    /// </summary>
    internal static NetworkSpec Flat(FeedforwardPlan plan, ISequenceProblem flat) =>
        ProblemTask.NetworkFor(flat, new CellOptions { Kind = "rnn" }, plan.Hidden);

    internal static FeedforwardOutcome Run(FeedforwardPlan plan, ulong seed, LabRun run, ThreadTeam alone)
    {
        int n = plan.Steps;
        (Asked flat, Asked recurrent) = Learn(MotifProblem.EvenPlaces(n), x => x);
        Right even = Ask(MotifProblem.EvenPlaces(n)), odd = Ask(MotifProblem.OddPlaces(n));
        (flat, recurrent) = Learn(MotifProblem.FirstHalf(n), x => x);
        Right seen = Ask(MotifProblem.FirstHalf(n)), other = Ask(MotifProblem.SecondHalf(n));
        (flat, recurrent) = Learn(MotifProblem.Anywhere(n), x => x);
        Right[] lengths = [.. plan.Lengths.Select(length => Ask(MotifProblem.Anywhere(length)))];
        int[] order = new int[n];
        new Rng(seed).For("order").Permute(order);
        (flat, recurrent) = Learn(MotifProblem.Anywhere(n), x => Rearranged.Permuted(x, order));
        return new FeedforwardOutcome(even, odd, seen, other, lengths, Ask(Rearranged.Permuted(MotifProblem.Anywhere(n), order)));

        (Asked, Asked) Learn(ISequenceProblem problem, Func<ISequenceProblem, ISequenceProblem> shown)
        {
            ISequenceProblem steps = shown(problem), all = Rearranged.Flat(steps, n);
            return (Train(all, Flat(plan, all)), Train(steps, ProblemTask.NetworkFor(steps, plan.Cell.Options, plan.Hidden)));
        }

        Asked Train(ISequenceProblem problem, NetworkSpec spec)
        {
            Network network = Network.Build(spec, plan.Cell.Cells);
            Initialization.Apply(network, plan.Cell.Weights(problem.MaxSteps), new Rng(seed).For("weights"));
            TrainingLoop<long[]> loop = new(new ProblemTask(problem, network,
                new ProblemData { Seed = seed, Updates = Math.Max(1, plan.Updates / Epochs) }),
                new TrainingOptions { Epochs = Epochs, Seed = seed,
                    Step = new() { Schedule = new ConstantSchedule { Rate = 5e-3f }, Clipping = new Clipping() } }, alone);
            foreach (TrainingProgress _ in loop.Run()) { }
            return problem => new ProblemSet(problem, TestSequences, new Rng(seed).For("test")).Measure(
                network, new Pass(new Workspace(), alone, new Rng(seed), Training: false)).Accuracy!.Value;
        }

        Right Ask(ISequenceProblem problem) => new(flat(Rearranged.Flat(problem, n)), recurrent(problem));
    }

    private delegate double Asked(ISequenceProblem problem);
}
