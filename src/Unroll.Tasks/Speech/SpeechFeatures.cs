using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tasks.Speech;

/// <summary>Samples → the normalized features that the network sees, many recordings at a time.</summary>
/// <param name="description">Features and statistics.</param>
/// <param name="augmentation">Random changes, in training; null: none.</param>
internal sealed class SpeechFeatures(SpeechDescription description, AugmentationOptions? augmentation) : IWork
{
    private const float Smallest = 0.01f;                    // deviation: a recording of silence becomes zeros, not noise blown up
    private const long SampleCost = 4096;                    // of the features of one sample, in multiply-adds
    private readonly float[] _silence = description.Silence();
    private readonly List<(FeatureExtractor Extractor, Augmentation? Change)> _workers = [];
    private IReadOnlyList<SpeechExample> _examples = [];
    private IReadOnlyList<Rng> _random = [];
    private float[][] _rows = [];
    private int _threads;

    /// <summary>[steps, features] of each example.</summary>
    /// <param name="examples">The sounds.</param>
    /// <param name="random">A generator for each, where there are random changes.</param>
    /// <param name="threads">Share the examples.</param>
    internal float[][] Of(IReadOnlyList<SpeechExample> examples, IReadOnlyList<Rng> random, ThreadTeam threads)
    {
        int workers = threads.WorkersFor(SampleCost * examples.Sum(example => (long)example.Length));
        (_examples, _random, _rows, _threads) = (examples, random, new float[examples.Count][], workers);
        while (_workers.Count < _threads)
            _workers.Add((new FeatureExtractor(description.Features), augmentation is null ? null
                : new Augmentation(augmentation, description.Rate)));
        threads.Run(this, workers);
        return _rows;
    }

    public void Run(int worker)
    {
        (FeatureExtractor extractor, Augmentation? change) = _workers[worker];
        for (int i = worker; i < _examples.Count; i += _threads)
        {
            SpeechExample example = _examples[i];
            Rng random = change is null ? default : _random[i];
            float[] samples = example.Samples((clip, place) => change is null ? clip : change.Sound(clip, random.At((ulong)place)));
            if (_silence.Length > 0) samples = [.. samples, .. _silence];
            change?.Speaker(extractor, random);
            float[] rows = extractor.Extract(new Sound(samples, description.Rate, example.Name));
            Normalize(description, rows);
            change?.Mask(rows, description.Features.Features, description.Features.Static, random);
            _rows[i] = rows;
        }
    }

    /// <summary>Brings rows to mean 0 and deviation 1 as the model has it, in place.</summary>
    internal static void Normalize(SpeechDescription description, Span<float> rows)
    {
        int features = description.Features.Features, steps = rows.Length / features;
        if (description.Normalize == FeatureNormalization.None) return;
        for (int i = 0; i < features; i++)
        {
            (double mean, double deviation) = description.Normalize == FeatureNormalization.Training ? (description.Mean[i], description.Deviation[i])
                : Statistics(rows, features, i);
            for (int t = 0; t < steps; t++) rows[t * features + i] = (float)((rows[t * features + i] - mean) / deviation);
        }
    }

    /// <summary>Mean and deviation of every feature over many recordings.</summary>
    internal static (double[] Mean, double[] Deviation) Statistics(IEnumerable<float[]> recordings, int features)
    {
        double[] sums = new double[features], squares = new double[features];
        long steps = 0;
        foreach (float[] rows in recordings)
        {
            for (int at = 0; at < rows.Length; at++)
            {
                sums[at % features] += rows[at];
                squares[at % features] += (double)rows[at] * rows[at];
            }
            steps += rows.Length / features;
        }
        double[] mean = [.. sums.Select(s => s / steps)];
        return (mean, [.. squares.Select((s, i) => Math.Max(Smallest, Math.Sqrt(Math.Max(0, s / steps - mean[i] * mean[i]))))]);
    }

    private static (double, double) Statistics(ReadOnlySpan<float> rows, int features, int feature)
    {
        double sum = 0, squares = 0;
        int steps = rows.Length / features;
        for (int at = feature; at < rows.Length; at += features) sum += rows[at];
        double mean = sum / steps;
        for (int at = feature; at < rows.Length; at += features) squares += (rows[at] - mean) * (rows[at] - mean);
        return (mean, Math.Max(Smallest, Math.Sqrt(squares / steps)));
    }
}
