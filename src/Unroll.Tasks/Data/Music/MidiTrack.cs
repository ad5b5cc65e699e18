using System.Text;

namespace Unroll.Tasks.Data.Music;

/// <summary>The events of one track.</summary>
internal static class MidiTrack
{
    private const int Unbent = 0x2000;

    /// <summary>Reads the track.</summary>
    /// <param name="track">The body of its chunk.</param>
    /// <param name="notes">Receives what is played.</param>
    /// <param name="title">Receives the track's name where there is none yet.</param>
    public static void Read(ref MidiBytes track, MidiNotes notes, ref string title)
    {
        long tick = 0;
        int status = 0, running = 0;                                     // running: the status that data bytes without one belong to
        bool ended = false, interrupted = false;
        while (!track.AtEnd && !ended)
        {
            tick += track.Variable("a delta time");
            int first = track.Rest(1) is [var next, ..] ? next : 0;
            if (first >= 0x80) status = track.Byte("a status");
            else if (running == 0) throw track.Wrong(track.At, $"expected a status byte of at least 128, got {first}");
            else
            {
                // A meta or system event ends running status by the standard; most programs read on, and so do files rely on it.
                if (interrupted) notes.Interrupted++;
                status = running;
            }
            switch (status)
            {
                case 0xFF:
                    ended = Meta(ref track, notes, ref title);
                    interrupted = running != 0;
                    break;
                case 0xF0 or 0xF7:
                    track.Skip(track.Variable("the length of a system message"), "a system message");
                    interrupted = running != 0;
                    break;
                case >= 0xF0:
                    throw track.Wrong(track.At - 1, $"status {status} does not belong in a file");
                default:
                    (running, interrupted) = (status, false);
                    Channel(ref track, status, tick, notes);
                    break;
            }
        }
        if (!ended) notes.WithoutEnd++;
        notes.AfterEnd += track.Left;
        notes.EndTrack(tick);
    }

    private static void Channel(ref MidiBytes track, int status, long tick, MidiNotes notes)
    {
        int kind = status >> 4, first = track.Byte("an event's first value");
        int second = kind is 0xC or 0xD ? 0 : track.Byte("an event's second value");
        if (first > 127 || second > 127) throw track.Wrong(track.At - 1, $"expected a value below 128, got {Math.Max(first, second)}");
        if (kind is 8 or 9) notes.Key(status & 15, first, tick, kind == 9 ? second : 0);
        else if (kind == 0xE) notes.Bend(status & 15, (second << 7 | first) != Unbent);
        else if (kind == 0xB) Control(first, second, status & 15, tick, notes);
    }

    private static void Control(int number, int value, int channel, long tick, MidiNotes notes)
    {
        if (number == 0) notes.Bank(channel, value);
        else if (number == 64) notes.Pedal(channel, value >= 64);
        else if (number is 120 or >= 123) notes.EndAll(channel, tick);   // all sound off, all notes off, and changes of mode, which imply it
    }

    // The tempo in microseconds of a quarter note; the name of the sequence; the end of the track.
    private static bool Meta(ref MidiBytes track, MidiNotes notes, ref string title)
    {
        int kind = track.Byte("a meta event's kind"), length = track.Variable("a meta event's length");
        int at = track.At;
        track.Skip(length, "a meta event");
        ReadOnlySpan<byte> data = track.Slice(at, length);
        if (kind == 0x51) notes.Tempo(data is [var a, var b, var c] ? a << 16 | b << 8 | c : 0);
        if (kind == 3 && title.Length == 0) title = Encoding.UTF8.GetString(data).Trim('\0', ' ');
        return kind == 0x2F;
    }
}
