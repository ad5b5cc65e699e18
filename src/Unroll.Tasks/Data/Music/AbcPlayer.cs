using System.Globalization;
using Unroll.Tasks.Data.Parts;

namespace Unroll.Tasks.Data.Music;

/// <summary>From the tokens of a tune to notes in time: repeats and endings played out, chord symbols and ornaments left out.</summary>
public static class AbcPlayer
{
    /// <summary>The notes of a tune.</summary>
    public static Score ToScore(AbcTune tune)
    {
        Player player = new(tune);
        foreach (string token in Unfolded(tune.Tokens)) player.Play(token);
        return Score.Of(player.Notes, tune.Title) with { QuartersPerMinute = tune.QuartersPerMinute };
    }

    /// <summary>The tokens in the order in which they are played: each repeat twice, each ending in its pass.</summary>
    internal static IReadOnlyList<string> Unfolded(IReadOnlyList<string> tokens)
    {
        List<string> played = [];
        int begin = 0, pass = 1;
        for (int i = 0; i < tokens.Count; i++)
        {
            string token = tokens[i];
            played.Add(token);
            if (AbcTune.KindOf(token) != AbcKind.Bar) continue;
            bool ends = token[0] == ':', begins = token.TrimEnd("123456789,-".ToCharArray()) is var bar && bar.Length > 1 && bar[^1] == ':';
            if (ends && pass == 1)
            {
                (pass, i) = (2, begin - 1);
                continue;
            }
            if (ends || begins) (pass, begin) = (1, i + 1);
            if (Ending(token) is { } ending && !ending.Contains(pass) && pass == 2) i = NextEnding(tokens, i, pass);
            else if (ends && Ending(token) is not null) (pass, begin) = (1, i + 1);
        }
        return played;
    }

    // From an ending that is not played to the bar with which one of this pass begins.
    private static int NextEnding(IReadOnlyList<string> tokens, int at, int pass)
    {
        for (int i = at + 1; i < tokens.Count; i++)
            if (AbcTune.KindOf(tokens[i]) == AbcKind.Bar && Ending(tokens[i]) is { } ending && ending.Contains(pass)) return i;
        return tokens.Count - 1;
    }

    private static int[]? Ending(string bar)
    {
        int[] numbers = [.. bar.Where(char.IsAsciiDigit).Select(c => c - '0')];
        return numbers.Length > 0 ? numbers : null;
    }

    private sealed class Player(AbcTune tune)
    {
        private readonly Dictionary<(char Letter, int Octave), int> _bar = [];
        private int _sharps = AbcKey.Sharps(tune.Key), _tuplet;
        private double _unit = tune.Unit, _now, _tupletFactor = 1, _nextFactor = 1;
        private bool _tie;
        private readonly List<int> _last = [];                       // places of the notes played last, for a tie or a broken rhythm
        private double _lastDuration;

        public List<Note> Notes { get; } = [];

        public void Play(string token)
        {
            switch (AbcTune.KindOf(token))
            {
                case AbcKind.Note: Sound([token], Length(token)); break;
                case AbcKind.Chord:
                    string[] notes = [.. AbcTune.Note().Matches(token[..token.LastIndexOf(']')]).Select(match => match.Value)];
                    if (notes.Length > 0) Sound(notes, Length(notes[0]) * Length(token[(token.LastIndexOf(']') + 1)..]));
                    break;
                case AbcKind.Bar: _bar.Clear(); break;
                case AbcKind.Tie: _tie = true; break;
                case AbcKind.Tuplet: Tuplet(token[1..].Split(':')); break;
                case AbcKind.Broken: Break(token); break;
                case AbcKind.Field: Field(token[1], token[3..^1].Trim()); break;
            }
        }

        private void Field(char name, string value)
        {
            if (name == 'K') _sharps = AbcKey.Sharps(value);
            if (name == 'L' && AbcReader.Fraction(value) is var unit && !double.IsNaN(unit)) _unit = unit;
        }

        private void Sound(IReadOnlyList<string> notes, double length)
        {
            double duration = length * _unit * 4 * _nextFactor * (_tuplet > 0 ? _tupletFactor : 1);
            (_nextFactor, _tuplet) = (1, Math.Max(0, _tuplet - 1));
            int[] before = [.. _last];
            _last.Clear();
            foreach (string note in notes)
            {
                if (Pitch(note) is not { } pitch) continue;
                int held = _tie ? Array.FindIndex(before, place => Notes[place].Pitch == pitch) : -1;
                if (held >= 0)
                {
                    Note first = Notes[before[held]];
                    Notes[before[held]] = first with { Duration = _now + duration - first.Start };
                    _last.Add(before[held]);
                    continue;
                }
                if (duration > 0) Notes.Add(new Note(pitch, _now, duration));
                if (duration > 0) _last.Add(Notes.Count - 1);
            }
            (_tie, _lastDuration) = (false, duration);
            _now += duration;
        }

        //  a > b: a is dotted and b halved; a < b the other way; >> and <<: twice
        private void Break(string token)
        {
            double less = Math.Pow(0.5, token.Length), own = token[0] == '>' ? 2 - less : less, change = _lastDuration * (own - 1);
            foreach (int place in _last) Notes[place] = Notes[place] with { Duration = Notes[place].Duration + change };
            (_now, _nextFactor) = (_now + change, 2 - own);
        }

        //  (p:q:r    p notes in the time of q, for the next r
        private void Tuplet(string[] parts)
        {
            int p = Number(parts, 0) ?? 3;
            bool compound = AbcReader.Fraction(tune.Meter) is var m && tune.Meter.Split('/')[0] is "6" or "9" or "12" && !double.IsNaN(m);
            int q = Number(parts, 1) ?? p switch { 2 => 3, 3 or 6 => 2, 4 or 8 => 3, _ => compound ? 3 : 2 };
            (_tuplet, _tupletFactor) = (Number(parts, 2) ?? p, (double)q / p);
        }

        private static int? Number(string[] parts, int i) =>
            i < parts.Length && int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : null;

        // Null for a rest. An accidental holds for its letter and octave until the bar's end.
        private int? Pitch(string note)
        {
            int at = 0, accidental = 0;
            while (note[at] is '^' or '_' or '=') accidental += note[at++] switch { '^' => 1, '_' => -1, _ => 0 };
            char letter = note[at];
            if (letter is 'z' or 'x' or 'Z') return null;
            int octave = char.IsLower(letter) ? 1 : 0;
            for (int i = at + 1; i < note.Length && note[i] is ',' or '\''; i++) octave += note[i] == ',' ? -1 : 1;
            (char, int) place = (char.ToUpperInvariant(letter), octave);
            if (at > 0) _bar[place] = accidental;
            else accidental = _bar.TryGetValue(place, out int earlier) ? earlier : AbcKey.Accidental(_sharps, letter);
            int pitch = 60 + 12 * octave + "C D EF G A B".IndexOf(place.Item1) + accidental;
            return pitch is >= 0 and <= 127 ? pitch : null;
        }

        //  A 3 → 3      A / → ½      A // → ¼      A 3/2 → 1½
        private static double Length(string text)
        {
            int digits = text.IndexOfAny([.. "0123456789/"]);
            if (digits < 0) return 1;
            string[] parts = text[digits..].Split('/');
            double above = parts[0].Length > 0 ? double.Parse(parts[0], CultureInfo.InvariantCulture) : 1;
            if (parts.Length == 1) return above;
            double below = parts[^1].Length > 0 ? double.Parse(parts[^1], CultureInfo.InvariantCulture) : Math.Pow(2, parts.Length - 1);
            return below > 0 ? above / below : above;
        }
    }
}
