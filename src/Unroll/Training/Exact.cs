namespace Unroll.Training;

/// <summary>Functions of sums and products alone, so that every machine gets the same bits, which the system's library does not promise.</summary>
internal static class Exact
{
    /// <summary>xⁿ by squaring; n ≥ 0.</summary>
    public static double Power(double x, long n)
    {
        double power = 1;
        for (; n > 0; n >>= 1, x *= x)
            if ((n & 1) != 0) power *= x;
        return power;
    }

    //  cos πx = −cos π(1 − x)        cos y = Σ (−1)ᵏ y²ᵏ / (2k)!        |y| ≤ π/2: the term k = 11 is below 2e-17
    /// <summary>cos πx for x in [0, 1]; off by 1e-15 at most.</summary>
    public static double CosPi(double x)
    {
        if (x > 0.5) return -CosPi(1 - x);
        double y = Math.PI * x, square = y * y, sum = 0;
        for (int k = 11; k > 0; k--) sum = (1 - sum) * square / ((2 * k - 1) * (2 * k));
        return 1 - sum;
    }
}
