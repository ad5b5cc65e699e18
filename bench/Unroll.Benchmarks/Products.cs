using BenchmarkDotNet.Attributes;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;

namespace Unroll.Benchmarks;

/// <summary>The products of a linear layer on packed weights: forward one, backward two and the sums of rows.</summary>
public class Products
{
    private readonly ThreadTeam _team = new(1);
    private readonly ParameterStore _store = new();
    private readonly Workspace _back = new(), _ahead = new();
    private Dense _layer = null!;
    private SequenceBatch _x, _dy;
    private Pass _forward, _backward;
    private Cache _cache = null!;

    /// <summary>Rows, inputs, outputs.</summary>
    [Params("1,256,1024", "32,128,512", "32,512,2048", "1600,128,512")]
    public string Shape { get; set; } = "";

    /// <summary>Fills everything with small numbers.</summary>
    [GlobalSetup]
    public void Fill()
    {
        int[] sizes = [.. Shape.Split(',').Select(int.Parse)];
        _layer = new Dense("product", _store, sizes[1], sizes[2]);
        using (Edit edit = _store.Edit()) new Rng(1).Uniform(0, edit.Values);
        SequenceLayout layout = SequenceLayout.Uniform(sizes[0], 1);
        (_x, _dy) = (SequenceBatch.Zeros(layout, sizes[1]), SequenceBatch.Zeros(layout, sizes[2]));
        new Rng(2).Uniform(0, _x.All);
        new Rng(3).Uniform(0, _dy.All);
        (_forward, _backward) = (new Pass(_ahead, _team, new Rng(1), Training: true), new Pass(_back, _team, new Rng(1), Training: true));
        _cache = _layer.Forward(_x, new Pass(new Workspace(), _team, new Rng(1), Training: true));
    }

    /// <summary>y = x Wᵀ + b.</summary>
    [Benchmark]
    public Cache Forward()
    {
        _ahead.Reset();
        return _layer.Forward(_x, _forward);
    }

    /// <summary>δx = δy W, δW += δyᵀ x, δb += Σ δy.</summary>
    [Benchmark]
    public SequenceBatch Backward()
    {
        _back.Reset();
        return _layer.Backward(_dy, _cache, _backward);
    }
}
