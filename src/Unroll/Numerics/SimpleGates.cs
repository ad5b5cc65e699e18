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
    public static void Forward(in Block a, in Block hPrev, in Block h, Squash squash, bool residual, float clip)
    {
        if (Hardware.Wide) Forward<Lanes16>(a, hPrev, h, squash, residual, clip);
        else if (Hardware.Half) Forward<Lanes8>(a, hPrev, h, squash, residual, clip);
        else Forward<Lanes1>(a, hPrev, h, squash, residual, clip);
    }

    //  δz = δh ⊙ φ'(z)      δh₋ = 0    or, residual,    δh₋ = δh
    public static void Backward(in Block a, in Block dh, in Block da, in Block dhPrev, Squash squash, bool residual, float clip)
    {
        if (Hardware.Wide) Backward<Lanes16>(a, dh, da, dhPrev, squash, residual, clip);
        else if (Hardware.Half) Backward<Lanes8>(a, dh, da, dhPrev, squash, residual, clip);
        else Backward<Lanes1>(a, dh, da, dhPrev, squash, residual, clip);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Apply<V>(Squash squash, V z) where V : struct, ILane<V> => squash switch
    {
        Squash.Tanh => Tanh(z),
        Squash.Relu => V.WhereLess(z, V.Of(0f), V.Of(0f), z),
        _ => Sigmoid(z),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Slope<V>(Squash squash, V d, V a) where V : struct, ILane<V> => squash switch
    {
        Squash.Tanh => TanhBack(d, a),
        Squash.Relu => V.WhereLess(V.Of(0f), a, d, a - a),               // 0, or NaN where a is
        _ => SigmoidBack(d, a),
    };

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Forward<V>(in Block a, in Block hPrev, in Block h, Squash squash, bool residual, float limit) where V : struct, ILane<V>
    {
        bool clip = limit < float.PositiveInfinity;
        nint units = h.Columns, lanes = V.Count;
        for (int row = 0, rows = h.Rows; row < rows; row++)
        {
            float* pa = a.Start + (nint)row * a.Stride, before = hPrev.Start + (nint)row * hPrev.Stride, after = h.Start + (nint)row * h.Stride;
            for (nint u = 0; u < units; u += lanes)
            {
                V z = V.Load(pa + u);
                if (clip) z = Clip(z, limit);
                V value = Apply(squash, z);
                value.Store(pa + u);
                (residual ? V.Load(before + u) + value : value).Store(after + u);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Backward<V>(in Block a, in Block dh, in Block da, in Block dhPrev, Squash squash, bool residual, float limit)
        where V : struct, ILane<V>
    {
        bool clip = limit < float.PositiveInfinity;
        V top = Apply(squash, V.Of(limit)), bottom = Apply(squash, V.Of(-limit));
        nint units = dh.Columns, lanes = V.Count;
        for (int row = 0, rows = dh.Rows; row < rows; row++)
        {
            float* pa = a.Start + (nint)row * a.Stride, dNow = dh.Start + (nint)row * dh.Stride;
            float* dz = da.Start + (nint)row * da.Stride, dBefore = dhPrev.Start + (nint)row * dhPrev.Stride;
            for (nint u = 0; u < units; u += lanes)
            {
                V d = V.Load(dNow + u), value = V.Load(pa + u), slope = Slope(squash, d, value);
                if (clip) slope = ClipBack(slope, value, bottom, top);
                slope.Store(dz + u);
                (residual ? d : V.Of(0f)).Store(dBefore + u);
            }
        }
    }
}
