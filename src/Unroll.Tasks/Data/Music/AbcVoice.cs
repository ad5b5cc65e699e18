using System.Globalization;

namespace Unroll.Tasks.Data.Music;

/// <summary>One voice of a tune while it is played.</summary>
/// <param name="tune">The tune.</param>
/// <param name="doubt">Receives what is read with a doubt, and the place of its token.</param>
internal sealed class AbcVoice(AbcTune tune, Action<string, int> doubt)
{
    /// <summary>A note that is tied to the next one of its letter.</summary>
    private readonly record struct Tied(int Note, char Letter, int Octave, int Pitch, int Token);

    private readonly Dictionary<string, AbcSound> _sounds = [];
    private readonly Dictionary<(char Letter, int Octave), int> _bar = [];
    private readonly List<int> _last = [];                           // places of the notes played last, for a broken rhythm
    private readonly List<Tied> _latest = [];                        // the same for a tie behind them
    private readonly List<double> _barBegins = [0];
    private readonly HashSet<int> _joined = [], _free = [];          // tokens with ties that joined notes, and that once did not
    private List<Tied> _ties = [];
    private AbcKey _key = AbcKey.None.With(tune.Key) ?? AbcKey.None;
    private string _meter = tune.Meter;
    private double _unit = tune.Unit, _now, _tupletFactor = 1, _nextFactor = 1, _lastDuration, _overlaid, _overlayBegin;
    private int _tuplet, _overlayBars;

    /// <summary>What it has played.</summary>
    public List<Note> Notes { get; } = [];

    /// <summary>Where it is.</summary>
    public double End()
    {
        if (_overlayBars > 0) EndOverlay();
        return _now;
    }

    /// <summary>A part begins, at a time that all voices have.</summary>
    public void MoveTo(double time)
    {
        if (time <= End()) return;
        _now = time;
        _barBegins.Add(time);
        _bar.Clear();
    }

    /// <summary>The end of the tune.</summary>
    public void Finish()
    {
        _free.UnionWith(_ties.Select(tie => tie.Token));
        foreach (int token in _free.Except(_joined).Order()) doubt("a tie leads to no note of its pitch and joins nothing", token);
    }

    /// <summary>Plays a token.</summary>
    /// <param name="at">Its place in the tune.</param>
    public void Play(int at)
    {
        string token = tune.Tokens[at];
        switch (AbcTune.KindOf(token))
        {
            case AbcKind.Note when token[0] is 'Z' or 'X': Rest(token, at); break;
            case AbcKind.Note or AbcKind.Chord: Sound(SoundOf(token), at); break;
            case AbcKind.Bar: Bar(); break;
            case AbcKind.Tie: Tie(at); break;
            case AbcKind.Tuplet: Tuplet(token[1..].Split(':')); break;
            case AbcKind.Broken: Break(token, at); break;
            case AbcKind.Overlay: Overlay(token.Length); break;
            case AbcKind.Field: Field(token[1], token[3..^1].Trim()); break;
        }
    }

    // Behind a chord it ties all notes that are not tied already.
    private void Tie(int at)
    {
        HashSet<int> already = [.. _ties.Select(tie => tie.Note)];
        foreach (Tied one in _latest)
            if (already.Add(one.Note)) _ties.Add(one with { Token = at });
    }

    private AbcSound SoundOf(string token)
    {
        if (!_sounds.TryGetValue(token, out AbcSound? sound)) _sounds[token] = sound = AbcSound.Of(token);
        return sound;
    }

    private void Field(char name, string value)
    {
        switch (name)
        {
            case 'K': _key = _key.With(value) ?? _key; break;
            case 'L' when AbcMeter.Length(value) is var unit && !double.IsNaN(unit): _unit = unit; break;
            case 'M': _meter = value; break;
            case 'V': _key = _key.WithSettings(value); break;
        }
    }

    private void Sound(AbcSound sound, int at)
    {
        double factor = _unit * 4 * _nextFactor * (_tuplet > 0 ? _tupletFactor : 1);
        (_nextFactor, _tuplet) = (1, Math.Max(0, _tuplet - 1));
        List<Tied> before = _ties;
        _ties = [];
        _last.Clear();
        _latest.Clear();
        HashSet<int> joined = [];
        Dictionary<int, int> here = [];                              // two notes of one pitch in a chord are one that sounds
        foreach (AbcTone tone in sound.Tones)
        {
            double duration = tone.Length * factor;
            int same = before.FindIndex(tie => (tie.Letter, tie.Octave) == (tone.Letter, tone.Octave));
            if (PitchOf(tone, same >= 0 && tone.Accidental is null ? before[same].Pitch : null, at) is not { } pitch) continue;
            if (here.TryGetValue(pitch, out int note)) Notes[note] = Notes[note] with { Duration = Math.Max(Notes[note].Duration, duration) };
            else
            {
                note = Notes.Count;
                if (before.FindIndex(tie => tie.Pitch == pitch) is >= 0 and var tie)
                {
                    note = before[tie].Note;
                    joined.Add(before[tie].Token);
                    Notes[note] = Notes[note] with { Duration = _now + duration - Notes[note].Start };
                }
                else Notes.Add(new Note(pitch, _now, duration));
                here[pitch] = note;
                _last.Add(note);
                _latest.Add(new Tied(note, tone.Letter, tone.Octave, pitch, at));
            }
            if (tone.Tie) _ties.Add(new Tied(note, tone.Letter, tone.Octave, pitch, at));
        }
        _joined.UnionWith(joined);
        _free.UnionWith(before.Select(tie => tie.Token).Except(joined));
        _lastDuration = sound.Length * factor;
        _now += _lastDuration;
    }

    // A tie carries its accidental over the bar; any other accidental holds for its letter and octave until the bar's end.
    private int? PitchOf(AbcTone tone, int? tied, int at)
    {
        if (tied is { } same) return same;
        (char, int) place = (tone.Letter, tone.Octave);
        if (tone.Quarter) doubt("quarter tones are played as the half tone below them, towards the natural note", at);
        if (tone.Accidental is { } own) _bar[place] = own;
        int accidental = _bar.TryGetValue(place, out int earlier) ? earlier : _key.Accidental(tone.Letter);
        int pitch = 60 + 12 * tone.Octave + "C D EF G A B".IndexOf(tone.Letter) + accidental + _key.Shift;
        if (pitch is >= 0 and <= 127) return pitch;
        doubt("a note lies outside of what MIDI can name and is left out", at);
        return null;
    }

    private void Rest(string token, int at)
    {
        ReadOnlySpan<char> count = token.AsSpan(1).TrimStart(",'");
        int bars = count.Length == 0 ? 1 : int.Parse(count, CultureInfo.InvariantCulture);
        if (!AbcMeter.TryRead(_meter, out double bar) || double.IsNaN(bar))
        {
            bar = 1;
            doubt("bars of rest stand where no meter says how long a bar is, and last a whole note each", at);
        }
        Release();
        _now += bars * bar * 4;
    }

    private void Release()
    {
        _free.UnionWith(_ties.Select(tie => tie.Token));
        _ties = [];
        _last.Clear();
        _latest.Clear();
        _lastDuration = 0;
    }

    private void Bar()
    {
        _bar.Clear();
        if (_overlayBars > 0 && _now > _overlayBegin + 1e-9)
        {
            _overlayBegin = _now;
            if (--_overlayBars == 0) EndOverlay();
        }
        if (_now > _barBegins[^1] + 1e-9) _barBegins.Add(_now);
    }

    // Back by as many bars as there are signs; what follows sounds together with what stands there.
    private void Overlay(int bars)
    {
        Release();
        _bar.Clear();
        _overlaid = Math.Max(_overlaid, _now);
        int place = _barBegins.FindLastIndex(begin => begin < _now - 1e-9);
        _now = place < 0 ? _barBegins[0] : _barBegins[Math.Max(0, place - bars + 1)];
        (_overlayBars, _overlayBegin) = (bars, _now);
    }

    private void EndOverlay()
    {
        if (Math.Abs(_now - _overlaid) > 1e-6) doubt("the music behind '&' is not as long as the bar that it belongs to", -1);
        (_now, _overlaid, _overlayBars) = (Math.Max(_now, _overlaid), 0, 0);
    }

    //  a > b: a is dotted and b halved; a < b the other way; >> and <<: twice
    private void Break(string token, int at)
    {
        if (_lastDuration == 0)
        {
            doubt("a broken rhythm has no note before it and changes nothing", at);
            return;
        }
        double less = Math.Pow(0.5, token.Length), own = token[0] == '>' ? 2 - less : less, change = _lastDuration * (own - 1);
        foreach (int place in _last) Notes[place] = Notes[place] with { Duration = Notes[place].Duration + change };
        (_now, _nextFactor) = (_now + change, 2 - own);
    }

    //  (p:q:r    p notes in the time of q, for the next r
    private void Tuplet(string[] parts)
    {
        int p = Number(parts, 0) ?? 3;
        int q = Number(parts, 1) ?? p switch { 2 => 3, 3 or 6 => 2, 4 or 8 => 3, _ => AbcMeter.IsCompound(_meter) ? 3 : 2 };
        (_tuplet, _tupletFactor) = (Number(parts, 2) ?? p, (double)q / p);
    }

    private static int? Number(string[] parts, int i) =>
        i < parts.Length && int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : null;
}
