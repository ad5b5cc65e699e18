namespace Unroll.Numerics;

//  block k is elements 4096 k … 4096 k + 4095;   lane l of a block is its elements l, l + 16, l + 32 …, added in this order in float
//  block = ((l₀+l₈) + (l₄+l₁₂)) + …: lanes by a fixed tree, in double;      sum = block₀ + block₁ + …, in double

/// <summary>
/// Sums with a defined order, the same for every vector width and number of threads. Spans may have any length; an empty sum is 0.
/// </summary>
public static unsafe class Reduce
{
    private const int Lanes = 16, Block = 4096;

    /// <summary>Σ aᵢ.</summary>
    public static double Sum(ReadOnlySpan<float> a) => Over<Values>(a, a);

    /// <summary>Σ aᵢ²; infinite where a square overflows a float, that is from |aᵢ| = 1.8e19 on.</summary>
    public static double SumSquares(ReadOnlySpan<float> a) => Over<Products>(a, a);

    /// <summary>Σ aᵢ bᵢ.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length) throw new ArgumentException($"a dot product of {a.Length} and {b.Length} floats", nameof(b));
        return Over<Products>(a, b);
    }

    /// <summary>The largest |aᵢ|; 0 of none. NaNs are passed over: see <see cref="IndexOfNonFinite"/>.</summary>
    public static float MaxAbs(ReadOnlySpan<float> a)
    {
        fixed (float* p = a)
            return Hardware.Wide ? MaxAbs<Lanes16>(p, a.Length) : Hardware.Half ? MaxAbs<Lanes8>(p, a.Length) : MaxAbs<Lanes1>(p, a.Length);
    }

    /// <summary>The first place of a NaN or an infinity, or −1.</summary>
    public static int IndexOfNonFinite(ReadOnlySpan<float> a)
    {
        for (int start = 0; start < a.Length; start += Block)
        {
            ReadOnlySpan<float> block = a.Slice(start, Math.Min(Block, a.Length - start));
            if (Over<Differences>(block, block) == 0) continue;                                   // x − x is 0, or NaN where x is not finite
            for (int i = 0; i < block.Length; i++)
                if (!float.IsFinite(block[i])) return start + i;
        }
        return -1;
    }

    private static double Over<TTerm>(ReadOnlySpan<float> a, ReadOnlySpan<float> b) where TTerm : struct, ITerm
    {
        fixed (float* pa = a, pb = b)
            return Hardware.Wide ? Over<Lanes16, TTerm>(pa, pb, a.Length)
                : Hardware.Half ? Over<Lanes8, TTerm>(pa, pb, a.Length)
                : Over<Lanes1, TTerm>(pa, pb, a.Length);
    }

    internal static double Over<V, TTerm>(float* a, float* b, nint n) where V : struct, ILane<V> where TTerm : struct, ITerm
    {
        double sum = 0;
        for (nint start = 0; start < n; start += Block)
            sum += OverBlock<V, TTerm>(a + start, b + start, (int)Math.Min(Block, n - start));
        return sum;
    }

    private static double OverBlock<V, TTerm>(float* a, float* b, int n) where V : struct, ILane<V> where TTerm : struct, ITerm
    {
        float* lanes = stackalloc float[Lanes];
        int whole = n - n % Lanes;
        for (int l = 0; l < Lanes; l += V.Count)
        {
            V sum = V.Of(0);
            for (int j = l; j < whole; j += Lanes) sum = TTerm.Add(sum, V.Load(a + j), V.Load(b + j));
            sum.Store(lanes + l);
        }
        for (int l = 0; l < n - whole; l++)
            TTerm.Add(Lanes1.Load(lanes + l), Lanes1.Load(a + whole + l), Lanes1.Load(b + whole + l)).Store(lanes + l);

        double* tree = stackalloc double[Lanes];
        for (int l = 0; l < Lanes; l++) tree[l] = lanes[l];
        for (int half = Lanes / 2; half > 0; half /= 2)
            for (int l = 0; l < half; l++) tree[l] += tree[l + half];
        return tree[0];
    }

    // The largest of several numbers does not depend on their order.
    internal static float MaxAbs<V>(float* a, nint n) where V : struct, ILane<V>
    {
        float* lanes = stackalloc float[Lanes];
        nint j = 0;
        V largest = V.Of(0);
        for (; j <= n - V.Count; j += V.Count)
        {
            V size = V.Abs(V.Load(a + j));
            largest = V.WhereLess(largest, size, size, largest);
        }
        largest.Store(lanes);
        float result = 0;
        for (int l = 0; l < V.Count; l++) result = Math.Max(result, lanes[l]);
        for (; j < n; j++)
            if (MathF.Abs(a[j]) > result) result = MathF.Abs(a[j]);
        return result;
    }

    /// <summary>How a pair of elements joins a sum.</summary>
    internal interface ITerm
    {
        static abstract V Add<V>(V sum, V a, V b) where V : struct, ILane<V>;
    }

    internal readonly struct Values : ITerm
    {
        public static V Add<V>(V sum, V a, V b) where V : struct, ILane<V> => sum + a;
    }

    internal readonly struct Products : ITerm
    {
        public static V Add<V>(V sum, V a, V b) where V : struct, ILane<V> => V.Fma(a, b, sum);
    }

    internal readonly struct Differences : ITerm
    {
        public static V Add<V>(V sum, V a, V b) where V : struct, ILane<V> => sum + (a - a);
    }
}
