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

    /// <summary>The sound.</summary>
    /// <exception cref="Core.UserErrorException">The file cannot be read or is no WAV file that can be used.</exception>
    public Sound Read() => Sound ?? WavFile.Read(Name);
}
