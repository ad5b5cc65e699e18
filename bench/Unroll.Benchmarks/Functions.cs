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
    public void Exp() => Run<ExpFunction>(_y, _x);

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void Sigmoid() => Run<SigmoidFunction>(_y, _x);

    /// <summary>tanh x.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void Tanh() => Run<TanhFunction>(_y, _x);

    /// <summary>x · f.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void Scale() => Elementwise.Scale(_y, 1);

    /// <summary>Σ x².</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public double SumSquares() => Reduce.SumSquares(_x);

    private static unsafe void Run<TFunction>(float[] y, float[] x) where TFunction : struct, IFunction
    {
        fixed (float* to = y, from = x) Kernel.Run<FunctionKernel<TFunction>, Pair>(new Pair { X = from, Y = to });
    }

    private unsafe struct Pair
    {
        public float* X, Y;
    }

    private interface IFunction
    {
        static abstract V Of<V>(V x) where V : struct, ILane<V>;
    }

    private readonly unsafe struct FunctionKernel<TFunction> : IKernel<Pair> where TFunction : struct, IFunction
    {
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(in Pair s) where V : struct, ILane<V>
        {
            float* x = s.X, y = s.Y;
            for (int i = 0; i < Count; i += V.Count) TFunction.Of(V.Load(x + i)).Store(y + i);
        }
    }

    private readonly struct ExpFunction : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V x) where V : struct, ILane<V> => Activations.Exp(x);
    }

    private readonly struct SigmoidFunction : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V x) where V : struct, ILane<V> => Activations.Sigmoid(x);
    }

    private readonly struct TanhFunction : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V x) where V : struct, ILane<V> => Activations.Tanh(x);
    }
}
