using Unroll.Tasks.Data;

namespace Unroll.Cli;

/// <summary>Where a command reads and writes.</summary>
/// <param name="OpenIn">Opens standard input: asked for when it is read, because few commands read it.</param>
/// <param name="Out">Results; everything in them is made visible.</param>
/// <param name="Error">Progress, notes and errors; everything in them is made visible.</param>
/// <param name="Live">Whether a person watches: then progress is a moving bar, else plain lines.</param>
internal sealed record Terminal(Func<Stream> OpenIn, TextWriter Out, TextWriter Error, bool Live)
{
    private const int LongestMessage = 500, LongestEnd = 150;
    private readonly TextWriter _plain = Out;

    /// <summary>Whether <see cref="Out"/> is a screen, and neither a file nor another program.</summary>
    internal bool OnScreen { get; init; }

    internal TextWriter Out { get; } = new VisibleWriter(Out);

    internal TextWriter Error { get; } = new VisibleWriter(Error);

    /// <summary>
    /// Where a model's answers go, whose texts are the user's own: to the letter into a file or another program, made visible on a screen.
    /// </summary>
    internal TextWriter Answers => OnScreen ? Out : _plain;

    /// <summary>The files of the disk, and standard input as <c>-</c>.</summary>
    internal DataFiles Files() => DataFiles.Disk.With(DataFiles.StandardInput, OpenIn);

    /// <summary>Writes a note or an error on one line of at most 500 characters: of a longer one the middle is left out.</summary>
    internal void Say(string message)
    {
        string line = message.ReplaceLineEndings(" ");
        if (line.Length > LongestMessage) line = $"{Whole(line[..(LongestMessage - LongestEnd - 3)])} … {line[^LongestEnd..]}";
        Error.WriteLine(line);
    }

    private static string Whole(string text) => char.IsHighSurrogate(text[^1]) ? text[..^1] : text;
}
