using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Cli;

/// <summary>The definition that a command's argument names: a file, a cell of the zoo, or a built-in cell as its equations say it.</summary>
internal static class CellSubject
{
    /// <summary>The definition.</summary>
    /// <param name="name"><c>FILE.cell</c>, a name of the zoo, or a name of <see cref="BuiltInDefinitions"/>.</param>
    /// <exception cref="UserErrorException">There is no such cell, or its definition is wrong.</exception>
    internal static CellDefinition Of(string name) => Find(name) ?? throw new UserErrorException(
        $"cell: there is no '{name}'; expected a file NAME.cell, or one of {string.Join(", ", Names)}.");

    /// <summary>The same; null where the argument names none. With the ending it is a file and nothing else.</summary>
    internal static CellDefinition? Find(string name) =>
        CellChoice.IsFile(name) ? CellChoice.Read(name)
        : CellZoo.Names.Contains(name) ? CellZoo.Definition(name) : BuiltInDefinitions.Find(name)?.Definition;

    private static IEnumerable<string> Names => BuiltInDefinitions.All.Select(one => one.Name).Concat(CellZoo.Names).Distinct();
}
