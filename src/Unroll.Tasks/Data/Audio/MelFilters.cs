using Unroll.Core;

namespace Unroll.Tasks.Data.Audio;

//  HTK:     mel = 2595 log₁₀(1 + f/700)                                                    triangles of height 1
//  Slaney:  mel = 3f/200 below 1000 Hz, 15 + 27 ln(f/1000) / ln 6.4 from there on           triangles of area 1: height 2 / (r − l)
//
//  filter m over frequency f, its corners l < c < r equally far apart in mel:  max(0, min((f − l)/(c − l), (r − f)/(r − c))) · height

/// <summary>The mel scale: pitch as it is heard, and how the filters over it are weighted.</summary>
public enum MelScale
{
    /// <summary>One logarithm over all frequencies, filters of height 1 (Young et al., "The HTK book"; O'Shaughnessy 1987).</summary>
    Htk,

    /// <summary>Linear to 1000 Hz and logarithmic above, filters of area 1 (Slaney 1998, "Auditory toolbox").</summary>
    Slaney,
}

/// <summary>Triangular filters, equally far apart on the mel scale, over the bins of a power spectrum.</summary>
internal sealed class MelFilters
{
    private readonly (int First, double[] Weights)[] _filters;

    /// <summary>Makes <paramref name="count"/> filters between two frequencies.</summary>
    /// <param name="count">At least 1.</param>
    /// <param name="scale">The scale and the height.</param>
    /// <param name="low">Where the first filter begins, in Hz.</param>
    /// <param name="high">Where the last filter ends, in Hz; at most half the rate.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="fftSize">Of the transform: bin k stands for k · rate ÷ fftSize Hz.</param>
    /// <param name="warp">The factor of <see cref="VocalTract"/> by which corners are moved; a filter that then holds no bin has the nearest.</param>
    /// <exception cref="UserErrorException">A filter is so narrow that it holds no bin.</exception>
    internal MelFilters(int count, MelScale scale, double low, double high, int rate, int fftSize, double warp = 1)
    {
        double[] corners = new double[count + 2];
        double from = Mel(scale, low), to = Mel(scale, high);
        for (int i = 0; i < corners.Length; i++) corners[i] = Hertz(scale, from + (to - from) * i / (count + 1));
        if (warp != 1)
            for (int i = 0; i < corners.Length; i++) corners[i] = VocalTract.Warp(Math.Min(corners[i], rate / 2.0), warp, rate);
        _filters = new (int, double[])[count];
        for (int m = 0; m < count; m++)
        {
            (double l, double c, double r) = (corners[m], corners[m + 1], corners[m + 2]);
            double height = scale == MelScale.Slaney ? 2 / (r - l) : 1;
            List<double> weights = [];
            int first = 0;
            for (int k = 0; k <= fftSize / 2; k++)
            {
                double f = (double)k * rate / fftSize, weight = Math.Min((f - l) / (c - l), (r - f) / (r - c));
                if (weight <= 0) continue;
                if (weights.Count == 0) first = k;
                weights.Add(weight * height);
            }
            if (weights.Count == 0 && warp != 1) (first, weights) = ((int)Math.Round(c * fftSize / rate), [height]);
            if (weights.Count == 0)
                throw new UserErrorException($"mels: filter {m + 1} of {count} ({l:F0} to {r:F0} Hz) holds none of the {fftSize / 2 + 1} " +
                    "frequencies of a window; choose fewer filters or a longer window.");
            _filters[m] = (first, [.. weights]);
        }
    }

    /// <summary>Σ weight · power for each filter.</summary>
    internal void Apply(ReadOnlySpan<double> power, Span<double> energies)
    {
        for (int m = 0; m < _filters.Length; m++)
        {
            (int first, double[] weights) = _filters[m];
            double sum = 0;
            for (int i = 0; i < weights.Length; i++) sum += weights[i] * power[first + i];
            energies[m] = sum;
        }
    }

    /// <summary>Hertz → mel.</summary>
    internal static double Mel(MelScale scale, double f) => scale == MelScale.Htk
        ? 2595 * Math.Log10(1 + f / 700)
        : f < 1000 ? 3 * f / 200 : 15 + 27 * Math.Log(f / 1000) / Math.Log(6.4);

    /// <summary>Mel → hertz.</summary>
    internal static double Hertz(MelScale scale, double mel) => scale == MelScale.Htk
        ? 700 * (Math.Pow(10, mel / 2595) - 1)
        : mel < 15 ? 200 * mel / 3 : 1000 * Math.Exp((mel - 15) * Math.Log(6.4) / 27);
}
