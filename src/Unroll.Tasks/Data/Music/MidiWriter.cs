using System.Buffers.Binary;
using System.Text;

namespace Unroll.Tasks.Data.Music;

/// <summary>Writes a score as a Standard MIDI File of format 0, a piano on channel 1.</summary>
public static class MidiWriter
{
    private const int Division = 480, NoteOff = 0x80, NoteOn = 0x90;

    /// <summary>The bytes of the file.</summary>
    /// <param name="score">Notes; a pitch that is struck again while it sounds ends first.</param>
    public static byte[] Write(Score score)
    {
        List<byte> track = [];
        Meta(track, 3, Encoding.UTF8.GetBytes(score.Title));
        int microseconds = (int)Math.Clamp(Math.Round(60e6 / score.QuartersPerMinute), 1, 0xFFFFFF);
        Meta(track, 0x51, [(byte)(microseconds >> 16), (byte)(microseconds >> 8), (byte)microseconds]);
        long now = 0;
        foreach ((long tick, int status, int pitch, int velocity) in Events(score.Notes))
        {
            Variable(track, (int)Math.Min(tick - now, 0x0FFFFFFF));
            track.AddRange([(byte)status, (byte)pitch, (byte)velocity]);
            now = tick;
        }
        Meta(track, 0x2F, []);

        byte[] file = new byte[22 + track.Count];
        "MThd"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4), 6);
        BinaryPrimitives.WriteInt16BigEndian(file.AsSpan(10), 1);
        BinaryPrimitives.WriteInt16BigEndian(file.AsSpan(12), Division);
        "MTrk"u8.CopyTo(file.AsSpan(14));
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(18), track.Count);
        track.CopyTo(file, 22);
        return file;
    }

    // In order of time; at one time ends before begins, so that a repeated note sounds again.
    private static IEnumerable<(long Tick, int Status, int Pitch, int Velocity)> Events(IReadOnlyList<Note> notes)
    {
        List<(long Tick, int Status, int Pitch, int Velocity)> events = [];
        foreach (IGrouping<int, Note> pitch in notes.GroupBy(note => note.Pitch))
        {
            Note[] own = [.. pitch.OrderBy(note => note.Start)];
            for (int i = 0; i < own.Length; i++)
            {
                long from = Tick(own[i].Start), to = Tick(i + 1 < own.Length ? Math.Min(own[i].End, own[i + 1].Start) : own[i].End);
                if (to <= from) continue;
                events.Add((from, NoteOn, own[i].Pitch, Math.Clamp(own[i].Velocity, 1, 127)));
                events.Add((to, NoteOff, own[i].Pitch, 0));
            }
        }
        return events.OrderBy(e => e.Tick).ThenBy(e => e.Status).ThenBy(e => e.Pitch);
    }

    private static long Tick(double quarters) => (long)Math.Round(quarters * Division);

    private static void Meta(List<byte> track, byte kind, ReadOnlySpan<byte> data)
    {
        track.AddRange([0, 0xFF, kind]);
        Variable(track, data.Length);
        track.AddRange(data);
    }

    private static void Variable(List<byte> track, int value)
    {
        for (int shift = 21; shift > 0; shift -= 7)
            if (value >> shift != 0) track.Add((byte)(0x80 | value >> shift & 0x7F));
        track.Add((byte)(value & 0x7F));
    }
}
