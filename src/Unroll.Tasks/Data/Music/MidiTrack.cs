using System.Text;

namespace Unroll.Tasks.Data.Music;

/// <summary>The events of one track.</summary>
internal static class MidiTrack
{
    public static void Read(ref MidiBytes file, int end, int division, List<Note> notes, ref double tempo, ref string title)
    {
        Dictionary<(int Channel, int Pitch), Queue<(long Tick, int Velocity)>> sounding = [];
        long tick = 0;
        int status = 0;
        bool ended = false;
        while (file.At < end && !ended)
        {
            tick += file.Variable("a delta time");
            int first = file.Rest(1) is [var next, ..] ? next : 0;
            if (first >= 0x80) status = file.Byte("a status");
            else if (status is < 0x80 or >= 0xF0) throw file.Wrong(file.At, $"expected a status byte of at least 128, got {first}");
            switch (status)
            {
                case 0xFF:
                    ended = Meta(ref file, ref tempo, ref title);
                    break;
                case 0xF0 or 0xF7:
                    file.Skip(file.Variable("the length of a system message"), "a system message");
                    break;
                case >= 0xF0:
                    throw file.Wrong(file.At - 1, $"status {status} does not belong in a file");
                default:
                    Channel(ref file, status, tick);
                    break;
            }
        }
        foreach (((_, int pitch), Queue<(long Tick, int Velocity)> left) in sounding)
            foreach ((long from, int velocity) in left) Add(pitch, from, tick, velocity);            // never ended: until the track's end
        if (file.At < end) file.Skip(end - file.At);

        void Channel(ref MidiBytes file, int status, long tick)
        {
            int kind = status >> 4, channel = status & 15, pitch = file.Byte("an event's first value");
            int value = kind is 0xC or 0xD ? 0 : file.Byte("an event's second value");
            if (pitch > 127 || value > 127) throw file.Wrong(file.At - 1, "expected a value below 128");
            if (kind is not (8 or 9) || channel == MidiReader.Percussion) return;
            if (!sounding.TryGetValue((channel, pitch), out var queue)) sounding[(channel, pitch)] = queue = new();
            if (kind == 9 && value > 0) queue.Enqueue((tick, value));
            else if (queue.TryDequeue(out (long Tick, int Velocity) begun)) Add(pitch, begun.Tick, tick, begun.Velocity);
        }

        void Add(int pitch, long from, long to, int velocity)
        {
            if (to > from) notes.Add(new Note(pitch, from / (double)division, (to - from) / (double)division, velocity));
        }
    }

    // The tempo in microseconds of a quarter note; the name of the sequence; the end of the track.
    private static bool Meta(ref MidiBytes file, ref double tempo, ref string title)
    {
        int kind = file.Byte("a meta event's kind"), length = file.Variable("a meta event's length");
        int at = file.At;
        file.Skip(length, "a meta event");
        ReadOnlySpan<byte> data = file.Slice(at, length);
        if (kind == 0x51 && tempo == 0 && data is [var a, var b, var c] && (a | b | c) != 0) tempo = Math.Round(60e6 / (a << 16 | b << 8 | c), 3);
        if (kind == 3 && title.Length == 0) title = Encoding.UTF8.GetString(data).Trim('\0', ' ');
        return kind == 0x2F;
    }
}
