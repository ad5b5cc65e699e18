using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

/// <summary>Where some rows begin, and how many floats lie from one to the next; 0: every row is the same one.</summary>
internal unsafe struct RowsAt(in MatrixView matrix)
{
    public float* Start = matrix.Start;
    public nint Stride = matrix.Stride;
}

/// <summary>Matrices of the same rows that lie side by side, or one alone.</summary>
/// <param name="first">The first.</param>
/// <param name="pitch">Floats from one to the next.</param>
internal readonly unsafe struct SideBySide(in MatrixView first, int pitch)
{
    private readonly float* _start = first.Start;
    private readonly nint _stride = first.Stride, _pitch = pitch;

    /// <summary>Where one of them is.</summary>
    public RowsAt this[int index] => new() { Start = _start + index * _pitch, Stride = _stride };
}

/// <summary>One of the matrices of a kind.</summary>
/// <param name="Kind">The number of the kind.</param>
/// <param name="Index">Which of its matrices.</param>
internal readonly record struct PlaceOfRows(int Kind, int Index);

/// <summary>Which rows, by number, a statement writes and reads.</summary>
internal struct StatementRows
{
    public int To, A, B, C, D;
}

/// <summary>
/// A loop over some units of some rows: to = E(a, b, c, d). Units are a multiple of 16; of each row any operands may be the same memory.
/// </summary>
/// <remarks>A loop for each number of operands: one loop that asked which there are would be slower.</remarks>
internal static unsafe class Statement<E> where E : struct, IExpression
{
    [MethodImpl(Compilation.Kernel)]
    public static void Run1<V>(RowsAt* at, StatementRows* s, nint rows, nint units) where V : struct, ILane<V>
    {
        float* to = at[s->To].Start, a = at[s->A].Start;
        for (; rows > 0; rows--, to += at[s->To].Stride, a += at[s->A].Stride)
            for (nint u = 0; u < units; u += V.Count) E.Of(V.Load(a + u), default, default, default).Store(to + u);
    }

    [MethodImpl(Compilation.Kernel)]
    public static void Run2<V>(RowsAt* at, StatementRows* s, nint rows, nint units) where V : struct, ILane<V>
    {
        float* to = at[s->To].Start, a = at[s->A].Start, b = at[s->B].Start;
        for (; rows > 0; rows--, to += at[s->To].Stride, a += at[s->A].Stride, b += at[s->B].Stride)
            for (nint u = 0; u < units; u += V.Count) E.Of(V.Load(a + u), V.Load(b + u), default, default).Store(to + u);
    }

    [MethodImpl(Compilation.Kernel)]
    public static void Run3<V>(RowsAt* at, StatementRows* s, nint rows, nint units) where V : struct, ILane<V>
    {
        float* to = at[s->To].Start, a = at[s->A].Start, b = at[s->B].Start, c = at[s->C].Start;
        for (; rows > 0; rows--, to += at[s->To].Stride, a += at[s->A].Stride, b += at[s->B].Stride, c += at[s->C].Stride)
            for (nint u = 0; u < units; u += V.Count) E.Of(V.Load(a + u), V.Load(b + u), V.Load(c + u), default).Store(to + u);
    }

    [MethodImpl(Compilation.Kernel)]
    public static void Run4<V>(RowsAt* at, StatementRows* s, nint rows, nint units) where V : struct, ILane<V>
    {
        float* to = at[s->To].Start, a = at[s->A].Start, b = at[s->B].Start, c = at[s->C].Start, d = at[s->D].Start;
        for (; rows > 0; rows--, to += at[s->To].Stride, a += at[s->A].Stride, b += at[s->B].Stride, c += at[s->C].Stride, d += at[s->D].Stride)
            for (nint u = 0; u < units; u += V.Count) E.Of(V.Load(a + u), V.Load(b + u), V.Load(c + u), V.Load(d + u)).Store(to + u);
    }
}

/// <summary>A shape that is compiled with the library: what it computes, and its loop for every width.</summary>
internal sealed unsafe class StatementShape
{
    private StatementShape(Pattern pattern, delegate*<RowsAt*, StatementRows*, nint, nint, void> sixteen,
        delegate*<RowsAt*, StatementRows*, nint, nint, void> eight, delegate*<RowsAt*, StatementRows*, nint, nint, void> four,
        delegate*<RowsAt*, StatementRows*, nint, nint, void> one)
    {
        (Pattern, Operands, Operations) = (pattern, pattern.Operands, pattern.Operations);
        Sixteen = sixteen;
        Eight = eight;
        Four = four;
        Single = one;
    }

    /// <summary>What it computes.</summary>
    public Pattern Pattern { get; }

    /// <summary>How many rows it reads: 1 to 4.</summary>
    public int Operands { get; }

    /// <summary>How many operations it does at once.</summary>
    public int Operations { get; }

    /// <summary>The loop on 16, 8, 4 and 1 lanes; null for what only other processors have.</summary>
    public readonly delegate*<RowsAt*, StatementRows*, nint, nint, void> Sixteen, Eight, Four, Single;

    /// <summary>The loop on the widest lanes there are.</summary>
    public delegate*<RowsAt*, StatementRows*, nint, nint, void> Widest =>
        Hardware.Wide ? Sixteen : Hardware.Half ? Eight : Hardware.Quarter ? Four : Single;

    public static StatementShape Of1<E>() where E : struct, IExpression => X86Base.IsSupported
        ? new(E.Pattern, &Statement<E>.Run1<Lanes16>, &Statement<E>.Run1<Lanes8>, &Statement<E>.Run1<Lanes4>, &Statement<E>.Run1<Lanes1>)
        : new(E.Pattern, null, null, &Statement<E>.Run1<Lanes4>, &Statement<E>.Run1<Lanes1>);

    public static StatementShape Of2<E>() where E : struct, IExpression => X86Base.IsSupported
        ? new(E.Pattern, &Statement<E>.Run2<Lanes16>, &Statement<E>.Run2<Lanes8>, &Statement<E>.Run2<Lanes4>, &Statement<E>.Run2<Lanes1>)
        : new(E.Pattern, null, null, &Statement<E>.Run2<Lanes4>, &Statement<E>.Run2<Lanes1>);

    public static StatementShape Of3<E>() where E : struct, IExpression => X86Base.IsSupported
        ? new(E.Pattern, &Statement<E>.Run3<Lanes16>, &Statement<E>.Run3<Lanes8>, &Statement<E>.Run3<Lanes4>, &Statement<E>.Run3<Lanes1>)
        : new(E.Pattern, null, null, &Statement<E>.Run3<Lanes4>, &Statement<E>.Run3<Lanes1>);

    public static StatementShape Of4<E>() where E : struct, IExpression => X86Base.IsSupported
        ? new(E.Pattern, &Statement<E>.Run4<Lanes16>, &Statement<E>.Run4<Lanes8>, &Statement<E>.Run4<Lanes4>, &Statement<E>.Run4<Lanes1>)
        : new(E.Pattern, null, null, &Statement<E>.Run4<Lanes4>, &Statement<E>.Run4<Lanes1>);
}
