using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Synthetic;

//  input     cue  n n … n (T − 1)  ?        one-hot: the K cues, the K letters of noise, the question
//  answer                          cue      T steps after it was shown

/// <summary>
/// Delayed recall: the first letter is to be said again T steps later, after letters that do not matter (the latch of Bengio, Simard and Frasconi
/// 1994 with more than two values; experiment 2 of Hochreiter and Schmidhuber 1997). One link in time, and nothing else to learn.
/// </summary>
public sealed class DelayedRecall : ISequenceProblem
{
    /// <summary>Makes the problem.</summary>
    /// <param name="length">T: steps from the cue to the question, at least 1.</param>
    /// <exception cref="UserErrorException">It is too short.</exception>
    public DelayedRecall(int length) => Length = SequenceProblems.CheckLength(1, length, Name);

    /// <summary>K: how many cues there are, 2 … 1000.</summary>
    /// <exception cref="UserErrorException">There are too few or too many.</exception>
    public int Cues { get; init => field = Check.Between(2, 1000, value, "cues"); } = 4;

    /// <inheritdoc/>
    public string Name => "recall";

    /// <inheritdoc/>
    public string Question => $"which of {Cues} letters stood at the beginning";

    /// <inheritdoc/>
    public int Length { get; }

    /// <inheritdoc/>
    public int MinSteps => MaxSteps;

    /// <inheritdoc/>
    public int MaxSteps => Length + 1;

    /// <summary>Cues, letters of noise, the question.</summary>
    public int Inputs => 2 * Cues + 1;

    /// <inheritdoc/>
    public int Outputs => Cues;

    /// <inheritdoc/>
    public bool AnswersAreClasses => true;

    /// <inheritdoc/>
    public bool OneAnswer => true;

    /// <inheritdoc/>
    public int AnswerSteps => 1;

    /// <summary>ln K.</summary>
    public double BaselineLoss => Math.Log(Cues);

    /// <inheritdoc/>
    public double? BaselineAccuracy => 1.0 / Cues;

    /// <inheritdoc/>
    public ProblemSequence Draw(int steps, Rng random)
    {
        float[] x = new float[steps * Inputs];
        int cue = random.Below(Cues, 0);
        x[cue] = 1;
        for (int t = 1; t < steps - 1; t++) x[t * Inputs + Cues + random.Below(Cues, (ulong)t)] = 1;
        x[(steps - 1) * Inputs + 2 * Cues] = 1;
        return new ProblemSequence(x, [cue]);
    }
}
