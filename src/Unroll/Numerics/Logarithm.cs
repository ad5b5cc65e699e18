namespace Unroll.Numerics;

/// <summary>
/// The natural logarithm in double, implemented here: built from +, −, × and ÷ alone, so that a loss has the same bits on every machine.
/// Checked against the library's to 2 units in the last place.
/// </summary>
public static class Logarithm
{
    private const double Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;   // e · Ln2High is exact for |e| < 2¹¹
    private const int Terms = 20, TermsOfLn = 11;                            // (1/3)⁴⁰ < 2⁻⁶³; with √½ ≤ m < √2 |s| ≤ 0.172, and 0.172²² < 2⁻⁵⁵

    private static ReadOnlySpan<double> PerOdd =>
        [1, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23, 1.0 / 25, 1.0 / 27, 1.0 / 29,
            1.0 / 31, 1.0 / 33, 1.0 / 35, 1.0 / 37, 1.0 / 39, 1.0 / 41];

    //  x = 2ᵉ m,  √½ ≤ m < √2        ln x = e ln 2 + 2 artanh((m − 1) / (m + 1))
    /// <summary>ln x; −∞ at 0, NaN below it.</summary>
    /// <param name="x">Any number.</param>
    public static double Ln(double x)
    {
        if (!(x > 0) || double.IsPositiveInfinity(x)) return x == 0 ? double.NegativeInfinity : x > 0 ? x : double.NaN;
        int exponent = Math.ILogB(x);
        double m = Math.ScaleB(x, -exponent);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }
        return exponent * Ln2High + (TwiceArtanh((m - 1) / (m + 1), TermsOfLn) + exponent * Ln2Low);
    }

    /// <summary>ln(1 + e) for 0 ≤ e ≤ 1, exact also where 1 + e would round to 1.</summary>
    /// <param name="e">In [0, 1].</param>
    public static double LnOnePlus(double e) => TwiceArtanh(e / (2 + e), Terms);

    //  2 artanh s = 2 (s + s³/3 + s⁵/5 + …),   |s| ≤ 1/3
    private static double TwiceArtanh(double s, int terms)
    {
        double square = s * s, sum = 0;
        for (int k = terms; k >= 1; k--) sum = (sum + PerOdd[k]) * square;
        return 2 * (s + s * sum);
    }
}
