using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>
/// The part of one step that one call of a cell sees: some rows × some units. Units are rounded up to a multiple of 16; those beyond the hidden size
/// are zero.
/// </summary>
public readonly ref struct Tile
{
    private readonly MatrixView _saved, _extra;
    private readonly int _pitch, _units;

    /// <summary>Made by the layer.</summary>
    internal Tile(MatrixView saved, int pitch, int units, int hidden, MatrixView extra, MatrixView hPrev, MatrixView cPrev, MatrixView h,
        MatrixView c)
    {
        (_saved, _pitch, _units, _extra, Hidden) = (saved, pitch, units, extra, hidden);
        (HPrev, CPrev, H, C) = (hPrev, cPrev, h, c);
    }

    /// <summary>How many rows.</summary>
    public int Rows => _saved.Rows;

    /// <summary>H: the units of a whole row that are not there to fill a sixteen; see <see cref="IRowCell"/>.</summary>
    public int Hidden { get; }

    /// <summary>[rows, units] of one of <see cref="ICell.Saved"/>; a gate's slot arrives as its argument.</summary>
    public MatrixView Saved(int slot) => _saved.Slot(slot, _pitch, _units);

    /// <summary>[rows, units]: all rows of the cell's own parameter; no rows where it has none.</summary>
    public MatrixView Extras => _extra;

    /// <summary>[1, units]: one row of <see cref="Extras"/>.</summary>
    internal MatrixView Extra(int row) => _extra.Part(row, 1, 0, _units);

    /// <summary>[rows, units]: h₋. With a projection the state is narrower than the units; a projected cell does not use it.</summary>
    public MatrixView HPrev { get; }

    /// <summary>[rows, units]: c₋; empty where the cell has no c.</summary>
    public MatrixView CPrev { get; }

    /// <summary>[rows, units]: receives h.</summary>
    public MatrixView H { get; }

    /// <summary>[rows, units]: receives c; empty where the cell has no c.</summary>
    public MatrixView C { get; }
}

/// <summary>The same part of one step in the backward pass.</summary>
public readonly ref struct TileBack
{
    private readonly MatrixView _saved, _extra, _da;
    private readonly int _pitch, _units;

    /// <summary>Made by the layer.</summary>
    internal TileBack(
        MatrixView saved, MatrixView da, int pitch, int units, int hidden, MatrixView extra, MatrixView hPrev, MatrixView cPrev, MatrixView c,
        MatrixView dh, MatrixView dc, MatrixView dhPrev, MatrixView dSource)
    {
        (_saved, _da, _pitch, _units, _extra, Hidden) = (saved, da, pitch, units, extra, hidden);
        (HPrev, CPrev, C, DH, DC, DHPrev, DSource) = (hPrev, cPrev, c, dh, dc, dhPrev, dSource);
    }

    /// <summary>How many rows.</summary>
    public int Rows => _da.Rows;

    /// <summary>H: the units of a whole row that are not there to fill a sixteen; see <see cref="IRowCell"/>.</summary>
    public int Hidden { get; }

    /// <summary>[rows, units] of one of <see cref="ICell.Saved"/>, as forward left it; not to be written.</summary>
    public MatrixView Saved(int slot) => _saved.Slot(slot, _pitch, _units);

    /// <summary>[rows, units]: receives ∂L/∂(argument) of a gate; after the gates, one for each <see cref="Product.Into"/> in order.</summary>
    public MatrixView DA(int slot) => _da.Slot(slot, _pitch, _units);

    /// <summary>[rows, units]: all rows of the cell's own parameter; no rows where it has none.</summary>
    public MatrixView Extras => _extra;

    /// <summary>[1, units]: one row of <see cref="Extras"/>.</summary>
    internal MatrixView Extra(int row) => _extra.Part(row, 1, 0, _units);

    /// <summary>h₋.</summary>
    public MatrixView HPrev { get; }

    /// <summary>c₋.</summary>
    public MatrixView CPrev { get; }

    /// <summary>c.</summary>
    public MatrixView C { get; }

    /// <summary>δh: from the output and from the next step together. Not to be written.</summary>
    public MatrixView DH { get; }

    /// <summary>Arrives as δc of the next step, leaves as δc₋ when the first stage is done.</summary>
    public MatrixView DC { get; }

    /// <summary>Receives the part of δh₋ that no product carries: overwritten by the last stage, added to by earlier ones.</summary>
    public MatrixView DHPrev { get; }

    /// <summary>∂L/∂(the saved slot that the next stage's product multiplied), as the layer computed it.</summary>
    public MatrixView DSource { get; }
}

/// <summary>All rows of some units, after the backward loop.</summary>
public readonly ref struct UnitRange
{
    private readonly MatrixView _saved, _da, _dExtra;
    private readonly int _pitch, _units;

    /// <summary>Made by the layer.</summary>
    internal UnitRange(MatrixView saved, MatrixView da, int pitch, int units, MatrixView cPrev, MatrixView c, MatrixView dExtra) =>
        (_saved, _da, _pitch, _units, CPrev, C, _dExtra) = (saved, da, pitch, units, cPrev, c, dExtra);

    /// <summary>[all rows, units] of one of <see cref="ICell.Saved"/>.</summary>
    public MatrixView Saved(int slot) => _saved.Slot(slot, _pitch, _units);

    /// <summary>[all rows, units]: ∂L/∂(argument) of a gate.</summary>
    public MatrixView DA(int slot) => _da.Slot(slot, _pitch, _units);

    /// <summary>c₋ of all rows.</summary>
    public MatrixView CPrev { get; }

    /// <summary>c of all rows.</summary>
    public MatrixView C { get; }

    /// <summary>[1, units]: a row of the gradient of the cell's own parameter; add to it.</summary>
    public MatrixView DExtra(int row) => _dExtra.Part(row, 1, 0, _units);
}
