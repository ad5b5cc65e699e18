using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tasks.Data.Music;

/// <summary>
/// Reads Standard MIDI Files of formats 0 and 1 (The Complete MIDI 1.0 Detailed Specification, MMA 1996, "Standard MIDI Files 1.0"): the notes of
/// all tracks, without the percussion of channel 10, and the first tempo and title.
/// </summary>
public static class MidiReader
{
    internal const int Percussion = 9;

    /// <summary>Reads a file.</summary>
    /// <exception cref="UserErrorException">It cannot be read, or is no such file; the message names the byte.</exception>
    public static Score ReadFile(string path) => Read(InputFile.Bytes(path, "a MIDI file"), path);

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="bytes">All of them.</param>
    /// <param name="source">What errors call them.</param>
    /// <exception cref="UserErrorException">They are no such file; the message names the byte.</exception>
    public static Score Read(ReadOnlySpan<byte> bytes, string source)
    {
        MidiBytes file = new(bytes, source);
        if (bytes.Length < 14 || !bytes[..4].SequenceEqual("MThd"u8))
            throw new UserErrorException($"{source}: expected a MIDI file, which begins with 'MThd', found something else; give a .mid file.");
        file.Skip(4);
        int length = file.Long("the header's length");
        int format = file.Short("the format"), tracks = file.Short("the number of tracks"), division = file.Short("the division of a quarter note");
        if (length < 6) throw file.Wrong(4, $"expected a header of at least 6 bytes, got {length}");
        if (format > 1) throw file.Wrong(8, $"expected format 0 or 1, got {format}: independent patterns are not one piece");
        if ((division & 0x8000) != 0) throw file.Wrong(12, "expected ticks of a quarter note, found SMPTE frames: they have no beat");
        if (division == 0) throw file.Wrong(12, "expected at least one tick in a quarter note, got 0");
        file.Skip(length - 6);

        List<Note> notes = [];
        double tempo = 0;
        string title = "";
        for (int track = 0; track < tracks && !file.AtEnd;)
        {
            bool isTrack = file.Rest(4).SequenceEqual("MTrk"u8);
            file.Skip(4, "a chunk's name");
            int size = file.Long("a chunk's length");
            if (size < 0 || size > file.Left)
                throw file.Wrong(file.At - 4, $"the chunk has {(uint)size} bytes, and {file.Left} are left: the file is cut short");
            if (isTrack)
            {
                MidiTrack.Read(ref file, file.At + size, division, notes, ref tempo, ref title);
                track++;
            }
            else file.Skip(size);
        }
        return Score.Of(notes, title) with { QuartersPerMinute = tempo > 0 ? tempo : 120 };
    }
}
