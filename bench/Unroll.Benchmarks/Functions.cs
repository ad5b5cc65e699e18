using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Benchmarks;

/// <summary>Functions of 4096 numbers that stay in the nearest cache.</summary>
public class Functions
{
    private const int Count = 4096;
    private readonly float[] _x = new float[Count], _y = new float[Count];

    /// <summary>Draws in [−8, 8).</summary>
    [GlobalSetup]
    public void Fill()
    {
        new Rng(1).Uniform(0, _x);
        foreach (ref float x in _x.AsSpan()) x = 16 * x - 8;
    }

    /// <summary>eˣ.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void Exp() => Elementwise.Each<ExpMap>(_y, _x, 1);

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void Sigmoid() => Elementwise.Each<SigmoidMap>(_y, _x, 1);

    /// <summary>tanh x.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void Tanh() => Elementwise.Each<TanhMap>(_y, _x, 1);

    /// <summary>x · f.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void Scale() => Elementwise.Scale(_y, 1);

    /// <summary>Σ x².</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public double SumSquares() => Reduce.SumSquares(_x);

    private readonly struct ExpMap : Elementwise.IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => Activations.Exp(x);
    }

    private readonly struct SigmoidMap : Elementwise.IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => Activations.Sigmoid(x);
    }

    private readonly struct TanhMap : Elementwise.IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => Activations.Tanh(x);
    }
}
