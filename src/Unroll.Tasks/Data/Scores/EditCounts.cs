using System.Text;

namespace Unroll.Tasks.Data.Scores;

//  D(i, j) = least of D(i − 1, j) + 1, D(i, j − 1) + 1, D(i − 1, j − 1) + [reference i ≠ hypothesis j]

/// <summary>What turns a hypothesis into its reference with the fewest edits: word and character error rates by jiwer's definition.</summary>
/// <param name="Hits">Items that are right.</param>
/// <param name="Substitutions">Items that are another in the hypothesis.</param>
/// <param name="Deletions">Items of the reference that the hypothesis lacks.</param>
/// <param name="Insertions">Items of the hypothesis that the reference has not.</param>
public readonly record struct EditCounts(long Hits, long Substitutions, long Deletions, long Insertions)
{
    /// <summary>Items of the reference.</summary>
    public long Reference => Hits + Substitutions + Deletions;

    /// <summary>Edits in all.</summary>
    public long Errors => Substitutions + Deletions + Insertions;

    /// <summary>
    /// Errors for each item of the reference, of several sequences summed before the division; may be above 1; null where no reference has any.
    /// </summary>
    public double? Rate => Reference == 0 ? null : (double)Errors / Reference;

    /// <summary>Two sequences counted together.</summary>
    public static EditCounts operator +(EditCounts a, EditCounts b) =>
        new(a.Hits + b.Hits, a.Substitutions + b.Substitutions, a.Deletions + b.Deletions, a.Insertions + b.Insertions);

    /// <summary>Words, which are what lies between white space.</summary>
    public static EditCounts OfWords(string reference, string hypothesis) => Of<string>(Tokenizer.Of(reference), Tokenizer.Of(hypothesis));

    /// <summary>Characters (Unicode code points), spaces included, those at both ends apart.</summary>
    public static EditCounts OfCharacters(string reference, string hypothesis) =>
        Of<Rune>([.. reference.Trim().EnumerateRunes()], [.. hypothesis.Trim().EnumerateRunes()]);

    /// <summary>
    /// Any items. Where several ways cost the same, a common beginning and end are hits; between them, from the end on, a deletion comes first, then
    /// an insertion where it costs less than a substitution would.
    /// </summary>
    public static EditCounts Of<T>(ReadOnlySpan<T> reference, ReadOnlySpan<T> hypothesis) where T : IEquatable<T>
    {
        int before = reference.CommonPrefixLength(hypothesis), after = 0, most = Math.Min(reference.Length, hypothesis.Length) - before;
        while (after < most && reference[^(after + 1)].Equals(hypothesis[^(after + 1)])) after++;
        reference = reference[before..^after];
        hypothesis = hypothesis[before..^after];
        return new EditCounts(before + after, 0, 0, 0) + Trace(Distances(reference, hypothesis), reference, hypothesis);
    }

    private static int[,] Distances<T>(ReadOnlySpan<T> reference, ReadOnlySpan<T> hypothesis) where T : IEquatable<T>
    {
        int[,] d = new int[reference.Length + 1, hypothesis.Length + 1];
        for (int i = 0; i <= reference.Length; i++)
            for (int j = 0; j <= hypothesis.Length; j++)
                d[i, j] = i == 0 || j == 0
                    ? i + j
                    : Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (reference[i - 1].Equals(hypothesis[j - 1]) ? 0 : 1));
        return d;
    }

    private static EditCounts Trace<T>(int[,] d, ReadOnlySpan<T> reference, ReadOnlySpan<T> hypothesis) where T : IEquatable<T>
    {
        (int i, int j) = (reference.Length, hypothesis.Length);
        (long hits, long substitutions, long deletions, long insertions) = (0, 0, 0, 0);
        while (i > 0 && j > 0)
        {
            if (d[i - 1, j] + 1 == d[i, j])
            {
                deletions++;
                i--;
            }
            else if (d[i, j - 1] < d[i - 1, j - 1])
            {
                insertions++;
                j--;
            }
            else
            {
                if (reference[--i].Equals(hypothesis[--j])) hits++;
                else substitutions++;
            }
        }
        return new EditCounts(hits, substitutions, deletions + i, insertions + j);
    }
}
