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

    /// <summary>A table by name: what was handed over, a file, or an embedded data set.</summary>
    /// <param name="name">The name; a file of that name comes before an embedded data set.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">The file cannot be read or is no table.</exception>
    public static Table OpenOrRead(string name, DataFiles files)
    {
        if (Contains(name) && !files.Exists(name)) return Open(name);
        return TableReader.Read(files.Bytes(name, "a CSV file"), DataFiles.Called(name), files.Note);
    }
}
