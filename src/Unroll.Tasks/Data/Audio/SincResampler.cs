using System.Runtime.InteropServices;
using Unroll.Core;

namespace Unroll.Tasks.Data.Audio;

/// <summary>
/// Changes the rate of samples by a windowed sinc in polyphase form (Smith 1984, "Digital audio resampling"), piece by piece: how the samples
/// are cut into pieces does not change a bit of the result. Outside the recording is silence.
/// </summary>
public sealed class SincResampler
{
    /// <summary>The highest rate that is accepted, in samples a second.</summary>
    public const int HighestRate = 768_000;

    /// <summary>How many times one rate may be the other.</summary>
    internal const int MostChange = 256;

    private readonly SincKernel _kernel;
    private readonly List<float> _kept = [];
    private long _firstKept, _next;

    /// <summary>Prepares a change of rate.</summary>
    /// <param name="from">Samples a second of what comes.</param>
    /// <param name="to">Samples a second of what is wanted.</param>
    /// <exception cref="UserErrorException">A rate is not 1 … <see cref="HighestRate"/>, or one is more than 256 times the other.</exception>
    public SincResampler(int from, int to) : this(new SincKernel(from, to))
    {
    }

    internal SincResampler(SincKernel kernel) => _kernel = kernel;

    /// <summary>All of a recording at once.</summary>
    /// <returns>⌈samples · to ÷ from⌉ samples.</returns>
    /// <exception cref="UserErrorException">The rates do not go together.</exception>
    public static float[] Resample(ReadOnlySpan<float> samples, int from, int to) => Resample(samples, new SincKernel(from, to));

    internal static float[] Resample(ReadOnlySpan<float> samples, SincKernel kernel)
    {
        SincResampler resampler = new(kernel);
        List<float> result = new((int)(samples.Length * kernel.Up / kernel.Down) + 1);
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
        while (Place + _kernel.Half < end) Emit(output);
        int old = Old;
        if (old < 4096 && old < _kept.Count) return;
        _kept.RemoveRange(0, old);
        _firstKept += old;
    }

    /// <summary>Adds the rest, with silence after the last sample.</summary>
    /// <param name="output">Receives samples, at its end.</param>
    public void Finish(List<float> output)
    {
        long end = _firstKept + _kept.Count;
        while (_next * _kernel.Down < end * _kernel.Up) Emit(output);
    }

    /// <summary>Writes where it stands; samples that are no longer needed are left out, so that the pieces in which they came do not show.</summary>
    internal void Save(BinaryWriter writer)
    {
        writer.Write(_firstKept + Old);
        writer.Write(_next);
        SampleBytes.Write(writer, CollectionsMarshal.AsSpan(_kept)[Old..]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    internal void Load(BinaryReader reader)
    {
        (_firstKept, _next) = (reader.ReadInt64(), reader.ReadInt64());
        SampleBytes.Read(reader, _kept);
    }

    // Kept samples that no output needs any more.
    private int Old => (int)Math.Min(Math.Max(0, Place - _kernel.Half + 1 - _firstKept), _kept.Count);

    private long Place => _next * _kernel.Down / _kernel.Up;

    private void Emit(List<float> output)
    {
        double[] weights = _kernel.Weights(_next * _kernel.Down % _kernel.Up);
        long first = Place - _kernel.Half + 1;
        int from = (int)Math.Max(0, _firstKept - first), to = (int)Math.Min(weights.Length, _firstKept + _kept.Count - first);
        ReadOnlySpan<float> kept = CollectionsMarshal.AsSpan(_kept);
        double sum = 0;
        for (int i = from; i < to; i++) sum += weights[i] * kept[(int)(first + i - _firstKept)];
        output.Add((float)sum);
        _next++;
    }
}
