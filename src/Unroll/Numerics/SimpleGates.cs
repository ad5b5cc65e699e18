using System.Runtime.CompilerServices;
using static Unroll.Numerics.Activations;
using static Unroll.Numerics.GateMath;

namespace Unroll.Numerics;

/// <summary>The activation of a cell that has one "gate".</summary>
internal enum Squash
{
    Tanh,
    Relu,
    Logistic,
}

/// <summary>The vanilla RNN and the residual recurrence: one activation, with or without the old state added.</summary>
internal static unsafe class SimpleGates
{
    //  a = φ(z)      h = a    or, residual,    h = h₋ + a
    public static void Forward(in MatrixView a, in MatrixView hPrev, in MatrixView h, Squash squash, bool residual, float clip)
    {
        Tile s = new() { A = a, HPrev = hPrev, H = h, Residual = residual, Clip = clip };
        if (squash == Squash.Tanh) Kernel.Run<ForwardKernel<TanhSquash>, Tile>(s);
        else if (squash == Squash.Relu) Kernel.Run<ForwardKernel<ReluSquash>, Tile>(s);
        else Kernel.Run<ForwardKernel<LogisticSquash>, Tile>(s);
    }

    //  δz = δh ⊙ φ'(z)      δh₋ = 0    or, residual,    δh₋ = δh
    public static void Backward(in MatrixView a, in MatrixView dh, in MatrixView da, in MatrixView dhPrev, Squash squash, bool residual, float clip)
    {
        Tile s = new() { A = a, H = dh, DA = da, HPrev = dhPrev, Residual = residual, Clip = clip };
        if (squash == Squash.Tanh) Kernel.Run<BackwardKernel<TanhSquash>, Tile>(s);
        else if (squash == Squash.Relu) Kernel.Run<BackwardKernel<ReluSquash>, Tile>(s);
        else Kernel.Run<BackwardKernel<LogisticSquash>, Tile>(s);
    }

    /// <summary>Forward: a, h₋, h. Backward: a, δh₋, δh and δa.</summary>
    internal readonly ref struct Tile
    {
        public MatrixView A { get; init; }
        public MatrixView HPrev { get; init; }
        public MatrixView H { get; init; }
        public MatrixView DA { get; init; }
        public bool Residual { get; init; }
        public float Clip { get; init; }
    }

    internal interface ISquash
    {
        static abstract V Apply<V>(V z) where V : struct, ILane<V>;
        static abstract V Slope<V>(V d, V a) where V : struct, ILane<V>;
    }

    internal readonly struct TanhSquash : ISquash
    {
        public static V Apply<V>(V z) where V : struct, ILane<V> => Tanh(z);
        public static V Slope<V>(V d, V a) where V : struct, ILane<V> => TanhBack(d, a);
    }

    internal readonly struct ReluSquash : ISquash
    {
        public static V Apply<V>(V z) where V : struct, ILane<V> => V.WhereLess(z, V.Of(0f), V.Of(0f), z);
        public static V Slope<V>(V d, V a) where V : struct, ILane<V> => V.WhereLess(V.Of(0f), a, d, a - a);     // 0, or NaN where a is
    }

    internal readonly struct LogisticSquash : ISquash
    {
        public static V Apply<V>(V z) where V : struct, ILane<V> => Sigmoid(z);
        public static V Slope<V>(V d, V a) where V : struct, ILane<V> => SigmoidBack(d, a);
    }

    internal readonly struct ForwardKernel<TSquash> : IKernel<Tile> where TSquash : struct, ISquash
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in Tile s) where V : struct, ILane<V>
        {
            bool clip = s.Clip < float.PositiveInfinity, residual = s.Residual;
            nint units = s.H.Columns, lanes = V.Count;
            for (nint row = 0, rows = s.H.Rows; row < rows; row++)
            {
                float* a = s.A.Start + row * s.A.Stride, before = s.HPrev.Start + row * s.HPrev.Stride, after = s.H.Start + row * s.H.Stride;
                for (nint u = 0; u < units; u += lanes)
                {
                    V z = V.Load(a + u);
                    if (clip) z = Clip(z, s.Clip);
                    V value = TSquash.Apply(z);
                    value.Store(a + u);
                    (residual ? V.Load(before + u) + value : value).Store(after + u);
                }
            }
        }
    }

    internal readonly struct BackwardKernel<TSquash> : IKernel<Tile> where TSquash : struct, ISquash
    {
        [MethodImpl(Compilation.Kernel)]
        public static void Run<V>(in Tile s) where V : struct, ILane<V>
        {
            bool clip = s.Clip < float.PositiveInfinity, residual = s.Residual;
            (V bottom, V top) = clip ? (TSquash.Apply(V.Of(-s.Clip)), TSquash.Apply(V.Of(s.Clip))) : default;
            nint units = s.H.Columns, lanes = V.Count;
            for (nint row = 0, rows = s.H.Rows; row < rows; row++)
            {
                float* a = s.A.Start + row * s.A.Stride, dh = s.H.Start + row * s.H.Stride;
                float* dz = s.DA.Start + row * s.DA.Stride, dhPrev = s.HPrev.Start + row * s.HPrev.Stride;
                for (nint u = 0; u < units; u += lanes)
                {
                    V d = V.Load(dh + u), value = V.Load(a + u), slope = TSquash.Slope(d, value);
                    if (clip) slope = ClipBack(slope, value, bottom, top);
                    slope.Store(dz + u);
                    (residual ? d : V.Of(0f)).Store(dhPrev + u);
                }
            }
        }
    }
}
