using System.Text;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Cells;

/// <summary>
/// A cell as users choose one, in a single word or text: a name of a catalog, a name of the zoo, a file <c>NAME.cell</c>, or the text of a
/// definition. What is kept, in options and in model files, is a catalog's name or the text, so that a model needs no file beside it.
/// </summary>
public static class CellChoice
{
    private const int LongestFile = 1 << 20;                             // the reader says how long a definition may be
    private const string Ending = ".cell";

    /// <summary>The name or the text to keep: of a file and of a cell of the zoo the text of the definition.</summary>
    /// <param name="cell">What was chosen.</param>
    /// <param name="cells">The cells that have a name of their own; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">There is no such cell; the file cannot be read, or its definition is wrong.</exception>
    public static string Settled(string cell, CellCatalog? cells = null)
    {
        cells ??= CellCatalog.BuiltIn;
        if (IsText(cell)) return CellText.Read(cell, "the definition").Text;
        if (cells.Find(cell) is not null) return cell;
        if (IsFile(cell)) return Read(cell).Text;
        if (CellZoo.Names.Contains(cell)) return CellZoo.Definition(cell).Text;
        string[] names = [.. cells.Kinds, .. CellZoo.Names];
        string question = NearestName.Of(cell, names) is { } near ? $" (did you mean '{near}'?)" : "";
        throw new UserErrorException($"cell: there is no '{cell}'{question}; expected one of {string.Join(", ", cells.Kinds)}, a cell of the zoo ("
            + $"{string.Join(", ", CellZoo.Names)}), or a file NAME{Ending} with equations.");
    }

    /// <summary>Whether what was chosen is a file: it ends with <c>.cell</c>, in letters of any case.</summary>
    /// <param name="cell">What was chosen.</param>
    public static bool IsFile(string cell) => cell.EndsWith(Ending, StringComparison.OrdinalIgnoreCase);

    /// <summary>The definition in a file.</summary>
    /// <param name="path">The file, UTF-8.</param>
    /// <exception cref="UserErrorException">It cannot be read, is no text, or its definition is wrong.</exception>
    public static CellDefinition Read(string path)
    {
        if (!Folder.HasFile(path) && NameIn(path) is var name && (CellZoo.Names.Contains(name) || BuiltInDefinitions.Find(name) is not null))
            throw new UserErrorException($"cell: there is no file '{path}' in {Environment.CurrentDirectory}; without {Ending}, '{name}' is the "
                + "library's own cell.");
        return From(InputFile.Bytes(path, "the definition of a cell", LongestFile), path);
    }

    private static string NameIn(string path) => Path.GetFileNameWithoutExtension(path);

    /// <summary>The definition in a file's bytes.</summary>
    internal static CellDefinition From(byte[] bytes, string path)
    {
        try
        {
            return CellText.Read(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF'), path);
        }
        catch (DecoderFallbackException)
        {
            throw new UserErrorException($"'{path}': expected the definition of a cell in UTF-8, found bytes that are no UTF-8; save it as UTF-8.");
        }
    }

    /// <summary>The options of a network's cell.</summary>
    /// <param name="settled">What <see cref="Settled"/> returned.</param>
    public static CellOptions Of(string settled) =>
        IsText(settled) ? Of(CellText.Read(settled, "the definition")) : new CellOptions { Kind = settled };

    /// <summary>The same of a definition.</summary>
    /// <param name="definition">The cell.</param>
    public static CellOptions Of(CellDefinition definition) => new() { Kind = definition.Name, Definition = definition };

    /// <summary>What it is called where it is shown.</summary>
    /// <param name="settled">What <see cref="Settled"/> returned.</param>
    public static string NameOf(string settled) => IsText(settled) ? CellText.Read(settled, "the definition").Name : settled;

    /// <summary>
    /// What a cell is beside another one, in a line: its name, and of two definitions of one name the first line in which they differ.
    /// </summary>
    /// <param name="settled">What <see cref="Settled"/> returned.</param>
    /// <param name="other">The other cell, likewise.</param>
    public static string Beside(string settled, string other)
    {
        string name = NameOf(settled);
        if (settled == other || name != NameOf(other)) return name;
        if (!IsText(settled)) return $"{name}, as it is built in";
        if (!IsText(other)) return $"{name}, by equations";
        string[] own = settled.TrimEnd('\n').Split('\n'), others = other.TrimEnd('\n').Split('\n');
        int line = 0;
        while (line < own.Length && line < others.Length && own[line] == others[line]) line++;
        return line < own.Length ? $"{name} with '{own[line]}' in line {line + 1}" : $"{name} without a line {line + 1}";
    }

    private static bool IsText(string cell) => cell.Contains('\n');
}
