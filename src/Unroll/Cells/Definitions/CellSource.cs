using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>What a definition is read from, for the beginning of messages: a text's file and place, or the cell and its equation in C#.</summary>
/// <param name="file">The file's name; null: no text.</param>
internal sealed class CellSource(string? file)
{
    private CellWrittenNames? _names;

    /// <summary>The cell's name, once it is known.</summary>
    public string Name { get; set; } = "";

    /// <summary>The lines of the text.</summary>
    public IReadOnlyList<string> Lines { get; set; } = [];

    /// <summary>The names in them.</summary>
    public CellWrittenNames Names => _names ??= new CellWrittenNames(Lines);

    /// <summary>The error about something that is often written so: what to write is the whole line as it was probably meant.</summary>
    /// <param name="place">Where it is.</param>
    /// <param name="message">What is wrong; what is expected.</param>
    /// <param name="otherwise">What to do, where the line is too long to be written out, or nothing is known that would cure it.</param>
    public UserErrorException Slip(SourcePlace place, string message, string otherwise) =>
        Error(place, $"{message}; {(CellSlips.Meant(Lines, Names, place.Line) is { } meant ? $"write {meant}" : otherwise)}.");

    /// <summary>The error, to throw.</summary>
    /// <param name="place">Where it is, in a text.</param>
    /// <param name="message">What is wrong; what is expected; what to do.</param>
    /// <param name="of">The quantity in whose equation it is, in C#.</param>
    public UserErrorException Error(SourcePlace place, string message, string? of = null)
    {
        if (file is null) return new UserErrorException($"cell '{Name}'{(of is null ? "" : $", {of}")}: {message}");
        return new UserErrorException(place.Line > 0 ? $"{file}:{place.Line}:{place.Column}: {message}" : $"{file}: {message}");
    }

    /// <summary>Where something stands, within a message: <c>" in line 4"</c>; nothing in C#.</summary>
    /// <param name="place">Where.</param>
    public static string In(SourcePlace place) => place.Line > 0 ? $" in line {place.Line}" : "";
}
