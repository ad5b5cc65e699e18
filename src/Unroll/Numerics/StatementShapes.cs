using static Unroll.Numerics.Expressions;
using static Unroll.Numerics.StatementShape;

namespace Unroll.Numerics;

/// <summary>
/// The shapes that are compiled with the library. Every operation alone is one, so that anything can be run; the others do at once what cells often
/// do, forward and backward. A new cell that is slower than it might be wants a line here.
/// </summary>
internal static class StatementShapes
{
    /// <summary>A row into another one.</summary>
    public static StatementShape Copying { get; } = Of1<Copy<A>>();

    /// <summary>Every operation on its own.</summary>
    public static IReadOnlyList<StatementShape> Single { get; } =
    [
        Copying, Of1<Negate<A>>(), Of1<Sigmoid<A>>(), Of1<Tanh<A>>(), Of1<Relu<A>>(), Of1<Exp<A>>(), Of1<Log<A>>(), Of1<Softplus<A>>(),
        Of1<HardSigmoid<A>>(), Of1<SquareRoot<A>>(),
        Of2<Add<A, B>>(), Of2<Subtract<A, B>>(), Of2<Multiply<A, B>>(), Of2<Divide<A, B>>(), Of2<Max<A, B>>(), Of2<Min<A, B>>(), Of2<Above<A, B>>(),
        Of2<NotBelow<A, B>>(), Of3<MultiplyAdd<A, B, C>>(), Of3<Clip<A, B, C>>(),
    ];

    /// <summary>All of them, those that do most first.</summary>
    public static IReadOnlyList<StatementShape> All { get; } = [.. Single.Concat(Joined()).OrderByDescending(s => s.Operations)];

    private static IEnumerable<StatementShape> Joined() => [.. Sums(), .. Activated(), .. Back()];

    //  sums of products, the mixing of old and new: (1 − a) b + a c
    private static StatementShape[] Sums() =>
    [
        Of1<Subtract<One, A>>(), Of1<Divide<One, A>>(), Of2<Multiply<A, Subtract<One, B>>>(), Of2<MultiplyAdd<Negate<A>, B, One>>(),
        Of3<Multiply<Multiply<A, B>, C>>(), Of3<Multiply<A, Subtract<B, C>>>(), Of3<Multiply<Multiply<A, B>, Subtract<One, C>>>(),
        Of4<Multiply<Multiply<A, B>, Subtract<C, D>>>(), Of4<Multiply<Multiply<Multiply<A, B>, C>, D>>(),
        Of3<Add<Add<A, B>, C>>(), Of4<Add<Add<Add<A, B>, C>, D>>(), Of3<Subtract<Add<A, B>, C>>(),
        Of3<MultiplyAdd<Negate<A>, B, C>>(), Of3<MultiplyAdd<A, B, Negate<C>>>(), Of3<MultiplyAdd<A, Subtract<One, B>, C>>(),
        Of4<MultiplyAdd<A, Subtract<B, C>, D>>(), Of4<MultiplyAdd<Multiply<A, B>, C, D>>(), Of4<MultiplyAdd<Multiply<A, B>, Subtract<One, C>, D>>(),
        Of4<MultiplyAdd<A, B, Multiply<C, D>>>(), Of4<MultiplyAdd<A, B, Negate<Multiply<C, D>>>>(), Of3<MultiplyAdd<A, B, Negate<Multiply<A, C>>>>(),
        Of4<MultiplyAdd<A, B, Add<C, D>>>(), Of4<MultiplyAdd<A, Subtract<B, C>, Multiply<D, C>>>(), Of3<MultiplyAdd<A, B, Multiply<A, C>>>(),
        Of3<MultiplyAdd<Subtract<One, A>, B, Multiply<A, C>>>(), Of3<MultiplyAdd<A, B, Multiply<Subtract<One, A>, C>>>(),
        Of3<Divide<Multiply<A, B>, C>>(), Of3<Multiply<A, Divide<B, C>>>(), Of3<Divide<A, Add<B, C>>>(), Of4<MultiplyAdd<Divide<A, B>, C, D>>(),
        Of3<Multiply<A, Above<B, C>>>(), Of4<Multiply<Multiply<A, B>, Above<C, D>>>(), Of3<Multiply<A, NotBelow<B, C>>>(),
    ];

    //  functions of sums
    private static StatementShape[] Activated() =>
    [
        Of2<Sigmoid<Add<A, B>>>(), Of2<Sigmoid<Subtract<A, B>>>(), Of2<Sigmoid<Multiply<A, B>>>(), Of3<Sigmoid<MultiplyAdd<A, B, C>>>(),
        Of3<Sigmoid<Add<Add<A, B>, C>>>(), Of2<Tanh<Add<A, B>>>(), Of2<Tanh<Subtract<A, B>>>(), Of2<Tanh<Multiply<A, B>>>(),
        Of3<Tanh<MultiplyAdd<A, B, C>>>(), Of3<Tanh<Add<Add<A, B>, C>>>(), Of2<Relu<Add<A, B>>>(), Of2<Relu<Multiply<A, B>>>(),
        Of3<Relu<MultiplyAdd<A, B, C>>>(), Of2<Exp<Subtract<A, B>>>(), Of3<Exp<Subtract<Add<A, B>, C>>>(), Of1<Softplus<Negate<A>>>(),
        Of3<Max<Add<A, B>, C>>(), Of2<Multiply<A, Tanh<B>>>(), Of3<Add<A, Multiply<B, Tanh<C>>>>(),
    ];

    //  back through σ, tanh and relu: of δ, δ a, δ (a − b), δ (1 − a), sums
    private static StatementShape[] Back() =>
    [
        Of2<SigmoidBack<A, B>>(), Of3<SigmoidBack<Multiply<A, B>, C>>(), Of4<SigmoidBack<Multiply<A, Subtract<B, C>>, D>>(),
        Of3<SigmoidBack<Multiply<A, Subtract<One, B>>, C>>(), Of4<SigmoidBack<Multiply<Multiply<A, B>, C>, D>>(),
        Of3<SigmoidBack<Add<A, B>, C>>(), Of4<SigmoidBack<MultiplyAdd<A, B, C>, D>>(),
        Of4<SigmoidBack<MultiplyAdd<A, B, Negate<Multiply<A, C>>>, D>>(),
        Of4<SigmoidBack<MultiplyAdd<A, B, Multiply<A, C>>, D>>(),
        Of2<TanhBack<A, B>>(), Of3<TanhBack<Multiply<A, B>, C>>(), Of3<TanhBack<Multiply<A, Subtract<One, B>>, C>>(),
        Of4<TanhBack<Multiply<Multiply<A, B>, C>, D>>(), Of3<TanhBack<Add<A, B>, C>>(), Of4<TanhBack<MultiplyAdd<A, B, C>, D>>(),
        Of4<TanhBack<MultiplyAdd<A, Subtract<One, B>, C>, D>>(),
        Of4<MultiplyAdd<Multiply<A, B>, MultiplyAdd<Negate<C>, C, One>, D>>(), Of3<MultiplyAdd<A, MultiplyAdd<Negate<B>, B, One>, C>>(),
        Of4<Multiply<Multiply<A, Subtract<One, B>>, Above<C, D>>>(),
    ];
}
