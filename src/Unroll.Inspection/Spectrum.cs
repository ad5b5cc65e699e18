using Unroll.Inspection.Textbook;

namespace Unroll.Inspection;

/// <summary>
/// How fast powers of a matrix grow: what decides whether a gradient that meets it at every step vanishes or explodes (study notes, S08, S09).
/// </summary>
public static class Spectrum
{
    private const int Squarings = 48;

    //  ρ(A) = lim ‖Aⁿ‖^(1/n)  (Gelfand 1941), with n = 1, 2, 4, …: each power is the square of the one before, scaled to norm 1, and the
    //  logarithm of what was taken out is summed, so that nothing overflows. A factor C in ‖Aⁿ‖ ≤ C ρⁿ leaves an error of ln C ÷ n.
    /// <summary>ρ(A): the largest absolute value of the eigenvalues, complex ones included; to about 12 digits.</summary>
    /// <param name="a">Square, finite.</param>
    /// <returns>At least 0; 0 for a matrix without rows and for one of which a power is zero. NaN or infinity where an element is.</returns>
    /// <exception cref="ArgumentException">It is not square.</exception>
    public static double Radius(Matrix a)
    {
        if (a.Rows != a.Columns) throw new ArgumentException($"a matrix [{a.Rows}, {a.Columns}] has no eigenvalues: it is not square", nameof(a));
        int n = a.Rows;
        double[] power = new double[n * n], square = new double[n * n];
        for (int i = 0; i < power.Length; i++) power[i] = a[i / n, i % n];
        double logarithm = 0, share = 1;                                  // ln ‖Aⁿ‖ ÷ n so far, and 1 ÷ n
        for (int k = 0; k <= Squarings; k++)
        {
            double norm = Frobenius(power);
            if (norm == 0) return 0;
            if (!double.IsFinite(norm)) return norm;
            double change = share * Math.Log(norm);
            logarithm += change;
            for (int i = 0; i < power.Length; i++) power[i] /= norm;
            Square(power, square, n);
            (power, square, share) = (square, power, share / 2);
        }
        return Math.Exp(logarithm);
    }

    /// <summary>‖A‖₂: the largest factor by which A lengthens a vector, its largest singular value, √ρ(AᵀA).</summary>
    /// <param name="a">Finite, of any shape.</param>
    public static double Norm(Matrix a) => Math.Sqrt(Radius(a.Rows < a.Columns ? a * a.T : a.T * a));

    private static double Frobenius(double[] a)
    {
        double largest = 0, sum = 0;
        foreach (double x in a)
        {
            if (double.IsNaN(x)) return x;
            largest = Math.Max(largest, Math.Abs(x));
        }
        if (largest == 0 || !double.IsFinite(largest)) return largest;
        foreach (double x in a) sum += x / largest * (x / largest);
        return largest * Math.Sqrt(sum);
    }

    private static void Square(double[] a, double[] into, int n)
    {
        Array.Clear(into);
        for (int row = 0; row < n; row++)
        {
            Span<double> target = into.AsSpan(row * n, n);
            for (int k = 0; k < n; k++)
            {
                double factor = a[row * n + k];
                ReadOnlySpan<double> source = a.AsSpan(k * n, n);
                for (int column = 0; column < n; column++) target[column] += factor * source[column];
            }
        }
    }
}
