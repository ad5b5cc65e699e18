using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

/// <summary>
/// Some floats side by side. A kernel is written once over V and compiled for 16, 8, 4 and 1 of them: the same operations in the same order on
/// every element, so that the width changes no bit and the tail of a row is the same kernel with one lane. <see cref="Kernel"/> chooses the width.
/// </summary>
/// <remarks>Implemented by this library alone. Addresses are not checked against the ends of rows.</remarks>
public unsafe interface ILane<V> where V : struct, ILane<V>
{
    /// <summary>How many floats: 16, 8, 4 or 1.</summary>
    static abstract int Count { get; }

    /// <summary>The floats of a row from an index on.</summary>
    /// <param name="row">The row's first float; see <see cref="MatrixView.RowStart"/>.</param>
    /// <param name="at">The index of the first of them.</param>
    static abstract V Load(ref readonly float row, int at);

    /// <summary>Overwrites the floats of a row from an index on.</summary>
    /// <param name="row">The row's first float.</param>
    /// <param name="at">The index of the first of them.</param>
    void Store(ref float row, int at);

    /// <summary>The same number in every lane.</summary>
    static abstract V Of(float value);

    /// <summary>a + b.</summary>
    static abstract V operator +(V a, V b);
    /// <summary>a − b.</summary>
    static abstract V operator -(V a, V b);
    /// <summary>a ⊙ b.</summary>
    static abstract V operator *(V a, V b);
    /// <summary>a / b.</summary>
    static abstract V operator /(V a, V b);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract V Fma(V a, V b, V c);
    /// <summary>√a.</summary>
    static abstract V Sqrt(V a);
    /// <summary>|a|.</summary>
    static abstract V Abs(V a);
    /// <summary>The size of <paramref name="size"/> with the sign of <paramref name="sign"/>.</summary>
    static abstract V WithSign(V size, V sign);
    /// <summary>Where a &lt; b, <paramref name="then"/>, elsewhere <paramref name="otherwise"/>; a NaN is not less than anything.</summary>
    static abstract V WhereLess(V a, V b, V then, V otherwise);
    /// <summary>The smaller; <paramref name="b"/> where either is NaN.</summary>
    static abstract V Min(V a, V b);
    /// <summary>The larger; <paramref name="b"/> where either is NaN.</summary>
    static abstract V Max(V a, V b);

    /// <summary>The floats from an address on.</summary>
    internal static abstract V Load(float* from);
    /// <summary>The lower halves of some words, each a bfloat16, as the floats that they are.</summary>
    internal static abstract V LowerHalves(uint* words);
    /// <summary>Their upper halves.</summary>
    internal static abstract V UpperHalves(uint* words);
    /// <summary>2ⁿ where the low nine bits of a float's pattern are n + 127, −127 ≤ n ≤ 128; 0 at the lower end, ∞ at the upper.</summary>
    internal static abstract V PowerOfTwo(V a);
    /// <summary>e of a = 2ᵉ m with √½ ≤ m &lt; √2; of a positive normal number.</summary>
    internal static abstract V ExponentOf(V a);
    /// <summary>m of a = 2ᵉ m with √½ ≤ m &lt; √2; of a positive normal number.</summary>
    internal static abstract V SignificandOf(V a);
    /// <summary>Overwrites the floats from an address on.</summary>
    internal void Store(float* to);
}

/// <summary>Patterns of floats, as integers.</summary>
internal static class FloatPattern
{
    /// <summary>√½, rounded down.</summary>
    public const int RootOfHalf = 0x3f3504f3;
}

/// <summary>16 floats.</summary>
internal unsafe struct Lanes16 : ILane<Lanes16>
{
    private Vector512<float> _v;
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 16; }
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes16 Load(float* from) => new() { _v = Vector512.Load(from) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(ref readonly float row, int at) => new() { _v = Vector512.LoadUnsafe(in row, (nuint)at) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public readonly void Store(ref float row, int at) => _v.StoreUnsafe(ref row, (nuint)at);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes16 Of(float value) => new() { _v = Vector512.Create(value) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes16 operator +(Lanes16 a, Lanes16 b) => new() { _v = a._v + b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes16 operator -(Lanes16 a, Lanes16 b) => new() { _v = a._v - b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes16 operator *(Lanes16 a, Lanes16 b) => new() { _v = a._v * b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes16 operator /(Lanes16 a, Lanes16 b) => new() { _v = a._v / b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes16 Fma(Lanes16 a, Lanes16 b, Lanes16 c) =>
        new() { _v = Vector512.FusedMultiplyAdd(a._v, b._v, c._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes16 Sqrt(Lanes16 a) => new() { _v = Vector512.Sqrt(a._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes16 Abs(Lanes16 a) => new() { _v = Vector512.Abs(a._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 WithSign(Lanes16 size, Lanes16 sign) =>
        new() { _v = Vector512.ConditionalSelect(Vector512.Create(int.MinValue).AsSingle(), sign._v, size._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 WhereLess(Lanes16 a, Lanes16 b, Lanes16 then, Lanes16 otherwise) =>
        new() { _v = Vector512.ConditionalSelect(Vector512.LessThan(a._v, b._v), then._v, otherwise._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Min(Lanes16 a, Lanes16 b) => new() { _v = Vector512.MinNative(a._v, b._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Max(Lanes16 a, Lanes16 b) => new() { _v = Vector512.MaxNative(a._v, b._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 PowerOfTwo(Lanes16 a) => new() { _v = Vector512.ShiftLeft(a._v.AsInt32(), 23).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 ExponentOf(Lanes16 a) => new() { _v = Vector512.ConvertToSingle(Exponents(a)) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 SignificandOf(Lanes16 a) =>
        new() { _v = (a._v.AsInt32() - Vector512.ShiftLeft(Exponents(a), 23)).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Exponents(Lanes16 a) =>
        Vector512.ShiftRightArithmetic(a._v.AsInt32() - Vector512.Create(FloatPattern.RootOfHalf), 23);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LowerHalves(uint* words) => new() { _v = Vector512.ShiftLeft(Vector512.Load(words), 16).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 UpperHalves(uint* words) => new() { _v = (Vector512.Load(words) & Vector512.Create(0xFFFF_0000u)).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public readonly void Store(float* to) => _v.Store(to);
}

/// <summary>8 floats.</summary>
internal unsafe struct Lanes8 : ILane<Lanes8>
{
    private Vector256<float> _v;
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 8; }
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes8 Load(float* from) => new() { _v = Vector256.Load(from) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Load(ref readonly float row, int at) => new() { _v = Vector256.LoadUnsafe(in row, (nuint)at) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public readonly void Store(ref float row, int at) => _v.StoreUnsafe(ref row, (nuint)at);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes8 Of(float value) => new() { _v = Vector256.Create(value) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes8 operator +(Lanes8 a, Lanes8 b) => new() { _v = a._v + b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes8 operator -(Lanes8 a, Lanes8 b) => new() { _v = a._v - b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes8 operator *(Lanes8 a, Lanes8 b) => new() { _v = a._v * b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes8 operator /(Lanes8 a, Lanes8 b) => new() { _v = a._v / b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes8 Fma(Lanes8 a, Lanes8 b, Lanes8 c) =>
        new() { _v = System.Runtime.Intrinsics.X86.Fma.MultiplyAdd(a._v, b._v, c._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes8 Sqrt(Lanes8 a) => new() { _v = Vector256.Sqrt(a._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes8 Abs(Lanes8 a) => new() { _v = Vector256.Abs(a._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 WithSign(Lanes8 size, Lanes8 sign) =>
        new() { _v = Vector256.ConditionalSelect(Vector256.Create(int.MinValue).AsSingle(), sign._v, size._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 WhereLess(Lanes8 a, Lanes8 b, Lanes8 then, Lanes8 otherwise) =>
        new() { _v = Vector256.ConditionalSelect(Vector256.LessThan(a._v, b._v), then._v, otherwise._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes8 Min(Lanes8 a, Lanes8 b) => new() { _v = Vector256.MinNative(a._v, b._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes8 Max(Lanes8 a, Lanes8 b) => new() { _v = Vector256.MaxNative(a._v, b._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 PowerOfTwo(Lanes8 a) => new() { _v = Vector256.ShiftLeft(a._v.AsInt32(), 23).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 ExponentOf(Lanes8 a) => new() { _v = Vector256.ConvertToSingle(Exponents(a)) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 SignificandOf(Lanes8 a) =>
        new() { _v = (a._v.AsInt32() - Vector256.ShiftLeft(Exponents(a), 23)).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Exponents(Lanes8 a) =>
        Vector256.ShiftRightArithmetic(a._v.AsInt32() - Vector256.Create(FloatPattern.RootOfHalf), 23);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LowerHalves(uint* words) => new() { _v = Vector256.ShiftLeft(Vector256.Load(words), 16).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 UpperHalves(uint* words) => new() { _v = (Vector256.Load(words) & Vector256.Create(0xFFFF_0000u)).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public readonly void Store(float* to) => _v.Store(to);
}

/// <summary>4 floats.</summary>
internal unsafe struct Lanes4 : ILane<Lanes4>
{
    private Vector128<float> _v;
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 4; }
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes4 Load(float* from) => new() { _v = Vector128.Load(from) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Load(ref readonly float row, int at) => new() { _v = Vector128.LoadUnsafe(in row, (nuint)at) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public readonly void Store(ref float row, int at) => _v.StoreUnsafe(ref row, (nuint)at);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes4 Of(float value) => new() { _v = Vector128.Create(value) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes4 operator +(Lanes4 a, Lanes4 b) => new() { _v = a._v + b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes4 operator -(Lanes4 a, Lanes4 b) => new() { _v = a._v - b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes4 operator *(Lanes4 a, Lanes4 b) => new() { _v = a._v * b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes4 operator /(Lanes4 a, Lanes4 b) => new() { _v = a._v / b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes4 Fma(Lanes4 a, Lanes4 b, Lanes4 c) =>
        new() { _v = Vector128.FusedMultiplyAdd(a._v, b._v, c._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes4 Sqrt(Lanes4 a) => new() { _v = Vector128.Sqrt(a._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes4 Abs(Lanes4 a) => new() { _v = Vector128.Abs(a._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 WithSign(Lanes4 size, Lanes4 sign) =>
        new() { _v = Vector128.ConditionalSelect(Vector128.Create(int.MinValue).AsSingle(), sign._v, size._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 WhereLess(Lanes4 a, Lanes4 b, Lanes4 then, Lanes4 otherwise) =>
        new() { _v = Vector128.ConditionalSelect(Vector128.LessThan(a._v, b._v), then._v, otherwise._v) };
    // ARM's own minimum gives a NaN where either is one, and −0 of −0 and +0. Two returns, not one with "?:", which would go through memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Min(Lanes4 a, Lanes4 b)
    {
        if (Sse.IsSupported) return new() { _v = Sse.Min(a._v, b._v) };
        return WhereLess(a, b, a, b);
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Max(Lanes4 a, Lanes4 b)
    {
        if (Sse.IsSupported) return new() { _v = Sse.Max(a._v, b._v) };
        return WhereLess(b, a, a, b);
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 PowerOfTwo(Lanes4 a) => new() { _v = Vector128.ShiftLeft(a._v.AsInt32(), 23).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 ExponentOf(Lanes4 a) => new() { _v = Vector128.ConvertToSingle(Exponents(a)) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 SignificandOf(Lanes4 a) =>
        new() { _v = (a._v.AsInt32() - Vector128.ShiftLeft(Exponents(a), 23)).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Exponents(Lanes4 a) =>
        Vector128.ShiftRightArithmetic(a._v.AsInt32() - Vector128.Create(FloatPattern.RootOfHalf), 23);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LowerHalves(uint* words) => new() { _v = Vector128.ShiftLeft(Vector128.Load(words), 16).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 UpperHalves(uint* words) => new() { _v = (Vector128.Load(words) & Vector128.Create(0xFFFF_0000u)).AsSingle() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public readonly void Store(float* to) => _v.Store(to);
}

/// <summary>1 float: the reference of the others, their tail, and the portable path.</summary>
internal unsafe struct Lanes1 : ILane<Lanes1>
{
    private float _v;
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 1; }
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes1 Load(float* from) => new() { _v = *from };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Load(ref readonly float row, int at) => new() { _v = Unsafe.Add(ref Unsafe.AsRef(in row), at) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public readonly void Store(ref float row, int at) => Unsafe.Add(ref row, at) = _v;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes1 Of(float value) => new() { _v = value };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes1 operator +(Lanes1 a, Lanes1 b) => new() { _v = a._v + b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes1 operator -(Lanes1 a, Lanes1 b) => new() { _v = a._v - b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes1 operator *(Lanes1 a, Lanes1 b) => new() { _v = a._v * b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes1 operator /(Lanes1 a, Lanes1 b) => new() { _v = a._v / b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes1 Fma(Lanes1 a, Lanes1 b, Lanes1 c) =>
        new() { _v = MathF.FusedMultiplyAdd(a._v, b._v, c._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes1 Sqrt(Lanes1 a) => new() { _v = MathF.Sqrt(a._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes1 Abs(Lanes1 a) => new() { _v = MathF.Abs(a._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes1 WithSign(Lanes1 size, Lanes1 sign) =>
        new() { _v = MathF.CopySign(size._v, sign._v) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 WhereLess(Lanes1 a, Lanes1 b, Lanes1 then, Lanes1 otherwise) => a._v < b._v ? then : otherwise;
    // On x64 without a branch that the processor cannot predict.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Min(Lanes1 a, Lanes1 b)
    {
        if (Sse.IsSupported)
            return new() { _v = Sse.MinScalar(Vector128.CreateScalarUnsafe(a._v), Vector128.CreateScalarUnsafe(b._v)).ToScalar() };
        return a._v < b._v ? a : b;
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Max(Lanes1 a, Lanes1 b)
    {
        if (Sse.IsSupported)
            return new() { _v = Sse.MaxScalar(Vector128.CreateScalarUnsafe(a._v), Vector128.CreateScalarUnsafe(b._v)).ToScalar() };
        return a._v > b._v ? a : b;
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 PowerOfTwo(Lanes1 a) => new() { _v = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a._v) << 23) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Lanes1 ExponentOf(Lanes1 a) => new() { _v = Exponents(a) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 SignificandOf(Lanes1 a) =>
        new() { _v = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a._v) - (Exponents(a) << 23)) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Exponents(Lanes1 a) => (BitConverter.SingleToInt32Bits(a._v) - FloatPattern.RootOfHalf) >> 23;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 LowerHalves(uint* words) => new() { _v = BitConverter.UInt32BitsToSingle(*words << 16) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 UpperHalves(uint* words) => new() { _v = BitConverter.UInt32BitsToSingle(*words & 0xFFFF_0000u) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public readonly void Store(float* to) => *to = _v;
}
