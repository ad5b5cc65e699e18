namespace Unroll.Core;

/// <summary>"Did you mean …?": the known name that is the fewest edits away from a mistyped one.</summary>
public static class NearestName
{
    /// <summary>The closest of <paramref name="names"/>, or null when none is close enough to be meant.</summary>
    /// <param name="typed">What was typed; case does not count.</param>
    /// <param name="names">The names there are; the earlier one wins a tie.</param>
    /// <remarks>Close enough: at most one edit for every three letters of the longer name, and at least one is always allowed.</remarks>
    public static string? Of(string typed, IEnumerable<string> names)
    {
        string? nearest = null;
        int fewest = int.MaxValue;
        foreach (string name in names)
        {
            int edits = Edits(typed.ToUpperInvariant(), name.ToUpperInvariant());
            if (edits >= fewest || edits > Math.Max(1, Math.Max(typed.Length, name.Length) / 3)) continue;
            (nearest, fewest) = (name, edits);
        }
        return nearest;
    }

    /// <summary><c>"; did you mean 'units'?"</c>, or an empty text when no name is close.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="names">The names there are.</param>
    public static string Question(string typed, IEnumerable<string> names) =>
        Of(typed, names) is { } name ? $"; did you mean '{name}'?" : "";

    /// <summary><c>"; did you mean 'units'? Expected …"</c>, or <c>"; expected …"</c> when no name is close.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="names">The names there are.</param>
    /// <param name="rest">What follows, with a small letter first.</param>
    public static string Question(string typed, IEnumerable<string> names, string rest) =>
        Question(typed, names) is { Length: > 0 } asked ? $"{asked} {char.ToUpperInvariant(rest[0])}{rest[1..]}" : $"; {rest}";

    // Levenshtein's distance, one row of the table at a time: insert, delete and replace cost 1.
    private static int Edits(string a, string b)
    {
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
