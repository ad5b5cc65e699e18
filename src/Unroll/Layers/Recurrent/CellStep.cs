using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>The rows of one step as the cell's stages and the products see them; further states lie side by side.</summary>
internal readonly ref struct StepRows
{
    public MatrixView Slots { get; init; }
    public MatrixView HPrev { get; init; }
    public MatrixView FurtherPrev { get; init; }
    public MatrixView H { get; init; }
    public MatrixView Further { get; init; }
}

/// <summary>
/// One step forward: bias, input, then stage by stage the other products and the gates. Used by whole sequences and by streaming alike.
/// </summary>
internal static class CellStep
{
    //  a = (b_ih + b_hh) + W_ih x      one chain: bias, then x ascending
    public static void Input(RecurrentWeights weights, ReadOnlySpan<float> x, in MatrixView slots, int from, int to)
    {
        int width = weights.Padded;
        foreach (int argument in weights.Schedule.Unfed)
            MatrixViews.SetRows(slots.Part(0, slots.Rows, weights.Plan.Arguments[argument].Slot * width + from * 16, (to - from) * 16),
                weights.Panels.Bias(argument).Row(0).Slice(from * 16, (to - from) * 16));
        foreach (StepProduct product in weights.Schedule.Inputs)
        {
            MatrixView into = From(slots, product.Slot * width);
            weights.Panels.Products[product.Index].Product(x, slots.Rows, Start(weights, product, into), into, width, from, to);
        }
        if (weights.InputSlot < 0) return;
        int features = weights.InputSize, first = from * 16, count = Math.Clamp(features - first, 0, (to - from) * 16);
        MatrixView kept = slots.Part(0, slots.Rows, weights.InputSlot * width + first, (to - from) * 16);
        for (int row = 0; row < slots.Rows; row++) MatrixViews.Widen(x.Slice(row * features + first, count), kept.Part(row, 1, 0, kept.Columns));
    }

    //  a += W_hh h₋ (or what the product multiplies), h ascending; then the gates
    /// <summary>One stage: between stages workers that share units must meet, because a later product multiplies what all units made.</summary>
    public static void Stage(RecurrentWeights weights, int stage, in StepRows s, in Share share)
    {
        foreach (StepProduct product in weights.Schedule.Forward[stage]) Product(weights, s, product, share);
        (int first, int units) = share.Units;
        bool narrow = weights.Schedule.Narrow;                           // the state is not made of units then
        weights.Cell.Forward(stage, new Tile(
            Part(weights, s.Slots, first, units), narrow ? default : s.HPrev.Part(0, s.HPrev.Rows, first, units), Units(s.FurtherPrev, first),
            narrow ? default : s.H.Part(0, s.H.Rows, first, units), Units(s.Further, first)));
    }

    /// <summary>What the layer keeps of some rows, from a unit on.</summary>
    public static TilePart Part(RecurrentWeights weights, in MatrixView slots, int first, int units) => new()
    {
        Saved = From(slots, first), Extras = weights.Panels.Extras.Part(0, weights.ExtraRows, first, units), Pitch = weights.Padded, Units = units,
        Hidden = weights.Hidden, FirstUnit = first, InputSlot = weights.InputSlot,
    };

    /// <summary>Matrices side by side from a unit on; none where there are none.</summary>
    public static MatrixView Units(in MatrixView all, int first) => all.Columns == 0 ? default : From(all, first);

    private static void Product(RecurrentWeights weights, in StepRows s, StepProduct product, in Share share)
    {
        int width = weights.Padded, index = product.Of.Index;
        MatrixView of = product.Of.Kind switch
        {
            SourceKind.Saved => s.Slots.Slot(index, width, width),
            SourceKind.After => index == 0 ? s.H : s.Further.Slot(index - 1, width, width),
            _ => index == 0 ? s.HPrev : s.FurtherPrev.Slot(index - 1, width, width),
        };
        IPanels panels = weights.Panels.Products[product.Index];
        MatrixView into = product.Slot < 0 ? s.H : From(s.Slots, product.Slot * width);
        (int from, int to) = product.Slot < 0 ? (share.FromState, share.ToState) : (share.FromUnit, share.ToUnit);
        panels.Product(of, Start(weights, product, into), into, width, from, to);
    }

    private static ChainStart Start(RecurrentWeights weights, StepProduct product, in MatrixView into) =>
        !product.Begins ? ChainStart.Of(into) : product.IsBare ? ChainStart.Zero : ChainStart.Bias(weights.Panels.Bias(product.Argument));

    private static MatrixView From(in MatrixView slots, int column) => slots.Part(0, slots.Rows, column, slots.Columns - column);
}
