using static Unroll.Numerics.Expressions;
using static Unroll.Numerics.StatementShape;

namespace Unroll.Numerics;

/// <summary>
/// The shapes that are compiled with the library. Every operation alone is one, so that anything can be run; the others do at once what cells often do,
/// forward and backward. A new cell that is slower than it might be wants a line here.
/// </summary>
internal static class StatementShapes
{
    /// <summary>Every operation on its own.</summary>
    public static IReadOnlyList<StatementShape> Single { get; } =
    [
        Of1<Copy<A>>(), Of1<Negate<A>>(), Of1<Sigmoid<A>>(), Of1<Tanh<A>>(), Of1<Relu<A>>(), Of1<Exp<A>>(), Of1<Log<A>>(), Of1<Softplus<A>>(),
        Of1<HardSigmoid<A>>(), Of1<SquareRoot<A>>(),
        Of2<Add<A, B>>(), Of2<Subtract<A, B>>(), Of2<Multiply<A, B>>(), Of2<Divide<A, B>>(), Of2<Max<A, B>>(), Of2<Min<A, B>>(), Of2<Above<A, B>>(),
        Of2<NotBelow<A, B>>(), Of3<MultiplyAdd<A, B, C>>(), Of3<Clip<A, B, C>>(),
    ];

    /// <summary>All of them, those that do most first.</summary>
    public static IReadOnlyList<StatementShape> All { get; } = [.. Single.Concat(Joined()).OrderByDescending(s => s.Operations)];

    private static IEnumerable<StatementShape> Joined() =>
    [
        //  1 − a,  1 − ab,  a(1 − b),  1 / a,  ab + cd,  ab − cd,  (1 − a)b + ac
        Of1<Subtract<One, A>>(), Of1<Divide<One, A>>(), Of2<Multiply<Subtract<One, A>, B>>(), Of2<MultiplyAdd<Negate<A>, B, One>>(),
        Of2<Multiply<A, Subtract<One, B>>>(),
        Of3<Multiply<Multiply<A, B>, C>>(), Of3<MultiplyAdd<Negate<A>, B, C>>(), Of3<MultiplyAdd<A, B, Negate<C>>>(),
        Of4<MultiplyAdd<A, B, Multiply<C, D>>>(), Of4<MultiplyAdd<A, B, Negate<Multiply<C, D>>>>(), Of3<Multiply<A, Subtract<B, C>>>(),
        Of3<MultiplyAdd<Subtract<One, A>, B, Multiply<A, C>>>(), Of3<MultiplyAdd<A, B, Multiply<Subtract<One, A>, C>>>(),
        Of4<MultiplyAdd<Multiply<A, B>, C, D>>(),
        //  back through σ and tanh: of δ, of δ a, of δ(a − b), of δ(1 − a), of a δ that is a sum
        Of2<SigmoidBack<A, B>>(), Of3<SigmoidBack<Multiply<A, B>, C>>(), Of4<SigmoidBack<Multiply<A, Subtract<B, C>>, D>>(),
        Of4<SigmoidBack<MultiplyAdd<A, B, C>, D>>(),
        Of2<TanhBack<A, B>>(), Of3<TanhBack<Multiply<A, B>, C>>(), Of3<TanhBack<Multiply<A, Subtract<One, B>>, C>>(),
        Of4<MultiplyAdd<Multiply<A, B>, MultiplyAdd<Negate<C>, C, One>, D>>(), Of3<Add<Add<A, B>, C>>(), Of4<Add<Add<Add<A, B>, C>, D>>(),
    ];
}
