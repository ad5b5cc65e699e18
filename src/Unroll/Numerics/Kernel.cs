namespace Unroll.Numerics;

/// <summary>A loop that is written once over lanes and run on the widest that the process has: see <see cref="Kernel"/>.</summary>
/// <typeparam name="TArguments">What it works on, a a tile of a cell for instance.</typeparam>
/// <remarks>
/// An implementation is marked <see cref="System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization"/> and NoInlining: it is compiled
/// once and at once to its best, and never becomes part of a caller, where the compiler's budget would leave calls in its loop.
/// </remarks>
public interface IKernel<TArguments> where TArguments : struct, allows ref struct
{
    /// <summary>Does the work with as many lanes as V has.</summary>
    /// <typeparam name="V">The lanes.</typeparam>
    /// <param name="s">What to work on.</param>
    static abstract void Run<V>(in TArguments s) where V : struct, ILane<V>;
}

/// <summary>A loop over elements of any number, written once over lanes.</summary>
internal interface ILoop
{
    /// <summary>Does elements from <paramref name="k"/> on, as far as whole vectors reach below <paramref name="n"/>.</summary>
    /// <returns>The first element that was left.</returns>
    nint Run<V>(nint k, nint n) where V : struct, ILane<V>;
}

/// <summary>What is computed from elements, written once over lanes.</summary>
internal interface IFunction<TResult>
{
    TResult Of<V>() where V : struct, ILane<V>;
}

/// <summary>The one place that chooses among the four paths for what is written over lanes.</summary>
public static class Kernel
{
    /// <summary>Runs a kernel on the path that the process takes.</summary>
    /// <typeparam name="TKernel">The kernel.</typeparam>
    /// <typeparam name="TArguments">What it works on.</typeparam>
    /// <param name="s">What to work on.</param>
    public static void Run<TKernel, TArguments>(in TArguments s)
        where TKernel : struct, IKernel<TArguments> where TArguments : struct, allows ref struct
    {
        if (Hardware.Wide) TKernel.Run<Lanes16>(s);
        else if (Hardware.Half) TKernel.Run<Lanes8>(s);
        else if (Hardware.Quarter) TKernel.Run<Lanes4>(s);
        else TKernel.Run<Lanes1>(s);
    }

    /// <summary>Runs a loop over elements 0 … <paramref name="n"/> − 1: the last ones, if vectors do not reach them, one by one.</summary>
    internal static void Run<TLoop>(in TLoop loop, nint n) where TLoop : struct, ILoop
    {
        nint done = 0;
        if (Hardware.Wide) done = loop.Run<Lanes16>(0, n);
        else if (Hardware.Half) done = loop.Run<Lanes8>(0, n);
        else if (Hardware.Quarter) done = loop.Run<Lanes4>(0, n);
        if (done < n) loop.Run<Lanes1>(done, n);
    }

    internal static TResult Of<TFunction, TResult>(in TFunction function) where TFunction : struct, IFunction<TResult>
    {
        if (Hardware.Wide) return function.Of<Lanes16>();
        if (Hardware.Half) return function.Of<Lanes8>();
        if (Hardware.Quarter) return function.Of<Lanes4>();
        return function.Of<Lanes1>();
    }
}
