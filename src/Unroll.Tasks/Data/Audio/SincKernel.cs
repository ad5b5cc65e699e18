using System.Numerics;
using Unroll.Core;

namespace Unroll.Tasks.Data.Audio;

//  y[n] = Σⱼ x[j] h(n·M/L − j),    L/M = to/from in lowest terms,    h(t) = c·sinc(c·t)·w(t/W),    c = 0.95·min(1, L/M)
//
//  w is Kaiser's window of β = 9 over W = 24 / min(1, L/M) samples each way. The weights of an output depend on (n·M mod L) alone: that many
//  phases, each made once and divided by its sum, so that a constant stays what it is.

/// <summary>The weights of a change of rate, each phase made when it is first needed; safe for one thread at a time.</summary>
internal sealed class SincKernel
{
    private const int Crossings = 24;
    private const double RollOff = 0.95, Beta = 9;
    private readonly double _cut;
    private readonly double[]?[] _phases;

    /// <summary>For two rates, in any unit.</summary>
    /// <exception cref="UserErrorException">A rate is not 1 … 768000, or one is more than 256 times the other.</exception>
    internal SincKernel(int from, int to)
    {
        foreach (int rate in (ReadOnlySpan<int>)[from, to])
            if (rate is < 1 or > SincResampler.HighestRate)
                throw new UserErrorException($"rate: expected 1 … {SincResampler.HighestRate} samples a second, got {rate}.");
        if (Math.Max(from, to) > SincResampler.MostChange * (long)Math.Min(from, to))
            throw new UserErrorException(
                $"rate: {from} samples a second cannot be made into {to}: expected a factor of at most {SincResampler.MostChange}.");
        int common = (int)BigInteger.GreatestCommonDivisor(from, to);
        (Up, Down) = (to / common, from / common);
        double scale = Math.Min(1, (double)to / from);
        (_cut, Half) = (RollOff * scale, (int)Math.Ceiling(Crossings / scale));
        _phases = new double[]?[Up];
    }

    /// <summary>L.</summary>
    internal long Up { get; }

    /// <summary>M.</summary>
    internal long Down { get; }

    /// <summary>W: an output needs as many samples before it and after it.</summary>
    internal int Half { get; }

    /// <summary>[2W]: the weights of the samples from ⌊n·M/L⌋ − W + 1 on.</summary>
    /// <param name="phase">n·M mod L.</param>
    internal double[] Weights(long phase) => _phases[phase] ??= Make((double)phase / Up);

    private double[] Make(double fraction)
    {
        double[] weights = new double[2 * Half];
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double t = fraction + Half - 1 - i, x = Math.PI * _cut * t, place = t / Half;
            double window = Math.Abs(place) >= 1 ? 0 : Bessel(Beta * Math.Sqrt(1 - place * place)) / Bessel(Beta);
            weights[i] = (x == 0 ? 1 : Math.Sin(x) / x) * window;
            sum += weights[i];
        }
        for (int i = 0; i < weights.Length; i++) weights[i] /= sum;
        return weights;
    }

    //  I₀(x) = Σₖ ((x/2)ᵏ / k!)²
    private static double Bessel(double x)
    {
        double sum = 1, term = 1;
        for (int k = 1; term > 1e-17 * sum; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }
}
