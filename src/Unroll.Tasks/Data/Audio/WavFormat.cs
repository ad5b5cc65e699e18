using System.Buffers.Binary;
using Unroll.Core;

namespace Unroll.Tasks.Data.Audio;

//  fmt:  0 tag u16 · 2 channels u16 · 4 rate u32 · 8 bytes a second u32 · 12 bytes a frame u16 · 14 bits u16
//        extensible: 16 size of what follows u16 · 18 valid bits u16 · 20 speakers u32 · 24 GUID, whose first two bytes are the tag

/// <summary>How a WAV file stores its samples: its <c>fmt</c> chunk (Microsoft and IBM 1991; WAVE_FORMAT_EXTENSIBLE, Microsoft 2001).</summary>
internal readonly record struct WavFormat(int Rate, int Channels, int BytesPerSample, bool IsFloat)
{
    private const int Pcm = 1, Float = 3, Extensible = 0xFFFE;

    private static ReadOnlySpan<byte> Plain => [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

    /// <summary>Bytes of one sample of every channel.</summary>
    internal int FrameBytes => Channels * BytesPerSample;

    /// <summary>Reads the body of the chunk.</summary>
    /// <param name="chunk">All of it.</param>
    /// <param name="source">What errors call the file.</param>
    /// <param name="at">Where the body begins in the file.</param>
    internal static WavFormat Parse(ReadOnlySpan<byte> chunk, string source, long at)
    {
        if (chunk.Length < 16) throw Bad(source, at, "a 'fmt ' chunk of at least 16 bytes", $"{chunk.Length}");
        int tag = U16(chunk, 0), channels = U16(chunk, 2), frame = U16(chunk, 12), bits = U16(chunk, 14);
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        if (tag == Extensible)
        {
            if (chunk.Length < 40) throw Bad(source, at, "an extensible 'fmt ' chunk of at least 40 bytes", $"{chunk.Length}");
            tag = U16(chunk, 24);
            // A format of the plain list has this ending; other endings are numbered by themselves, as sound fields in B-format are.
            if (!chunk[26..40].SequenceEqual(Plain) && chunk[26..40].ContainsAnyExcept((byte)0))
                throw Bad(source, at + 24, "samples as PCM or floats", $"an extensible format of its own ({new Guid(chunk[24..40])})");
        }
        if (tag is not (Pcm or Float))
            throw new UserErrorException($"{source}, byte {at}: expected samples as PCM (1) or floats (3), found format {tag}{Codec(tag)}; " +
                "convert it to PCM of 16 bits.");
        bool known = tag == Float ? bits is 32 or 64 : bits is 8 or 16 or 24 or 32;
        if (!known)
            throw Bad(source, at + 14, tag == Float ? "floats of 32 or 64 bits" : "PCM of 8, 16, 24 or 32 bits a sample", $"{bits}");
        if (channels == 0) throw Bad(source, at + 2, "at least 1 channel", "0");
        if (rate is 0 or > SincResampler.HighestRate) throw Bad(source, at + 4, $"1 … {SincResampler.HighestRate} samples a second", $"{rate}");
        if (frame != channels * bits / 8) throw Bad(source, at + 12, $"{channels * bits / 8} bytes a frame ({channels} × {bits} bits)", $"{frame}");
        return new WavFormat((int)rate, channels, bits / 8, tag == Float);
    }

    /// <summary>Decodes whole frames, channels averaged.</summary>
    /// <param name="bytes">[frames × <see cref="FrameBytes"/>].</param>
    /// <param name="samples">[frames]; overwritten.</param>
    /// <returns>The sum of the squares of all samples, before channels are averaged.</returns>
    internal double Decode(ReadOnlySpan<byte> bytes, Span<float> samples)
    {
        double squares = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            double sum = 0;
            for (int c = 0; c < Channels; c++)
            {
                double sample = Sample(bytes[(i * FrameBytes + c * BytesPerSample)..]);
                sum += sample;
                squares += sample * sample;
            }
            samples[i] = (float)(sum / Channels);
        }
        return squares;
    }

    // 8 bits are unsigned around 128, all others signed; full scale is 2^(bits − 1).
    private double Sample(ReadOnlySpan<byte> b) => (IsFloat, BytesPerSample) switch
    {
        (true, 4) => BinaryPrimitives.ReadSingleLittleEndian(b),
        (true, _) => BinaryPrimitives.ReadDoubleLittleEndian(b),
        (_, 1) => (b[0] - 128) / 128.0,
        (_, 2) => BinaryPrimitives.ReadInt16LittleEndian(b) / 32768.0,
        (_, 3) => ((b[0] << 8 | b[1] << 16 | b[2] << 24) >> 8) / 8388608.0,
        _ => BinaryPrimitives.ReadInt32LittleEndian(b) / 2147483648.0,
    };

    private static int U16(ReadOnlySpan<byte> chunk, int at) => BinaryPrimitives.ReadUInt16LittleEndian(chunk[at..]);

    private static string Codec(int tag) => tag switch
    {
        2 or 17 => " (ADPCM)",
        6 => " (A-law)",
        7 => " (µ-law)",
        49 => " (GSM)",
        85 => " (MP3)",
        _ => "",
    };

    private static UserErrorException Bad(string source, long at, string expected, string found) =>
        new($"{source}, byte {at}: expected {expected}, found {found}; the file is no WAV file that can be read: convert it to PCM of 16 bits.");
}
