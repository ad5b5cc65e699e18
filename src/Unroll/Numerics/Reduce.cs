using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

//  block k is elements 4096 k … 4096 k + 4095;   lane l of a block is its elements l, l + 16, l + 32 …, added in this order in float
//  block = ((l₀+l₈) + (l₄+l₁₂)) + …: lanes by a fixed tree, in double;      sum = block₀ + block₁ + …, in double

/// <summary>
/// Sums with a defined order, the same for every vector width and number of threads. Spans may have any length; an empty sum is 0.
/// </summary>
public static unsafe class Reduce
{
    /// <summary>Lanes of a block.</summary>
    internal const int Lanes = 16;

    /// <summary>Elements of a block.</summary>
    internal const int Block = 4096;

    /// <summary>Σ aᵢ.</summary>
    public static double Sum(ReadOnlySpan<float> a)
    {
        fixed (float* p = a) return Over(new Values(p), a.Length);
    }

    /// <summary>Σ aᵢ²; infinite where a square overflows a float, that is from |aᵢ| = 1.8e19 on.</summary>
    public static double SumSquares(ReadOnlySpan<float> a) => Dot(a, a);

    /// <summary>Σ aᵢ bᵢ.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length) throw new ArgumentException($"a dot product of {a.Length} and {b.Length} floats", nameof(b));
        fixed (float* pa = a, pb = b) return Over(new Products(pa, pb), a.Length);
    }

    /// <summary>The largest |aᵢ|; 0 of none. NaNs are passed over: see <see cref="IndexOfNonFinite"/>.</summary>
    public static float MaxAbs(ReadOnlySpan<float> a)
    {
        fixed (float* p = a) return Kernel.Of<Largest, float>(new(p, a.Length));
    }

    /// <summary>The first place of a NaN or an infinity, or −1.</summary>
    public static int IndexOfNonFinite(ReadOnlySpan<float> a)
    {
        for (int start = 0; start < a.Length; start += Block)
        {
            ReadOnlySpan<float> block = a.Slice(start, Math.Min(Block, a.Length - start));
            fixed (float* p = block)
                if (Over(new Differences(p), block.Length) == 0) continue;                        // x − x is 0, or NaN where x is not finite
            for (int i = 0; i < block.Length; i++)
                if (!float.IsFinite(block[i])) return start + i;
        }
        return -1;
    }

    /// <summary>The sum of terms 0 … <paramref name="n"/> − 1 on the widest lanes there are.</summary>
    internal static double Over<TTerm>(TTerm term, nint n) where TTerm : struct, ITerm => Kernel.Of<Total<TTerm>, double>(new(term, n));

    /// <summary>Where the part of one worker begins and ends when whole blocks are handed out.</summary>
    internal static (int From, int To) Share(int n, int worker, int workers)
    {
        long blocks = ((long)n + Block - 1) / Block;
        return ((int)(blocks * worker / workers * Block), (int)Math.Min(blocks * (worker + 1) / workers * Block, n));
    }

    /// <summary>Σ (s aᵢ)² of each block among elements <paramref name="from"/> … <paramref name="to"/> − 1, at its own place.</summary>
    /// <param name="a">All elements.</param>
    /// <param name="scale">s.</param>
    /// <param name="from">The first element of a block.</param>
    /// <param name="to">The element after the last of a block.</param>
    /// <param name="sums">One place for each block of all elements: added up in order they are the sum over all.</param>
    internal static void SumScaledSquares(ReadOnlySpan<float> a, float scale, int from, int to, Span<double> sums)
    {
        fixed (float* p = a)
            for (int start = from; start < to; start += Block)
                sums[start / Block] = Over(new ScaledSquares(p + start, scale), Math.Min(Block, to - start));
    }

    internal static double Over<V, TTerm>(TTerm term, nint n) where V : struct, ILane<V> where TTerm : struct, ITerm
    {
        double sum = 0;
        for (nint start = 0; start < n; start += Block) sum += OverBlock<V, TTerm>(term, start, Math.Min(start + Block, n));
        return sum;
    }

    [MethodImpl(Compilation.Kernel)]
    private static double OverBlock<V, TTerm>(TTerm term, nint from, nint to) where V : struct, ILane<V> where TTerm : struct, ITerm
    {
        float* lanes = stackalloc float[Lanes];
        nint whole = to - (to - from) % Lanes;
        for (int l = 0; l < Lanes; l += 2 * V.Count)                     // two chains at a time, where there are two
        {
            bool two = l + V.Count < Lanes;
            V sum = V.Of(0), other = V.Of(0);
            for (nint j = from + l; j < whole; j += Lanes)
            {
                sum = term.Add(sum, j);
                if (two) other = term.Add(other, j + V.Count);
            }
            sum.Store(lanes + l);
            if (two) other.Store(lanes + l + V.Count);
        }
        for (nint j = whole; j < to; j++) term.Add(Lanes1.Load(lanes + (j - whole)), j).Store(lanes + (j - whole));
        return Tree(lanes);
    }

    /// <summary>The sum of sixteen lanes in double: lane l + 8 joins lane l, then l + 4, l + 2, l + 1.</summary>
    internal static double Tree(float* l)
    {
        double a = (double)l[0] + l[8], b = (double)l[1] + l[9], c = (double)l[2] + l[10], d = (double)l[3] + l[11];
        double e = (double)l[4] + l[12], f = (double)l[5] + l[13], g = (double)l[6] + l[14], h = (double)l[7] + l[15];
        return (a + e + (c + g)) + (b + f + (d + h));
    }

    // The largest of several numbers does not depend on their order.
    [MethodImpl(Compilation.Kernel)]
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

    private readonly struct Total<TTerm>(TTerm term, nint n) : IFunction<double> where TTerm : struct, ITerm
    {
        public double Of<V>() where V : struct, ILane<V> => Over<V, TTerm>(term, n);
    }

    private readonly struct Largest(float* a, nint n) : IFunction<float>
    {
        public float Of<V>() where V : struct, ILane<V> => MaxAbs<V>(a, n);
    }

    /// <summary>What is summed.</summary>
    internal interface ITerm
    {
        /// <summary>Terms j … j + V.Count − 1 joined to <paramref name="sum"/>.</summary>
        V Add<V>(V sum, nint j) where V : struct, ILane<V>;
    }

    internal readonly struct Values(float* a) : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Add<V>(V sum, nint j) where V : struct, ILane<V> => sum + V.Load(a + j);
    }

    internal readonly struct Products(float* a, float* b) : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Add<V>(V sum, nint j) where V : struct, ILane<V> => V.Fma(V.Load(a + j), V.Load(b + j), sum);
    }

    /// <summary>(s aᵢ)².</summary>
    internal readonly struct ScaledSquares(float* a, float scale) : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Add<V>(V sum, nint j) where V : struct, ILane<V>
        {
            V scaled = V.Load(a + j) * V.Of(scale);
            return V.Fma(scaled, scaled, sum);
        }
    }

    private readonly struct Differences(float* a) : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Add<V>(V sum, nint j) where V : struct, ILane<V> => sum + (V.Load(a + j) - V.Load(a + j));
    }
}
