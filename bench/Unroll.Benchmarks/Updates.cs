using BenchmarkDotNet.Attributes;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Benchmarks;

/// <summary>What happens to a million weights after the backward pass.</summary>
public class Updates
{
    private const int Weights = 1 << 20;
    private readonly ThreadTeam _team = new(1);
    private readonly ParameterStore _store = new();
    private readonly Clipping _clipping = new() { Limit = 5 };
    private Optimizer _optimizer = null!;

    /// <summary>Every kind.</summary>
    public static IEnumerable<string> Kinds => OptimizerOptions.Kinds;

    /// <summary>Which optimizer.</summary>
    [ParamsSource(nameof(Kinds))]
    public string Kind { get; set; } = "";

    /// <summary>Gradients above the limit.</summary>
    [GlobalSetup]
    public void Fill()
    {
        _store.Add("weight", Weights);
        new Rng(1).Uniform(0, _store.Gradients);
        _optimizer = OptimizerOptions.Of(Kind).Create(Weights);
    }

    /// <summary>A step.</summary>
    [Benchmark]
    public void Step() => _optimizer.Step(_store, 1e-6f, _team);

    /// <summary>The norm, and the scaling where it is too large: at the second call it no longer is.</summary>
    [Benchmark]
    public ClipResult Clip() => _clipping.Apply(_store);

    /// <summary>Gradients to zero.</summary>
    [Benchmark]
    public void Clear() => _store.ClearGradients();
}
