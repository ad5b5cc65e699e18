namespace Unroll.Cells;

/// <summary>
/// A recurrent cell as stages without products: it says what the gates do to a tile of rows × units, and which source each product
/// multiplies. Time, direction, raggedness, products, threads, weights and their gradients are the recurrent layer's business.
/// </summary>
/// <remarks>
/// One step: the layer fills the gates' slots with b_ih + b_hh + W_ih x, then for each stage adds the stage's products and calls
/// <see cref="Forward"/>. Backward calls <see cref="Backward"/> with the stages in reverse order and multiplies by the transposed weights
/// after each. Every function must treat each element alone: no sums over rows or units, so that the split over threads changes no bit.
/// </remarks>
public interface ICell
{
    /// <summary>As in <see cref="CellOptions.Kind"/>: <c>gru</c>.</summary>
    string Name { get; }

    /// <summary>The gates, one letter each: number, memory order and file order in one word: <c>rzn</c>.</summary>
    string Gates { get; }

    /// <summary>Whether there is a cell state c beside h.</summary>
    bool HasCellState { get; }

    /// <summary>
    /// What is kept per unit and step, by name: first the gates in order (a slot arrives as the gate's argument and leaves as its activation),
    /// then whatever else backward or an onlooker needs.
    /// </summary>
    IReadOnlyList<string> Saved { get; }

    /// <summary>The recurrent products of a step.</summary>
    IReadOnlyList<Product> Products { get; }

    /// <summary>How many stages a step has.</summary>
    int Stages { get; }

    /// <summary>Rows of the cell's own parameter <c>peephole_l{k}</c> [rows, hidden]; 0 for none.</summary>
    int ExtraRows { get; }

    /// <summary>How this library stores its gates, as model files say it; of a cell with a reset or an update gate z also those.</summary>
    GateConvention Convention => new(GateConvention.Ours, Gates);

    /// <summary>How other programs store the same cell; empty where none has it.</summary>
    IReadOnlyList<GateConvention> OtherConventions => [];

    /// <summary>What it says of its gates, equations and memory; by default nothing.</summary>
    CellDescription Description => CellDescription.None;

    /// <summary>What the gates do once the products of stages 0 … <paramref name="stage"/> are in.</summary>
    void Forward(int stage, in Tile s);

    /// <summary>The derivative of <see cref="Forward"/>; see <see cref="TileBack"/> for what is read and written.</summary>
    void Backward(int stage, in TileBack s);

    /// <summary>Adds the gradients of the cell's own parameter, once after the loop, over all rows of some units, rows ascending.</summary>
    void AddExtraGradients(in UnitRange s);
}

/// <summary>One recurrent product: <paramref name="Gates"/> += W[gates] · <paramref name="Of"/>, before stage <paramref name="Stage"/>.</summary>
/// <param name="Gates">A run of the cell's gates: <c>"rz"</c>; or <c>"h"</c>: the product is the new state itself (a projection, W_hr).</param>
/// <param name="Of"><c>"h"</c> for the previous state, else the name of the saved slot that is multiplied.</param>
/// <param name="Stage">The stage that needs it.</param>
/// <param name="Into">Null: it is added to the gates' own slots. Else the saved slot that receives it, apart, begun with b_hh.</param>
public sealed record Product(string Gates, string Of, int Stage = 0, string? Into = null);
