namespace Unroll.Tasks.Data.Audio;

//  X[k] = Σₙ x[n] e^(−2πikn/N).   N real numbers as N/2 complex ones z[n] = x[2n] + i x[2n+1], M = N/2, Z = FFT(z):
//  X[k] = ½ (Z[k] + Z*[M−k]) − ½ i e^(−2πik/N) (Z[k] − Z*[M−k])

/// <summary>The discrete Fourier transform of real numbers, a power of two of them (Cooley and Tukey 1965, radix 2, in double).</summary>
internal sealed class RealFft
{
    private readonly int _half;
    private readonly double[] _cos, _sin, _re, _im;
    private readonly int[] _reversed;

    /// <summary>Prepares transforms of <paramref name="size"/> numbers, a power of two from 2 on.</summary>
    internal RealFft(int size)
    {
        if (size < 2 || !System.Numerics.BitOperations.IsPow2(size)) throw new ArgumentOutOfRangeException(nameof(size), size,
            "not a power of two from 2 on");
        (Size, _half) = (size, size / 2);
        (_cos, _sin, _re, _im, _reversed) = (new double[_half], new double[_half], new double[_half], new double[_half], new int[_half]);
        for (int k = 0; k < _half; k++)
            (_sin[k], _cos[k]) = Math.SinCos(-2 * Math.PI * k / size);
        for (int k = 1; k < _half; k++)
            _reversed[k] = (_reversed[k >> 1] >> 1) | ((k & 1) == 1 ? _half >> 1 : 0);
    }

    internal int Size { get; }

    /// <summary>|X[k]|², k = 0 … size/2.</summary>
    /// <param name="values">[at most size]; the rest counts as zero.</param>
    /// <param name="power">[size / 2 + 1]; overwritten.</param>
    internal void Power(ReadOnlySpan<double> values, Span<double> power)
    {
        for (int n = 0; n < _half; n++)
        {
            int to = _reversed[n];
            _re[to] = 2 * n < values.Length ? values[2 * n] : 0;
            _im[to] = 2 * n + 1 < values.Length ? values[2 * n + 1] : 0;
        }
        Butterflies();
        power[0] = Square(_re[0] + _im[0], 0);
        power[_half] = Square(_re[0] - _im[0], 0);
        for (int k = 1; k < _half; k++)
        {
            int m = _half - k;
            double evenRe = (_re[k] + _re[m]) / 2, evenIm = (_im[k] - _im[m]) / 2;
            double oddRe = (_im[k] + _im[m]) / 2, oddIm = (_re[m] - _re[k]) / 2;         // −½ i (Z[k] − Z*[M−k])
            power[k] = Square(evenRe + oddRe * _cos[k] - oddIm * _sin[k], evenIm + oddRe * _sin[k] + oddIm * _cos[k]);
        }
    }

    // The roots of unity of a stage of length 2·span are every (_half / span)-th of those of N.
    private void Butterflies()
    {
        for (int span = 1; span < _half; span *= 2)
        {
            int stride = _half / span;
            for (int block = 0; block < _half; block += 2 * span)
                for (int j = 0; j < span; j++)
                {
                    int a = block + j, b = a + span, w = j * stride;
                    double re = _re[b] * _cos[w] - _im[b] * _sin[w], im = _re[b] * _sin[w] + _im[b] * _cos[w];
                    (_re[b], _im[b]) = (_re[a] - re, _im[a] - im);
                    (_re[a], _im[a]) = (_re[a] + re, _im[a] + im);
                }
        }
    }

    private static double Square(double re, double im) => re * re + im * im;
}
