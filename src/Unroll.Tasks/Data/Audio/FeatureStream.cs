using System.Runtime.InteropServices;

namespace Unroll.Tasks.Data.Audio;

//  Δx[t] = Σₙ₌₁² n (x[t+n] − x[t−n]) / 10,   steps before the first count as the first, steps after the last as the last      (Furui 1986; HTK)

/// <summary>The features of a sound that comes piece by piece: the very bits that the whole sound gives, each step as soon as it is
/// certain.</summary>
/// <remarks>Differences in time look two steps ahead, twice differenced ones four; a step is certain that much later.</remarks>
public sealed class FeatureStream
{
    private const int Reach = 2;
    private readonly FeatureExtractor _extractor;
    private readonly SincResampler? _resampler;
    private readonly List<float> _samples = [], _resampled = [];
    private readonly List<float[]> _steps = [];              // without differences, from step _firstStep on
    private readonly float[] _row;
    private float _before;
    private long _firstStep, _next;
    private bool _any;

    /// <summary>Prepares a stream.</summary>
    /// <param name="extractor">What is computed; it is used by this stream alone for as long as it lasts.</param>
    /// <param name="rate">Samples a second of what comes.</param>
    /// <exception cref="Core.UserErrorException">The rate cannot be brought to that of the options.</exception>
    public FeatureStream(FeatureExtractor extractor, int rate)
    {
        _extractor = extractor;
        _resampler = rate == Options.Rate ? null : new SincResampler(rate, Options.Rate);
        _row = new float[Options.Features];
    }

    private FeatureOptions Options => _extractor.Options;

    private long Steps => _firstStep + _steps.Count;

    /// <summary>Takes the next samples.</summary>
    /// <param name="samples">At the stream's rate; may be empty.</param>
    /// <param name="rows">Receives the steps that are certain now, [steps, features], at its end.</param>
    public void Push(ReadOnlySpan<float> samples, List<float> rows)
    {
        if (_resampler is null) Take(samples);
        else
        {
            _resampler.Push(samples, _resampled);
            TakeResampled();
        }
        Emit(rows, ended: false);
    }

    /// <summary>Adds the last steps; a sound shorter than a window is one step.</summary>
    /// <param name="rows">Receives [steps, features], at its end.</param>
    /// <param name="after">Samples that follow the last, at the rate of the options; may be empty.</param>
    public void Finish(List<float> rows, ReadOnlySpan<float> after = default)
    {
        _resampler?.Finish(_resampled);
        TakeResampled();
        Take(after);
        if (Steps == 0 && _any)
        {
            while (_samples.Count < Options.Window) _samples.Add(0);
            AddSteps();
        }
        Emit(rows, ended: true);
    }

    /// <summary>Writes where it stands between two pieces.</summary>
    internal void Save(BinaryWriter writer)
    {
        writer.Write(_any);
        writer.Write(_before);
        writer.Write(_next);
        SampleBytes.Write(writer, CollectionsMarshal.AsSpan(_samples));
        writer.Write(_firstStep);
        writer.Write(_steps.Count);
        foreach (float[] step in _steps) SampleBytes.Write(writer, step);
        _resampler?.Save(writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote for a stream of the same features and rate.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    internal void Load(BinaryReader reader)
    {
        (_any, _before, _next) = (reader.ReadBoolean(), reader.ReadSingle(), reader.ReadInt64());
        SampleBytes.Read(reader, _samples);
        _firstStep = reader.ReadInt64();
        _steps.Clear();
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            List<float> step = [];
            SampleBytes.Read(reader, step);
            if (step.Count != Options.Static) throw new FormatException("a step has another number of features");
            _steps.Add([.. step]);
        }
        _resampler?.Load(reader);
    }

    private void TakeResampled()
    {
        Take(CollectionsMarshal.AsSpan(_resampled));
        _resampled.Clear();
    }

    private void Take(ReadOnlySpan<float> samples)
    {
        float a = (float)Options.PreEmphasis;
        foreach (float sample in samples)
        {
            _samples.Add(sample - a * _before);
            (_before, _any) = (sample, true);
        }
        AddSteps();
    }

    private void AddSteps()
    {
        ReadOnlySpan<float> samples = CollectionsMarshal.AsSpan(_samples);
        int at = 0;
        for (; at + Options.Window <= samples.Length; at += _extractor.Hop)
        {
            float[] step = new float[Options.Static];
            _extractor.Window(samples.Slice(at, Options.Window), step);
            _steps.Add(step);
        }
        _samples.RemoveRange(0, Math.Min(at, samples.Length));
    }

    private void Emit(List<float> rows, bool ended)
    {
        int ahead = Reach * Options.Deltas;
        while (_next < Steps && (ended || _next + ahead < Steps))
        {
            for (int order = 0; order <= Options.Deltas; order++)
                for (int i = 0; i < Options.Static; i++) _row[order * Options.Static + i] = (float)Difference(_next, i, order);
            rows.AddRange(_row.AsSpan());
            _next++;
        }
        int old = (int)Math.Clamp(_next - 1 - ahead - _firstStep, 0, _steps.Count);
        _steps.RemoveRange(0, old);
        _firstStep += old;
    }

    private double Difference(long step, int feature, int order)
    {
        long at = Math.Clamp(step, 0, Steps - 1);
        if (order == 0) return _steps[(int)(at - _firstStep)][feature];
        double sum = 0;
        for (int n = 1; n <= Reach; n++) sum += n * (Difference(at + n, feature, order - 1) - Difference(at - n, feature, order - 1));
        return sum / 10;
    }
}
