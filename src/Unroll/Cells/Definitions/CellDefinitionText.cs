namespace Unroll.Cells.Definitions;

public sealed partial record CellDefinition
{
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
