using System.Buffers.Binary;
using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Xunit;

namespace Unroll.Tests.Tasks.Data.Audio;

/// <summary>WAV files as programs write them, not as the standard has them: read with a word, or refused for what is wrong.</summary>
public sealed class OddWavTests
{
    private static byte[] Chunk(string name, byte[] body, uint? size = null, bool pad = true)
    {
        byte[] head = [.. Encoding.ASCII.GetBytes(name), 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), size ?? (uint)body.Length);
        return [.. head, .. body, .. pad && body.Length % 2 == 1 ? new byte[1] : []];
    }

    private static byte[] Format(int channels = 1, int rate = 8000)
    {
        byte[] body = new byte[16];
        (body[0], body[2], body[12], body[14]) = (1, (byte)channels, (byte)(2 * channels), 16);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), rate);
        return Chunk("fmt ", body);
    }

    private static byte[] File(params byte[][] chunks) => [.. "RIFF"u8, 0, 0, 0, 0, .. "WAVE"u8, .. chunks.SelectMany(chunk => chunk)];

    private static byte[] Pcm(params short[] samples) => [.. samples.SelectMany(BitConverter.GetBytes)];

    private static (float[] Samples, string Said) Read(byte[] file)
    {
        Sound sound = WavFile.Read(new MemoryStream(file), "a.wav");
        return (sound.Samples, string.Join(" | ", sound.Doubts));
    }

    private static string Refused(byte[] file) => Assert.Throws<UserErrorException>(() => Read(file)).Message;

    private static readonly byte[] s_four = Pcm(16384, -16384, 8192, 0);
    private static readonly float[] s_read = [0.5f, -0.5f, 0.25f, 0];

    [Theory]
    [InlineData(0u)]
    [InlineData(0x7FFF0000u)]
    [InlineData(0xFFFFFFFFu)]
    public void A_header_that_does_not_know_the_length_is_read_to_the_end_with_a_word(uint size)
    {
        (float[] samples, string said) = Read(File(Format(), Chunk("data", [.. s_four, 7], size, pad: false)));
        Assert.Equal(s_read, samples);
        Assert.Equal("1 recording whose header does not say how long it is, as one written to a pipe, is read to the end of its file | " +
            "1 byte at the end of the data is no whole sample of every channel and is left out", said);
    }

    [Fact]
    public void Data_of_no_bytes_before_another_chunk_or_the_end_are_no_samples()
    {
        Assert.Contains("there are no samples in it", Refused(File(Format(), Chunk("data", []))));
        Assert.Contains("there are no samples in it", Refused(File(Format(), Chunk("data", []), Chunk("LIST", [1, 2, 3, 4]))));
    }

    [Theory]
    [InlineData(false, "1 chunk of an odd size is not followed by a padding byte; it is read without")]
    [InlineData(true, "")]
    public void Chunks_of_odd_sizes_are_read_with_and_without_padding(bool pad, string expected)
    {
        foreach (byte[] file in (byte[][])[File(Chunk("LIST", [1, 2, 3], pad: pad), Format(), Chunk("data", s_four)),
            File(Format(), Chunk("abcd", [1], pad: pad), Chunk("data", s_four)), File(Format(), Chunk("odd ", [1, 2, 3], pad: pad),
            Chunk("LIST", [1, 2]), Chunk("data", s_four))])
        {
            (float[] samples, string said) = Read(file);
            Assert.Equal(s_read, samples);
            Assert.Equal(expected, said);
        }
    }

    [Fact]
    public void Half_a_frame_at_the_end_is_left_out_with_a_word()
    {
        (float[] samples, string said) = Read(File(Format(2), Chunk("data", [.. s_four, 1, 2])));
        Assert.Equal([0f, 0.125f], samples);
        Assert.Contains("2 bytes at the end of the data are no whole sample of every channel and are left out", said);
    }

    [Fact]
    public void What_follows_the_data_is_counted()
    {
        Assert.Equal("", Read(File(Format(), Chunk("data", s_four), Chunk("LIST", [1, 2, 3]), Chunk("id3 ", [1]), new byte[100])).Said);
        Assert.Equal("8 bytes of a second 'data' chunk are left out",
            Read(File(Format(), Chunk("data", s_four), Chunk("LIST", [1]), Chunk("data", s_four))).Said);
        Assert.Equal("30 bytes after the data that the header promises are no chunks and are left out: the length in the header may be wrong",
            Read(File(Format(), Chunk("data", s_four), [.. Enumerable.Repeat((byte)200, 30)])).Said);
    }

    [Fact]
    public void Sizes_of_eight_bytes_are_read()
    {
        byte[] sizes = new byte[28];
        sizes[8] = (byte)s_four.Length;
        foreach (string kind in (string[])["RF64", "BW64"])
        {
            byte[] file = File(Chunk("ds64", sizes), Format(), Chunk("data", s_four, uint.MaxValue), Chunk("LIST", [1, 2]));
            Encoding.ASCII.GetBytes(kind).CopyTo(file, 0);
            Assert.Equal(s_read, Read(file).Samples);
            Assert.Equal("", Read(file).Said);
        }
        sizes[15] = 0x80;
        byte[] bad = File(Chunk("ds64", sizes), Format(), Chunk("data", s_four, uint.MaxValue));
        "RF64"u8.CopyTo(bad);
        Assert.Contains("expected a 'ds64' chunk with the size of the data", Refused(bad));
    }

    [Fact]
    public void Two_formats_that_differ_are_refused()
    {
        Assert.Contains("byte 36: a second 'fmt ' chunk says otherwise", Refused(File(Format(), Format(2), Chunk("data", s_four))));
        Assert.Equal(s_read, Read(File(Format(), Format(), Chunk("data", s_four))).Samples);
    }

    [Fact]
    public void An_extensible_format_that_is_neither_PCM_nor_floats_is_refused()
    {
        byte[] body = new byte[40];
        (body[0], body[1], body[2], body[12], body[14], body[16], body[24]) = (0xFE, 0xFF, 1, 2, 16, 22, 1);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), 8000);
        new byte[] { 0, 0, 0x21, 7, 0xD3, 0x11, 0x86, 0x44, 0xC8, 0xC1, 0xCA, 0, 0, 0 }.CopyTo(body, 26);
        Assert.Contains("expected samples as PCM or floats, found an extensible format of its own (00000001-0721-11d3-8644-c8c1ca000000)",
            Refused(File(Chunk("fmt ", body), Chunk("data", s_four))));
        new byte[] { 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71 }.CopyTo(body, 26);
        Assert.Equal(s_read, Read(File(Chunk("fmt ", body), Chunk("data", s_four))).Samples);
    }

    [Fact]
    public void Channels_of_opposite_phase_are_said()
    {
        short[] Stereo(Func<int, short> left, Func<int, short> right) =>
            [.. Enumerable.Range(0, 400).SelectMany(i => (short[])[left(i), right(i)])];
        short Tone(int i) => (short)(8000 * Math.Sin(i * 0.3));
        string Said(Func<int, short> left, Func<int, short> right) => Read(File(Format(2), Chunk("data", Pcm(Stereo(left, right))))).Said;
        Assert.StartsWith("1 recording has channels that cancel each other", Said(Tone, i => (short)-Tone(i)));
        Assert.Equal("", Said(Tone, Tone));
        Assert.Equal("", Said(Tone, _ => 0));
        Assert.Equal("", Said(Tone, i => (short)(8000 * Math.Sin(i * 0.77))));
    }

    [Fact]
    public void A_stream_without_end_is_refused_before_memory_is_gone()
    {
        using Stream endless = new Endless(File(Format(), Chunk("data", [], 0xFFFFFFFF)));
        Assert.Equal("standard input: expected a recording of at most 67,108,864 samples, because its header does not say how long it is, found " +
            "more; cut it into pieces.", Assert.Throws<UserErrorException>(() => WavFile.Read(endless, "standard input")).Message);
        using Stream known = new Endless(File(Format(), Chunk("data", [], 0x7FFE0000)));
        Assert.Equal("a.wav: expected a recording of at most 134,217,728 samples, found more; cut it into pieces.",
            Assert.Throws<UserErrorException>(() => WavFile.Read(known, "a.wav")).Message);
    }

    [Fact]
    public void Recordings_that_say_little_are_counted_in_a_line_for_each_kind()
    {
        float[] tone = [.. Enumerable.Range(0, 800).Select(i => 0.3f * MathF.Sin(i * 0.3f))];
        Sound Of(string name, int rate = 8000, float gain = 1) => new([.. tone.Select(s => Math.Clamp(gain * s, -1, 1))], rate, name);
        List<string> said = [];
        RecordingNotes.Say([Of("a"), Of("b", 16000), Of("c", 4000), Of("d", gain: 0), Of("e", gain: 0), Of("f", gain: 5), Of("g", gain: 3.33f),
            Of("h", 4000),
            Of("i") with { Samples = [0.1f, -0.1f] }, Of("j") with { Samples = [.. tone.Select(s => 1e4f * s)] }],
            new FeatureOptions { Rate = 8000 }, said.Add);
        Assert.Equal(
        [
            "b: 1 recording is of 16,000 samples a second, brought to the 8,000 that the network hears",
            "c and another: 2 recordings are of 4,000 samples a second, brought to the 8,000 that the network hears: nothing above 2,000 Hz is " +
                "in them",
            "d and another: 2 recordings are silent",
            "f: 1 recording is cut off at full scale in more than 2 % of its samples: it was too loud",
            "i: 1 recording is shorter than a window of 25 ms, which silence fills up",
            "j: 1 recording goes far beyond full scale (−1 to 1), as if whole numbers were stored as floats",
        ], said);
    }

    private sealed class Endless(byte[] head) : MemoryStream
    {
        private int _at;

        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer)
        {
            int some = Math.Min(buffer.Length, head.Length - _at);
            head.AsSpan(_at, some).CopyTo(buffer);
            _at += some;
            buffer[some..].Clear();
            return buffer.Length;
        }
    }
}
