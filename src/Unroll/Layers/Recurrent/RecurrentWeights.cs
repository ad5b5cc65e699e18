using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Layers.Recurrent;

/// <summary>
/// The parameters of one recurrent layer in one direction, under PyTorch's names, and where the cell's products find their operands.
/// </summary>
internal sealed class RecurrentWeights
{
    private readonly int[] _sourceSlots, _targetSlots, _backSlots, _apart;

    public RecurrentWeights(ParameterStore store, ICell cell, string prefix, string suffix, int inputSize, int hidden, int? projection,
        bool learnedFirst)
    {
        (Cell, InputSize, Hidden, StateSize, Place) = (cell, inputSize, hidden, projection ?? hidden, prefix + suffix[1..]);
        (Padded, PaddedState) = (RoundUp(hidden), RoundUp(StateSize));
        int gates = cell.Gates.Length;
        InputToHidden = store.Add($"{prefix}weight_ih{suffix}", gates * hidden, inputSize);
        HiddenToHidden = store.Add($"{prefix}weight_hh{suffix}", gates * hidden, StateSize);
        InputBias = store.Add($"{prefix}bias_ih{suffix}", gates * hidden);
        HiddenBias = store.Add($"{prefix}bias_hh{suffix}", gates * hidden);
        if (projection is not null) Projection = store.Add($"{prefix}weight_hr{suffix}", StateSize, hidden);
        RowCell = cell as IRowCell;
        Extras = RowCell is not null
            ? [InputBias, HiddenBias, .. RowCell.Parameters.Select(own => store.Add($"{prefix}{own.Name}{suffix}", own.Rows * hidden))]
            : cell.ExtraRows > 0 ? [store.Add($"{prefix}peephole{suffix}", cell.ExtraRows, hidden)] : [];
        if (learnedFirst) FirstH = store.Add($"{prefix}h0{suffix}", StateSize);
        if (learnedFirst && cell.HasCellState) FirstC = store.Add($"{prefix}c0{suffix}", hidden);

        List<string> saved = [.. cell.Saved];
        IReadOnlyList<Product> products = cell.Products;
        int apart = products.Where(p => p.Into is not null).Sum(p => p.Gates.Length);
        BackSlots = gates + apart + (RowCell is null ? 0 : gates + RowCell.Deltas.Count);
        (InputSlot, InputBackSlot) = RowCell is null ? (0, 0) : (saved.IndexOf(RowCell.InputInto), gates + apart);
        _sourceSlots = [.. products.Select(p => p.Of == "h" ? -1 : saved.IndexOf(p.Of))];
        _targetSlots = [.. products.Select(p => p.Gates == "h" ? -1 : p.Into is null ? FirstGate(p) : saved.IndexOf(p.Into))];
        _backSlots = [.. products.Select((p, index) =>
            p.Gates == "h" ? -1
            : p.Into is null ? FirstGate(p)
            : gates + products.Take(index).Where(earlier => earlier.Into is not null).Sum(earlier => earlier.Gates.Length))];
        _apart = [.. cell.Gates.Select(gate => products.ToList().FindIndex(p => p.Into is not null && p.Gates.Contains(gate)))];
        Panels = new RecurrentPanels(this, WeightPrecision.Float32);
    }

    public ICell Cell { get; }
    /// <summary>The same, where it standardizes rows; null for other cells.</summary>
    public IRowCell? RowCell { get; }
    /// <summary>PyTorch's name of the layer and direction: <c>"encoder.l0_reverse"</c>.</summary>
    public string Place { get; }
    public int InputSize { get; }
    /// <summary>H: units of each gate.</summary>
    public int Hidden { get; }
    /// <summary>Width of h: H, or the rows of the projection.</summary>
    public int StateSize { get; }
    /// <summary>H rounded up to a multiple of 16.</summary>
    public int Padded { get; }
    /// <summary>The state's width rounded up to a multiple of 16.</summary>
    public int PaddedState { get; }
    /// <summary>How many gates.</summary>
    public int Gates => Cell.Gates.Length;
    /// <summary>Slots of δa: the gates, then one for each gate of a product that is kept apart; then what <see cref="IRowCell"/> says.</summary>
    public int BackSlots { get; }
    /// <summary>The saved slot of the first gate's W_ih x: the gate's own, but for a cell that standardizes it.</summary>
    public int InputSlot { get; }
    /// <summary>The slot of its gradient.</summary>
    public int InputBackSlot { get; }

    public Parameter InputToHidden { get; }
    public Parameter HiddenToHidden { get; }
    public Parameter InputBias { get; }
    public Parameter HiddenBias { get; }
    public Parameter? Projection { get; }
    /// <summary>What the cell sees of its own, row by row: peepholes; biases, gains.</summary>
    public Parameter[] Extras { get; }
    public Parameter? FirstH { get; }
    public Parameter? FirstC { get; }

    /// <summary>The weights as the products read them.</summary>
    public RecurrentPanels Panels { get; private set; }

    /// <summary>What drops weights of <see cref="HiddenToHidden"/> in training; null: nothing.</summary>
    public WeightDrop? Drop { get; set; }

    /// <summary>The matrices that products multiply by.</summary>
    public IEnumerable<Parameter> Matrices => Projection is null ? [InputToHidden, HiddenToHidden] : [InputToHidden, HiddenToHidden, Projection];

    /// <summary>From now on products are those of 8-bit weights, and there are none of a backward pass.</summary>
    public void Quantize() => Panels = new RecurrentPanels(this, WeightPrecision.Int8);

    /// <summary>The first of a product's gates.</summary>
    public int FirstGate(Product product) => Cell.Gates.IndexOf(product.Gates[0]);

    /// <summary>Terms of a product's sums.</summary>
    public int SourceSize(Product product) => product.Of == "h" ? StateSize : Hidden;

    /// <summary>The saved slot that a product multiplies; −1 for h₋.</summary>
    public int SourceSlot(int product) => _sourceSlots[product];

    /// <summary>The saved slot that receives a product; −1 for the state.</summary>
    public int TargetSlot(int product) => _targetSlots[product];

    /// <summary>The slot of δa that belongs to a product's target; −1 for δh.</summary>
    public int BackSlot(int product) => _backSlots[product];

    /// <summary>
    /// What the slots of δa belong to: the gates, then the saved slots of products that are kept apart; then what <see cref="IRowCell"/> says.
    /// </summary>
    public IReadOnlyList<string> Arguments =>
    [
        .. Cell.Saved.Take(Gates),
        .. Enumerable.Range(0, Cell.Products.Count).Where(p => Cell.Products[p].Into is not null)
            .SelectMany(p => Cell.Saved.Skip(TargetSlot(p)).Take(Cell.Products[p].Gates.Length)),
        .. RowCell is null ? [] : Cell.Saved.Skip(InputSlot).Take(Gates).Concat(RowCell.Deltas.Select(name => "δ" + name)),
    ];

    /// <summary>The product that keeps a gate's recurrent part apart, or −1.</summary>
    public int Apart(int gate) => _apart[gate];

    /// <summary>The slot of δ of that part.</summary>
    public int ApartSlot(int gate) => BackSlot(_apart[gate]) + gate - FirstGate(Cell.Products[_apart[gate]]);

    private static int RoundUp(int units) => (units + 15) / 16 * 16;
}
