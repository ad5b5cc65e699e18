using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>
/// The part of one step that one call of a cell sees: some rows × some units. Units are rounded up to a multiple of 16; those beyond the hidden size
/// are zero, where the cell's own functions keep them so; what a planned cell leaves in them does not matter.
/// </summary>
public readonly ref struct Tile
{
    private readonly TilePart _part;
    private readonly MatrixView _furtherPrev, _further;

    /// <summary>Made by the layer.</summary>
    internal Tile(scoped in TilePart part, MatrixView hPrev, MatrixView furtherPrev, MatrixView h, MatrixView further) =>
        (_part, HPrev, _furtherPrev, H, _further) = (part, hPrev, furtherPrev, h, further);

    /// <summary>Where each kind of rows lies; those of the way back are left as they are.</summary>
    /// <param name="of">[<see cref="TilePart.Kinds"/>]</param>
    internal void Places(Span<SideBySide> of) => _part.Places(of, HPrev, _furtherPrev, H, _further);

    /// <summary>How many units, rounded up to a multiple of 16.</summary>
    internal int Units => _part.Units;

    /// <summary>How many rows.</summary>
    public int Rows => _part.Saved.Rows;

    /// <summary>H: the units of a whole row that are not there to fill a sixteen; see <see cref="IRowCell"/>.</summary>
    public int Hidden => _part.Hidden;

    /// <summary>How many of the tile's units are not there to fill a sixteen: they come first.</summary>
    public int Valid => _part.Valid;

    /// <summary>[rows, units] of one of <see cref="ICell.Saved"/>; a gate's slot arrives as its argument.</summary>
    public MatrixView Saved(int slot) => _part.Slot(slot);

    /// <summary>[rows, units]: x, where the cell's plan says that it reads it.</summary>
    /// <exception cref="InvalidOperationException">The plan does not say so.</exception>
    public MatrixView Input => _part.Input;

    /// <summary>[rows, units]: all rows of the cell's own parameter; no rows where it has none.</summary>
    public MatrixView Extras => _part.Extras;

    /// <summary>[1, units]: one row of <see cref="Extras"/>.</summary>
    internal MatrixView Extra(int row) => _part.Extra(row);

    /// <summary>[rows, units]: h₋. With a projection the state is narrower than the units; a projected cell does not use it.</summary>
    public MatrixView HPrev { get; }

    /// <summary>[rows, units]: c₋, the first further state; empty where the cell has none.</summary>
    public MatrixView CPrev => _part.First(_furtherPrev);

    /// <summary>[rows, units]: receives h.</summary>
    public MatrixView H { get; }

    /// <summary>[rows, units]: receives c, the first further state; empty where the cell has none.</summary>
    public MatrixView C => _part.First(_further);

    /// <summary>[rows, units]: a state of the step before; 0 is h.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cell has no such state.</exception>
    public MatrixView StatePrev(int state) => state == 0 ? HPrev : _part.Of(_furtherPrev, state - 1);

    /// <summary>[rows, units]: receives a state; 0 is h.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cell has no such state.</exception>
    public MatrixView State(int state) => state == 0 ? H : _part.Of(_further, state - 1);
}

/// <summary>The same part of one step in the backward pass.</summary>
public readonly ref struct TileBack
{
    private readonly TilePart _part;
    private readonly MatrixView _da, _furtherPrev, _further, _dFurther, _dSources;

    /// <summary>Made by the layer.</summary>
    internal TileBack(
        in TilePart part, MatrixView da, MatrixView hPrev, MatrixView furtherPrev, MatrixView h, MatrixView further, MatrixView dh,
        MatrixView dFurther, MatrixView dhPrev, MatrixView dSources)
    {
        (_part, _da, HPrev, _furtherPrev, H, _further) = (part, da, hPrev, furtherPrev, h, further);
        (DH, _dFurther, DHPrev, _dSources) = (dh, dFurther, dhPrev, dSources);
    }

    /// <summary>Where each kind of rows lies.</summary>
    /// <param name="of">[<see cref="TilePart.Kinds"/>]</param>
    internal void Places(Span<SideBySide> of)
    {
        _part.Places(of, HPrev, _furtherPrev, H, _further);
        of[(int)RowKind.Delta] = new(_da, _part.Pitch);
        of[(int)RowKind.DeltaState] = new(DH, _part.Pitch);
        of[(int)RowKind.DeltaFurther] = new(_dFurther, _part.Pitch);
        of[(int)RowKind.DeltaBefore] = new(DHPrev, _part.Pitch);
        of[(int)RowKind.Source] = new(_dSources, _part.Pitch);
    }

    /// <summary>How many units, rounded up to a multiple of 16.</summary>
    internal int Units => _part.Units;

    /// <summary>How many rows.</summary>
    public int Rows => _da.Rows;

    /// <summary>H: the units of a whole row that are not there to fill a sixteen; see <see cref="IRowCell"/>.</summary>
    public int Hidden => _part.Hidden;

    /// <summary>How many of the tile's units are not there to fill a sixteen: they come first.</summary>
    public int Valid => _part.Valid;

    /// <summary>[rows, units] of one of <see cref="ICell.Saved"/>, as forward left it; not to be written.</summary>
    public MatrixView Saved(int slot) => _part.Slot(slot);

    /// <summary>[rows, units]: x, where the cell's plan says that it reads it.</summary>
    /// <exception cref="InvalidOperationException">The plan does not say so.</exception>
    public MatrixView Input => _part.Input;

    /// <summary>
    /// [rows, units]: receives ∂L/∂(argument) of a gate; after the gates, one for each <see cref="Product.Into"/> in order. Of a planned cell one of
    /// its slots of δ.
    /// </summary>
    public MatrixView DA(int slot) => _da.Slot(slot, _part.Pitch, _part.Units);

    /// <summary>[rows, units]: all rows of the cell's own parameter; no rows where it has none.</summary>
    public MatrixView Extras => _part.Extras;

    /// <summary>[1, units]: one row of <see cref="Extras"/>.</summary>
    internal MatrixView Extra(int row) => _part.Extra(row);

    /// <summary>h₋.</summary>
    public MatrixView HPrev { get; }

    /// <summary>h.</summary>
    public MatrixView H { get; }

    /// <summary>c₋.</summary>
    public MatrixView CPrev => _part.First(_furtherPrev);

    /// <summary>c.</summary>
    public MatrixView C => _part.First(_further);

    /// <summary>A state of the step before; 0 is h.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cell has no such state.</exception>
    public MatrixView StatePrev(int state) => state == 0 ? HPrev : _part.Of(_furtherPrev, state - 1);

    /// <summary>A state; 0 is h.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cell has no such state.</exception>
    public MatrixView State(int state) => state == 0 ? H : _part.Of(_further, state - 1);

    /// <summary>δh: from the output and from the next step together. Not to be written.</summary>
    public MatrixView DH { get; }

    /// <summary>Arrives as δc of the next step, leaves as δc₋ when the first stage is done.</summary>
    public MatrixView DC => _part.First(_dFurther);

    /// <summary>
    /// δ of a state: 0 is <see cref="DH"/>; every other arrives as δ of the next step, and leaves as δ of the state before when the first stage is
    /// done: the part that no product carries.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The cell has no such state.</exception>
    public MatrixView DState(int state) => state == 0 ? DH : _part.Of(_dFurther, state - 1);

    /// <summary>Receives the part of δh₋ that no product carries: overwritten by the last stage, added to by earlier ones.</summary>
    public MatrixView DHPrev { get; }

    /// <summary>
    /// ∂L/∂(what products of later stages multiplied), as the layer computed it: one of <see cref="StepPlan.Sources"/>, which are the saved slots
    /// that <see cref="ICell.Products"/> multiply, in their order.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The cell has no such source.</exception>
    public MatrixView DSource(int source = 0) => _part.Of(_dSources, source);
}

/// <summary>All rows of some units, after the backward loop.</summary>
public readonly ref struct UnitRange
{
    private readonly TilePart _part;
    private readonly MatrixView _da, _hPrev, _furtherPrev, _h, _further, _dExtra;

    /// <summary>Made by the layer.</summary>
    internal UnitRange(
        in TilePart part, MatrixView da, MatrixView hPrev, MatrixView furtherPrev, MatrixView h, MatrixView further, MatrixView dExtra) =>
        (_part, _da, _hPrev, _furtherPrev, _h, _further, _dExtra) = (part, da, hPrev, furtherPrev, h, further, dExtra);

    /// <summary>How many of the units are not there to fill a sixteen: they come first.</summary>
    public int Valid => _part.Valid;

    /// <summary>[all rows, units] of one of <see cref="ICell.Saved"/>.</summary>
    public MatrixView Saved(int slot) => _part.Slot(slot);

    /// <summary>[all rows, units]: x, where the cell's plan says that it reads it.</summary>
    /// <exception cref="InvalidOperationException">The plan does not say so.</exception>
    public MatrixView Input => _part.Input;

    /// <summary>[all rows, units]: ∂L/∂(argument) of a gate, or another slot of δ.</summary>
    public MatrixView DA(int slot) => _da.Slot(slot, _part.Pitch, _part.Units);

    /// <summary>[rows, units]: all rows of the cell's own parameter; no rows where it has none.</summary>
    public MatrixView Extras => _part.Extras;

    /// <summary>c₋ of all rows.</summary>
    public MatrixView CPrev => _part.First(_furtherPrev);

    /// <summary>c of all rows.</summary>
    public MatrixView C => _part.First(_further);

    /// <summary>A state of the step before, of all rows; 0 is h.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cell has no such state.</exception>
    public MatrixView StatePrev(int state) => state == 0 ? _hPrev : _part.Of(_furtherPrev, state - 1);

    /// <summary>A state, of all rows; 0 is h.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cell has no such state.</exception>
    public MatrixView State(int state) => state == 0 ? _h : _part.Of(_further, state - 1);

    /// <summary>[1, units]: a row of the gradient of the cell's own parameter; add to it.</summary>
    public MatrixView DExtra(int row) => _dExtra.Part(row, 1, 0, _part.Units);
}

/// <summary>The kinds of rows that a tile has: of each a matrix, or several side by side.</summary>
internal enum RowKind
{
    /// <summary>The saved slots.</summary>
    Saved,
    /// <summary>x.</summary>
    Input,
    /// <summary>The rows of the cell's own parameter, each the same for every row of the tile.</summary>
    Extra,
    /// <summary>The first state of the step before.</summary>
    StateBefore,
    /// <summary>The further ones.</summary>
    FurtherBefore,
    /// <summary>The first state.</summary>
    State,
    /// <summary>The further ones.</summary>
    Further,
    /// <summary>The slots of δ.</summary>
    Delta,
    /// <summary>δ of the first state.</summary>
    DeltaState,
    /// <summary>Of the further ones.</summary>
    DeltaFurther,
    /// <summary>δ of the first state of the step before.</summary>
    DeltaBefore,
    /// <summary>δ of what products multiply.</summary>
    Source,
}

/// <summary>What forward, backward and parameter gradients see alike: some units of what the layer keeps of some rows.</summary>
internal readonly struct TilePart
{
    /// <summary>Slots side by side from the first unit on; where the plan reads x, it is the last.</summary>
    public required MatrixView Saved { get; init; }

    /// <summary>The cell's own parameter.</summary>
    public MatrixView Extras { get; init; }

    /// <summary>Floats from one slot to the next.</summary>
    public required int Pitch { get; init; }

    /// <summary>How many units.</summary>
    public required int Units { get; init; }

    /// <summary>The units of a whole row.</summary>
    public required int Hidden { get; init; }

    /// <summary>The first unit.</summary>
    public required int FirstUnit { get; init; }

    /// <summary>The slot of x; −1: the cell does not read it.</summary>
    public required int InputSlot { get; init; }

    /// <summary>How many kinds of rows there are.</summary>
    public const int Kinds = (int)RowKind.Source + 1;

    public int Valid => Math.Clamp(Hidden - FirstUnit, 0, Units);

    /// <summary>Where each kind of rows lies.</summary>
    public void Places(Span<SideBySide> of, in MatrixView hPrev, in MatrixView furtherPrev, in MatrixView h, in MatrixView further)
    {
        of[(int)RowKind.Saved] = new(Saved, Pitch);
        of[(int)RowKind.Input] = new(InputSlot < 0 ? default : Slot(InputSlot), Pitch);
        of[(int)RowKind.Extra] = new(Extras.Repeated(Saved.Rows), Extras.Stride);
        of[(int)RowKind.StateBefore] = new(hPrev, Pitch);
        of[(int)RowKind.FurtherBefore] = new(furtherPrev, Pitch);
        of[(int)RowKind.State] = new(h, Pitch);
        of[(int)RowKind.Further] = new(further, Pitch);
    }

    public MatrixView Input => InputSlot >= 0 ? Slot(InputSlot) : throw new InvalidOperationException("the cell's plan does not say that it reads x");

    public MatrixView Slot(int slot) => Saved.Slot(slot, Pitch, Units);

    public MatrixView Extra(int row) => Extras.Part(row, 1, 0, Units);

    /// <summary>The first of some matrices side by side; empty where there are none.</summary>
    public MatrixView First(in MatrixView all) => all.Columns == 0 ? default : all.Slot(0, Pitch, Units);

    /// <summary>One of some matrices side by side.</summary>
    public MatrixView Of(in MatrixView all, int index) => all.Part(0, all.Rows, index * Pitch, Units);
}
