using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>The weights of a dense layer as its products read them, rebuilt when the weights have changed.</summary>
internal sealed class DensePanels
{
    private const int FewWeights = 1 << 16;                              // packed by the caller before another worker is awake
    private const int PackingCost = 32;                                  // in multiply-adds, as of all work that is shared
    private readonly Parameter _weight;
    private readonly Parameter? _bias;
    private readonly PinnedBuffer _biasRow;
    private readonly Lock _packing = new();
    private readonly Packing _forward, _back;
    private long _version = -1, _versionBack = -1;

    public DensePanels(Parameter weight, Parameter? bias)
    {
        (_weight, _bias) = (weight, bias);
        int outputs = weight.Shape[0], inputs = weight.Shape[1];
        (Forward, Back) = (new Panels(1, outputs, inputs), new Panels(1, inputs, outputs));
        _biasRow = new PinnedBuffer(Forward.Sixteens * 16);
        _forward = new Packing(Forward, (from, to) => Forward.Pack(_weight.Values, 0, from, to));
        _back = new Packing(Back, (from, to) => Back.PackTransposed(_weight.Values, 0, 1, outputs, outputs, from, to));
    }

    /// <summary>x → y.</summary>
    public Panels Forward { get; }

    /// <summary>δy → δx.</summary>
    public Panels Back { get; }

    /// <summary>[1, outputs rounded up to a multiple of 16]: what the chains of y begin with.</summary>
    public MatrixView Bias => _biasRow.MatrixView(0, 1, _biasRow.Length, _biasRow.Length);

    /// <summary>Rebuilds the panels of the forward pass if the weights may have changed; may be called by several readers at once.</summary>
    /// <param name="team">Shares the work; null for the caller alone.</param>
    public void Refresh(ThreadTeam? team = null)
    {
        if (Volatile.Read(ref _version) == _weight.Version) return;
        lock (_packing)
        {
            long version = _weight.Version;
            if (_version == version) return;
            _bias?.Values.CopyTo(_biasRow.Span);
            Pack(_forward, team);
            Volatile.Write(ref _version, version);
        }
    }

    /// <summary>The same for the panels of the backward pass.</summary>
    public void RefreshBack(ThreadTeam team)
    {
        if (Volatile.Read(ref _versionBack) == _weight.Version) return;
        lock (_packing)
        {
            long version = _weight.Version;
            if (_versionBack == version) return;
            Pack(_back, team);
            Volatile.Write(ref _versionBack, version);
        }
    }

    private void Pack(Packing packing, ThreadTeam? team)
    {
        packing.Workers = team is null || _weight.Length < FewWeights ? 1 : team.WorkersFor((long)PackingCost * _weight.Length);
        if (packing.Workers == 1) packing.Run(0);
        else team!.Run(packing, packing.Workers);
    }

    private sealed class Packing(Panels panels, Action<int, int> pack) : IWork
    {
        public int Workers { get; set; }

        public void Run(int worker) => pack(Share.Split(panels.Sixteens, worker, Workers), Share.Split(panels.Sixteens, worker + 1, Workers));
    }
}
