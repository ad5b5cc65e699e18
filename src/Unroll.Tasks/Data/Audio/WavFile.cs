using System.Buffers.Binary;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tasks.Data.Audio;

/// <summary>Whole WAV files: read as one channel, written as PCM of 16 bits.</summary>
public static class WavFile
{
    // Of a recording whose header says how long it is, and of one that is read until its stream ends: 4 bytes each.
    private const int MostSamples = 1 << 27, MostUnknown = 1 << 26, Block = 1 << 16;

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
        WavStream wav = new(stream, source);
        int most = wav.Length is null ? MostUnknown : MostSamples;
        if (wav.Length > most && !(stream.CanSeek && stream.Length < most)) throw TooLong(source, most);
        float[] samples = new float[Math.Min(wav.Length ?? Block, Block)];
        int count = 0;
        for (int got; (got = wav.Read(samples.AsSpan(count))) > 0;)
        {
            count += got;
            if (count > most) throw TooLong(source, most);
            if (count == samples.Length && count < (wav.Length ?? long.MaxValue))
                Array.Resize(ref samples, (int)Math.Min(count * 2L, wav.Length ?? most + 1L));
        }
        wav.Finish();
        if (count == 0) throw new UserErrorException($"{source}: there are no samples in it; expected a recording.");
        samples = count == samples.Length ? samples : samples[..count];
        return new Sound(samples, wav.Rate, source) { Doubts = [.. wav.Doubts, .. Canceled(wav, samples)] };
    }

    // What stands in both channels with opposite signs is not heard in their mean. Channels that have nothing in common leave 1 ÷ channels of the
    // energy, and so does one that sounds alone.
    private static IEnumerable<Doubt> Canceled(WavStream wav, float[] samples)
    {
        double mean = 0;
        if (wav.Channels == 1) return [];
        foreach (float sample in samples) mean += (double)sample * sample;
        return mean * wav.Channels >= 0.2 * wav.ChannelEnergy / wav.Channels ? [] :
        [
            new("1 recording has channels that cancel each other in their mean, which is all that is heard; give one of its channels alone",
                "# recordings have channels that cancel each other in their mean, which is all that is heard; give one of their channels alone", 1),
        ];
    }

    private static UserErrorException TooLong(string source, int most)
    {
        string why = most == MostUnknown ? ", because its header does not say how long it is," : ",";
        return new(FormattableString.Invariant($"{source}: expected a recording of at most {most:N0} samples{why} found more; cut it into pieces."));
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
