namespace Unroll.Tasks.Data.Music;

/// <summary>Which notes a key of ABC raises or lowers.</summary>
internal static class AbcKey
{
    private const string SharpOrder = "FCGDAEB";

    // Sharps of the major key on each tonic; a mode takes some away.
    private static readonly Dictionary<char, int> s_major = new() { ['C'] = 0, ['G'] = 1, ['D'] = 2, ['A'] = 3, ['E'] = 4, ['B'] = 5, ['F'] = -1 };

    private static readonly (string Mode, int Sharps)[] s_modes =
        [("maj", 0), ("ion", 0), ("mix", -1), ("dor", -2), ("min", -3), ("aeo", -3), ("phr", -4), ("loc", -5), ("lyd", 1), ("m", -3)];

    /// <summary>Sharps (above 0) or flats (below) of a key: <c>D</c>, <c>Em</c>, <c>Bb dorian</c>; 0 for what is no key.</summary>
    public static int Sharps(string key)
    {
        string text = key.Trim();
        if (text.StartsWith("HP", StringComparison.OrdinalIgnoreCase)) return 2;                 // highland pipes
        if (text.Length == 0 || !s_major.TryGetValue(text[0], out int sharps)) return 0;
        int at = 1;
        if (at < text.Length && text[at] is '#' or 'b') sharps += text[at++] == '#' ? 7 : -7;
        string mode = text[at..].Trim().ToLowerInvariant();
        foreach ((string name, int change) in s_modes)
            if (mode.StartsWith(name, StringComparison.Ordinal)) return sharps + change;
        return sharps;
    }

    /// <summary>By how many half tones a key moves a note's letter.</summary>
    public static int Accidental(int sharps, char letter)
    {
        int place = SharpOrder.IndexOf(char.ToUpperInvariant(letter));
        return sharps > 0 && place < sharps ? 1 + (place + 7 < sharps ? 1 : 0) : sharps < 0 && 6 - place < -sharps ? -1 : 0;
    }
}
