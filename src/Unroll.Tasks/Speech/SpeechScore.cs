using Unroll.Core;
using Unroll.Layers.Losses;

namespace Unroll.Tasks.Speech;

//  d(i, j) = min(d(i−1, j−1) + [truth i ≠ heard j],  d(i−1, j) + 1,  d(i, j−1) + 1)          (Levenshtein 1966)

/// <summary>How words that were heard differ from those that were said.</summary>
/// <param name="Said">Words that were said.</param>
/// <param name="Substituted">Words that were heard as others.</param>
/// <param name="Missed">Words that were not heard.</param>
/// <param name="Added">Words that were heard and not said.</param>
/// <param name="Pairs">Each word that was said beside what was heard for it, −1 for nothing; and −1 beside each word that was added.</param>
internal sealed record SpeechScore(int Said, int Substituted, int Missed, int Added, IReadOnlyList<(int Said, int Heard)> Pairs)
{
    internal int Errors => Substituted + Missed + Added;

    /// <summary>By the fewest errors; of equal ways the one that pairs words.</summary>
    internal static SpeechScore Of(IReadOnlyList<int> said, IReadOnlyList<int> heard)
    {
        int[,] d = new int[said.Count + 1, heard.Count + 1];
        for (int i = 0; i <= said.Count; i++)
            for (int j = 0; j <= heard.Count; j++)
                d[i, j] = i == 0 ? j : j == 0 ? i
                    : Math.Min(d[i - 1, j - 1] + Differ(said[i - 1], heard[j - 1]), Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
        List<(int, int)> pairs = [];
        for (int i = said.Count, j = heard.Count; i > 0 || j > 0;)
        {
            if (i > 0 && j > 0 && d[i, j] == d[i - 1, j - 1] + Differ(said[i - 1], heard[j - 1])) pairs.Add((said[--i], heard[--j]));
            else if (i > 0 && d[i, j] == d[i - 1, j] + 1) pairs.Add((said[--i], -1));
            else pairs.Add((-1, heard[--j]));
        }
        pairs.Reverse();
        int added = pairs.Count - said.Count, missed = pairs.Count - heard.Count;
        return new SpeechScore(said.Count, d[said.Count, heard.Count] - added - missed, missed, added, pairs);
    }

    /// <summary>The labels that the outputs mean without a search.</summary>
    internal static int[] Greedy(SpeechDescription description, in SequenceBatch outputs, int sequence)
    {
        if (description.IsCtc) return CtcDecoding.Greedy(outputs, sequence);
        ReadOnlySpan<float> row = outputs.Row(0, sequence);
        int best = 0;
        for (int k = 1; k < row.Length; k++)
            if (row[k] > row[best]) best = k;
        return [best];
    }

    // A word that the model does not know, −1, equals nothing.
    private static int Differ(int a, int b) => a == b && a >= 0 ? 0 : 1;
}
