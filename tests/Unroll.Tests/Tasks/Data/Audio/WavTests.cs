using System.Buffers.Binary;
using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tests.Tasks.Data.Audio;

public sealed class WavTests
{
    private static byte[] Wav(int tag, int channels, int rate, int bits, byte[] data, bool extensible = false, bool oddChunk = false, uint? size =
        null)
    {
        using MemoryStream file = new();
        using BinaryWriter w = new(file);
        w.Write("RIFF"u8);
        w.Write(0);                                                      // many programs leave it wrong: it is not relied upon
        w.Write("WAVE"u8);
        if (oddChunk)
        {
            w.Write("LIST"u8);
            w.Write(3);
            w.Write([1, 2, 3, 0]);
        }
        w.Write("fmt "u8);
        w.Write(extensible ? 40 : 16);
        w.Write((short)(extensible ? -2 : tag));
        w.Write((short)channels);
        w.Write(rate);
        w.Write(rate * channels * bits / 8);
        w.Write((short)(channels * bits / 8));
        w.Write((short)bits);
        if (extensible)
        {
            w.Write((short)22);
            w.Write((short)bits);
            w.Write(0);
            w.Write((short)tag);
            w.Write(new byte[14]);
        }
        w.Write("data"u8);
        w.Write(size ?? (uint)data.Length);
        w.Write(data);
        return file.ToArray();
    }

    private static Sound Read(byte[] file) => WavFile.Read(new MemoryStream(file), "a.wav");

    private static string Refused(byte[] file) => Assert.Throws<UserErrorException>(() => Read(file)).Message;

    [Theory]
    [InlineData(1, 8, new byte[] { 0, 64, 128, 192 })]
    [InlineData(1, 16, new byte[] { 0, 0x80, 0, 0xC0, 0, 0, 0, 0x40 })]
    [InlineData(1, 24, new byte[] { 0, 0, 0x80, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0x40 })]
    [InlineData(1, 32, new byte[] { 0, 0, 0, 0x80, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0x40 })]
    [InlineData(3, 32, new byte[] { 0, 0, 0x80, 0xBF, 0, 0, 0, 0xBF, 0, 0, 0, 0, 0, 0, 0, 0x3F })]
    [InlineData(3, 64, new byte[] { 0, 0, 0, 0, 0, 0, 0xF0, 0xBF, 0, 0, 0, 0, 0, 0, 0xE0, 0xBF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xE0,
        0x3F })]
    public void Every_kind_of_sample_reads_the_same_numbers(int tag, int bits, byte[] data)
    {
        foreach (bool extensible in (bool[])[false, true])
        {
            Sound sound = Read(Wav(tag, 1, 11025, bits, data, extensible, oddChunk: true));
            Assert.Equal([-1f, -0.5f, 0f, 0.5f], sound.Samples);
            Assert.Equal(11025, sound.Rate);
        }
    }

    [Fact]
    public void A_header_that_promises_more_than_there_is_costs_no_memory()
    {
        // 8,191 channels of 8 bytes: 65,536 such frames are more bytes than an int can count.
        Assert.Equal([0f, 0], Read(Wav(3, 8191, 8000, 64, new byte[2 * 65_528], size: uint.MaxValue)).Samples);
        Assert.Contains("it is cut short", Refused(Wav(1, 1, 8000, 16, new byte[100], size: 0x7FFE0000)));
    }

    [Fact]
    public void Channels_are_averaged() => Assert.Equal([0.25f], Read(Wav(1, 2, 8000, 16, [0, 0x40, 0, 0])).Samples);

    [Fact]
    public void What_was_written_reads_again()
    {
        float[] samples = [0, 0.25f, -1, 0.999969482421875f];
        Assert.Equal(samples, Read(WavFile.Pcm16(samples, 8000)).Samples);
        Assert.Equal([0.999969482421875f, -1], Read(WavFile.Pcm16([7, -7], 8000)).Samples);
    }

    [Fact]
    public void A_pipe_that_does_not_know_its_length_is_read_to_its_end()
    {
        Assert.Equal(2, Read(Wav(1, 1, 8000, 16, [1, 0, 2, 0], size: 0xFFFFFFFF)).Samples.Length);
        WavStream piped = new(new MemoryStream(Wav(1, 1, 8000, 16, [1, 0, 2, 0, 3], size: 0)), "standard input", piped: true);
        Assert.Null(piped.Length);
        Assert.Equal(2, piped.Read(new float[10]));
    }

    [Fact]
    public void A_truncated_file_is_refused_by_name_and_byte()
    {
        byte[] whole = Wav(1, 1, 8000, 16, new byte[100]);
        Assert.Contains("a.wav: the file ends at byte 134, expected 144", Refused(whole[..134]));
        Assert.Contains("ends at byte 30, within its 'fmt ' chunk", Refused(whole[..30]));
        Assert.Contains("ends at byte 36 and has no 'data' chunk", Refused(whole[..36]));
        Assert.Contains("ends at byte 7, within the 12 bytes", Refused(whole[..7]));
        for (int length = 0; length < whole.Length; length++) Assert.StartsWith("a.wav", Refused(whole[..length]));
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("OggS00000000", "byte 0: expected 'RIFF' and 'WAVE', as a WAV file begins, found 'OggS', another kind of audio file")]
    [InlineData("ID3000000000", "an MP3 file")]
    [InlineData("label,path,x", "found 'labe'")]
    [InlineData("RIFF0000AVI ", "a RIFF file of kind 'AVI '")]
    public void A_foreign_file_is_refused_by_what_it_is(string text, string part) => Assert.Contains(part, Refused(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Kinds_that_cannot_be_read_are_named_with_their_byte()
    {
        Assert.Contains("byte 20: expected samples as PCM (1) or floats (3), found format 7 (µ-law)", Refused(Wav(7, 1, 8000, 8, [0])));
        Assert.Contains("byte 34: expected PCM of 8, 16, 24 or 32 bits a sample, found 12", Refused(Wav(1, 1, 8000, 12, [0])));
        Assert.Contains("byte 22: expected at least 1 channel", Refused(Wav(1, 0, 8000, 16, [0, 0])));
        Assert.Contains("byte 24: expected 1 … 768000 samples a second, found 0", Refused(Wav(1, 1, 0, 16, [0, 0])));
        Assert.Contains("there are no samples", Refused(Wav(1, 1, 8000, 16, [])));
        Assert.Contains("there are no samples", Refused(Wav(1, 2, 8000, 16, [0, 0])));
        byte[] notANumber = new byte[8];
        BinaryPrimitives.WriteSingleLittleEndian(notANumber.AsSpan(4), float.NaN);
        Assert.Contains("byte 48: expected a finite sample, found NaN", Refused(Wav(3, 1, 8000, 32, notANumber)));
        Assert.Contains("there is no such file", Assert.Throws<UserErrorException>(() => WavFile.Read("no/such.wav")).Message);
    }
}
