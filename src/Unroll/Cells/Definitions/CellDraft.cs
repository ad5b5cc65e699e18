namespace Unroll.Cells.Definitions;

/// <summary>A definition as it was written, in a text or in C#, before anything is checked.</summary>
/// <param name="source">What it was written in.</param>
internal sealed class CellDraft(CellSource source)
{
    /// <summary>What it was written in.</summary>
    public CellSource Source { get; } = source;

    /// <summary>The cell's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where the name stands.</summary>
    public SourcePlace NamePlace { get; init; }

    /// <summary>The comments at the head.</summary>
    public List<string> Comments { get; init; } = [];

    /// <summary>The equations.</summary>
    public List<CellAssignment> Assignments { get; } = [];

    /// <summary>Vectors and scalars that are declared.</summary>
    public List<Drafted<ParameterKind>> Declared { get; } = [];

    /// <summary>How parameters begin.</summary>
    public List<Drafted<ParameterStart>> Starts { get; } = [];

    /// <summary>The output that is declared.</summary>
    public Drafted<bool>? Output { get; set; }

    /// <summary>First values of states.</summary>
    public List<Drafted<double>> Initials { get; } = [];

    /// <summary>Widths of states.</summary>
    public List<Drafted<CellWidth>> Widths { get; } = [];

    /// <summary>What is said of quantities.</summary>
    public List<Drafted<DefinedRole>> Roles { get; } = [];

    /// <summary>Where a name is declared as a vector or a scalar; null: it is not.</summary>
    public Drafted<ParameterKind>? DeclarationOf(string name) => Declared.Find(one => one.Name == name);
}

/// <summary>Something that a line says of a name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">What is said.</param>
/// <param name="Place">Where the name stands.</param>
internal sealed record Drafted<T>(string Name, T Value, SourcePlace Place);
