using System.Buffers.Binary;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tasks.Data.Music;

/// <summary>
/// Reads Standard MIDI Files of formats 0 and 1 (The Complete MIDI 1.0 Detailed Specification, MMA 1996, "Standard MIDI Files 1.0"), by themselves or
/// in a RIFF file (.rmi): the notes of all tracks, without the percussion of channel 10, and the first tempo and title.
/// </summary>
public static class MidiReader
{
    internal const int Percussion = 9;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="note">Receives a line for each thing that was left out, filled in or doubted; null: nobody.</param>
    /// <exception cref="UserErrorException">It cannot be read, or is no such file; the message names the byte.</exception>
    public static Score ReadFile(string path, Action<string>? note = null) => Read(InputFile.Bytes(path, "a MIDI file"), path, note);

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="bytes">All of them.</param>
    /// <param name="source">What errors call them.</param>
    /// <param name="note">Receives a line for each thing that was left out, filled in or doubted; null: nobody.</param>
    /// <exception cref="UserErrorException">They are no such file; the message names the byte.</exception>
    public static Score Read(ReadOnlySpan<byte> bytes, string source, Action<string>? note = null)
    {
        int at = Begin(bytes);
        MidiBytes file = new(bytes[at..], source, at);
        (int tracks, int division) = Header(ref file, source);
        MidiNotes notes = new(division);
        string title = "";
        int found = 0;
        while (!file.AtEnd)
        {
            if (found >= tracks && !file.AtChunk)
            {
                notes.Doubts.Add(new("1 byte after the last track is no part of the piece and is passed over",
                    "# bytes after the last track are no part of the piece and are passed over", file.Left));
                break;
            }
            if (file.Left >= 4 && !file.AtName) throw file.Wrong(file.At, "expected a chunk such as 'MTrk', found bytes that are no name");
            bool isTrack = file.Rest(4).SequenceEqual("MTrk"u8);
            file.Skip(4, "a chunk's name");
            int size = file.Long("a chunk's length");
            if (size < 0 || size > file.Left)
                throw file.Wrong(file.At - 4, $"the chunk has {(uint)size} bytes, and {file.Left} are left: the file is cut short");
            int beyond = isTrack ? file.EndBeyond(size) : 0;
            if (beyond > 0)
                notes.Doubts.Add(new("1 track is longer than its chunk's size by its end-of-track event",
                    "# tracks are longer than their chunks' sizes by their end-of-track events", 1));
            MidiBytes chunk = file.Part(size + beyond, "its track ends before it");
            if (!isTrack) continue;                                      // the standard has readers pass over chunks that they do not know
            MidiTrack.Read(ref chunk, notes, ref title);
            found++;
        }
        if (found == 0) throw file.Wrong(file.At, "expected a track ('MTrk'), found none: the file is cut short");
        if (found < tracks)
            notes.Doubts.Add(new("1 track that the header counts is not there: the file may be cut short",
                "# tracks that the headers count are not there: the files may be cut short", tracks - found));
        if (found > tracks)
            notes.Doubts.Add(new("1 track more than the header counts is there and is read",
                "# tracks more than the headers count are there and are read", found - tracks));
        Score score = notes.ToScore(title);
        foreach (Doubt doubt in score.Doubts) note?.Invoke($"{source}: {doubt}");
        return score;
    }

    // RIFF-wrapped files: "RIFF" size "RMID", then chunks of which "data" is the MIDI file.
    private static int Begin(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 20 || !bytes.StartsWith("RIFF"u8) || !bytes[8..].StartsWith("RMID"u8)) return 0;
        for (long at = 12; at + 8 <= bytes.Length;)
        {
            if (bytes[(int)at..].StartsWith("data"u8)) return (int)at + 8;
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[((int)at + 4)..]);
            at += 8 + (long)size + (size & 1);
        }
        return 0;
    }

    private static (int Tracks, int Division) Header(ref MidiBytes file, string source)
    {
        if (!file.Rest(4).SequenceEqual("MThd"u8))
            throw new UserErrorException($"{source}: expected a MIDI file, which begins with 'MThd', found something else; give a .mid file.");
        file.Skip(4);
        int length = file.Long("the header's length");
        int format = file.Short("the format"), tracks = file.Short("the number of tracks"), division = file.Short("the division of a quarter note");
        if (length < 6) throw file.Wrong(4, $"expected a header of at least 6 bytes, got {length}");
        if (format > 1)
            throw file.Wrong(8, $"expected format 0 or 1, got {format}" + (format == 2 ? ": independent patterns are not one piece" : ""),
                "save each pattern as a file of its own");
        if ((division & 0x8000) != 0)
            throw file.Wrong(12, "expected ticks of a quarter note, found SMPTE frames: they have no beat",
                "export the piece with ticks of a quarter note");
        if (division == 0) throw file.Wrong(12, "expected at least one tick in a quarter note, got 0");
        file.Skip(length - 6, "the rest of the header");
        return (tracks, division);
    }
}
