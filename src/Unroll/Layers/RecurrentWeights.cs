using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>The parameters of one recurrent layer in one direction, under PyTorch's names, and the panels made from them.</summary>
internal sealed class RecurrentWeights
{
    private readonly ICell _cell;
    private readonly Lock _packing = new();
    private readonly PinnedBuffer _bias, _extras;
    private readonly Panels _input;
    private readonly Panels[] _products, _productsBack;
    private readonly Panels _inputBack;
    private long _version = -1, _versionBack = -1;

    public RecurrentWeights(ParameterStore store, ICell cell, string prefix, string suffix, int inputSize, int hidden, int? projection,
        bool learnedFirst)
    {
        (_cell, InputSize, Hidden, StateSize) = (cell, inputSize, hidden, projection ?? hidden);
        (Padded, PaddedState) = (RoundUp(hidden), RoundUp(StateSize));
        int gates = cell.Gates.Length;
        InputToHidden = store.Add($"{prefix}weight_ih{suffix}", gates * hidden, inputSize);
        HiddenToHidden = store.Add($"{prefix}weight_hh{suffix}", gates * hidden, StateSize);
        InputBias = store.Add($"{prefix}bias_ih{suffix}", gates * hidden);
        HiddenBias = store.Add($"{prefix}bias_hh{suffix}", gates * hidden);
        if (projection is not null) Projection = store.Add($"{prefix}weight_hr{suffix}", StateSize, hidden);
        if (cell.ExtraRows > 0) Extra = store.Add($"{prefix}peephole{suffix}", cell.ExtraRows, hidden);
        if (learnedFirst) FirstH = store.Add($"{prefix}h0{suffix}", StateSize);
        if (learnedFirst && cell.HasCellState) FirstC = store.Add($"{prefix}c0{suffix}", hidden);

        _bias = new PinnedBuffer((gates + cell.Products.Count) * Padded);
        _extras = new PinnedBuffer(cell.ExtraRows * Padded);
        _input = new Panels(gates, hidden, inputSize);
        _inputBack = new Panels(1, inputSize, gates * Padded);
        _products = [.. cell.Products.Select(p =>
            p.Gates == "h" ? new Panels(1, StateSize, hidden) : new Panels(p.Gates.Length, hidden, SourceSize(p)))];
        _productsBack = [.. cell.Products.Select(p =>
            p.Gates == "h" ? new Panels(1, hidden, StateSize) : new Panels(1, SourceSize(p), p.Gates.Length * Padded))];
    }

    public int InputSize { get; }
    /// <summary>H: units of each gate.</summary>
    public int Hidden { get; }
    /// <summary>Width of h: H, or the rows of the projection.</summary>
    public int StateSize { get; }
    /// <summary>H in whole sixteens.</summary>
    public int Padded { get; }
    /// <summary>The state's width in whole sixteens.</summary>
    public int PaddedState { get; }

    public Parameter InputToHidden { get; }
    public Parameter HiddenToHidden { get; }
    public Parameter InputBias { get; }
    public Parameter HiddenBias { get; }
    public Parameter? Projection { get; }
    public Parameter? Extra { get; }
    public Parameter? FirstH { get; }
    public Parameter? FirstC { get; }

    /// <summary>x → all gates.</summary>
    public Panels Input { get { Refresh(); return _input; } }

    /// <summary>The panels of each of the cell's products, in the cell's order.</summary>
    public Panels[] Products { get { Refresh(); return _products; } }

    /// <summary>δ of all gates → δx.</summary>
    public Panels InputBack { get { RefreshBack(); return _inputBack; } }

    /// <summary>δ of a product's gates → δ of its source.</summary>
    public Panels[] ProductsBack { get { RefreshBack(); return _productsBack; } }

    /// <summary>[gates, padded]: what each gate's chain begins with, b_ih + b_hh rounded once; b_ih alone where a product is kept apart.</summary>
    public ReadOnlySpan<float> Bias { get { Refresh(); return _bias.Span[..(_cell.Gates.Length * Padded)]; } }

    /// <summary>[padded]: what the chain of a product that is kept apart begins with.</summary>
    public ReadOnlySpan<float> BiasApart(int product) { Refresh(); return _bias.Span.Slice((_cell.Gates.Length + product) * Padded, Padded); }

    /// <summary>[rows, padded]: the cell's own parameter.</summary>
    public Block Extras { get { Refresh(); return _extras.Block(0, _cell.ExtraRows, Padded, Padded); } }

    /// <summary>The first of a product's gates.</summary>
    public int FirstGate(Product product) => _cell.Gates.IndexOf(product.Gates[0]);

    private int SourceSize(Product product) => product.Of == "h" ? StateSize : Hidden;

    private static int RoundUp(int units) => (units + 15) / 16 * 16;

    // Panels are made anew whenever the weights may have changed; several readers may ask at once.
    private void Refresh()
    {
        if (Volatile.Read(ref _version) == InputToHidden.Version) return;
        lock (_packing)
        {
            long version = InputToHidden.Version;
            if (_version == version) return;
            _input.Pack(InputToHidden.Values, 0);
            for (int p = 0; p < _products.Length; p++)
            {
                bool projection = _cell.Products[p].Gates == "h";
                _products[p].Pack(projection ? Projection!.Values : HiddenToHidden.Values, projection ? 0 : FirstGate(_cell.Products[p]));
            }
            PackBiases();
            for (int r = 0; r < _cell.ExtraRows; r++) Extra!.Values.Slice(r * Hidden, Hidden).CopyTo(_extras.Span[(r * Padded)..]);
            Volatile.Write(ref _version, version);
        }
    }

    private void RefreshBack()
    {
        if (Volatile.Read(ref _versionBack) == InputToHidden.Version) return;
        lock (_packing)
        {
            long version = InputToHidden.Version;
            if (_versionBack == version) return;
            _inputBack.PackTransposed(InputToHidden.Values, 0, _cell.Gates.Length, Hidden, Padded);
            for (int p = 0; p < _productsBack.Length; p++)
            {
                Product product = _cell.Products[p];
                if (product.Gates == "h") _productsBack[p].PackTransposed(Projection!.Values, 0, 1, StateSize, StateSize);
                else _productsBack[p].PackTransposed(HiddenToHidden.Values, FirstGate(product), product.Gates.Length, Hidden, Padded);
            }
            Volatile.Write(ref _versionBack, version);
        }
    }

    private void PackBiases()
    {
        ReadOnlySpan<float> x = InputBias.Values, h = HiddenBias.Values;
        Span<float> to = _bias.Span;
        for (int gate = 0; gate < _cell.Gates.Length; gate++)
        {
            int apart = Apart(_cell.Gates[gate]);
            for (int u = 0; u < Hidden; u++)
            {
                int from = gate * Hidden + u;
                to[gate * Padded + u] = apart < 0 ? x[from] + h[from] : x[from];
                if (apart >= 0) to[(_cell.Gates.Length + apart) * Padded + u] = h[from];
            }
        }
    }

    /// <summary>The product that keeps this gate's recurrent part apart, or −1.</summary>
    public int Apart(char gate)
    {
        for (int p = 0; p < _cell.Products.Count; p++)
            if (_cell.Products[p].Into is not null && _cell.Products[p].Gates.Contains(gate)) return p;
        return -1;
    }
}
