using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>The rows of one step as the cell's stages and the recurrent products see them.</summary>
internal readonly ref struct StepRows
{
    public MatrixView Slots { get; init; }
    public MatrixView HPrev { get; init; }
    public MatrixView CPrev { get; init; }
    public MatrixView H { get; init; }
    public MatrixView C { get; init; }
}

/// <summary>
/// One step forward: bias, input, then stage by stage the recurrent products and the gates. Used by whole sequences and by streaming alike.
/// </summary>
internal static class CellStep
{
    //  a = (b_ih + b_hh) + W_ih x      one chain: bias, then x ascending; of a cell that standardizes W_ih x alone, in slots of its own
    public static void Input(RecurrentWeights weights, ReadOnlySpan<float> x, in MatrixView slots, int from, int to) =>
        weights.Panels.Input.Product(x, slots.Rows, weights.RowCell is null ? ChainStart.Bias(weights.Panels.Bias) : ChainStart.Zero,
            From(slots, weights.InputSlot * weights.Padded), weights.Padded, from, to);

    //  a += W_hh h₋ (or what the product multiplies), h ascending; then the gates
    /// <summary>One stage: between stages workers that share units must meet, because a later product multiplies what all units made.</summary>
    public static void Stage(RecurrentWeights weights, int stage, in StepRows s, in Share share)
    {
        ICell cell = weights.Cell;
        for (int p = 0; p < cell.Products.Count; p++)
            if (cell.Products[p].Stage == stage) Product(weights, s, p, share);
        (int first, int units) = share.Units;
        bool narrow = weights.Projection is not null;                    // the state is not made of units then
        cell.Forward(stage, new Tile(
            From(s.Slots, first), weights.Padded, units, weights.Hidden,
            weights.Panels.Extras.Part(0, cell.ExtraRows, first, units),
            narrow ? default : s.HPrev.Part(0, s.HPrev.Rows, first, units),
            cell.HasCellState ? s.CPrev.Part(0, s.CPrev.Rows, first, units) : default,
            narrow ? default : s.H.Part(0, s.H.Rows, first, units),
            cell.HasCellState ? s.C.Part(0, s.C.Rows, first, units) : default));
    }

    private static void Product(RecurrentWeights weights, in StepRows s, int p, in Share share)
    {
        int width = weights.Padded, source = weights.SourceSlot(p), target = weights.TargetSlot(p);
        MatrixView of = source < 0 ? s.HPrev : s.Slots.Slot(source, width, width);
        IPanels panels = weights.Panels.Products[p];
        if (target < 0)
        {
            panels.Product(of, ChainStart.Zero, s.H, 0, share.FromState, share.ToState);
            return;
        }
        MatrixView into = From(s.Slots, target * width);
        ChainStart start = weights.Cell.Products[p].Into is null ? ChainStart.Of(into)
            : weights.RowCell is null ? ChainStart.Bias(weights.Panels.BiasApart(p)) : ChainStart.Zero;
        panels.Product(of, start, into, width, share.FromUnit, share.ToUnit);
    }

    private static MatrixView From(in MatrixView slots, int column) => slots.Part(0, slots.Rows, column, slots.Columns - column);
}
