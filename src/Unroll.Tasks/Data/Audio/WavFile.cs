using System.Buffers.Binary;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tasks.Data.Audio;

/// <summary>Whole WAV files: read as one channel, written as PCM of 16 bits.</summary>
public static class WavFile
{
    /// <summary>Reads a file; see <see cref="WavStream"/> for the kinds.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">It cannot be read, is no WAV file, is damaged, or holds no samples.</exception>
    public static Sound Read(string path)
    {
        FileErrors.RequireName(path);
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return Read(stream, path);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Reading(path, e);
        }
    }

    /// <summary>Reads what a name stands for: bytes that were handed over, else a file.</summary>
    /// <param name="name">The name.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">It cannot be read, is no WAV file, is damaged, or holds no samples.</exception>
    public static Sound Read(string name, DataFiles files) => files.Has(name) || name == DataFiles.StandardInput
        ? Read(new MemoryStream(files.Bytes(name, "a WAV file")), DataFiles.Called(name))
        : Read(name);

    /// <summary>Reads a stream to the end of its data.</summary>
    /// <param name="stream">Positioned at the beginning; not closed.</param>
    /// <param name="source">What errors call it.</param>
    /// <exception cref="UserErrorException">It is no WAV file, is damaged, or holds no samples.</exception>
    public static Sound Read(Stream stream, string source)
    {
        const int block = 1 << 16;
        WavStream wav = new(stream, source);
        float[] samples = new float[Math.Min(wav.Length ?? block, block)];
        int count = 0;
        for (int got; (got = wav.Read(samples.AsSpan(count))) > 0;)
        {
            count += got;
            if (count == samples.Length && count < (wav.Length ?? long.MaxValue)) Array.Resize(ref samples, checked(count * 2));
        }
        if (count == 0) throw new UserErrorException($"{source}: there are no samples in it; expected a recording.");
        return new Sound(samples[..count], wav.Rate, source);
    }

    /// <summary>Writes one channel as PCM of 16 bits, all or nothing; samples beyond full scale are cut to it.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="samples">Full scale is −1 … 1.</param>
    /// <param name="rate">Samples a second.</param>
    /// <exception cref="UserErrorException">The file system refused.</exception>
    public static void Write(string path, ReadOnlySpan<float> samples, int rate)
    {
        byte[] bytes = Pcm16(samples, rate);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>The bytes of such a file.</summary>
    internal static byte[] Pcm16(ReadOnlySpan<float> samples, int rate)
    {
        byte[] bytes = new byte[44 + 2 * samples.Length];
        Span<byte> b = bytes;
        "RIFF"u8.CopyTo(b);
        BinaryPrimitives.WriteInt32LittleEndian(b[4..], bytes.Length - 8);
        "WAVEfmt "u8.CopyTo(b[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(b[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(b[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(b[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(b[24..], rate);
        BinaryPrimitives.WriteInt32LittleEndian(b[28..], 2 * rate);
        BinaryPrimitives.WriteInt16LittleEndian(b[32..], 2);
        BinaryPrimitives.WriteInt16LittleEndian(b[34..], 16);
        "data"u8.CopyTo(b[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(b[40..], 2 * samples.Length);
        for (int i = 0; i < samples.Length; i++)
            BinaryPrimitives.WriteInt16LittleEndian(b[(44 + 2 * i)..], (short)Math.Clamp(MathF.Round(samples[i] * 32768), -32768, 32767));
        return bytes;
    }
}
