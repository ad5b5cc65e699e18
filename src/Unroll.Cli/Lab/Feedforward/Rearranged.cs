using Unroll.Core;
using Unroll.Tasks.Synthetic;

namespace Unroll.Cli.Lab.Feedforward;

/// <summary>A problem whose sequences are presented in another form; the answers stay the same.</summary>
/// <param name="inner">The problem.</param>
/// <param name="steps">Steps of the other form.</param>
/// <param name="inputs">Features of its steps.</param>
/// <param name="change">From [steps, inputs] of the problem to those of the other form.</param>
internal sealed class Rearranged(ISequenceProblem inner, int steps, int inputs, Func<float[], float[]> change) : ISequenceProblem
{
    /// <summary>
    /// All steps side by side as one, which is all that a feed-forward network can look at: a shorter sequence is padded with zeros, and a
/// longer one is truncated.
    /// </summary>
    internal static Rearranged Flat(ISequenceProblem inner, int window) => new(inner, 1, window * inner.Inputs, x =>
    {
        float[] flat = new float[window * inner.Inputs];
        x.AsSpan(0, Math.Min(x.Length, flat.Length)).CopyTo(flat);
        return flat;
    });

    /// <summary>The steps of every sequence in another order, the same for all.</summary>
    internal static Rearranged Permuted(ISequenceProblem inner, int[] order) => new(inner, inner.MaxSteps, inner.Inputs, x =>
        [.. order.SelectMany(t => x.AsSpan(t * inner.Inputs, inner.Inputs).ToArray())]);

    public string Name => inner.Name;

    public string Question => inner.Question;

    public int Length => inner.Length;

    public int MinSteps => steps;

    public int MaxSteps => steps;

    public int Inputs => inputs;

    public int Outputs => inner.Outputs;

    public bool AnswersAreClasses => inner.AnswersAreClasses;

    public bool OneAnswer => inner.OneAnswer;

    public int AnswerSteps => inner.AnswerSteps;

    public double BaselineLoss => inner.BaselineLoss;

    public double? BaselineAccuracy => inner.BaselineAccuracy;

    public ProblemSequence Draw(int steps, Rng random)
    {
        ProblemSequence one = inner.Draw(inner.MaxSteps, random);
        return one with { Inputs = change(one.Inputs) };
    }
}
