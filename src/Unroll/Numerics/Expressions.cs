using System.Runtime.CompilerServices;

namespace Unroll.Numerics;

/// <summary>
/// What a statement computes from one unit of at most four rows. Expressions are types that are made of each other, so that the compiler builds
/// one loop out of each, and <see cref="Pattern"/> says the same as data.
/// </summary>
/// <remarks>
/// Four operands and one loop are the most that the compiler's budget for inlining bears: a whole cell as one type keeps calls in its loop.
/// </remarks>
internal interface IExpression
{
    static abstract Pattern Pattern { get; }
    static abstract V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V>;
}

/// <summary>The expressions that statements are made of: operands, operations, and the ways back through σ and tanh.</summary>
internal static class Expressions
{
    internal readonly struct A : IExpression
    {
        public static Pattern Pattern => new(Operation.Operand, 0);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => a;
    }

    internal readonly struct B : IExpression
    {
        public static Pattern Pattern => new(Operation.Operand, 1);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => b;
    }

    internal readonly struct C : IExpression
    {
        public static Pattern Pattern => new(Operation.Operand, 2);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => c;
    }

    internal readonly struct D : IExpression
    {
        public static Pattern Pattern => new(Operation.Operand, 3);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => d;
    }

    internal readonly struct One : IExpression
    {
        public static Pattern Pattern => new(Operation.One);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => V.Of(1f);
    }

    internal readonly struct Copy<X> : IExpression where X : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Copy, 0, X.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => X.Of(a, b, c, d);
    }

    internal readonly struct Add<X, Y> : IExpression where X : struct, IExpression where Y : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Add, 0, X.Pattern, Y.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => X.Of(a, b, c, d) + Y.Of(a, b, c, d);
    }

    internal readonly struct Subtract<X, Y> : IExpression where X : struct, IExpression where Y : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Subtract, 0, X.Pattern, Y.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => X.Of(a, b, c, d) - Y.Of(a, b, c, d);
    }

    internal readonly struct Multiply<X, Y> : IExpression where X : struct, IExpression where Y : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Multiply, 0, X.Pattern, Y.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => X.Of(a, b, c, d) * Y.Of(a, b, c, d);
    }

    internal readonly struct Divide<X, Y> : IExpression where X : struct, IExpression where Y : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Divide, 0, X.Pattern, Y.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => X.Of(a, b, c, d) / Y.Of(a, b, c, d);
    }

    internal readonly struct MultiplyAdd<X, Y, Z> : IExpression
        where X : struct, IExpression where Y : struct, IExpression where Z : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.MultiplyAdd, 0, X.Pattern, Y.Pattern, Z.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => V.Fma(X.Of(a, b, c, d), Y.Of(a, b, c, d), Z.Of(a, b, c, d));
    }

    internal readonly struct Negate<X> : IExpression where X : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Negate, 0, X.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => V.Of(-0f) - X.Of(a, b, c, d);
    }

    internal readonly struct Max<X, Y> : IExpression where X : struct, IExpression where Y : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Max, 0, X.Pattern, Y.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => GateMath.Max(X.Of(a, b, c, d), Y.Of(a, b, c, d));
    }

    internal readonly struct Min<X, Y> : IExpression where X : struct, IExpression where Y : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Min, 0, X.Pattern, Y.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => GateMath.Min(X.Of(a, b, c, d), Y.Of(a, b, c, d));
    }

    internal readonly struct Clip<X, Y, Z> : IExpression
        where X : struct, IExpression where Y : struct, IExpression where Z : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Clip, 0, X.Pattern, Y.Pattern, Z.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => GateMath.Clip(X.Of(a, b, c, d), Y.Of(a, b, c, d), Z.Of(a, b, c, d));
    }

    internal readonly struct Above<X, Y> : IExpression where X : struct, IExpression where Y : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Above, 0, X.Pattern, Y.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => GateMath.Above(X.Of(a, b, c, d), Y.Of(a, b, c, d));
    }

    internal readonly struct NotBelow<X, Y> : IExpression where X : struct, IExpression where Y : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.NotBelow, 0, X.Pattern, Y.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => GateMath.NotBelow(X.Of(a, b, c, d), Y.Of(a, b, c, d));
    }

    internal readonly struct Sigmoid<X> : IExpression where X : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Sigmoid, 0, X.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => Activations.Sigmoid(X.Of(a, b, c, d));
    }

    internal readonly struct Tanh<X> : IExpression where X : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Tanh, 0, X.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => Activations.Tanh(X.Of(a, b, c, d));
    }

    internal readonly struct Exp<X> : IExpression where X : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Exp, 0, X.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => Activations.Exp(X.Of(a, b, c, d));
    }

    internal readonly struct Log<X> : IExpression where X : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Log, 0, X.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => Activations.Log(X.Of(a, b, c, d));
    }

    internal readonly struct Softplus<X> : IExpression where X : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Softplus, 0, X.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => Activations.Softplus(X.Of(a, b, c, d));
    }

    internal readonly struct HardSigmoid<X> : IExpression where X : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.HardSigmoid, 0, X.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => Activations.HardSigmoid(X.Of(a, b, c, d));
    }

    internal readonly struct Relu<X> : IExpression where X : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Relu, 0, X.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => Activations.Relu(X.Of(a, b, c, d));
    }

    internal readonly struct SquareRoot<X> : IExpression where X : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.SquareRoot, 0, X.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => V.Sqrt(X.Of(a, b, c, d));
    }

    //  δ ⊙ s ⊙ (1 − s)
    internal readonly struct SigmoidBack<X, S> : IExpression where X : struct, IExpression where S : struct, IExpression
    {
        public static Pattern Pattern =>
            new(Operation.Multiply, 0, new Pattern(Operation.Multiply, 0, X.Pattern, S.Pattern), Subtract<One, S>.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => GateMath.SigmoidBack(X.Of(a, b, c, d), S.Of(a, b, c, d));
    }

    //  δ ⊙ (1 − t²)
    internal readonly struct TanhBack<X, T> : IExpression where X : struct, IExpression where T : struct, IExpression
    {
        public static Pattern Pattern => new(Operation.Multiply, 0, X.Pattern, MultiplyAdd<Negate<T>, T, One>.Pattern);
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Of<V>(V a, V b, V c, V d) where V : struct, ILane<V> => GateMath.TanhBack(X.Of(a, b, c, d), T.Of(a, b, c, d));
    }
}
