namespace Unroll.Cli.Lab.Statistics;

//  A(t | ν) = P(|T| ≤ t), θ = arctan(t / √ν); for whole ν a finite sum (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4):
//  ν odd    A = 2/π (θ + sin θ (cos θ + 2/3 cos³θ + … + (2·4 … (ν−3)) / (3·5 … (ν−2)) cos^(ν−2) θ))        ν = 1: 2θ/π
//  ν even   A = sin θ (1 + 1/2 cos²θ + (1·3)/(2·4) cos⁴θ + … + (1·3 … (ν−3)) / (2·4 … (ν−2)) cos^(ν−2) θ)

/// <summary>Student's t distribution with a whole number of degrees of freedom.</summary>
internal static class StudentT
{
    /// <summary>P(|T| ≤ t).</summary>
    /// <param name="t">At least 0; may be infinite.</param>
    /// <param name="freedom">ν, at least 1.</param>
    internal static double Within(double t, int freedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(freedom, 1);
        double theta = Math.Atan(t / Math.Sqrt(freedom)), sin = Math.Sin(theta), cos = Math.Cos(theta);
        bool odd = freedom % 2 == 1;
        double term = odd ? cos : 1, sum = freedom == 1 ? 0 : term;
        for (int k = odd ? 3 : 2; k <= freedom - 2; k += 2)
        {
            term *= cos * cos * (k - 1) / k;
            sum += term;
        }
        return odd ? 2 / Math.PI * (theta + sin * sum) : sin * sum;
    }

    /// <summary>The t that |T| exceeds with probability 1 − <paramref name="level"/>: 2.776 for 0.95 and 4 degrees of freedom.</summary>
    /// <param name="level">In (0, 1).</param>
    /// <param name="freedom">ν, at least 1.</param>
    internal static double Quantile(double level, int freedom)
    {
        double low = 0, high = 1;
        while (Within(high, freedom) < level) high *= 2;
        for (int i = 0; i < 100; i++)
        {
            double middle = 0.5 * (low + high);
            if (Within(middle, freedom) < level) low = middle;
            else high = middle;
        }
        return 0.5 * (low + high);
    }
}
