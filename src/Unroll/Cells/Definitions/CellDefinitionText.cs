using Unroll.Core;

namespace Unroll.Cells.Definitions;

public sealed partial record CellDefinition
{
    private DefinedCell? _cell;

    // A copy by 'with' begins with the cell of what it was copied from.
    /// <summary>The cell as networks run it: made once, and shared by all that have this definition.</summary>
    /// <exception cref="UserErrorException">The engine does not carry out its equations: a state narrower than the units.</exception>
    public DefinedCell Cell => _cell is { } known && ReferenceEquals(known.Definition, this) ? known : _cell = new DefinedCell(this);

    /// <summary>The canonical text; see <see cref="CellText.Format(CellDefinition)"/>.</summary>
    public string Text => CellText.Format(this);

    /// <summary>Whether x is used unit by unit anywhere: a layer of it takes as many inputs as it has units.</summary>
    public bool ReadsInputByUnit => Assignments.Any(assignment => assignment.Value.UsesInputByUnit);

    /// <summary>Whether both say the same: their canonical texts are equal.</summary>
    /// <param name="other">The other.</param>
    public bool Equals(CellDefinition? other) => other is not null && (ReferenceEquals(this, other) || Text == other.Text);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
