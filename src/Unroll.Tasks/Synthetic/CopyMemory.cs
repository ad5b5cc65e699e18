using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Synthetic;

//  input     s₁ … s_S  ␣ … ␣ (T − 1)  ▷  ␣ … ␣ (S)              T + 2S steps, one-hot: the letters, the blank ␣, the sign ▷
//  answer    ␣ … ␣ (T + S)               s₁ … s_S
//  who says ␣ at first and guesses then: S · ln 8 nats over T + 2S answers

/// <summary>
/// Copying: letters are shown, then nothing for a time, then a sign, and the letters are to be said again (Hochreiter and Schmidhuber 1997; the
/// lengths and the baseline 10 ln 8 / (T + 20) as in Arjovsky, Shah and Bengio 2016).
/// </summary>
public sealed class CopyMemory : ISequenceProblem
{
    private const int Letters = 8, Blank = 8, Sign = 9;

    /// <summary>Makes the problem.</summary>
    /// <param name="length">T: steps from the last letter to the sign, at least 1.</param>
    /// <exception cref="UserErrorException">It is too short.</exception>
    public CopyMemory(int length) => Length = SequenceProblems.CheckLength(1, length, Name);

    /// <summary>S: letters to be copied, 1 … 1000.</summary>
    /// <exception cref="UserErrorException">There are none, or too many.</exception>
    public int Symbols { get; init => field = Check.Between(1, 1000, value, "symbols to copy"); } = 10;

    /// <inheritdoc/>
    public string Name => "copy";

    /// <inheritdoc/>
    public string Question => $"{Symbols} letters again, after a blank time";

    /// <inheritdoc/>
    public int Length { get; }

    /// <inheritdoc/>
    public int MinSteps => MaxSteps;

    /// <inheritdoc/>
    public int MaxSteps => Length + 2 * Symbols;

    /// <summary>The letters, the blank and the sign.</summary>
    public int Inputs => Letters + 2;

    /// <summary>The letters and the blank.</summary>
    public int Outputs => Letters + 1;

    /// <inheritdoc/>
    public bool AnswersAreClasses => true;

    /// <inheritdoc/>
    public bool OneAnswer => false;

    /// <inheritdoc/>
    public int AnswerSteps => Symbols;

    /// <summary>S ln 8 / (T + 2S).</summary>
    public double BaselineLoss => Symbols * Math.Log(Letters) / MaxSteps;

    /// <inheritdoc/>
    public double? BaselineAccuracy => 1.0 / Letters;

    /// <inheritdoc/>
    public ProblemSequence Draw(int steps, Rng random)
    {
        float[] x = new float[steps * Inputs], answers = new float[steps];
        Array.Fill(answers, Blank);
        for (int t = 0; t < steps; t++)
        {
            int shown = t < Symbols ? random.Below(Letters, (ulong)t) : t == steps - Symbols - 1 ? Sign : Blank;
            x[t * Inputs + shown] = 1;
            if (t < Symbols) answers[steps - Symbols + t] = shown;
        }
        return new ProblemSequence(x, answers);
    }
}
