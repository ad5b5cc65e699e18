using System.Buffers.Binary;
using Unroll.Core;
using Unroll.Tasks.Data.Music;
using Xunit;

namespace Unroll.Tests.Tasks.Data.Music;

/// <summary>MIDI files as programs write them, not as the standard has them: read with a word, or refused for what is wrong.</summary>
public class OddMidiTests
{
    private const int Quarter = 96;
    private static readonly byte[] s_end = [0, 0xFF, 0x2F, 0];

    internal static byte[] Chunk(string name, params byte[] body)
    {
        byte[] size = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(size, body.Length);
        return [.. System.Text.Encoding.ASCII.GetBytes(name), .. size, .. body];
    }

    internal static byte[] File(int format, int tracks, params byte[][] chunks) =>
        [.. Chunk("MThd", 0, (byte)format, 0, (byte)tracks, 0, Quarter), .. chunks.SelectMany(chunk => chunk)];

    private static byte[] Track(params byte[] events) => Chunk("MTrk", [.. events, .. s_end]);

    private static (string Notes, string[] Said) Read(byte[] file)
    {
        List<string> said = [];
        Score score = MidiReader.Read(file, "a.mid", said.Add);
        return (string.Join(' ', score.Notes.Select(n => FormattableString.Invariant($"{n.Start}-{n.End}:{n.Pitch}"))), [.. said]);
    }

    private static void Refused(string expected, byte[] file) =>
        Assert.StartsWith(expected, Assert.Throws<UserErrorException>(() => MidiReader.Read(file, "a.mid")).Message);

    [Theory]
    [InlineData(new byte[] { 0, 0xFF, 1, 1, (byte)'x' })]
    [InlineData(new byte[] { 0, 0xF0, 2, 1, 0xF7 })]
    [InlineData(new byte[] { 0, 0xF0, 2, 1, 2, 0, 0xF7, 2, 3, 0xF7 })]
    public void Running_status_goes_on_after_other_events_with_a_word(byte[] between)
    {
        (string notes, string[] said) = Read(File(0, 1, Track([0, 0x90, 60, 80, .. between, 96, 60, 0, 0, 64, 80, 96, 64, 0])));
        Assert.Equal("0-1:60 1-2:64", notes);
        Assert.StartsWith("a.mid: 1 event relies on a running status over a meta or system event", Assert.Single(said));
    }

    [Fact]
    public void Without_a_status_before_it_a_data_byte_is_refused() =>
        Refused("a.mid, byte 27: expected a status byte of at least 128, got 60", File(0, 1, Track(0, 0xFF, 1, 0, 0, 60, 80)));

    [Fact]
    public void One_end_ends_all_notes_of_a_key_that_has_fewer_ends_than_begins()
    {
        (string notes, string[] said) = Read(File(0, 1, Track(0, 0x90, 60, 80, 96, 60, 80, 96, 60, 0, 96, 60, 80, 96, 60, 0)));
        Assert.Equal("0-2:60 1-2:60 3-4:60", notes);
        Assert.StartsWith("a.mid: 1 note begins while its key sounds and has no end of its own", Assert.Single(said));
    }

    [Fact]
    public void As_many_ends_as_begins_are_paired_in_their_order()
    {
        (string notes, string[] said) = Read(File(0, 1, Track(0, 0x90, 60, 80, 96, 60, 80, 96, 60, 0, 96, 60, 0)));
        Assert.Equal("0-2:60 1-3:60", notes);
        Assert.Empty(said);
    }

    [Fact]
    public void The_next_note_may_begin_in_the_tick_in_which_the_last_ends()
    {
        // Begin, begin and end of the first at once, and no end of the second.
        (string notes, string[] said) = Read(File(0, 1, Track(0, 0x90, 60, 80, 96, 60, 80, 0, 60, 0, 96, 64, 80, 96, 64, 0)));
        Assert.Equal("0-1:60 1-3:60 2-3:64", notes);
        Assert.Equal("a.mid: 1 note has no end; it lasts until its track ends", Assert.Single(said));
    }

    [Fact]
    public void A_note_without_end_or_length_is_counted()
    {
        (string notes, string[] said) = Read(File(0, 1, Track(0, 0x90, 60, 80, 0, 62, 80, 0, 62, 0, 96, 64, 80, 96, 64, 0)));
        Assert.Equal("0-2:60 1-2:64", notes);
        Assert.Equal(["a.mid: 1 note has no end; it lasts until its track ends", "a.mid: 1 note ends as it begins and is left out"], said);
    }

    [Theory]
    [InlineData(123)]                                                    // all notes off
    [InlineData(120)]                                                    // all sound off
    [InlineData(126)]                                                    // a change of mode
    public void All_notes_of_a_channel_end_at_once(byte control)
    {
        (string notes, string[] said) = Read(File(0, 1, Track(
            0, 0x90, 60, 80, 0, 62, 80, 0, 0x91, 40, 80, 96, 0xB0, control, 0, 0, 0x90, 60, 80, 96, 60, 0, 0, 62, 0, 0, 0x81, 40, 0)));
        Assert.Equal("0-2:40 0-1:60 0-1:62 1-2:60", notes);
        Assert.Empty(said);
    }

    [Fact]
    public void Bends_and_percussion_of_other_channels_are_counted()
    {
        (string notes, string[] said) = Read(File(0, 1, Track(
            0, 0xE0, 0, 0x50, 0, 0xE0, 0, 0x60, 0, 0xE0, 0, 0x40, 0, 0xE9, 0, 0x50, 0, 0xE0, 0, 0x20, 0, 0xBA, 0, 127, 0, 0xCA, 0,
            0, 0x9A, 36, 80, 96, 36, 0, 0, 0xBA, 0, 0, 0, 0x9A, 36, 80, 96, 36, 0)));
        Assert.Equal("0-1:36 1-2:36", notes);
        Assert.Equal(
        [
            "a.mid: 1 note is of a bank that is percussion in General MIDI 2 or XG, on a channel other than 10; it is read as a pitch",
            "a.mid: 2 bends of the pitch are left out: notes have the pitch of their keys",
        ], said);
    }

    [Fact]
    public void What_is_no_note_is_counted()
    {
        (string notes, string[] said) = Read(File(0, 1, Track(
            0, 0xFF, 0x51, 3, 7, 0xA1, 0x20, 0, 0xFF, 0x51, 3, 0, 0, 0, 0, 0x90, 60, 80, 0, 0xB0, 64, 127, 0, 0x99, 35, 90,
            96, 0xFF, 0x51, 3, 6, 0, 0, 0, 0x89, 35, 0, 0, 0x80, 60, 0)));
        Assert.Equal("0-1:60", notes);
        Assert.Equal(
        [
            "a.mid: 1 tempo that is none (0, or not of 3 bytes) is passed over",
            "a.mid: 1 note of percussion (channel 10) is left out", "a.mid: 1 change of tempo is left out",
            "a.mid: 1 press of the sustain pedal is left out: notes last as long as their keys are held",
        ], said);
    }

    [Fact]
    public void Tracks_that_are_missing_or_more_than_counted_are_said()
    {
        byte[] track = Track(0, 0x90, 60, 80, 96, 60, 0), other = Track(0, 0x90, 64, 80, 96, 64, 0);
        Assert.Equal("a.mid: 2 tracks that the headers count are not there: the files may be cut short", Assert.Single(Read(File(1, 3, track)).Said));
        Assert.Equal(("0-1:60 0-1:64", "a.mid: 1 track more than the header counts is there and is read"),
            Read(File(0, 1, track, other)) is var (notes, said) ? (notes, Assert.Single(said)) : default);
        Refused("a.mid, byte 14: expected a track ('MTrk'), found none", File(1, 1));
    }

    [Fact]
    public void Chunks_of_other_programs_are_passed_over_and_what_follows_is_said()
    {
        byte[] track = Track(0, 0x90, 60, 80, 96, 60, 0);
        (string notes, string[] said) = Read(File(1, 1, Chunk("XFIH", 1, 2, 3), track, Chunk("XFKM", 1)));
        Assert.Equal("0-1:60", notes);
        Assert.Empty(said);
        Assert.Equal("a.mid: 3 bytes after the last track are no part of the piece and are passed over",
            Assert.Single(Read([.. File(0, 1, track), 1, 2, 3]).Said));
        Refused("a.mid, byte 33: expected a chunk such as 'MTrk', found bytes that are no name", [.. File(0, 2, track), 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    [Fact]
    public void The_end_of_a_track_that_is_missing_or_early_is_said()
    {
        byte[] notes = [0, 0x90, 60, 80, 96, 60, 0];
        (string read, string[] said) = Read(File(0, 1, Chunk("MTrk", notes)));
        Assert.Equal("0-1:60", read);
        Assert.Equal("a.mid: 1 track has no end-of-track event; it is read to the end of its chunk", Assert.Single(said));
        Assert.Equal("a.mid: 11 bytes of tracks follow their end-of-track event and are passed over",
            Assert.Single(Read(File(0, 1, Chunk("MTrk", [.. notes, .. s_end, .. notes, .. s_end]))).Said));
    }

    [Fact]
    public void An_event_beyond_the_end_of_its_track_is_refused()
    {
        byte[] file = File(1, 2, Chunk("MTrk", 0, 0x90, 60), Track(0, 0x90, 64, 80, 96, 64, 0));
        Refused("a.mid, byte 25: an event's second value is missing: its track ends before it", file);
    }

    [Fact]
    public void Long_headers_and_files_in_RIFF_are_read()
    {
        byte[] track = Track(0, 0x90, 60, 80, 96, 60, 0);
        Assert.Equal("0-1:60", Read([.. Chunk("MThd", 0, 0, 0, 1, 0, Quarter, 9, 9, 9), .. track]).Notes);
        byte[] midi = File(0, 1, track), info = [.. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0];
        byte[] riff = [.. "RIFF"u8, 0, 0, 0, 0, .. "RMID"u8, .. info, .. "data"u8, (byte)midi.Length, 0, 0, 0, .. midi];
        Assert.Equal("0-1:60", Read(riff).Notes);
        riff[^10] = 0xF4;
        Refused($"a.mid, byte {riff.Length - 10}: status 244 does not belong in a file", riff);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_or_the_cut_is_said()
    {
        byte[] file = File(1, 2, Track(0, 0xFF, 3, 2, (byte)'h', (byte)'i'), Track(0, 0x90, 60, 80, 96, 60, 0, 0, 64, 80, 96, 64, 0));
        for (int length = 0; length < file.Length; length++)
        {
            List<string> said = [];
            try
            {
                MidiReader.Read(file.AsSpan(0, length), "c.mid", said.Add);
                Assert.Contains("not there", Assert.Single(said));
            }
            catch (UserErrorException e)
            {
                Assert.StartsWith("c.mid", e.Message);
                Assert.DoesNotContain('\n', e.Message);
            }
        }
    }
}
