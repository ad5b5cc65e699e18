using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Inspection.Flow;

/// <summary>A square matrix of floats times a power of e: how large it is, and how fast its powers grow.</summary>
internal sealed class SquareMatrix
{
    private const int MaxIterations = 200, Squarings = 13;
    private const double Enough = 1e-6;
    private readonly float[] _values;
    private readonly int _n;
    private readonly double[] _start;
    private double[] _v;

    /// <summary>Wraps a matrix.</summary>
    /// <param name="values">[n, n], row-major; not copied.</param>
    /// <param name="n">Rows and columns.</param>
    public SquareMatrix(float[] values, int n)
    {
        (_values, _n, _start, _v) = (values, n, new double[n], new double[n]);
        Rng draws = new(1);                                              // any start that is not orthogonal to what is looked for
        for (int k = 0; k < n; k++) _start[k] = draws.Normal((ulong)k) / Math.Sqrt(n);
    }

    /// <summary>[n]: one row.</summary>
    public Span<float> Row(int row) => _values.AsSpan(row * _n, _n);

    //  u = A v      σ = ‖u‖      v ← Aᵀ u, of norm 1
    /// <summary>The largest singular value, by power iteration to about 10⁻⁶, at most 200 steps; begins beside where the last call ended.</summary>
    // Not just there: of a nearly diagonal matrix that vector is still a singular one when another has become the largest.
    public double Norm()
    {
        double sigma = 0;
        double[] u = new double[_n];
        for (int k = 0; k < _n; k++) _v[k] += _start[k];
        Scale(_v);
        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            for (int row = 0; row < _n; row++) u[row] = Dot(Row(row), _v);
            double next = Scale(u);
            if (next == 0 || !double.IsFinite(next)) return next;
            double[] back = new double[_n];
            for (int row = 0; row < _n; row++) AddTo(back, Row(row), u[row]);
            Scale(back);
            _v = back;
            bool done = Math.Abs(next - sigma) <= Enough * next;
            sigma = next;
            if (done) break;
        }
        return sigma;
    }

    //  ρ = lim ‖A^k‖^(1/k)      k = 2, 4, 8 … by squaring; of the last two norms the ratio, in which a constant factor falls out
    /// <summary>The spectral radius: the largest modulus of an eigenvalue, to about three digits.</summary>
    public double SpectralRadius()
    {
        float[] power = [.. _values];
        SquareProduct product = new(_n);
        foreach (float value in _values)
            if (!float.IsFinite(value)) return double.NaN;
        double log = 0, previous = 0;                                    // ln ‖A^k‖ = log after each scaling
        if (!Normalize(power, ref log)) return 0;
        for (int k = 0; k < Squarings; k++)
        {
            previous = log;
            product.Square(power);
            log *= 2;
            if (!Normalize(power, ref log)) return 0;
        }
        return Math.Exp((log - previous) / (1 << (Squarings - 1)));
    }

    private static bool Normalize(Span<float> values, ref double log)
    {
        double sum = 0;
        foreach (float value in values) sum += (double)value * value;
        double norm = Math.Sqrt(sum);
        if (norm == 0 || !double.IsFinite(norm)) return false;
        foreach (ref float value in values) value = (float)(value / norm);
        log += Math.Log(norm);
        return true;
    }

    private static double Scale(Span<double> v)
    {
        double norm = FlowTerm.Norm(v);
        if (norm > 0)
            foreach (ref double x in v) x /= norm;
        return norm;
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int k = 0; k < a.Length; k++) sum += a[k] * b[k];
        return sum;
    }

    private static void AddTo(Span<double> sum, ReadOnlySpan<float> a, double factor)
    {
        for (int k = 0; k < a.Length; k++) sum[k] += factor * a[k];
    }
}
