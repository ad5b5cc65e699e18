namespace Unroll.Exchange.Onnx.Operators;

//  erf x = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!                       |x| < 2.5
//  erfc x = e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 3/2/(x + 2/(x + …)))))       else
/// <summary>The error function (https://dlmf.nist.gov/7.6, https://dlmf.nist.gov/7.9), to about 1e-15.</summary>
internal static class ErrorFunction
{
    private const double Limit = 2.5;
    private const int Terms = 60;

    /// <summary>erf(x).</summary>
    public static double Of(double x)
    {
        if (double.IsNaN(x)) return x;
        double size = Math.Abs(x);
        if (size > 6) return Math.Sign(x);
        return size < Limit ? Series(x) : Math.Sign(x) * (1 - Fraction(size));
    }

    private static double Series(double x)
    {
        double term = x, sum = x;
        for (int n = 1; n < Terms * 2 && Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    private static double Fraction(double x)
    {
        double tail = x;
        for (int n = Terms; n > 0; n--) tail = x + n / 2.0 / tail;
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / tail;
    }
}
