namespace Unroll.Numerics;

//  m = max zⱼ      eⱼ = exp(zⱼ − m)      S = Σ eⱼ (see Reduce)      pⱼ = eⱼ / S      ln pⱼ = (zⱼ − m) − ln S

/// <summary>
/// Softmax of a row. Subtracting the maximum makes every exponent at most 0, so that it cannot overflow (notes S32).
/// Elements equal to an infinite maximum share the whole probability equally: a row of −∞ alone is uniform; a NaN makes the row NaN.
/// </summary>
public static unsafe class Softmax
{
    /// <summary>Probabilities of scores.</summary>
    /// <param name="logits">[classes]; any size, −∞ for what is impossible.</param>
    /// <param name="probabilities">[classes], overwritten; may be the same memory.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Row(ReadOnlySpan<float> logits, Span<float> probabilities) => Row(logits, probabilities, out _);

    /// <summary>The same; returns S, and m beside it.</summary>
    internal static double Row(ReadOnlySpan<float> logits, Span<float> probabilities, out float max)
    {
        double sum = Exponentials(logits, probabilities, out max);
        Elementwise.Each<Quotient>(probabilities, probabilities, (float)sum);
        return sum;
    }

    /// <summary>Logarithms of the probabilities of scores, exact also where the probability would be 0.</summary>
    /// <param name="logits">[classes].</param>
    /// <param name="logProbabilities">[classes], overwritten; not the same memory.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void LogRow(ReadOnlySpan<float> logits, Span<float> logProbabilities)
    {
        double logSum = Logarithm.Ln(Exponentials(logits, logProbabilities, out float max));
        if (float.IsInfinity(max))
            for (int j = 0; j < logits.Length; j++) logProbabilities[j] = (float)(Logarithm.Ln(logProbabilities[j]) - logSum);
        else
            for (int j = 0; j < logits.Length; j++) logProbabilities[j] = (float)((double)logits[j] - max - logSum);
    }

    /// <summary>Overwrites <paramref name="e"/> with eⱼ and returns S.</summary>
    private static double Exponentials(ReadOnlySpan<float> z, Span<float> e, out float max)
    {
        if (z.Length != e.Length) throw new ArgumentException($"softmax of {z.Length} floats into {e.Length}", nameof(e));
        fixed (float* p = z)
            max = Hardware.Wide ? Max<Lanes16>(p, z.Length) : Hardware.Half ? Max<Lanes8>(p, z.Length) : Max<Lanes1>(p, z.Length);
        if (float.IsInfinity(max))
            for (int j = 0; j < z.Length; j++) e[j] = z[j] == max ? 1 : z[j] < max ? 0 : float.NaN;
        else
            Elementwise.Each<Exponential>(e, z, max);
        return Reduce.Sum(e);
    }

    // The largest of several numbers does not depend on their order; −∞ of none; NaNs are passed over, the exponentials keep them.
    internal static float Max<V>(float* z, nint n) where V : struct, ILane<V>
    {
        float* lanes = stackalloc float[16];
        nint j = 0;
        V largest = V.Of(float.NegativeInfinity);
        for (; j <= n - V.Count; j += V.Count)
        {
            V next = V.Load(z + j);
            largest = V.WhereLess(largest, next, next, largest);
        }
        largest.Store(lanes);
        float result = float.NegativeInfinity;
        for (int l = 0; l < V.Count; l++)
            if (lanes[l] > result) result = lanes[l];
        for (; j < n; j++)
            if (z[j] > result) result = z[j];
        return result;
    }

    internal readonly struct Exponential : Elementwise.IMap
    {
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => Activations.Exp(x - factor);
    }

    internal readonly struct Quotient : Elementwise.IMap
    {
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => x / factor;
    }
}
