namespace Unroll.Tasks.Data.Music;

/// <summary>What the tracks of a MIDI file play, gathered to a score, and what of it the score does not keep.</summary>
/// <param name="division">Ticks of a quarter note.</param>
internal sealed class MidiNotes(int division)
{
    private const int AllEnd = -1;

    private readonly List<Note> _notes = [];
    private readonly SortedDictionary<(int Channel, int Pitch), List<(long Tick, int Velocity)>> _keys = [];    // of the track under way
    private readonly HashSet<int> _pedals = [], _bent = [], _drums = [];
    private int _microseconds, _tempo, _tempoChanges, _badTempos, _percussion, _strokes, _bends, _presses, _unended, _closedTogether, _withoutLength;

    /// <summary>What was left out, filled in or doubted, beside what is counted here.</summary>
    public List<Doubt> Doubts { get; } = [];

    /// <summary>Events whose running status goes on over a meta or system event.</summary>
    public int Interrupted { get; set; }

    /// <summary>Tracks without an end-of-track event.</summary>
    public int WithoutEnd { get; set; }

    /// <summary>Bytes of tracks after their end-of-track event.</summary>
    public long AfterEnd { get; set; }

    /// <summary>A key is struck, or let go where the velocity is 0.</summary>
    public void Key(int channel, int pitch, long tick, int velocity)
    {
        if (channel == MidiReader.Percussion)
        {
            if (velocity > 0) _percussion++;
            return;
        }
        if (!_keys.TryGetValue((channel, pitch), out var events)) _keys[(channel, pitch)] = events = [];
        events.Add((tick, velocity));
        if (velocity > 0 && _drums.Contains(channel)) _strokes++;
    }

    /// <summary>All keys of a channel are let go.</summary>
    public void EndAll(int channel, long tick)
    {
        foreach (((int own, _), List<(long Tick, int Velocity)> events) in _keys)
            if (own == channel) events.Add((tick, AllEnd));
    }

    /// <summary>A bank of sounds: 120 is percussion in General MIDI 2, and 127 in XG.</summary>
    public void Bank(int channel, int bank)
    {
        if (bank is 120 or 127) _drums.Add(channel);
        else _drums.Remove(channel);
    }

    /// <summary>The pitch of a channel's notes is bent, or straight again.</summary>
    public void Bend(int channel, bool bent)
    {
        if (!bent) _bent.Remove(channel);
        else if (channel != MidiReader.Percussion && _bent.Add(channel)) _bends++;
    }

    /// <summary>The sustain pedal goes down or up.</summary>
    public void Pedal(int channel, bool down)
    {
        if (!down) _pedals.Remove(channel);
        else if (channel != MidiReader.Percussion && _pedals.Add(channel)) _presses++;
    }

    /// <summary>A tempo: microseconds of a quarter note; 0 is none.</summary>
    public void Tempo(int microseconds)
    {
        if (microseconds == 0) _badTempos++;
        else if (_tempo == 0) _tempo = _microseconds = microseconds;
        else if (microseconds != _microseconds) (_microseconds, _tempoChanges) = (microseconds, _tempoChanges + 1);
    }

    /// <summary>The track under way ends: begins and ends of its keys become notes.</summary>
    public void EndTrack(long end)
    {
        foreach (((_, int pitch), List<(long Tick, int Velocity)> events) in _keys) Pair(pitch, events, end);
        _keys.Clear();
        _pedals.Clear();
        _bent.Clear();
    }

    public Score ToScore(string title)
    {
        Count(Interrupted,
            "1 event relies on a running status over a meta or system event, which the standard forbids; it is read as most programs do",
            "# events rely on a running status over a meta or system event, which the standard forbids; they are read as most programs do");
        Count(WithoutEnd, "1 track has no end-of-track event; it is read to the end of its chunk",
            "# tracks have no end-of-track event; they are read to the end of their chunks");
        Count(AfterEnd, "1 byte of a track follows its end-of-track event and is passed over",
            "# bytes of tracks follow their end-of-track event and are passed over");
        Count(_badTempos, "1 tempo that is none (0, or not of 3 bytes) is passed over",
            "# tempos that are none (0, or not of 3 bytes) are passed over");
        Count(_unended, "1 note has no end; it lasts until its track ends", "# notes have no end; they last until their tracks end");
        Count(_closedTogether, "1 note begins while its key sounds and has no end of its own; it ends with the note before it",
            "# notes begin while their key sounds and have no end of their own; they end with the notes before them");
        Count(_withoutLength, "1 note ends as it begins and is left out", "# notes end as they begin and are left out");
        Count(_percussion, "1 note of percussion (channel 10) is left out", "# notes of percussion (channel 10) are left out");
        Count(_strokes, "1 note is of a bank that is percussion in General MIDI 2 or XG, on a channel other than 10; it is read as a pitch",
            "# notes are of banks that are percussion in General MIDI 2 or XG, on channels other than 10; they are read as pitches");
        Count(_bends, "1 bend of the pitch is left out: notes have the pitch of their keys",
            "# bends of the pitch are left out: notes have the pitch of their keys");
        Count(_tempoChanges, "1 change of tempo is left out", "# changes of tempo are left out");
        Count(_presses, "1 press of the sustain pedal is left out: notes last as long as their keys are held",
            "# presses of the sustain pedal are left out: notes last as long as their keys are held");
        return Score.Of(_notes, title) with { QuartersPerMinute = _tempo > 0 ? Math.Round(60e6 / _tempo, 3) : 120, Doubts = Doubts };
    }

    private void Count(long count, string one, string many)
    {
        if (count > 0) Doubts.Add(new Doubt(one, many, count));
    }

    // Ends belong to begins in their order. Where a key has fewer ends than begins, an end ends all notes of it that sound, as a synthesizer's would;
    // else each later note would last until the end of the next one.
    private void Pair(int pitch, List<(long Tick, int Velocity)> events, long end)
    {
        int open = 0;
        foreach ((_, int velocity) in events) open = velocity > 0 ? open + 1 : velocity == AllEnd ? 0 : Math.Max(0, open - 1);
        bool endsAll = open > 0;
        Queue<(long Tick, int Velocity)> sounding = new();
        foreach ((long tick, int velocity) in events)
        {
            if (velocity > 0) sounding.Enqueue((tick, velocity));
            else if (velocity == AllEnd)
                while (sounding.TryDequeue(out (long Tick, int Velocity) note)) Add(pitch, note, tick);
            else if (sounding.Count > 0)
            {
                // What begins in the tick of the end is the next note, unless nothing else sounds.
                int ending = endsAll ? sounding.Count(note => note.Tick < tick) is > 0 and int earlier ? earlier : sounding.Count : 1;
                _closedTogether += ending - 1;
                for (; ending > 0; ending--) Add(pitch, sounding.Dequeue(), tick);
            }
        }
        _unended += sounding.Count;
        foreach ((long Tick, int Velocity) left in sounding) Add(pitch, left, end);
    }

    private void Add(int pitch, (long Tick, int Velocity) begin, long end)
    {
        if (end > begin.Tick)
            _notes.Add(new Note(pitch, begin.Tick / (double)division, (end - begin.Tick) / (double)division, begin.Velocity));
        else _withoutLength++;
    }
}
