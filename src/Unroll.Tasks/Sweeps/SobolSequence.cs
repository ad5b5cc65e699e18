using Unroll.Core;

namespace Unroll.Tasks.Sweeps;

//  x_i = b₀ v₁ ⊕ b₁ v₂ ⊕ …,  b the binary digits of i,  v_k = m_k / 2ᵏ the direction numbers of a dimension
//  m_k = 2a₁ m_{k−1} ⊕ 4a₂ m_{k−2} ⊕ … ⊕ 2^{s−1} a_{s−1} m_{k−s+1} ⊕ 2ˢ m_{k−s} ⊕ m_{k−s}        of a primitive polynomial of degree s
//  scrambled: digit k of a coordinate is flipped by a fair coin that depends on the digits before it (Owen 1995)

/// <summary>
/// Sobol's sequence: of the first 2ᵏ points, each of 2ᵏ equal stretches of a coordinate has exactly one, and pairs of coordinates are spread evenly
/// too. Sobol 1967; direction numbers by Joe and Kuo 2008, "Constructing Sobol sequences with better two-dimensional projections", their file
/// new-joe-kuo-6.21201. Scrambled as a nest by Owen 1995, "Randomly permuted (t,m,s)-nets and (t,s)-sequences": every point is uniform by itself, and
/// the points keep their even spread.
/// </summary>
internal static class SobolSequence
{
    /// <summary>The most dimensions.</summary>
    internal const int MostDimensions = 21;

    private const int Bits = 32;

    // Of dimensions 2, 3 …: s, a (the inner coefficients of the polynomial as binary digits), m₁ … m_s.
    private static readonly uint[][] s_numbers =
    [
        [1, 0, 1], [2, 1, 1, 3], [3, 1, 1, 3, 1], [3, 2, 1, 1, 1], [4, 1, 1, 1, 3, 3], [4, 4, 1, 3, 5, 13], [5, 2, 1, 1, 5, 5, 17],
        [5, 4, 1, 1, 5, 5, 5], [5, 7, 1, 1, 7, 11, 19], [5, 11, 1, 1, 5, 1, 1], [5, 13, 1, 1, 1, 3, 11], [5, 14, 1, 3, 5, 5, 31],
        [6, 1, 1, 3, 3, 9, 7, 49], [6, 13, 1, 1, 1, 15, 21, 21], [6, 16, 1, 3, 1, 13, 27, 49], [6, 19, 1, 1, 1, 15, 7, 5],
        [6, 22, 1, 3, 1, 15, 13, 25], [6, 25, 1, 1, 5, 5, 19, 61], [7, 1, 1, 3, 7, 11, 23, 15, 103], [7, 4, 1, 3, 7, 13, 13, 15, 69],
    ];

    private static readonly uint[][] s_directions = [.. Enumerable.Range(0, MostDimensions).Select(DirectionsOf)];

    /// <summary>A coordinate of a point, a multiple of 2⁻³² in [0, 1).</summary>
    /// <param name="index">Which point, from 0.</param>
    /// <param name="dimension">Which coordinate, below <see cref="MostDimensions"/>.</param>
    /// <param name="random">What scrambles this coordinate; null: the sequence itself, whose first point is 0.</param>
    internal static double At(uint index, int dimension, Rng? random = null)
    {
        uint x = 0;
        for (int k = 0; index >> k != 0 && k < Bits; k++)
            if ((index >> k & 1) != 0) x ^= s_directions[dimension][k];
        return (random is { } own ? Scrambled(x, own) : x) * (1.0 / (1UL << Bits));
    }

    // The digits before digit k, with a one before them, number the coins: each is drawn at a place of its own.
    private static uint Scrambled(uint x, Rng random)
    {
        uint scrambled = 0;
        for (int k = Bits - 1; k >= 0; k--)
        {
            ulong before = (1UL << (Bits - 1 - k)) | ((ulong)x >> (k + 1));
            scrambled |= ((x >> k & 1) ^ (random.UInt(before) >> 31)) << k;
        }
        return scrambled;
    }

    private static uint[] DirectionsOf(int dimension)
    {
        uint[] m = new uint[Bits];
        if (dimension == 0) Array.Fill(m, 1u);
        else
        {
            uint[] numbers = s_numbers[dimension - 1];
            int degree = (int)numbers[0];
            for (int k = 0; k < Bits; k++)
            {
                if (k < degree)
                {
                    m[k] = numbers[2 + k];
                    continue;
                }
                m[k] = m[k - degree] ^ (m[k - degree] << degree);
                for (int i = 1; i < degree; i++)
                    if ((numbers[1] >> (degree - 1 - i) & 1) != 0) m[k] ^= m[k - i] << i;
            }
        }
        return [.. m.Select((value, k) => value << (Bits - 1 - k))];
    }
}
