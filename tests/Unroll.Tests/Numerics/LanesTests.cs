using System.Runtime.Intrinsics.X86;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>What every operation of the lanes does with zeros, infinities and NaNs: the same at every width, on every processor.</summary>
[Trait("Category", "Bits")]
public sealed unsafe class LanesTests
{
    private static readonly float[] Odd =
        [0, -0f, 1, -1, 88, float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.Epsilon, float.MaxValue, 1e-39f, 3.5f];

    [Fact]
    public void The_smaller_and_the_larger_are_the_second_where_either_is_NaN_and_of_two_zeros()
    {
        Same("min", (a, b) => a < b ? a : b, new Smaller());
        Same("max", (a, b) => a > b ? a : b, new Larger());
    }

    [Fact]
    public void The_other_operations_are_those_of_single_floats()
    {
        Same("+", (a, b) => a + b, new Sum());
        Same("−", (a, b) => a - b, new Difference());
        Same("·", (a, b) => a * b, new Product());
        Same("/", (a, b) => a / b, new Quotient());
        Same("fma", (a, b) => MathF.FusedMultiplyAdd(a, b, a), new MultiplyAdd());
        Same("sign", (a, b) => BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(a) & int.MaxValue)
            | (BitConverter.SingleToInt32Bits(b) & int.MinValue)), new Sign());
        Same("less", (a, b) => a < b ? 1 : a, new Less());
        Same("root", (a, b) => MathF.Sqrt(a), new Root());
        Same("size", (a, b) => MathF.Abs(a), new Size());
    }

    private interface IPair
    {
        V Of<V>(V a, V b) where V : struct, ILane<V>;
    }

    private static void Same<T>(string name, Func<float, float, float> expected, T pair) where T : struct, IPair
    {
        Same<Lanes1, T>(name, expected, pair);
        Same<Lanes4, T>(name, expected, pair);
        if (Hardware.Half) Same<Lanes8, T>(name, expected, pair);
        if (X86Base.IsSupported) Same<Lanes16, T>(name, expected, pair);
    }

    private static void Same<V, T>(string name, Func<float, float, float> expected, T pair) where V : struct, ILane<V> where T : struct, IPair
    {
        float* a = stackalloc float[16], b = stackalloc float[16], c = stackalloc float[16];
        for (int i = 0; i < Odd.Length * Odd.Length; i++)
        {
            for (int l = 0; l < V.Count; l++) (a[l], b[l]) = (Odd[(i + l) % Odd.Length], Odd[(i / Odd.Length + 5 * l) % Odd.Length]);
            pair.Of(V.Load(a), V.Load(b)).Store(c);
            for (int l = 0; l < V.Count; l++)
            {
                float right = expected(a[l], b[l]);
                if (BitConverter.SingleToInt32Bits(right) != BitConverter.SingleToInt32Bits(c[l]) && !(float.IsNaN(right) && float.IsNaN(c[l])))
                    Assert.Fail($"{name} of {a[l]:R} and {b[l]:R} with {V.Count} lanes: {c[l]:R}, not {right:R}");
            }
        }
    }

    private readonly struct Smaller : IPair
    {
        public V Of<V>(V a, V b) where V : struct, ILane<V> => V.Min(a, b);
    }

    private readonly struct Larger : IPair
    {
        public V Of<V>(V a, V b) where V : struct, ILane<V> => V.Max(a, b);
    }

    private readonly struct Sum : IPair
    {
        public V Of<V>(V a, V b) where V : struct, ILane<V> => a + b;
    }

    private readonly struct Difference : IPair
    {
        public V Of<V>(V a, V b) where V : struct, ILane<V> => a - b;
    }

    private readonly struct Product : IPair
    {
        public V Of<V>(V a, V b) where V : struct, ILane<V> => a * b;
    }

    private readonly struct Quotient : IPair
    {
        public V Of<V>(V a, V b) where V : struct, ILane<V> => a / b;
    }

    private readonly struct MultiplyAdd : IPair
    {
        public V Of<V>(V a, V b) where V : struct, ILane<V> => V.Fma(a, b, a);
    }

    private readonly struct Sign : IPair
    {
        public V Of<V>(V a, V b) where V : struct, ILane<V> => V.WithSign(a, b);
    }

    private readonly struct Less : IPair
    {
        public V Of<V>(V a, V b) where V : struct, ILane<V> => V.WhereLess(a, b, V.Of(1), a);
    }

    private readonly struct Root : IPair
    {
        public V Of<V>(V a, V b) where V : struct, ILane<V> => V.Sqrt(a);
    }

    private readonly struct Size : IPair
    {
        public V Of<V>(V a, V b) where V : struct, ILane<V> => V.Abs(a);
    }
}
