using System.Text;

namespace Unroll.Tasks.Data.Scores;

/// <summary>Words, characters, and how often runs of them occur.</summary>
internal static class Tokenizer
{
    /// <summary>What lies between white space, by Python's idea of it: four control characters are white space too.</summary>
    public static string[] Of(string text)
    {
        List<string> words = [];
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool space = i == text.Length || char.IsWhiteSpace(text[i]) || text[i] is >= '\u001C' and <= '\u001F';
            if (!space && start < 0) start = i;
            if (!space || start < 0) continue;
            words.Add(text[start..i]);
            start = -1;
        }
        return [.. words];
    }

    /// <summary>A string for each code point; half of one counts as one.</summary>
    public static string[] Characters(string text)
    {
        List<string> characters = [];
        foreach (Rune rune in text.EnumerateRunes()) characters.Add(rune.ToString());
        return [.. characters];
    }

    /// <summary>How often each run of n items occurs; items hold no separator, U+0000.</summary>
    public static Dictionary<string, int> Runs(string[] items, int n)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        for (int i = 0; i + n <= items.Length; i++)
        {
            string run = string.Join('\0', items, i, n);
            counts[run] = counts.GetValueOrDefault(run) + 1;
        }
        return counts;
    }
}
