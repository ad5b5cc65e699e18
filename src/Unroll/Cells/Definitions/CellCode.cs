using System.Text;
using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>
/// A defined cell as a class in C#, to be read, changed and compiled against this library: the statements of each stage as loops over lanes of units,
/// like those of the built-in cells. Each operation that the defined cell does stands there, in the same order, so that its results have the same
/// bits on every path.
/// </summary>
public static class CellCode
{
    /// <summary>Writes the class.</summary>
    /// <param name="definition">The definition.</param>
    /// <exception cref="UserErrorException">The engine does not carry out its equations: a state narrower than the units.</exception>
    /// <returns>A file of C#, with lines that end in <c>\n</c>. How parameters begin is not in it: vectors that begin at a number do so.</returns>
    public static string CSharp(CellDefinition definition) => new CellCodeWriter(definition).Text();

    /// <summary>The class that is written for a definition: <c>MinGruCell</c>.</summary>
    /// <param name="definition">The definition.</param>
    public static string ClassName(CellDefinition definition)
    {
        StringBuilder name = new();
        foreach (string word in definition.Name.Split('-', StringSplitOptions.RemoveEmptyEntries))
            name.Append(char.ToUpperInvariant(word[0])).Append(word[1..]);
        return (char.IsLetter(name[0]) ? "" : "_") + name + "Cell";
    }
}
