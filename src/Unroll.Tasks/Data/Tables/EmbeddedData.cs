using Unroll.Core;

namespace Unroll.Tasks.Data.Tables;

/// <summary>The data sets inside the library, so that a first run needs no file; sources are named in Data/Embedded/README.md.</summary>
public static class EmbeddedData
{
    /// <summary>Their names: <c>sunspots</c> (month, sunspots; 2,820 rows) and <c>airline</c> (month, passengers; 144 rows).</summary>
    public static IReadOnlyList<string> Names { get; } = ["sunspots", "airline"];

    /// <summary>Whether <paramref name="name"/> is one of <see cref="Names"/>.</summary>
    public static bool Contains(string name) => Names.Contains(name);

    /// <summary>Reads a data set.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="UserErrorException">There is no such data set.</exception>
    public static Table Open(string name)
    {
        if (!Contains(name))
            throw new UserErrorException($"There is no embedded data set '{name}'; there are: {string.Join(", ", Names)}.");
        using Stream stream = typeof(EmbeddedData).Assembly.GetManifestResourceStream($"{name}.csv")
            ?? throw new InvalidOperationException($"The resource {name}.csv is not in the assembly.");
        using StreamReader text = new(stream);
        return Table.Read(text, $"embedded data '{name}'");
    }

    /// <summary>A table by the word a user typed: an embedded data set by its name, <c>-</c> for standard input, else a file's path.</summary>
    /// <param name="word">What was typed after <c>--data</c>.</param>
    /// <param name="standardInput">Read when the word is <c>-</c>.</param>
    /// <exception cref="UserErrorException">The file cannot be read or is no table.</exception>
    public static Table OpenOrRead(string word, TextReader standardInput)
    {
        if (word == "-") return Table.Read(standardInput, "standard input");
        return Contains(word) && !File.Exists(word) ? Open(word) : Table.ReadFile(word);
    }
}
