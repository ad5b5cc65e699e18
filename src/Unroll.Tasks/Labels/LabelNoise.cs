using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Sequences;

namespace Unroll.Tasks.Labels;

/// <summary>
/// What is done to a sequence in training so that a network does not learn it by heart: hidden steps, windows moved, bases changed.
/// </summary>
internal static class LabelNoise
{
    /// <summary>The probability that a step is hidden: what the options say, else 0.3 for words, characters and k-mers that are classified.</summary>
    public static double HiddenOf(LabelOptions options, LabelEncoding encoding) =>
        options.WordDropout ?? (options.Task == LabelKind.Classify && encoding.HasVocabulary ? 0.3 : 0);

    /// <summary>Whether the letters of a sequence change from epoch to epoch.</summary>
    public static bool ChangesLetters(LabelOptions options) => options.Shift > 0 || options.Mutation > 0;

    /// <summary>
    /// A window moved by up to <see cref="LabelOptions.Shift"/> places, what comes in being unknown, in which each base is another one with
    /// probability <see cref="LabelOptions.Mutation"/>.
    /// </summary>
    /// <param name="sequence">With letters.</param>
    /// <param name="options">The run.</param>
    /// <param name="random">That of the sequence and the training step.</param>
    public static LabeledSequence Letters(LabeledSequence sequence, LabelOptions options, Rng random)
    {
        char[] letters = sequence.Text.ToCharArray();
        if (options.Shift > 0)
        {
            int by = (int)(random.For("shift").Uniform(0) * (2 * options.Shift + 1)) - options.Shift;
            letters = [.. Enumerable.Range(0, letters.Length).Select(t => t + by >= 0 && t + by < letters.Length ? letters[t + by] : 'N')];
        }
        Rng changes = random.For("mutation");
        for (int t = 0; options.Mutation > 0 && t < letters.Length; t++)
        {
            if (changes.Uniform((ulong)(2 * t)) >= options.Mutation || Nucleotides.IndexOf(letters[t]) is not (>= 0 and int was)) continue;
            int other = (int)(changes.Uniform((ulong)(2 * t + 1)) * 3);
            letters[t] = Nucleotides.Bases[other < was ? other : other + 1];
        }
        return sequence with { Text = new string(letters) };
    }

    /// <summary>Hides steps: a word becomes unknown, a base any of the four, numbers their means.</summary>
    /// <param name="x">[steps, features]; stays as it is.</param>
    /// <param name="probability">Of each step.</param>
    /// <param name="encoding">What steps are.</param>
    /// <param name="random">That of the sequence and the training step.</param>
    public static float[] Hide(float[] x, double probability, LabelEncoding encoding, Rng random)
    {
        Rng words = random.For("words");
        if (encoding.HasVocabulary) return [.. x.Select((word, t) => words.Uniform((ulong)t) < probability ? LabelEncoding.Unknown : word)];
        float[] hidden = [.. x];
        for (int t = 0; t * encoding.Features < x.Length; t++)
            if (words.Uniform((ulong)t) < probability) hidden.AsSpan(t * encoding.Features, encoding.Features).Fill(HiddenValue(encoding));
        return hidden;
    }

    /// <summary>Every feature of a hidden step.</summary>
    public static float HiddenValue(LabelEncoding encoding) => encoding.Unit switch
    {
        LabelUnit.Base => 1f / Nucleotides.Bases.Length,
        LabelUnit.Number => 0,
        _ => LabelEncoding.Unknown,
    };
}
