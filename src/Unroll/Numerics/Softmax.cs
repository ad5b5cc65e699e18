using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

//  m = max zⱼ      eⱼ = exp(zⱼ − m)      S = Σ eⱼ (see Reduce)      pⱼ = eⱼ · (1 / S)      ln pⱼ = (zⱼ − m) − ln S

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
    public static void Row(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        double sum = Exponentials(logits, probabilities, out _);
        Elementwise.Scale(probabilities, (float)(1 / sum));
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

    /// <summary>Overwrites <paramref name="e"/> with eⱼ and returns S: two passes, one for the maximum, one for the rest.</summary>
    internal static double Exponentials(ReadOnlySpan<float> z, Span<float> e, out float max)
    {
        if (z.Length != e.Length) throw new ArgumentException($"softmax of {z.Length} floats into {e.Length}", nameof(e));
        fixed (float* from = z, to = e)
        {
            max = Hardware.Wide ? Max<Lanes16>(from, z.Length) : Hardware.Half ? Max<Lanes8>(from, z.Length) : Max<Lanes1>(from, z.Length);
            if (!float.IsInfinity(max)) return Reduce.Over(new Exponential(from, to, max), z.Length);
        }
        for (int j = 0; j < z.Length; j++) e[j] = z[j] == max ? 1 : z[j] < max ? 0 : float.NaN;
        return Reduce.Sum(e);
    }

    // The largest of several numbers does not depend on their order; −∞ of none; NaNs are passed over, the exponentials keep them.
    [MethodImpl(Compilation.Kernel)]
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

    internal readonly struct Exponential(float* z, float* e, float max) : Reduce.ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Add<V>(V sum, nint j) where V : struct, ILane<V>
        {
            V value = Activations.ExpOfMinus(V.Of(max) - V.Load(z + j));
            value.Store(e + j);
            return sum + value;
        }
    }
}
