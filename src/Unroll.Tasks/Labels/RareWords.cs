using Unroll.Core;

namespace Unroll.Tasks.Labels;

/// <summary>
/// Hides words from a network that reads characters, the rare ones most: one that occurs n times with probability α ÷ (α + n), so that its spelling
/// learns to speak for it (after Kiperwasser and Goldberg 2016, arXiv:1603.04351).
/// </summary>
internal sealed class RareWords
{
    private const double Alpha = 0.25;
    private readonly double[] _chances;
    private readonly int _features;

    /// <summary>Counts the words.</summary>
    /// <param name="encoding">What the network sees.</param>
    /// <param name="training">The training part as the network sees it.</param>
    public RareWords(LabelEncoding encoding, IEnumerable<float[]> training)
    {
        _features = encoding.Features;
        long[] counts = new long[encoding.Vocabulary.Count];
        foreach (float[] x in training)
            for (int at = 0; at < x.Length; at += _features) counts[(int)x[at]]++;
        _chances = [.. counts.Select(count => Alpha / (Alpha + count))];
    }

    /// <summary>The steps of a sequence with some words hidden, and all characters.</summary>
    /// <param name="x">[steps, features]: of each step the first is its place in the vocabulary; stays as it is.</param>
    /// <param name="rate">Probability that a word is hidden, however often it occurs.</param>
    /// <param name="random">That of the sequence and the training step.</param>
    public float[] Hide(float[] x, double rate, Rng random)
    {
        Rng words = random.For("words");
        float[] hidden = [.. x];
        for (int at = 0, t = 0; at < x.Length; at += _features, t++)
            if (words.Uniform((ulong)t) < 1 - (1 - rate) * (1 - _chances[(int)x[at]])) hidden[at] = LabelEncoding.Unknown;
        return hidden;
    }
}
