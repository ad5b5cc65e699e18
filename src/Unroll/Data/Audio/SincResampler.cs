using System.Numerics;
using Unroll.Core;

namespace Unroll.Data.Audio;

//  y[n] = Σⱼ x[j] h(n·M/L − j),    L/M = to/from in lowest terms,    h(t) = c·sinc(c·t)·w(t/W),    c = 0.95·min(1, L/M)
//
//  w is Kaiser's window of β = 9 over W = 24 / min(1, L/M) samples each way. The weights of an output depend on (n·M mod L) alone: that many
//  phases, each made once and divided by its sum, so that a constant stays what it is.

/// <summary>
/// Changes the rate of samples by a windowed sinc in polyphase form (Smith 1984, "Digital audio resampling"), piece by piece: how the samples
/// are cut into pieces does not change a bit of the result. Outside the recording is silence.
/// </summary>
public sealed class SincResampler
{
    /// <summary>The highest rate that is accepted, in samples a second.</summary>
    public const int HighestRate = 768_000;

    private const int Crossings = 24;
    private const double RollOff = 0.95, Beta = 9;
    private readonly long _up, _down;
    private readonly int _half;
    private readonly double _cut;
    private readonly double[]?[] _phases;
    private readonly List<float> _kept = [];
    private long _firstKept, _next;

    /// <summary>Prepares a change of rate.</summary>
    /// <param name="from">Samples a second of what comes.</param>
    /// <param name="to">Samples a second of what is wanted.</param>
    /// <exception cref="UserErrorException">A rate is not 1 … <see cref="HighestRate"/>, or one is more than 256 times the other.</exception>
    public SincResampler(int from, int to)
    {
        foreach (int rate in (ReadOnlySpan<int>)[from, to])
            if (rate is < 1 or > HighestRate) throw new UserErrorException($"rate: expected 1 … {HighestRate} samples a second, got {rate}.");
        if (Math.Max(from, to) > 256L * Math.Min(from, to))
            throw new UserErrorException($"rate: {from} samples a second cannot be made into {to}: expected a factor of at most 256.");
        long common = (long)BigInteger.GreatestCommonDivisor(from, to);
        (_up, _down) = (to / common, from / common);
        double scale = Math.Min(1, (double)to / from);
        (_cut, _half) = (RollOff * scale, (int)Math.Ceiling(Crossings / scale));
        _phases = new double[]?[_up];
    }

    /// <summary>All of a recording at once.</summary>
    /// <returns>⌈samples · to ÷ from⌉ samples.</returns>
    /// <exception cref="UserErrorException">The rates do not go together.</exception>
    public static float[] Resample(ReadOnlySpan<float> samples, int from, int to)
    {
        SincResampler resampler = new(from, to);
        List<float> result = new((int)((long)samples.Length * to / from) + 1);
        resampler.Push(samples, result);
        resampler.Finish(result);
        return [.. result];
    }

    /// <summary>Takes the next samples and adds those that can be made now.</summary>
    /// <param name="samples">May be empty.</param>
    /// <param name="output">Receives samples at the new rate, at its end.</param>
    public void Push(ReadOnlySpan<float> samples, List<float> output)
    {
        _kept.AddRange(samples);
        long end = _firstKept + _kept.Count;
        while (_next * _down / _up + _half < end) Emit(output);
        long needed = Math.Max(_firstKept, _next * _down / _up - _half + 1);
        int old = (int)Math.Min(needed - _firstKept, _kept.Count);
        if (old < 4096 && old < _kept.Count) return;
        _kept.RemoveRange(0, old);
        _firstKept += old;
    }

    /// <summary>Adds the rest, with silence after the last sample.</summary>
    /// <param name="output">Receives samples, at its end.</param>
    public void Finish(List<float> output)
    {
        long end = _firstKept + _kept.Count;
        while (_next * _down < end * _up) Emit(output);
    }

    private void Emit(List<float> output)
    {
        long at = _next * _down, whole = at / _up;
        double[] weights = _phases[at % _up] ??= Phase((double)(at % _up) / _up);
        long first = whole - _half + 1;
        int from = (int)Math.Max(0, _firstKept - first), to = (int)Math.Min(weights.Length, _firstKept + _kept.Count - first);
        ReadOnlySpan<float> kept = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_kept);
        double sum = 0;
        for (int i = from; i < to; i++) sum += weights[i] * kept[(int)(first + i - _firstKept)];
        output.Add((float)sum);
        _next++;
    }

    private double[] Phase(double fraction)
    {
        double[] weights = new double[2 * _half];
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double t = fraction + _half - 1 - i, x = Math.PI * _cut * t, place = t / _half;
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
