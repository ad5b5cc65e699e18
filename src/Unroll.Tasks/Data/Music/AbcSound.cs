using System.Globalization;

namespace Unroll.Tasks.Data.Music;

/// <summary>One note of a chord, as it is written.</summary>
/// <param name="Letter">C to B.</param>
/// <param name="Octave">0 is the one of middle C.</param>
/// <param name="Accidental">Half tones; null: none is written.</param>
/// <param name="Quarter">Whether it is written with quarter tones, of which the half tones are kept.</param>
/// <param name="Length">In units, with the chord's.</param>
/// <param name="Tie">Whether it is tied to the next one.</param>
internal readonly record struct AbcTone(char Letter, int Octave, int? Accidental, bool Quarter, double Length, bool Tie);

/// <summary>What a token of notes says: a note, a chord or a rest.</summary>
/// <param name="Tones">The notes; none for a rest.</param>
/// <param name="Length">How far it takes the time, in units: a chord's first note (the standard, 4.17).</param>
internal sealed record AbcSound(IReadOnlyList<AbcTone> Tones, double Length)
{
    /// <summary>Reads a token of kind <see cref="AbcKind.Note"/> or <see cref="AbcKind.Chord"/>.</summary>
    public static AbcSound Of(string token)
    {
        bool chord = token[0] == '[';
        int at = chord ? 1 : 0, end = chord ? token.LastIndexOf(']') : token.Length, outside = end + 1;
        double times = chord ? LengthAt(token, ref outside) : 1, first = double.NaN;
        List<AbcTone> tones = [];
        while (at < end)
        {
            if (token[at] is '-' or '+')                                     // a plus sign once opened chords
            {
                if (token[at] == '-' && tones.Count > 0) tones[^1] = tones[^1] with { Tie = true };
                at++;
                continue;
            }
            (int? accidental, bool quarter) = AccidentalAt(token, ref at);
            char letter = token[at++];
            int octave = char.IsAsciiLetterLower(letter) ? 1 : 0;
            for (; at < end && token[at] is ',' or '\''; at++) octave += token[at] == ',' ? -1 : 1;
            double length = LengthAt(token, ref at) * times;
            if (double.IsNaN(first)) first = length;
            if (letter is not ('x' or 'z')) tones.Add(new AbcTone(char.ToUpperInvariant(letter), octave, accidental, quarter, length, Tie: false));
        }
        return new AbcSound(tones, first);
    }

    //  ^  ^^  _  __  =  ^/ (half of it)  ^3/2
    private static (int? Accidental, bool Quarter) AccidentalAt(string token, ref int at)
    {
        int begin = at, by = 0;
        for (; token[at] is '^' or '_' or '='; at++) by += token[at] switch { '^' => 1, '_' => -1, _ => 0 };
        if (at == begin) return (null, false);
        int numbers = at;
        double part = LengthAt(token, ref at);
        return at == numbers ? (by, false) : ((int)Math.Clamp(by * part, -12, 12), true);
    }

    //  nothing → 1    3 → 3    / → ½    // → ¼    3/2 → 1½
    private static double LengthAt(string token, ref int at)
    {
        double above = NumberAt(token, ref at) ?? 1;
        int slashes = at;
        while (at < token.Length && token[at] == '/') at++;
        slashes = at - slashes;
        return slashes == 0 ? above : above / (NumberAt(token, ref at) ?? Math.Pow(2, slashes));
    }

    private static double? NumberAt(string token, ref int at)
    {
        int begin = at;
        while (at < token.Length && char.IsAsciiDigit(token[at])) at++;
        return at == begin ? null : double.Parse(token.AsSpan(begin, at - begin), CultureInfo.InvariantCulture);
    }
}
