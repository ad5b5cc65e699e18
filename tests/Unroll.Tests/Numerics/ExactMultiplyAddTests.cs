using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>The multiply-add in doubles against the one that rounds once.</summary>
[Trait("Category", "Bits")]
public sealed unsafe class ExactMultiplyAddTests
{
    private static readonly float[] Odd =
    [
        0, -0f, 1, -1, 3, 0.1f, 1e-20f, -1e-20f, 1e20f, -1e20f, float.Epsilon, -float.Epsilon, 1.17549435e-38f, 1.1754942e-38f, float.MaxValue,
        float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1 + 1.1920929e-7f, 1 - 5.9604645e-8f, 16777216, 16777215, 8388609,
        5.9604645e-8f, 2.3283064e-10f,
    ];

    [Fact]
    public void Patterns_of_all_kinds()
    {
        Assert.SkipUnless(Avx.IsSupported, "a processor without vectors of doubles");
        Rng random = new(1);
        for (ulong i = 0; i < 1_000_000; i += 4)
            Compare(l => (Pattern(random, 3 * (i + l)), Pattern(random, 3 * (i + l) + 1), Pattern(random, 3 * (i + l) + 2)));
        foreach (float a in Odd)
            foreach (float b in Odd)
                for (int c = 0; c < Odd.Length; c++) Compare(l => (a, b, Odd[(c + (int)l) % Odd.Length]));
    }

    // The sum lies in the middle of two floats, or beside it by less than a double shows; or nearly nothing is left of it.
    [Fact]
    public void Middles_and_what_lies_beside_them()
    {
        Assert.SkipUnless(Avx.IsSupported, "a processor without vectors of doubles");
        Rng random = new(2);
        for (ulong i = 0; i < 400_000; i++)
        {
            float c = 1 + random.Below(1 << 23, 5 * i) * 1.1920929e-7f, half = MathF.ScaleB(1, -24);
            float tiny = MathF.ScaleB(1 + random.Uniform(5 * i + 1), -26 - random.Below(60, 5 * i + 2));
            float sign = random.Below(2, 5 * i + 3) == 0 ? 1 : -1, a = MathF.ScaleB(1 + random.Below(1 << 12, 5 * i + 4) * 2.4414062e-4f, -12);
            float scale = MathF.ScaleB(1, random.Below(200, 5 * i) - 140);
            Compare(l => l switch
            {
                0 => (half * sign, 1 + (tiny > 1e-7f ? 1.1920929e-7f : 0), c),                   // c ± half a unit, or a little more
                1 => (half + half * tiny, sign, c),
                2 => (a * scale, -a, a * a * scale + half * scale * sign),                       // cancellation, down to subnormal numbers
                _ => (c * scale, half * (1 + tiny), c * scale * sign),
            });
        }
    }

    private static float Pattern(Rng random, ulong i) =>
        BitConverter.Int32BitsToSingle(random.Below(int.MaxValue, 2 * i) << 1 | random.Below(2, 2 * i + 1));

    private static void Compare(Func<ulong, (float A, float B, float C)> of)
    {
        Vector256<double> a = default, b = default, c = default;
        float* expected = stackalloc float[4];
        for (int l = 0; l < 4; l++)
        {
            (float x, float y, float z) = of((ulong)l);
            (a, b, c) = (a.WithElement(l, x), b.WithElement(l, y), c.WithElement(l, z));
            expected[l] = MathF.FusedMultiplyAdd(x, y, z);
        }
        Vector256<double> actual = ExactMultiplyAdd.Of(a, b, c);
        for (int l = 0; l < 4; l++)
            if (BitConverter.SingleToInt32Bits((float)actual[l]) != BitConverter.SingleToInt32Bits(expected[l])
                && !(float.IsNaN(expected[l]) && double.IsNaN(actual[l])))
                Assert.Fail($"{a[l]:R} · {b[l]:R} + {c[l]:R}: {actual[l]:R}, not {expected[l]:R}");
    }
}
