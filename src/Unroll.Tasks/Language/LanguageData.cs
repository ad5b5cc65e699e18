using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Language;

/// <summary>The text of a run, in its parts; line breaks of any system become <c>\n</c>.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Valid">To choose the epoch by; may be empty.</param>
/// <param name="Test">To measure on; may be empty.</param>
public sealed record LanguageData(string Train, string Valid = "", string Test = "")
{
    /// <summary>To learn from.</summary>
    public string Train { get; init; } = PlainText.Unify(Train);

    /// <summary>To choose the epoch by; may be empty.</summary>
    public string Valid { get; init; } = PlainText.Unify(Valid);

    /// <summary>To measure on; may be empty.</summary>
    public string Test { get; init; } = PlainText.Unify(Test);

    /// <summary>A text in memory, cut into parts in its order: characters anywhere but within one, words after a line.</summary>
    /// <param name="text">The text.</param>
    /// <param name="options">With the shares and the unit.</param>
    public static LanguageData Of(string text, LanguageOptions options)
    {
        text = PlainText.Unify(text);
        int first = Cut(text, options.Split[0], options.Unit), second = Cut(text, options.Split[0] + options.Split[1], options.Unit);
        return new LanguageData(text[..first], text[first..second], text[second..]);
    }

    /// <summary>A text from a stream, cut as a text in memory is.</summary>
    /// <param name="stream">UTF-8; read to its end, not disposed of.</param>
    /// <param name="options">With the shares and the unit.</param>
    /// <exception cref="UserErrorException">It is not UTF-8.</exception>
    public static LanguageData Of(Stream stream, LanguageOptions options)
    {
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return Of(PlainText.Decode(bytes.ToArray(), "stream"), options);
    }

    /// <summary>Reads the text of a run.</summary>
    /// <param name="options">Files and shares.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">A file cannot be read or is no text.</exception>
    public static LanguageData Read(LanguageOptions options, DataFiles files) => options.Valid.Count > 0
        ? new LanguageData(ReadAll(options.Data, files), ReadAll(options.Valid, files), options.Test.Count > 0 ? ReadAll(options.Test, files) : "")
        : Of(ReadAll(options.Data, files), options);

    /// <summary>Reads the training part of a run alone.</summary>
    /// <param name="options">Files and shares.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">A file cannot be read or is no text.</exception>
    public static string ReadTraining(LanguageOptions options, DataFiles files) =>
        options.Valid.Count > 0 ? ReadAll(options.Data, files) : Of(ReadAll(options.Data, files), options).Train;

    /// <summary>The part that a run is measured on: the test part, else the validation part, else the training part.</summary>
    internal (string Part, string Text) Measured => Test.Length > 0 ? ("test", Test) : Valid.Length > 0 ? ("validation", Valid) : ("training", Train);

    private static string ReadAll(IReadOnlyList<string> names, DataFiles files)
    {
        if (names.Count == 0) throw new UserErrorException("data: expected a text file, got none; name one.");
        StringBuilder all = new();
        foreach (string name in names)
        {
            if (all.Length > 0 && all[^1] != '\n') all.Append('\n');
            all.Append(GrammarText.GenerateOrRead(name, files));
        }
        return all.ToString();
    }

    private static int Cut(string text, double share, TextUnit unit)
    {
        if (share >= 1 - 1e-9) return text.Length;
        int at = (int)(text.Length * share);
        if (unit == TextUnit.Char) return at > 0 && char.IsLowSurrogate(text[at]) ? at - 1 : at;
        int line = text.IndexOf('\n', at);
        return line < 0 ? text.Length : line + 1;
    }
}
