using Unroll.Core;

namespace Unroll.Tasks.Synthetic;

//  b⟨t⟩ ∈ {0, 1}        answer⟨t⟩ = (b⟨1⟩ + … + b⟨t⟩) mod 2: one bit of state, which every 1 turns over

/// <summary>
/// Parity: whether the number of ones so far is odd (one of the problems of Bengio, Simard and Frasconi 1994).
/// Lengths are drawn from 1 to
/// the longest. Every 1 turns the answer over: a state must be computed, and not only kept.
/// </summary>
public sealed class Parity : ISequenceProblem
{
    /// <summary>Makes the problem.</summary>
    /// <param name="length">Bits of the longest sequences, at least 1.</param>
    /// <exception cref="UserErrorException">There are none.</exception>
    public Parity(int length) => Length = SequenceProblems.CheckLength(1, length, "parity");

    /// <summary>Whether the parity so far is asked for at every step, and not at the last alone: far easier to learn.</summary>
    public bool EveryStep { get; init; }

    /// <inheritdoc/>
    public string Name => EveryStep ? "running-parity" : "parity";

    /// <inheritdoc/>
    public string Question => EveryStep ? "whether the ones so far are odd, at every step" : "whether the ones are odd, at the end";

    /// <inheritdoc/>
    public int Length { get; }

    /// <inheritdoc/>
    public int MinSteps => 1;

    /// <inheritdoc/>
    public int MaxSteps => Length;

    /// <inheritdoc/>
    public int Inputs => 1;

    /// <inheritdoc/>
    public int Outputs => 2;

    /// <inheritdoc/>
    public bool AnswersAreClasses => true;

    /// <inheritdoc/>
    public bool OneAnswer => !EveryStep;

    /// <inheritdoc/>
    public int AnswerSteps => 1;

    /// <summary>ln 2.</summary>
    public double BaselineLoss => Math.Log(2);

    /// <inheritdoc/>
    public double? BaselineAccuracy => 0.5;

    /// <inheritdoc/>
    public ProblemSequence Draw(int steps, Rng random)
    {
        float[] x = new float[steps], answers = new float[EveryStep ? steps : 1];
        int odd = 0;
        for (int t = 0; t < steps; t++)
        {
            int bit = random.Below(2, (ulong)t);
            odd ^= bit;
            x[t] = bit;
            answers[EveryStep ? t : 0] = odd;
        }
        return new ProblemSequence(x, answers);
    }
}
