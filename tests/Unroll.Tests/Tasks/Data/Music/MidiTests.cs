using Unroll.Core;
using Unroll.Tasks.Data.Music;
using Xunit;

namespace Unroll.Tests.Tasks.Data.Music;

public class MidiTests
{
    // Written by hand from the specification: format 1, 96 ticks; a tempo track (500,000 µs, then 250,000) and a track with running status.
    private static readonly byte[] s_file =
    [
        .. "MThd"u8, 0, 0, 0, 6, 0, 1, 0, 2, 0, 96,
        .. "MTrk"u8, 0, 0, 0, 26, 0, 0xFF, 3, 4, .. "Tune"u8, 0, 0xFF, 0x51, 3, 0x07, 0xA1, 0x20, 0, 0xFF, 0x51, 3, 0x03, 0xD0, 0x90, 0, 0xFF, 0x2F,
        0,
        .. "MTrk"u8, 0, 0, 0, 30, 0, 0xC0, 5, 0, 0x90, 60, 64, 0x60, 60, 0, 0, 64, 100, 0, 0x99, 35, 90, 0x81, 0x40, 0x80, 64, 0, 0, 0xF0, 2, 1, 0xF7,
        0, 0xFF, 0x2F, 0,
    ];

    [Fact]
    public void Notes_of_a_hand_written_file_are_read_with_running_status_and_without_percussion()
    {
        Score score = MidiReader.Read(s_file, "a.mid");
        Assert.Equal([new Note(60, 0, 1, 64), new Note(64, 1, 2, 100)], score.Notes);
        Assert.Equal("Tune", score.Title);
        Assert.Equal(120, score.QuartersPerMinute);
        Assert.Equal(3, score.Length);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        Score score =
            Score.Of([new(60, 0, 1.5), new(64, 0, 0.25, 127), new(60, 1.5, 300, 1), new(127, 1000, 0.5)], "Ländler") with { QuartersPerMinute = 90 };
        Score again = MidiReader.Read(MidiWriter.Write(score), "b.mid");
        Assert.Equal(score.Notes, again.Notes);
        Assert.Equal("Ländler", again.Title);
        Assert.Equal(90, again.QuartersPerMinute, 2);
    }

    [Fact]
    public void A_pitch_struck_again_while_it_sounds_ends_first()
    {
        Score again = MidiReader.Read(MidiWriter.Write(Score.Of([new(60, 0, 4), new(60, 1, 1)])), "b.mid");
        Assert.Equal([new Note(60, 0, 1), new Note(60, 1, 1)], again.Notes);
    }

    [Theory]
    [InlineData(0, 'X', "b.mid: expected a MIDI file, which begins with 'MThd'")]
    [InlineData(9, 2, "b.mid, byte 8: expected format 0 or 1, got 2")]
    [InlineData(12, 0xE8, "b.mid, byte 12: expected ticks of a quarter note, found SMPTE frames")]
    [InlineData(21, 200, "b.mid, byte 18: the chunk has 200 bytes, and")]
    [InlineData(58, 200, "b.mid, byte")]
    public void A_damaged_byte_is_named(int at, int value, string expected)
    {
        byte[] bytes = [.. s_file];
        bytes[at] = (byte)value;
        Assert.StartsWith(expected, Assert.Throws<UserErrorException>(() => MidiReader.Read(bytes, "b.mid")).Message);
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_refused_in_one_line()
    {
        for (int length = 0; length < s_file.Length - 30; length++)
        {
            byte[] cut = s_file[..length];
            if (length is 14 or 48) continue;                                        // whole chunks are a whole file
            string message = Assert.Throws<UserErrorException>(() => MidiReader.Read(cut, "c.mid")).Message;
            Assert.DoesNotContain('\n', message);
        }
    }
}
