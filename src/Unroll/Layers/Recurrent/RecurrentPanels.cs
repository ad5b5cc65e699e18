using Unroll.Cells;
using Unroll.Cells.Definitions;
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
        StepProduct[] products = weights.Schedule.Products;
        _bias = new PinnedBuffer(weights.Plan.Arguments.Count * weights.Padded);
        _extras = new PinnedBuffer(weights.ExtraRows * weights.Padded);
        Products = [.. products.Select(IPanels (p) => (p.Form == MatrixForm.Plain ? precision : WeightPrecision.Float32) switch
        {
            WeightPrecision.Int8 => new QuantizedPanels(p.Count, p.Rows, p.Depth),
            WeightPrecision.BFloat16 => new BFloat16Panels(p.Count, p.Rows, p.Depth),
            _ => new Panels(p.Count, p.Rows, p.Depth),
        })];
        ProductsBack = precision == WeightPrecision.Float32 ? [.. products.Select(p => new Panels(1, p.Depth, p.Count * PitchBack(p)))] : [];
        (_forward, _backward) = (new Packing(PackForward), new Packing(PackBackward));
    }

    /// <summary>
    /// Floats, or fewer bits for inference only; a matrix in another form than the stored one is multiplied in floats, made of the rounded one.
    /// </summary>
    public WeightPrecision Precision { get; }

    /// <summary>The panels of each product of the schedule.</summary>
    public IPanels[] Products { get; }

    /// <summary>δ of a product's arguments → δ of its source.</summary>
    public Panels[] ProductsBack { get; }

    /// <summary>[1, padded arguments, from this one on]: what each argument's chain begins with; of two biases the sum, rounded once.</summary>
    public MatrixView Bias(int argument)
    {
        int first = argument * _weights.Padded, columns = _bias.Length - first;
        return _bias.MatrixView(first, 1, columns, columns);
    }

    /// <summary>[rows, padded]: the cell's own parameters.</summary>
    public MatrixView Extras => _extras.MatrixView(0, _weights.ExtraRows, _weights.Padded, _weights.Padded);

    /// <summary>Rebuilds the panels of the forward pass if the weights may have changed; may be called by several readers at once.</summary>
    /// <param name="team">Shares the work; null for the caller alone.</param>
    /// <param name="drop">The seed of the recurrent weights that are dropped; 0: none.</param>
    public void Refresh(ThreadTeam? team = null, ulong drop = 0)
    {
        if (Volatile.Read(ref _drop) == drop && Volatile.Read(ref _version) == _weights.Version) return;
        lock (_packing)
        {
            long version = _weights.Version;
            if (_drop == drop && _version == version) return;
            Volatile.Write(ref _version, -1);                            // before the other, for those who read without the lock
            Volatile.Write(ref _drop, drop);
            PackVectors();
            _weights.Form(drop);
            Pack(_forward, team);
            Volatile.Write(ref _version, version);
        }
    }

    /// <summary>The same for the panels of the backward pass.</summary>
    public void RefreshBack(ThreadTeam? team, ulong drop = 0)
    {
        if (Volatile.Read(ref _dropBack) == drop && Volatile.Read(ref _versionBack) == _weights.Version) return;
        lock (_packing)
        {
            long version = _weights.Version;
            if (_dropBack == drop && _versionBack == version) return;
            Volatile.Write(ref _versionBack, -1);
            Volatile.Write(ref _dropBack, drop);
            _weights.Form(drop);
            Pack(_backward, team);
            Volatile.Write(ref _versionBack, version);
        }
    }

    private void Pack(Packing packing, ThreadTeam? team)
    {
        long weights = _weights.Work;
        packing.Workers = weights < FewWeights || team is null ? 1 : team.WorkersFor(PackingCost * weights);
        if (packing.Workers == 1) packing.Run(0);
        else team!.Run(packing, packing.Workers);
    }

    private void PackForward(int worker, int workers)
    {
        foreach (StepProduct p in _weights.Schedule.Products)
        {
            IPanels panels = Products[p.Index];
            panels.Pack(_weights.Values(p, _drop), p.Block, Share.Split(panels.Sixteens, worker, workers),
                Share.Split(panels.Sixteens, worker + 1, workers));
        }
    }

    private void PackBackward(int worker, int workers)
    {
        foreach (StepProduct p in _weights.Schedule.Products)
        {
            Panels panels = ProductsBack[p.Index];
            panels.PackTransposed(_weights.Values(p, _dropBack), p.Block, p.Count, p.Rows, PitchBack(p),
                Share.Split(panels.Sixteens, worker, workers), Share.Split(panels.Sixteens, worker + 1, workers));
        }
    }

    // From one argument's δ to the next.
    private int PitchBack(StepProduct product) => product.Delta < 0 ? _weights.StateSize : _weights.Padded;

    private void PackVectors()
    {
        StepPlan plan = _weights.Plan;
        for (int argument = 0; argument < plan.Arguments.Count; argument++)
        {
            IReadOnlyList<(int Vector, int Row)> biases = plan.Arguments[argument].Biases;
            Span<float> to = _bias.Span.Slice(argument * _weights.Padded, _weights.Hidden);
            if (biases.Count > 0) Set(_weights.Row(biases[0].Vector, biases[0].Row), to);
            if (biases.Count > 1)
            {
                ReadOnlySpan<float> other = _weights.Row(biases[1].Vector, biases[1].Row);
                for (int u = 0; u < to.Length; u++) to[u] += other[other.Length == 1 ? 0 : u];
            }
        }
        for (int row = 0; row < _weights.ExtraRows; row++)
            Set(_weights.Row(_weights.ExtraAt[row].Vector, _weights.ExtraAt[row].Row), _extras.Span.Slice(row * _weights.Padded, _weights.Hidden));
    }

    // A number fills the row.
    private static void Set(ReadOnlySpan<float> from, Span<float> to)
    {
        if (from.Length == to.Length) from.CopyTo(to);
        else to.Fill(from[0]);
    }

    private sealed class Packing(Action<int, int> part) : IWork
    {
        public int Workers { get; set; }

        public void Run(int worker) => part(worker, Workers);
    }
}
