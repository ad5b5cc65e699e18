using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>The weights of a recurrent layer as its products read them, rebuilt when the weights have changed.</summary>
internal sealed class RecurrentPanels
{
    private const int FewWeights = 1 << 16;                              // packed by the caller before another worker is awake
    private const int PackingCost = 32;                                  // in multiply-adds, as of all work that is shared
    private readonly RecurrentWeights _weights;
    private readonly Lock _packing = new();
    private readonly PinnedBuffer _bias, _extras;
    private readonly Packing _forward, _backward;
    private long _version = -1, _versionBack = -1;
    private ulong _drop, _dropBack;

    public RecurrentPanels(RecurrentWeights weights, WeightPrecision precision)
    {
        (_weights, Precision) = (weights, precision);
        ICell cell = weights.Cell;
        int gates = weights.Gates, hidden = weights.Hidden, padded = weights.Padded;
        _bias = new PinnedBuffer((gates + cell.Products.Count) * padded);
        _extras = new PinnedBuffer(cell.ExtraRows * padded);
        Input = Make(gates, hidden, weights.InputSize);
        Products = [.. cell.Products.Select(p =>
            p.Gates == "h" ? Make(1, weights.StateSize, hidden) : Make(p.Gates.Length, hidden, weights.SourceSize(p)))];
        bool trainable = precision == WeightPrecision.Float32;
        InputBack = new Panels(1, trainable ? weights.InputSize : 0, gates * padded);
        ProductsBack = trainable
            ? [.. cell.Products.Select(p =>
                p.Gates == "h" ? new Panels(1, hidden, weights.StateSize) : new Panels(1, weights.SourceSize(p), p.Gates.Length * padded))]
            : [];
        (_forward, _backward) = (new Packing(PackForward), new Packing(PackBackward));
    }

    /// <summary>Floats, or 8 bits for inference only.</summary>
    public WeightPrecision Precision { get; }

    /// <summary>x → all gates.</summary>
    public IPanels Input { get; }

    /// <summary>The panels of each of the cell's products, in the cell's order.</summary>
    public IPanels[] Products { get; }

    /// <summary>δ of all gates → δx.</summary>
    public Panels InputBack { get; }

    /// <summary>δ of a product's gates → δ of its source.</summary>
    public Panels[] ProductsBack { get; }

    /// <summary>
    /// [1, gates · padded]: what each gate's chain begins with, b_ih + b_hh rounded once; b_ih alone where a product is kept apart.
    /// </summary>
    public MatrixView Bias => _bias.MatrixView(0, 1, _weights.Gates * _weights.Padded, _weights.Gates * _weights.Padded);

    /// <summary>[1, padded]: what the chain of a product that is kept apart begins with.</summary>
    public MatrixView BiasApart(int product) => _bias.MatrixView((_weights.Gates + product) * _weights.Padded, 1, _weights.Padded, _weights.Padded);

    /// <summary>[rows, padded]: the cell's own parameters.</summary>
    public MatrixView Extras => _extras.MatrixView(0, _weights.Cell.ExtraRows, _weights.Padded, _weights.Padded);

    /// <summary>Rebuilds the panels of the forward pass if the weights may have changed; may be called by several readers at once.</summary>
    /// <param name="team">Shares the work; null for the caller alone.</param>
    /// <param name="drop">The seed of the recurrent weights that are dropped; 0: none.</param>
    public void Refresh(ThreadTeam? team = null, ulong drop = 0)
    {
        if (Volatile.Read(ref _drop) == drop && Volatile.Read(ref _version) == _weights.InputToHidden.Version) return;
        lock (_packing)
        {
            long version = _weights.InputToHidden.Version;
            if (_drop == drop && _version == version) return;
            Volatile.Write(ref _version, -1);                            // before the other, for those who read without the lock
            Volatile.Write(ref _drop, drop);
            PackBiases();
            if (drop != 0) _weights.Drop!.Draw(drop);
            Pack(_forward, team);
            Volatile.Write(ref _version, version);
        }
    }

    /// <summary>The same for the panels of the backward pass.</summary>
    public void RefreshBack(ThreadTeam? team, ulong drop = 0)
    {
        if (Volatile.Read(ref _dropBack) == drop && Volatile.Read(ref _versionBack) == _weights.InputToHidden.Version) return;
        lock (_packing)
        {
            long version = _weights.InputToHidden.Version;
            if (_dropBack == drop && _versionBack == version) return;
            Volatile.Write(ref _versionBack, -1);
            Volatile.Write(ref _dropBack, drop);
            if (drop != 0) _weights.Drop!.Draw(drop);
            Pack(_backward, team);
            Volatile.Write(ref _versionBack, version);
        }
    }

    private IPanels Make(int gates, int units, int depth) =>
        Precision == WeightPrecision.Int8 ? new QuantizedPanels(gates, units, depth) : new Panels(gates, units, depth);

    private void Pack(Packing packing, ThreadTeam? team)
    {
        int weights = _weights.InputToHidden.Length + _weights.HiddenToHidden.Length;
        packing.Workers = weights < FewWeights || team is null ? 1 : team.WorkersFor((long)PackingCost * weights);
        if (packing.Workers == 1) packing.Run(0);
        else team!.Run(packing, packing.Workers);
    }

    private ReadOnlySpan<float> Recurrent(ulong drop) => drop == 0 ? _weights.HiddenToHidden.Values : _weights.Drop!.Values;

    private void PackForward(int worker, int workers)
    {
        RecurrentWeights w = _weights;
        PackRows(Input, w.InputToHidden.Values, 0, worker, workers);
        for (int p = 0; p < Products.Length; p++)
        {
            bool projection = w.TargetSlot(p) < 0;
            PackRows(Products[p], projection ? w.Projection!.Values : Recurrent(_drop), projection ? 0 : w.FirstGate(w.Cell.Products[p]),
                worker, workers);
        }
    }

    private void PackBackward(int worker, int workers)
    {
        RecurrentWeights w = _weights;
        PackColumns(InputBack, w.InputToHidden.Values, 0, w.Gates, w.Hidden, w.Padded, worker, workers);
        for (int p = 0; p < ProductsBack.Length; p++)
        {
            Product product = w.Cell.Products[p];
            if (w.TargetSlot(p) < 0) PackColumns(ProductsBack[p], w.Projection!.Values, 0, 1, w.StateSize, w.StateSize, worker, workers);
            else
                PackColumns(ProductsBack[p], Recurrent(_dropBack), w.FirstGate(product), product.Gates.Length, w.Hidden, w.Padded, worker,
                    workers);
        }
    }

    private static void PackRows(IPanels panels, ReadOnlySpan<float> from, int firstGate, int worker, int workers) =>
        panels.Pack(from, firstGate, Share.Split(panels.Sixteens, worker, workers), Share.Split(panels.Sixteens, worker + 1, workers));

    private static void PackColumns(Panels panels, ReadOnlySpan<float> from, int firstGate, int gates, int rows, int pitch, int worker,
        int workers) =>
        panels.PackTransposed(from, firstGate, gates, rows, pitch,
            Share.Split(panels.Sixteens, worker, workers), Share.Split(panels.Sixteens, worker + 1, workers));

    private void PackBiases()
    {
        RecurrentWeights w = _weights;
        ReadOnlySpan<float> x = w.InputBias.Values, h = w.HiddenBias.Values;
        Span<float> to = _bias.Span;
        for (int gate = 0; gate < w.Gates; gate++)
            for (int u = 0, from = gate * w.Hidden, apart = w.RowCell is null ? w.Apart(gate) : -1; u < w.Hidden; u++, from++)
            {
                to[gate * w.Padded + u] = apart < 0 ? x[from] + h[from] : x[from];
                if (apart >= 0) to[(w.Gates + apart) * w.Padded + u] = h[from];
            }
        int next = 0;
        foreach (Parameter parameter in w.Extras)
            for (int row = 0; row < parameter.Length / w.Hidden; row++, next += w.Padded)
                parameter.Values.Slice(row * w.Hidden, w.Hidden).CopyTo(_extras.Span[next..]);
    }

    private sealed class Packing(Action<int, int> part) : IWork
    {
        public int Workers { get; set; }

        public void Run(int worker) => part(worker, Workers);
    }
}
