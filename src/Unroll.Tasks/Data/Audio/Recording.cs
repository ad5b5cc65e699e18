namespace Unroll.Tasks.Data.Audio;

/// <summary>A recording that is known by its place and by what is said in it.</summary>
/// <param name="Name">The file's path, or what errors call a sound that is in memory.</param>
/// <param name="Text">What is said: words separated by single spaces; may be empty.</param>
/// <param name="Speaker">Who says it; null: not known.</param>
/// <param name="Part"><c>train</c>, <c>valid</c> or <c>test</c>; null: not decided.</param>
public sealed record Recording(string Name, string Text, string? Speaker = null, string? Part = null)
{
    /// <summary>The sound itself, for one that is in memory; null: it is read from the file.</summary>
    public Sound? Sound { get; init; }

    /// <summary>A recording in memory.</summary>
    /// <param name="samples">One channel; full scale is −1 … 1.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="text">What is said: words separated by single spaces.</param>
    /// <param name="speaker">Who says it; null: not known.</param>
    /// <param name="part"><c>train</c>, <c>valid</c> or <c>test</c>; null: not decided.</param>
    /// <param name="name">What errors and pages call it; null: what is said.</param>
    public static Recording Of(float[] samples, int rate, string text, string? speaker = null, string? part = null, string? name = null) =>
        new(name ?? $"a recording of '{text}'", text, speaker, part) { Sound = new Sound(samples, rate, name ?? $"a recording of '{text}'") };

    /// <summary>The sound.</summary>
    /// <param name="files">What names stand for; null: the files of the disk alone.</param>
    /// <exception cref="Core.UserErrorException">The file cannot be read or is no WAV file that can be used.</exception>
    public Sound Read(DataFiles? files = null) => Sound ?? WavFile.Read(Name, files ?? DataFiles.Disk);
}
