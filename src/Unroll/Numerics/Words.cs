using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Numerics;

/// <summary>
/// Some 32-bit integers side by side, each a sum of products of two pairs of 16-bit integers: what a product of 8-bit weights is made of. Sums of
/// integers are exact, so that neither the width nor the order changes a bit.
/// </summary>
internal unsafe interface IWords<V> where V : struct, IWords<V>
{
    /// <summary>How many sums.</summary>
    static abstract int Count { get; }
    static abstract V Zero { get; }
    /// <summary>2 · Count weights, a pair for each sum, as 16-bit integers.</summary>
    static abstract V Widen(sbyte* weights);
    /// <summary>The same pair of 16-bit integers for every sum.</summary>
    static abstract V Spread(short* pair);
    /// <summary>a₀·b₀ + a₁·b₁ of each pair.</summary>
    static abstract V MultiplyPairs(V a, V b);
    static abstract V operator +(V a, V b);
    void Store(int* to);
}

/// <summary>4 sums: ARM64, or x64's 128-bit vectors.</summary>
internal unsafe struct Words4 : IWords<Words4>
{
    private Vector128<int> _v;
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 4; }
    public static Words4 Zero { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => default; }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 Widen(sbyte* weights)
    {
        if (Sse41.IsSupported) return new() { _v = Sse41.ConvertToVector128Int16(weights).AsInt32() };
        return new() { _v = AdvSimd.SignExtendWideningLower(Vector64.Load(weights)).AsInt32() };
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Words4 Spread(short* pair) => new() { _v = Vector128.Create(*(int*)pair) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 MultiplyPairs(Words4 a, Words4 b)
    {
        Vector128<short> x = a._v.AsInt16(), y = b._v.AsInt16();
        if (Sse2.IsSupported) return new() { _v = Sse2.MultiplyAddAdjacent(x, y) };
        Vector128<int> low = AdvSimd.MultiplyWideningLower(x.GetLower(), y.GetLower()), high = AdvSimd.MultiplyWideningUpper(x, y);
        return new() { _v = AdvSimd.Arm64.AddPairwise(low, high) };
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Words4 operator +(Words4 a, Words4 b) => new() { _v = a._v + b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public readonly void Store(int* to) => _v.Store(to);
}

/// <summary>8 sums: AVX2.</summary>
internal unsafe struct Words8 : IWords<Words8>
{
    private Vector256<int> _v;
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 8; }
    public static Words8 Zero { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => default; }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 Widen(sbyte* weights) => new() { _v = Avx2.ConvertToVector256Int16(weights).AsInt32() };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Words8 Spread(short* pair) => new() { _v = Vector256.Create(*(int*)pair) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 MultiplyPairs(Words8 a, Words8 b) => new() { _v = Avx2.MultiplyAddAdjacent(a._v.AsInt16(), b._v.AsInt16()) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Words8 operator +(Words8 a, Words8 b) => new() { _v = a._v + b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public readonly void Store(int* to) => _v.Store(to);
}

/// <summary>16 sums: AVX-512BW, or two halves where that path is asked for without such hardware.</summary>
internal unsafe struct Words16 : IWords<Words16>
{
    private Vector512<int> _v;
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 16; }
    public static Words16 Zero { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => default; }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 Widen(sbyte* weights) => new()
    {
        _v = Avx512BW.IsSupported
            ? Avx512BW.ConvertToVector512Int16(Vector256.Load(weights)).AsInt32()
            : Vector512.Create(Avx2.ConvertToVector256Int16(weights), Avx2.ConvertToVector256Int16(weights + 16)).AsInt32(),
    };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Words16 Spread(short* pair) => new() { _v = Vector512.Create(*(int*)pair) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 MultiplyPairs(Words16 a, Words16 b)
    {
        Vector512<short> x = a._v.AsInt16(), y = b._v.AsInt16();
        return new()
        {
            _v = Avx512BW.IsSupported
                ? Avx512BW.MultiplyAddAdjacent(x, y)
                : Vector512.Create(Avx2.MultiplyAddAdjacent(x.GetLower(), y.GetLower()), Avx2.MultiplyAddAdjacent(x.GetUpper(), y.GetUpper())),
        };
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Words16 operator +(Words16 a, Words16 b) => new() { _v = a._v + b._v };
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public readonly void Store(int* to) => _v.Store(to);
}
