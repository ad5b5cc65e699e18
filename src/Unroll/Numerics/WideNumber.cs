namespace Unroll.Numerics;

//  value = mantissa · 2^exponent,  1 ≤ mantissa < 2, or 0

/// <summary>
/// A number of at least 0 in double precision whose exponent has 64 bits of its own: products of thousands of small probabilities neither vanish
/// nor need logarithms, and sums of them are exact to a rounding. The operations are +, × and shifts of exponents: the same bits everywhere.
/// </summary>
internal readonly struct WideNumber
{
    private const long Smallest = 1L << 50;                              // exponents of logarithms beyond ∓ 7e14 are cut: their sums still fit
    private const double Log2E = 1.4426950408889634, Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;

    private readonly double _mantissa;
    private readonly long _exponent;

    private WideNumber(double mantissa, long exponent) => (_mantissa, _exponent) = (mantissa, exponent);

    /// <summary>1.</summary>
    public static WideNumber One => new(1, 0);

    /// <summary>Whether it is 0, as the default is.</summary>
    public bool IsZero => _mantissa == 0;

    private static ReadOnlySpan<double> PerFactorial =>
        [1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24,
            1.0 / 6, 0.5];

    /// <summary>A finite number of at least 0.</summary>
    public static WideNumber Of(double value) => value == 0 ? default : Normal(value, 0);

    //  x = n ln 2 + r,  |r| ≤ ½ ln 2        eˣ = 2ⁿ (1 + r + r²/2! + … + r¹³/13!):  r¹⁴/14! < 5e-18
    /// <summary>eˣ; 0 for −∞.</summary>
    public static WideNumber Exp(double x)
    {
        if (double.IsNegativeInfinity(x)) return default;
        double n = Math.Clamp(Math.Floor(x * Log2E + 0.5), -Smallest, Smallest), r = (x - n * Ln2High) - n * Ln2Low, sum = 0;
        if (Math.Abs(r) > 1) r = 0;                                      // cut, or so large that no digit of the remainder is left
        foreach (double term in PerFactorial) sum = (sum + term) * r;
        return Normal(1 + (r + sum * r), (long)n);
    }

    /// <summary>ln of the number; −∞ of 0.</summary>
    public double Ln() => _mantissa == 0 ? double.NegativeInfinity : Logarithm.Ln(_mantissa) + _exponent * Ln2Low + _exponent * Ln2High;

    /// <summary>a + b.</summary>
    public static WideNumber operator +(WideNumber a, WideNumber b)
    {
        if (a._mantissa == 0) return b;
        if (b._mantissa == 0) return a;
        return a._exponent >= b._exponent
            ? Normal(a._mantissa + b._mantissa * PowerOfTwo(b._exponent - a._exponent), a._exponent)
            : Normal(b._mantissa + a._mantissa * PowerOfTwo(a._exponent - b._exponent), b._exponent);
    }

    /// <summary>a · b.</summary>
    public static WideNumber operator *(WideNumber a, WideNumber b) =>
        a._mantissa == 0 || b._mantissa == 0 ? default : Normal(a._mantissa * b._mantissa, a._exponent + b._exponent);

    /// <summary>Whether a is the greater.</summary>
    public static bool operator >(WideNumber a, WideNumber b) => a.CompareTo(b) > 0;

    /// <summary>Whether a is the lesser.</summary>
    public static bool operator <(WideNumber a, WideNumber b) => a.CompareTo(b) < 0;

    /// <summary>The order of the numbers.</summary>
    public int CompareTo(WideNumber other) =>
        _mantissa == 0 || other._mantissa == 0 || _exponent == other._exponent
            ? _mantissa.CompareTo(other._mantissa) : _exponent.CompareTo(other._exponent);

    /// <summary>a · b / whole as a double, for what is at most about 1: 0 below 1e-300.</summary>
    public static double Share(WideNumber a, WideNumber b, WideNumber whole) =>
        a._mantissa * b._mantissa / whole._mantissa * PowerOfTwo(a._exponent + b._exponent - whole._exponent);

    // 0 below 2⁻¹⁰⁰⁰; nothing above 2³ is asked for.
    private static double PowerOfTwo(long n) => n < -1000 ? 0 : BitConverter.Int64BitsToDouble((1023 + n) << 52);

    // The value is positive and normal.
    private static WideNumber Normal(double value, long exponent)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        return new(BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000), exponent + ((bits >> 52) & 0x7FF) - 1023);
    }
}
