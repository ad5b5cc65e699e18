using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tasks.Speech;

//  z̄ₖ = 1/M Σₘ (zₘₖ − ln Σⱼ exp zₘⱼ),    p ∝ exp z̄ = (Πₘ pₘ)^(1/M)

/// <summary>
/// The geometric mean of the probabilities that members give, as the logarithms of it: a word that one member rules out stays ruled out, where an
/// arithmetic mean would give it half of what the other says.
/// </summary>
internal sealed class MemberLogMean
{
    private double[] _sum = [];
    private float[] _p = [];
    private int _count;

    /// <summary>Adds what a member says; call it in the order of the members.</summary>
    /// <param name="scores">[rows, classes]; before the softmax.</param>
    /// <param name="classes">How many.</param>
    internal void Add(ReadOnlySpan<float> scores, int classes)
    {
        if (_count++ == 0)
        {
            if (_sum.Length != scores.Length) _sum = new double[scores.Length];
            if (_p.Length != classes) _p = new float[classes];
            Array.Clear(_sum);
        }
        for (int at = 0; at < scores.Length; at += classes)
        {
            ReadOnlySpan<float> row = scores.Slice(at, classes);
            double sum = Softmax.Exponentials(row, _p, out float max);
            double log = max + Logarithm.Ln(sum);
            for (int k = 0; k < classes; k++) _sum[at + k] += row[k] - log;
        }
    }

    /// <summary>Writes the mean, whose softmax is the geometric mean, and begins anew.</summary>
    /// <param name="mean">As long as what was added; overwritten.</param>
    internal void Take(Span<float> mean)
    {
        for (int i = 0; i < mean.Length; i++) mean[i] = (float)(_sum[i] / _count);
        _count = 0;
    }
}
