using Unroll.Numerics;

namespace Unroll.Tasks.Speech;

/// <summary>
/// Two simple rules, fitted on the training part: always the commonest word, and the word whose mean spectrum is nearest. Strings of words are
/// taken to be of the mean length, or are cut into equal pieces as many as their length promises.
/// </summary>
internal sealed class SpeechBaselines
{
    private readonly SpeechDescription _description;
    private readonly SpeechFeatures _features;
    private readonly Dictionary<int, double[]> _means = [];
    private readonly int _commonest;
    private readonly double _wordsOfAString, _stepsOfAWord;

    /// <summary>Fits both.</summary>
    /// <param name="model">Words and features.</param>
    /// <param name="train">What it was trained on.</param>
    /// <param name="threads">The threads.</param>
    internal SpeechBaselines(SpeechModel model, IReadOnlyList<SpeechExample> train, ThreadTeam threads)
    {
        SpeechOptions options =
            model.Description.Options with { Normalize = FeatureNormalization.Training };     // over a recording its own mean would be zero
        _description = model.Description with { Options = options };
        _features = new SpeechFeatures(_description, null);
        int[][] labels = [.. train.Select(e => _description.Labels(e.Text))];
        _commonest = labels.SelectMany(l => l).Where(l => l >= 0).GroupBy(l => l).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key;
        _wordsOfAString = labels.Average(l => l.Length);
        SpeechClip[] single =
            [.. train.SelectMany(e => e.Clips).Distinct().Where(c => c.Text.Length > 0 && (!_description.IsCtc || !c.Text.Contains(' ')))];
        float[][] rows = Rows([.. single.Select(c => new SpeechExample([c]))], threads);
        int features = _description.Features.Features;
        foreach (IGrouping<int, int> word in Enumerable.Range(0, single.Length).GroupBy(i => _description.Labels(single[i].Text)[0]))
        {
            double[] sum = new double[Static];
            foreach (int i in word) Add(Spectrum(rows[i], 0, rows[i].Length / features), sum);
            _means.Add(word.Key, [.. sum.Select(v => v / word.Count())]);
        }
        _stepsOfAWord = rows.Length == 0 ? 1 : rows.Average(r => (double)r.Length / features);
    }

    private int Static => _description.Features.Static;

    /// <summary>Whether there were recordings of single words to make mean spectra of.</summary>
    internal bool HasSpectra => _means.Count > 0;

    /// <summary>What <see cref="Nearest(float[])"/> takes.</summary>
    internal float[][] Rows(IReadOnlyList<SpeechExample> examples, ThreadTeam threads) => _features.Of(examples, [], threads);

    internal int[] Commonest() => [.. Enumerable.Repeat(_commonest, _description.IsCtc ? (int)Math.Round(_wordsOfAString) : 1)];

    /// <summary>The word, or words, whose mean spectrum is nearest.</summary>
    /// <param name="rows">[steps, features], of <see cref="Rows"/>.</param>
    internal int[] Nearest(float[] rows)
    {
        int steps = rows.Length / _description.Features.Features;
        int words = _description.IsCtc ? Math.Clamp((int)Math.Round(steps / _stepsOfAWord), 1, steps) : 1;
        return [.. Enumerable.Range(0, words).Select(w =>
            Nearest(Spectrum(rows, (int)((long)steps * w / words), (int)((long)steps * (w + 1) / words))))];
    }

    private int Nearest(double[] spectrum) =>
        _means.OrderBy(mean => mean.Value.Zip(spectrum, (a, b) => (a - b) * (a - b)).Sum()).ThenBy(mean => mean.Key).First().Key;

    private static void Add(double[] what, double[] to)
    {
        for (int i = 0; i < to.Length; i++) to[i] += what[i];
    }

    // Less its own mean over the filters, so that loudness does not count.
    private double[] Spectrum(float[] rows, int from, int to)
    {
        int features = _description.Features.Features;
        double[] mean = new double[Static];
        for (int t = from; t < to; t++)
            for (int i = 0; i < mean.Length; i++) mean[i] += rows[t * features + i] / (to - from);
        double level = mean.Average();
        return [.. mean.Select(v => v - level)];
    }
}
