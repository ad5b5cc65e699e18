using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

//  m = max zⱼ      eⱼ = exp(zⱼ − m)      S = Σ eⱼ (see Reduce)      pⱼ = eⱼ · (1 / S)      ln pⱼ = (zⱼ − m) − ln S

/// <summary>
/// Softmax of a row. Subtracting the maximum makes every exponent at most 0, so that it cannot overflow (study notes, S32).
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
        {
            for (int j = 0; j < logits.Length; j++) logProbabilities[j] = (float)(Logarithm.Ln(logProbabilities[j]) - logSum);
            return;
        }
        Elementwise.Each<Difference>(logProbabilities, logits, max);
        Elementwise.Each<Difference>(logProbabilities, logProbabilities, (float)logSum);
    }

    //  δzⱼ = pⱼ (δpⱼ − Σₖ pₖ δpₖ)
    /// <summary>From the gradient of the probabilities of a row to that of its scores.</summary>
    /// <param name="probabilities">[classes], as <see cref="Row"/> gave them.</param>
    /// <param name="d">[classes], ∂L/∂probabilities; overwritten with ∂L/∂logits.</param>
    internal static void Backward(ReadOnlySpan<float> probabilities, Span<float> d)
    {
        float mean = (float)Reduce.Dot(probabilities, d);
        Elementwise.Each<Difference>(d, d, mean);
        Elementwise.Multiply(probabilities, d);
    }

    /// <summary>
    /// Overwrites <paramref name="e"/> with eⱼ = e^(zⱼ − max z) and returns their sum S in double, so that eⱼ / S and its logarithm keep their
    /// digits.
    /// </summary>
    /// <param name="z">[classes]: scores.</param>
    /// <param name="e">[classes], overwritten; may be the same memory.</param>
    /// <param name="max">The largest score.</param>
    public static double Exponentials(ReadOnlySpan<float> z, Span<float> e, out float max)
    {
        if (z.Length != e.Length) throw new ArgumentException($"softmax of {z.Length} floats into {e.Length}", nameof(e));
        fixed (float* from = z, to = e)
        {
            max = Kernel.Of<Largest, float>(new(from, z.Length));
            if (!float.IsInfinity(max)) return Kernel.Of<ExponentialSum, double>(new(from, to, z.Length, max));
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
        V largest = V.Of(float.NegativeInfinity), other = largest;
        for (; j <= n - 2 * V.Count; j += 2 * V.Count) (largest, other) = (V.Max(V.Load(z + j), largest), V.Max(V.Load(z + j + V.Count), other));
        for (; j <= n - V.Count; j += V.Count) largest = V.Max(V.Load(z + j), largest);
        V.Max(largest, other).Store(lanes);
        Lanes1 result = Lanes1.Load(lanes);
        for (int l = 1; l < V.Count; l++) result = Lanes1.Max(Lanes1.Load(lanes + l), result);
        for (; j < n; j++) result = Lanes1.Max(Lanes1.Load(z + j), result);
        result.Store(lanes);
        return *lanes;
    }

    // The sum of Reduce, each exponential stored on its way. What is left of a row is filled up with −∞, whose exponentials change no lane's sum.
    internal static double Exponentials<V>(float* z, float* e, nint n, float max) where V : struct, ILane<V>
    {
        double sum = 0;
        for (nint start = 0; start < n; start += Reduce.Block) sum += OfBlock<V>(z + start, e + start, (int)Math.Min(Reduce.Block, n - start), max);
        return sum;
    }

    [MethodImpl(Compilation.Kernel)]
    private static double OfBlock<V>(float* z, float* e, int n, float max) where V : struct, ILane<V>
    {
        float* lanes = stackalloc float[Reduce.Lanes], rest = stackalloc float[Reduce.Lanes];
        int left = n % Reduce.Lanes, whole = n - left;
        if (left > 0)
            for (int l = 0; l < Reduce.Lanes; l++) rest[l] = l < left ? z[whole + l] : float.NegativeInfinity;
        V highest = V.Of(max);
        for (int l = 0; l < Reduce.Lanes; l += V.Count)
        {
            V sum = V.Of(0);
            for (nint j = l; j < whole; j += Reduce.Lanes) sum += Store(highest, z + j, e + j);
            if (left > 0) sum += Store(highest, rest + l, rest + l);
            sum.Store(lanes + l);
        }
        for (int l = 0; l < left; l++) e[whole + l] = rest[l];
        return Reduce.Tree(lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Store<V>(V highest, float* z, float* e) where V : struct, ILane<V>
    {
        V value = Activations.ExpOfMinus(highest - V.Load(z));
        value.Store(e);
        return value;
    }

    private readonly struct Largest(float* z, nint n) : IFunction<float>
    {
        public float Of<V>() where V : struct, ILane<V> => Max<V>(z, n);
    }

    private readonly struct ExponentialSum(float* z, float* e, nint n, float max) : IFunction<double>
    {
        public double Of<V>() where V : struct, ILane<V> => Exponentials<V>(z, e, n, max);
    }

    private readonly struct Difference : Elementwise.IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => x - factor;
    }
}
