using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>The rows of one step as the cell's stages and the recurrent products see them.</summary>
internal readonly ref struct StepRows
{
    public Block Slots { get; init; }
    public Block HPrev { get; init; }
    public Block CPrev { get; init; }
    public Block H { get; init; }
    public Block C { get; init; }
}

/// <summary>
/// One step forward: bias, input, then stage by stage the recurrent products and the gates. Used by whole sequences and by streaming alike.
/// </summary>
internal static class CellStep
{
    //  a = (b_ih + b_hh) + W_ih x      one chain: bias, then x ascending
    public static void AddInput(RecurrentWeights weights, ICell cell, ReadOnlySpan<float> x, in Block slots, int from, int to)
    {
        int width = weights.Padded;
        for (int gate = 0; gate < cell.Gates.Length; gate++)
            Blocks.SetRows(slots.Part(0, slots.Rows, gate * width + from * 16, (to - from) * 16),
                weights.Bias.Slice(gate * width + from * 16, (to - from) * 16));
        weights.Input.AddProduct(x, slots.Rows, slots, width, from, to);
    }

    //  a += W_hh h₋ (or what the product multiplies), h ascending; then the gates
    public static void Stages(RecurrentWeights weights, ICell cell, in StepRows s, in Share share, ThreadTeam? team)
    {
        int width = weights.Padded, first = share.FromUnit * 16, units = (share.ToUnit - share.FromUnit) * 16;
        for (int stage = 0; stage < cell.Stages; stage++)
        {
            if (stage > 0 && share.Columns) team!.Barrier();             // a later product multiplies what all units made
            for (int p = 0; p < cell.Products.Count; p++)
                if (cell.Products[p].Stage == stage) AddProduct(weights, cell, s, p, share);
            bool narrow = weights.Projection is not null;                // the state is not made of units then
            cell.Forward(stage, new Tile(
                s.Slots.Part(0, s.Slots.Rows, first, s.Slots.Columns - first), width, units,
                weights.Extras.Part(0, cell.ExtraRows, first, units),
                narrow ? default : s.HPrev.Part(0, s.HPrev.Rows, first, units),
                cell.HasCellState ? s.CPrev.Part(0, s.CPrev.Rows, first, units) : default,
                narrow ? default : s.H.Part(0, s.H.Rows, first, units),
                cell.HasCellState ? s.C.Part(0, s.C.Rows, first, units) : default));
        }
    }

    private static void AddProduct(RecurrentWeights weights, ICell cell, in StepRows s, int index, in Share share)
    {
        Product product = cell.Products[index];
        int width = weights.Padded;
        Block source = product.Of == "h" ? s.HPrev : s.Slots.Slot(SlotOf(cell, product.Of), width, width);
        if (product.Gates == "h")
        {
            Block state = s.H.Part(0, s.H.Rows, share.FromState * 16, (share.ToState - share.FromState) * 16);
            Blocks.Clear(state);
            weights.Products[index].AddProduct(source, s.H, 0, share.FromState, share.ToState);
            return;
        }
        int slot = product.Into is null ? weights.FirstGate(product) : SlotOf(cell, product.Into);
        Block target = s.Slots.Part(0, s.Slots.Rows, slot * width, s.Slots.Columns - slot * width);
        if (product.Into is not null)
            Blocks.SetRows(target.Part(0, target.Rows, share.FromUnit * 16, (share.ToUnit - share.FromUnit) * 16),
                weights.BiasApart(index).Slice(share.FromUnit * 16, (share.ToUnit - share.FromUnit) * 16));
        weights.Products[index].AddProduct(source, target, width, share.FromUnit, share.ToUnit);
    }

    public static int SlotOf(ICell cell, string name)
    {
        for (int slot = 0; slot < cell.Saved.Count; slot++)
            if (cell.Saved[slot] == name) return slot;
        throw new ArgumentException($"cell '{cell.Name}' keeps no '{name}'", nameof(name));
    }
}
