namespace Unroll.Tasks.Data.Audio;

/// <summary>Samples as a snapshot of a stream keeps them: their number, then 4 bytes each.</summary>
internal static class SampleBytes
{
    internal static void Write(BinaryWriter writer, ReadOnlySpan<float> samples)
    {
        writer.Write(samples.Length);
        foreach (float sample in samples) writer.Write(sample);
    }

    /// <exception cref="FormatException">The number is none that the rest of the bytes could hold.</exception>
    internal static void Read(BinaryReader reader, List<float> samples)
    {
        int count = reader.ReadInt32();
        if (count < 0 || count > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(float))
            throw new FormatException($"expected at most as many samples as there are bytes for, found {count}");
        samples.Clear();
        for (int i = 0; i < count; i++) samples.Add(reader.ReadSingle());
    }
}
