namespace Unroll.Numerics;

/// <summary>A loop that is written once over lanes and run on the widest that the process has: see <see cref="Kernel"/>.</summary>
/// <typeparam name="TArguments">What it works on.</typeparam>
/// <remarks>
/// An implementation is marked <see cref="Compilation.Kernel"/>: it is compiled once and at once to its best, and never becomes part of a
/// caller, where the compiler's budget would leave calls in its loop.
/// </remarks>
internal interface IKernel<TArguments> where TArguments : struct, allows ref struct
{
    static abstract void Run<V>(in TArguments s) where V : struct, ILane<V>;
}

/// <summary>The one place that chooses among the three paths for loops without a result and without a tail.</summary>
internal static class Kernel
{
    public static void Run<TKernel, TArguments>(in TArguments s)
        where TKernel : struct, IKernel<TArguments> where TArguments : struct, allows ref struct
    {
        if (Hardware.Wide) TKernel.Run<Lanes16>(s);
        else if (Hardware.Half) TKernel.Run<Lanes8>(s);
        else TKernel.Run<Lanes1>(s);
    }
}
