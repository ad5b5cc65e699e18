using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

//  v₀(0) = ln y₀(0)   v₀(1) = ln y₀(1)      vₜ(s) = ln yₜ(s) + max(vₜ₋₁(s), vₜ₋₁(s − 1), vₜ₋₁(s − 2)):  states and moves as in CtcLattice

/// <summary>The best path: which label each step belongs to when the labels are known (forced alignment, by the Viterbi recursion).</summary>
/// <param name="Steps">For each step the index of its label, or −1 where it is blank.</param>
/// <param name="LogProbability">ln of the probability of this one path.</param>
public sealed record CtcAlignment(IReadOnlyList<int> Steps, double LogProbability)
{
    private const byte Stay = 0, Next = 1, Skip = 2;

    /// <summary>The first step of each label and the step after its last.</summary>
    public IReadOnlyList<(int From, int To)> Segments()
    {
        List<(int From, int To)> segments = [];
        for (int t = 0; t < Steps.Count; t++)
        {
            if (Steps[t] < 0) continue;
            if (Steps[t] == segments.Count) segments.Add((t, t + 1));
            else segments[^1] = (segments[^1].From, t + 1);
        }
        return segments;
    }

    /// <summary>Aligns one sequence; of equal paths the one that goes on later.</summary>
    /// <param name="logits">[rows, classes]; scores before the softmax.</param>
    /// <param name="sequence">Which one, in the caller's order.</param>
    /// <param name="labels">1 … classes − 1; may be empty.</param>
    /// <exception cref="UserErrorException">A label is outside, or the sequence too short for its labels.</exception>
    public static CtcAlignment Of(in SequenceBatch logits, int sequence, ReadOnlySpan<int> labels)
    {
        CtcLoss.CheckLabels(labels, sequence, logits.Features);
        int steps = logits.Layout.Lengths[sequence], states = 2 * labels.Length + 1;
        CtcLoss.CheckLength(labels, sequence, steps);
        if (steps == 0) return new CtcAlignment([], 0);

        byte[] moves = new byte[ArraySize.Of(steps, states)];
        double[] now = new double[states], before = new double[states];
        Array.Fill(now, double.NegativeInfinity);
        float[] scratch = new float[logits.Features];
        for (int t = 0; t < steps; t++)
        {
            (now, before) = (before, now);
            ReadOnlySpan<float> z = logits.Row(t, sequence);
            double logSum = Logarithm.Ln(Softmax.Exponentials(z, scratch, out float max));
            for (int s = 0; s < states; s++)
            {
                (double best, byte move) = t == 0 ? (s < 2 ? 0 : double.NegativeInfinity, Stay) : Best(before, s, labels);
                float score = z[s % 2 == 0 ? CtcLoss.Blank : labels[s / 2]];
                now[s] = best + ((score == max ? 0 : (double)score - max) - logSum);
                moves[t * states + s] = move;
            }
        }
        bool endsInLabel = states > 1 && now[^2] > now[^1];
        return Trace(moves, steps, states, endsInLabel ? states - 2 : states - 1, now[endsInLabel ? ^2 : ^1]);
    }

    private static (double, byte) Best(double[] before, int s, ReadOnlySpan<int> labels)
    {
        (double best, byte move) = (before[s], Stay);
        if (s > 0 && before[s - 1] > best) (best, move) = (before[s - 1], Next);
        bool skips = s % 2 == 1 && s >= 3 && labels[s / 2] != labels[s / 2 - 1];
        return skips && before[s - 2] > best ? (before[s - 2], Skip) : (best, move);
    }

    private static CtcAlignment Trace(byte[] moves, int steps, int states, int state, double score)
    {
        int[] path = new int[steps];
        for (int t = steps - 1; t >= 0; t--)
        {
            path[t] = state % 2 == 0 ? -1 : state / 2;
            state -= moves[t * states + state];
        }
        return new CtcAlignment(path, score);
    }
}
