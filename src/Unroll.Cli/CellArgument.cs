using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Cli;

/// <summary>A cell by its equations, as it is named on the command line: a file, or a built-in or published cell with or without <c>.cell</c>.</summary>
internal static class CellArgument
{
    private const string Ending = ".cell";

    /// <summary>Every name that needs no file: the built-in cells, then the published ones.</summary>
    internal static IReadOnlyList<string> Names { get; } =
        [.. BuiltInDefinitions.All.Select(one => one.Name).Concat(CellZoo.Names).Distinct()];

    /// <summary>The definition.</summary>
    /// <param name="word">As typed.</param>
    /// <exception cref="UserErrorException">There is none such, or its text is wrong.</exception>
    internal static CellDefinition Read(string word)
    {
        if (TextFile.ReadIfThere(word) is { } text) return CellText.Read(text, word);
        string name = word.EndsWith(Ending, StringComparison.Ordinal) ? word[..^Ending.Length] : word;
        if (BuiltInDefinitions.Find(name) is { } builtIn) return builtIn.Definition;
        if (CellZoo.Names.Contains(name)) return CellText.Read(CellZoo.Text(name), name + Ending);
        throw new UserErrorException($"there is no file '{word}', and no cell of that name"
            + NearestName.Question(name, Names, $"the cells that need no file are {string.Join(", ", Names)}."));
    }
}
