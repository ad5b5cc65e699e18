using Unroll.Numerics;

namespace Unroll.Core;

/// <summary>
/// A counter-based generator (Philox 4×32-10; Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): a draw is a pure
/// function of the seed and a counter, so it depends neither on earlier draws nor on the other sequences in the batch.
/// </summary>
/// <param name="Seed">Any number; equal seeds give equal draws on every machine.</param>
public readonly record struct Rng(ulong Seed)
{
    /// <summary>An independent generator for a purpose, a training step, an epoch, a sequence.</summary>
    public Rng At(ulong index)
    {
        (uint a, uint b, uint c, uint d) = Philox.MatrixView(Seed, index, 0x9E3779B97F4A7C15UL);
        return new Rng(((ulong)(a ^ c) << 32) | (b ^ d));
    }

    /// <summary>An independent generator for a purpose given by name: <c>rng.For("dropout")</c>.</summary>
    public Rng For(string purpose)
    {
        ulong hash = 14695981039346656037UL;                             // FNV-1a over the UTF-16 code units
        foreach (char letter in purpose) hash = (hash ^ letter) * 1099511628211UL;
        return At(hash);
    }

    /// <summary>32 uniform bits.</summary>
    public uint UInt(ulong counter)
    {
        (uint a, uint b, uint c, uint d) = Philox.MatrixView(Seed, counter >> 2, 0);
        return (counter & 3) switch { 0 => a, 1 => b, 2 => c, _ => d };
    }

    /// <summary>Uniform in [0, 1), a multiple of 2⁻²⁴.</summary>
    public float Uniform(ulong counter) => (UInt(counter) >> 8) * (1f / (1 << 24));

    /// <summary>Uniform draws of the counters from <paramref name="first"/> on: the same as one by one, many at a time.</summary>
    /// <param name="first">A multiple of 4.</param>
    /// <param name="values">Overwritten.</param>
    public void Uniform(ulong first, Span<float> values) => Philox.Uniform(Seed, first >> 2, values);

    /// <summary>Uniform integer in [0, bound), by multiplication; the bias is below bound · 2⁻³².</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is not positive.</exception>
    public int Below(int bound, ulong counter)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)(((ulong)UInt(counter) * (uint)bound) >> 32);
    }

    //  Box and Muller: √(−2 ln u) cos 2πv, computed in double; u in (0, 1] so that the logarithm is finite
    /// <summary>Normal with mean 0 and deviation 1.</summary>
    public double Normal(ulong counter)
    {
        (uint a, uint b, uint c, uint d) = Philox.MatrixView(Seed, counter, 1);
        double u = (((ulong)a << 21 ^ b) & ((1UL << 53) - 1)) + 1, v = ((ulong)c << 21 ^ d) & ((1UL << 53) - 1);
        const double scale = 1.0 / (1UL << 53);
        return Math.Sqrt(-2 * Math.Log(u * scale)) * Math.Cos(2 * Math.PI * v * scale);
    }

    /// <summary>Fills <paramref name="order"/> with a uniformly drawn permutation of 0 … length − 1 (Fisher and Yates).</summary>
    public void Permute(Span<int> order)
    {
        for (int i = 0; i < order.Length; i++) order[i] = i;
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1, (ulong)i);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }
}
