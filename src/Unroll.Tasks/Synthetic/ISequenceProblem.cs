using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Synthetic;

/// <summary>
/// A made-up problem that asks one thing of a memory, with as many sequences as one likes and an error that is known for who has learned nothing.
/// </summary>
public interface ISequenceProblem
{
    /// <summary>As in commands: <c>adding</c>.</summary>
    string Name { get; }

    /// <summary>What is asked, in a sentence.</summary>
    string Question { get; }

    /// <summary>What makes it hard, in steps: what a table of results is ordered by.</summary>
    int Length { get; }

    /// <summary>The shortest sequence to learn from, at least 1.</summary>
    int MinSteps { get; }

    /// <summary>The longest; results are measured on sequences of this length alone.</summary>
    int MaxSteps { get; }

    /// <summary>Features of a step.</summary>
    int Inputs { get; }

    /// <summary>Outputs of a network: a number, or a logit for each class.</summary>
    int Outputs { get; }

    /// <summary>Whether answers are classes, 0 … <see cref="Outputs"/> − 1, and not numbers.</summary>
    bool AnswersAreClasses { get; }

    /// <summary>Whether the last step alone has an answer; else every step has one.</summary>
    bool OneAnswer { get; }

    /// <summary>How many of the last steps ask for what was to be remembered: the share of right answers counts these alone.</summary>
    int AnswerSteps { get; }

    /// <summary>The least mean loss (per answer, at <see cref="MaxSteps"/>) of who has not looked at the sequence: squared error, or nats.</summary>
    double BaselineLoss { get; }

    /// <summary>The share of right answers of who guesses; null where answers are numbers.</summary>
    double? BaselineAccuracy { get; }

    /// <summary>Draws a sequence.</summary>
    /// <param name="steps">Its length, <see cref="MinSteps"/> … <see cref="MaxSteps"/>.</param>
    /// <param name="random">Its own generator: the sequence is a function of it and of the length.</param>
    ProblemSequence Draw(int steps, Rng random);
}

/// <summary>One sequence of a problem.</summary>
/// <param name="Inputs">[steps, inputs], row-major.</param>
/// <param name="Answers">One for each step, or one in all; a class is a whole number.</param>
public sealed record ProblemSequence(float[] Inputs, float[] Answers);

/// <summary>How good a network is at a problem.</summary>
/// <param name="Loss">The mean loss of an answer: squared error, or nats.</param>
/// <param name="BaselineLoss">That of who has not looked.</param>
/// <param name="Accuracy">The share of right answers to what was to be remembered; null where answers are numbers.</param>
public sealed record ProblemScore(double Loss, double BaselineLoss, double? Accuracy)
{
    /// <summary>The share of right answers from which on a problem counts as solved.</summary>
    public const double SolvedAccuracy = 0.99;

    /// <summary>The share of the baseline's squared error below which a problem of numbers counts as solved.</summary>
    public const double SolvedShare = 0.1;

    /// <summary>The loss as a share of the baseline's: 1 is nothing learned, 0 is perfect.</summary>
    public double Share => Loss / BaselineLoss;

    /// <summary>
    /// Whether at least 99 % of the answers are right; with numbers, whether the squared error is at most a tenth of the baseline's.
    /// </summary>
    public bool IsSolved => Accuracy is double right ? right >= SolvedAccuracy : Share <= SolvedShare;
}

/// <summary>Every problem by name.</summary>
public static class SequenceProblems
{
    /// <summary>The names that <see cref="Make"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["adding", "copy", "parity", "running-parity", "recall"];

    /// <summary>A problem of a length.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="length">Its <see cref="ISequenceProblem.Length"/>.</param>
    /// <exception cref="UserErrorException">There is no such problem, or it has no such length.</exception>
    public static ISequenceProblem Make(string name, int length) => Check.OneOf(Names, name, "problem") switch
    {
        "adding" => new AddingProblem(length),
        "copy" => new CopyMemory(length),
        "parity" => new Parity(length),
        "running-parity" => new Parity(length) { EveryStep = true },
        _ => new DelayedRecall(length),
    };

    /// <summary>The loss that a network learns a problem by: squared error for numbers, cross-entropy for classes.</summary>
    public static ILoss LossOf(ISequenceProblem problem) => problem.AnswersAreClasses ? new SoftmaxCrossEntropy() : new SquaredError();

    internal static int CheckLength(int least, int length, string problem) =>
        Check.Between(least, 100_000, length, $"length of the {problem} problem");
}
