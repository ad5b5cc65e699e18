using Unroll.Cells;

namespace Unroll.Inspection.Flow;

/// <summary>
/// The cell whose backward pass is the one without saturation (<see cref="IUnsaturated"/>): what is left of a decay then is the recurrent matrices'
/// and the gates' doing, and the rest is the saturation's (trap 5 of the notes).
/// </summary>
internal sealed class UnsaturatedCell : ICell
{
    private readonly IUnsaturated _cell;

    private UnsaturatedCell(IUnsaturated cell) => _cell = cell;

    /// <summary>The cell without saturation; null for one that does not say what that would be.</summary>
    public static UnsaturatedCell? Of(ICell cell) => cell is IUnsaturated known ? new UnsaturatedCell(known) : null;

    public string Name => _cell.Name;
    public string Gates => _cell.Gates;
    public bool HasCellState => _cell.HasCellState;
    public IReadOnlyList<string> Saved => _cell.Saved;
    public IReadOnlyList<Product> Products => _cell.Products;
    public int Stages => _cell.Stages;
    public int ExtraRows => _cell.ExtraRows;
    public void Forward(int stage, in Tile s) => throw new NotSupportedException("it goes back over what the cell itself has left");
    public void Backward(int stage, in TileBack s) => _cell.BackwardUnsaturated(stage, s);
    public void AddExtraGradients(in UnitRange s) => throw new NotSupportedException("weights have no part in it");
}
