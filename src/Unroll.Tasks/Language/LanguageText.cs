using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Language;

/// <summary>The text of a run, in its parts.</summary>
/// <param name="Train">What is learned from.</param>
/// <param name="Valid">What chooses the epoch; may be empty.</param>
/// <param name="Test">What measures; may be empty.</param>
public sealed record LanguageText(string Train, string Valid, string Test)
{
    /// <summary>Reads the text of a run.</summary>
    /// <param name="options">Files and shares.</param>
    /// <param name="standardInput">Read where a file is <c>-</c>.</param>
    /// <exception cref="UserErrorException">A file cannot be read or is no text, or a part has nothing in it.</exception>
    public static LanguageText Read(LanguageOptions options, TextReader standardInput)
    {
        if (options.Test is not null && options.Valid is null)
            throw new UserErrorException("test: a file that tests needs one that validates beside it; give --valid too, or leave --test out for shares of the data.");
        StringBuilder all = new();
        foreach (string file in options.Data)
        {
            if (all.Length > 0 && all[^1] != '\n') all.Append('\n');
            all.Append(ReadFile(file, standardInput));
        }
        string text = all.ToString();
        return options.Valid is { } valid
            ? new LanguageText(text, ReadFile(valid, standardInput), options.Test is { } test ? ReadFile(test, standardInput) : "")
            : Shares(text, options);
    }

    /// <summary>One file, or the generated text by its name.</summary>
    /// <param name="word">A file, <c>-</c>, or <c>grammar</c>.</param>
    /// <param name="standardInput">Read where it is <c>-</c>.</param>
    /// <exception cref="UserErrorException">It cannot be read or is no text.</exception>
    public static string ReadFile(string word, TextReader standardInput) =>
        GrammarText.GenerateOrRead(word, standardInput);

    private static LanguageText Shares(string text, LanguageOptions options)
    {
        int first = Cut(text, options.Split[0], options.TextUnit), second = Cut(text, options.Split[0] + options.Split[1], options.TextUnit);
        return new LanguageText(text[..first], text[first..second], text[second..]);
    }

    // Characters are cut anywhere but within one, words after a line.
    private static int Cut(string text, double share, TextUnit unit)
    {
        if (share >= 1 - 1e-9) return text.Length;
        int at = (int)(text.Length * share);
        if (unit == TextUnit.Char) return at > 0 && char.IsLowSurrogate(text[at]) ? at - 1 : at;
        int line = text.IndexOf('\n', at);
        return line < 0 ? text.Length : line + 1;
    }
}
