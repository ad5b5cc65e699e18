using Unroll.Core;

namespace Unroll.Tasks.Synthetic;

//  x⟨t⟩ = (u⟨t⟩, m⟨t⟩)        u uniform in [0, 1), m = 1 at one step of the first half and at one of the second, else 0
//  answer = Σ m⟨t⟩ u⟨t⟩       mean 1, variance 2 · 1/12 = 1/6: the squared error of who always says 1

/// <summary>
/// The adding problem: the sum of the two numbers that are marked (Hochreiter and Schmidhuber 1997, experiment 4; numbers in [0, 1) and a mark in
/// each half as in Arjovsky, Shah and Bengio 2016). Lengths are drawn from the longest down to nine tenths of it.
/// </summary>
public sealed class AddingProblem : ISequenceProblem
{
    /// <summary>Makes the problem.</summary>
    /// <param name="length">Steps of the longest sequences, at least 2.</param>
    /// <exception cref="UserErrorException">It is too short.</exception>
    public AddingProblem(int length) => Length = SequenceProblems.CheckLength(2, length, Name);

    /// <inheritdoc/>
    public string Name => "adding";

    /// <inheritdoc/>
    public string Question => "the sum of the two marked numbers among many";

    /// <inheritdoc/>
    public int Length { get; }

    /// <inheritdoc/>
    public int MinSteps => Length - Length / 10;

    /// <inheritdoc/>
    public int MaxSteps => Length;

    /// <inheritdoc/>
    public int Inputs => 2;

    /// <inheritdoc/>
    public int Outputs => 1;

    /// <inheritdoc/>
    public bool AnswersAreClasses => false;

    /// <inheritdoc/>
    public bool OneAnswer => true;

    /// <inheritdoc/>
    public int AnswerSteps => 1;

    /// <summary>The variance of the sum of two uniform numbers.</summary>
    public double BaselineLoss => 1.0 / 6;

    /// <inheritdoc/>
    public double? BaselineAccuracy => null;

    /// <inheritdoc/>
    public ProblemSequence Draw(int steps, Rng random)
    {
        float[] x = new float[2 * steps];
        for (int t = 0; t < steps; t++) x[2 * t] = random.Uniform((ulong)t);
        Rng marks = random.For("marks");
        int first = marks.Below(steps / 2, 0), second = steps / 2 + marks.Below(steps - steps / 2, 1);
        x[2 * first + 1] = x[2 * second + 1] = 1;
        return new ProblemSequence(x, [x[2 * first] + x[2 * second]]);
    }
}
