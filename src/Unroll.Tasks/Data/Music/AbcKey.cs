using System.Globalization;

namespace Unroll.Tasks.Data.Music;

/// <summary>A key of ABC (the standard, 3.1.14 and 4.6): which letters it raises or lowers, and by how much all notes are moved.</summary>
internal sealed record AbcKey
{
    private const string SharpOrder = "FCGDAEB", Letters = "CDEFGAB";

    // Sharps of the major key on each tonic, in the order of Letters; a mode takes some away.
    private static readonly int[] s_major = [0, 2, 4, -1, 1, 3, 5];

    private static readonly (string Mode, int Sharps)[] s_modes =
        [("maj", 0), ("ion", 0), ("mix", -1), ("dor", -2), ("min", -3), ("aeo", -3), ("phr", -4), ("loc", -5), ("lyd", 1)];

    private static readonly string[] s_clefs = ["treble", "alto", "tenor", "bass", "perc", "none", "soprano", "mezzosoprano", "baritone", "auto"];

    // Half tones of each letter, in the order of Letters.
    private IReadOnlyList<int> Moved { get; init; } = new int[7];

    /// <summary>No sharps, no flats, and every note where it is written.</summary>
    public static AbcKey None { get; } = new();

    /// <summary>Half tones by which all notes are moved (<c>transpose=</c>).</summary>
    public int Transpose { get; init; }

    /// <summary>Octaves by which all notes are moved (<c>octave=</c>).</summary>
    public int Octave { get; init; }

    /// <summary>Octaves that the clef moves (<c>treble-8</c>).</summary>
    public int ClefOctave { get; init; }

    /// <summary>By how many half tones the key moves a note's letter.</summary>
    public int Accidental(char letter) => Moved[Letters.IndexOf(char.ToUpperInvariant(letter))];

    /// <summary>By how many half tones all notes are moved.</summary>
    public int Shift => Transpose + 12 * (Octave + ClefOctave);

    /// <summary>
    /// What stands after <c>K:</c>: a tonic with its mode, accidentals of its own (<c>D phr ^f</c>, <c>D exp _b</c>), <c>HP</c>, <c>none</c> or
    /// nothing, then clef, <c>transpose=</c> and <c>octave=</c>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="unknown">Receives words that are none of that; null: they are passed over.</param>
    /// <returns>The key; a key without a tonic but with a clef keeps the signature. Null where the text does not begin as a key does.</returns>
    public AbcKey? With(string text, Action<string>? unknown = null)
    {
        Queue<string> words = new(Words(text));
        AbcKey key = words.Count == 0 ? this with { Moved = new int[7] } : this;
        if (words.TryPeek(out string? first) && !IsSetting(first))
        {
            words.Dequeue();
            if (first.Equals("none", StringComparison.OrdinalIgnoreCase)) key = this with { Moved = new int[7] };
            else if (first is "HP" or "Hp") key = this with { Moved = Scale(2) };                        // highland pipes
            else if (first[0] is '^' or '_' or '=') key = (this with { Moved = new int[7] }).Accidentals(first)!;
            else if (Tonic(first, words) is { } moved) key = this with { Moved = moved };
            else return null;
            if (key is null) return null;
        }
        while (words.TryDequeue(out string? word))
            if (word[0] is '^' or '_' or '=' && key.Accidentals(word) is { } more) key = more;
            else if (key.Setting(word) is { } set) key = set;
            else unknown?.Invoke(word);
        return key;
    }

    /// <summary>What of the words of a <c>V:</c> field changes pitches.</summary>
    public AbcKey WithSettings(string text) => Words(text).Aggregate(this, (key, word) => key.Setting(word) ?? key);

    /// <summary>The words of a voice that change pitches: <c>transpose=-2</c>, <c>bass-8</c>.</summary>
    public static string SettingsOf(string text) => string.Join(' ', Words(text).Where(word => None.Setting(word) is { } set && set != None));

    /// <summary>Whether a clef says that there are strokes and no pitches.</summary>
    public static bool IsPercussion(string text) =>
        Words(text).Any(word => word.ToLowerInvariant().Replace("\"", "", StringComparison.Ordinal) is "perc" or "clef=perc" or "clef=p");

    // Accidentals of a tonic and its mode, which may be the next word; null where it is none.
    private static int[]? Tonic(string first, Queue<string> words)
    {
        int place = Letters.IndexOf(first[0]);
        if (place < 0) return null;
        int at = 1, sharps = s_major[place];
        if (at < first.Length && first[at] is '#' or 'b' or '\u266F' or '\u266D') sharps += first[at++] is '#' or '\u266F' ? 7 : -7;
        string mode = first[at..];
        if (mode.Length == 0 && words.TryPeek(out string? next) && (next == "m" || ModeOf(next) is not null || IsExplicit(next)))
            mode = words.Dequeue();
        if (IsExplicit(mode)) return new int[7];                                                         // the accidentals that follow are all
        return mode.Length == 0 ? Scale(sharps) : mode == "m" ? Scale(sharps - 3) : ModeOf(mode) is { } change ? Scale(sharps + change) : null;
    }

    private static bool IsExplicit(string word) => word.Equals("exp", StringComparison.OrdinalIgnoreCase);

    // By its first three letters, as the standard has it.
    private static int? ModeOf(string word)
    {
        foreach ((string name, int sharps) in s_modes)
            if (word.StartsWith(name, StringComparison.OrdinalIgnoreCase) && word.All(char.IsAsciiLetter)) return sharps;
        return null;
    }

    private static int[] Scale(int sharps)
    {
        int[] moved = new int[7];
        for (int i = 0; i < Math.Abs(sharps); i++)
            moved[Letters.IndexOf(sharps > 0 ? SharpOrder[i % 7] : SharpOrder[6 - i % 7])] += Math.Sign(sharps);
        return moved;
    }

    // ^f  _b  =c  ^^f  and several of them in a row
    private AbcKey? Accidentals(string word)
    {
        int[] moved = [.. Moved];
        for (int at = 0; at < word.Length;)
        {
            int begin = at, by = 0;
            for (; at < word.Length && word[at] is '^' or '_' or '='; at++) by += word[at] switch { '^' => 1, '_' => -1, _ => 0 };
            if (at == begin || at == word.Length || Letters.IndexOf(char.ToUpperInvariant(word[at])) is not (>= 0 and var place)) return null;
            moved[place] = by;
            at++;
        }
        return this with { Moved = moved };
    }

    private static bool IsSetting(string word) => None.Setting(word) is not null;

    // Settings of how it is printed are known too; null: not known.
    private AbcKey? Setting(string word)
    {
        string[] parts = word.Split('=', 2);
        string value = parts[^1].Trim('"');
        if (parts.Length == 2)
            switch (parts[0].ToLowerInvariant())
            {
                case "transpose" or "t": return Whole(value, 127) is { } halves ? this with { Transpose = halves } : null;
                case "octave": return Whole(value, 10) is { } octaves ? this with { Octave = octaves } : null;
                case "middle" or "m" or "stafflines" or "staffscale" or "cue" or "style" or "name" or "nm" or "subname" or "snm" or "sname"
                    or "stem" or "stems" or "gstem" or "dyn" or "lyrics" or "program" or "volume" or "pan" or "merge" or "space" or "gchords"
                    or "scale" or "bracket" or "brace" or "up" or "down": return this;
                case "clef": break;
                default: return null;
            }
        int octave = value.EndsWith("+8", StringComparison.Ordinal) || value.EndsWith("^8", StringComparison.Ordinal) ? 1
            : value.EndsWith("-8", StringComparison.Ordinal) || value.EndsWith("_8", StringComparison.Ordinal) ? -1 : 0;
        string clef = (octave == 0 ? value : value[..^2]).TrimEnd('1', '2', '3', '4', '5').ToLowerInvariant();
        // K:none is a key; clef names without clef= are allowed in both fields
        bool isClef = s_clefs.Contains(clef) && (parts.Length == 2 || clef != "none") || parts.Length == 2 && clef is "g" or "f" or "c" or "p" or "";
        return isClef ? this with { ClefOctave = octave } : word is "up" or "down" or "merge" ? this : null;
    }

    private static int? Whole(string text, int most) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && Math.Abs(value) <= most ? value : null;

    // Blanks in quotes separate nothing: name="First violin".
    private static IEnumerable<string> Words(string text)
    {
        int begin = 0;
        bool quoted = false;
        for (int at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && text[at] == '"') quoted = !quoted;
            if (at < text.Length && (quoted || !char.IsWhiteSpace(text[at]))) continue;
            if (at > begin) yield return text[begin..at];
            begin = at + 1;
        }
    }
}
