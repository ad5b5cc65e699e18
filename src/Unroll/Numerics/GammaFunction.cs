namespace Unroll.Numerics;

/// <summary>The logarithm of the gamma function and its derivative, in double, for arguments above 0.</summary>
/// <remarks>
/// Built on <see cref="Logarithm"/>, so that a loss has the same bits on every machine. Below 8 by Γ(x + 1) = x Γ(x), from there on by Stirling's
/// series (Abramowitz and Stegun 6.1.41 and 6.3.18), whose first term left out is below 1e-13.
/// </remarks>
public static class GammaFunction
{
    private const double HalfLnTwoPi = 0.91893853320467274178, Large = 8;

    //  ln Γ(x) = (x − ½) ln x − x + ½ ln 2π + 1/(12 x) − 1/(360 x³) + 1/(1260 x⁵) − 1/(1680 x⁷) + 1/(1188 x⁹) − 691/(360360 x¹¹)
    /// <summary>ln Γ(x); NaN where x is not above 0.</summary>
    /// <param name="x">Above 0.</param>
    public static double Ln(double x)
    {
        if (!(x > 0) || double.IsPositiveInfinity(x)) return x > 0 ? x : double.NaN;
        double product = 1;
        for (; x < Large; x++) product *= x;
        double r = 1 / x, s = r * r;
        double series = r * (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s * (1.0 / 1188 - s * (691.0 / 360360))))));
        return (x - 0.5) * Logarithm.Ln(x) - x + HalfLnTwoPi + series - Logarithm.Ln(product);
    }

    //  ψ(x) = ln x − 1/(2 x) − 1/(12 x²) + 1/(120 x⁴) − 1/(252 x⁶) + 1/(240 x⁸) − 1/(132 x¹⁰) + 691/(32760 x¹²)
    /// <summary>ψ(x), the derivative of <see cref="Ln"/>; NaN where x is not above 0.</summary>
    /// <param name="x">Above 0.</param>
    public static double Digamma(double x)
    {
        if (!(x > 0) || double.IsPositiveInfinity(x)) return x > 0 ? x : double.NaN;
        double sum = 0;
        for (; x < Large; x++) sum += 1 / x;
        double r = 1 / x, s = r * r;
        double series = s * (1.0 / 12 - s * (1.0 / 120 - s * (1.0 / 252 - s * (1.0 / 240 - s * (1.0 / 132 - s * (691.0 / 32760))))));
        return Logarithm.Ln(x) - r / 2 - series - sum;
    }
}
