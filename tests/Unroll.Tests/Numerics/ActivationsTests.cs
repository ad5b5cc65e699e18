using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>exp, σ and tanh: how far from the truth, the same bits for every width, and their edges.</summary>
[Trait("Category", "Bits")]
public sealed unsafe class ActivationsTests
{
    private const float Inf = float.PositiveInfinity, Nan = float.NaN;

    // Half of them a walk over all bit patterns, so that every magnitude has its share; half evenly over where the functions bend.
    private static readonly float[] Sample = Draw(400_000);

    // Half a unit each: of the reduced argument, of p, of the sum with 1, of the denominator (a whole one: below 1 units are half as large), of the
    // quotient. Over all floats it is 1.03 for exp, 2.48 for σ and 2.50 for tanh.
    private const double Limit = 2.5;

    [Fact] public void Exp_is_right_to_two_and_a_half_units_in_the_last_place() => Accurate<Exponential>(Math.Exp, x => x is > -104 and < 88.7f);

    // Below −87.3 σ is less than the smallest normal number, and from −88.4 on it is 0.
    [Fact]
    public void Sigmoid_is_right_to_two_and_a_half_units_in_the_last_place()
    {
        Accurate<Logistic>(x => 1 / (1 + Math.Exp(-x)), x => x > -87.33f);
        Assert.DoesNotContain(Sample, x => x <= -87.33f && Activations.Sigmoid(x) > 1.2e-38f);
    }

    [Fact] public void Tanh_is_right_to_two_and_a_half_units_in_the_last_place() => Accurate<Tangent>(Math.Tanh, x => true);

    [Fact] public void Log_is_right_to_two_and_a_half_units_in_the_last_place() => Accurate<NaturalLog>(Math.Log, x => x > 0);

    // ln(1 + eˣ) by the sum of its series where 1 + eˣ loses eˣ's digits. Below −87.3 it is less than the smallest normal number.
    [Fact]
    public void Softplus_is_right_to_two_and_a_half_units_in_the_last_place() =>
        Accurate<SoftPlus>(x => x < -12 ? Math.Exp(x) * (1 - Math.Exp(x) / 2) : x > 30 ? x + Math.Exp(-x) : Math.Log(1 + Math.Exp(x)),
            x => x > -87.33f);

    [Fact] public void Log_has_the_same_bits_for_every_width() => SameBits<NaturalLog>();

    [Fact] public void Softplus_has_the_same_bits_for_every_width() => SameBits<SoftPlus>();

    [Fact] public void Exp_has_the_same_bits_for_every_width() => SameBits<Exponential>();

    [Fact] public void Sigmoid_has_the_same_bits_for_every_width() => SameBits<Logistic>();

    [Fact] public void Tanh_has_the_same_bits_for_every_width() => SameBits<Tangent>();

    [Fact]
    public void Tanh_is_odd_and_none_of_them_leaves_its_range()
    {
        foreach (float x in Sample)
        {
            float tanh = Activations.Tanh(x), sigmoid = Activations.Sigmoid(x);
            if (!Activations.Tanh(-x).Equals(-tanh)) Assert.Fail($"tanh is not odd at {x:R}");
            if (!(Math.Abs(tanh) <= 1 && sigmoid is >= 0 and <= 1 && Activations.Exp(x) >= 0)) Assert.Fail($"out of range at {x:R}");
        }
    }

    [Fact]
    public void The_edges_are_defined()
    {
        Assert.Equal([1, 1, Inf, 0, Nan, Inf, 0], Of<Exponential>(0, -0f, Inf, -Inf, Nan, float.MaxValue, float.MinValue));
        Assert.Equal([0.5f, 0.5f, 1, 0, Nan, 1, 0], Of<Logistic>(0, -0f, Inf, -Inf, Nan, float.MaxValue, float.MinValue));
        Assert.Equal([-Inf, -Inf, Inf, Nan, Nan, 0, Nan, Nan], Of<NaturalLog>(0, -0f, Inf, -Inf, Nan, 1, -float.Epsilon, float.MinValue));
        Assert.Equal([0.6931472f, Inf, 0, Nan, float.MaxValue, 0], Of<SoftPlus>(0, Inf, -Inf, Nan, float.MaxValue, float.MinValue));
        Assert.Equal([1, -1, Nan, 1, -1], Of<Tangent>(Inf, -Inf, Nan, float.MaxValue, float.MinValue));
        Assert.Equal([0, int.MinValue, 1], Of<Tangent>(0, -0f, float.Epsilon).Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Exp_reaches_the_largest_number_and_the_smallest()
    {
        Assert.Equal(3.4028e38f, Activations.Exp(88.72283f), 1e34f);                   // e^88.72283… = float.MaxValue
        Assert.Equal(Inf, Activations.Exp(88.7229f));
        for (float x = -87.33655f; x > -103.2f; x -= 0.01f)                            // subnormal: a multiple of 2⁻¹⁴⁹, twice rounded
            Assert.InRange(Math.Abs(Activations.Exp(x) - Math.Exp(x)), 0, 1.01 * float.Epsilon);
        Assert.Equal(float.Epsilon, Activations.Exp(-103.2f));
        Assert.Equal(0, Activations.Exp(-104));
    }

    private static void Accurate<TMap>(Func<double, double> truth, Func<float, bool> where) where TMap : struct, Elementwise.IMap
    {
        float[] y = Of<TMap>(Sample);
        (double error, float at) = (0, 0);
        for (int i = 0; i < y.Length; i++)
        {
            if (!where(Sample[i])) continue;
            double exact = truth(Sample[i]), off = Math.Abs(y[i] - exact) / UnitInTheLastPlace(exact);
            if (!(off <= Limit)) Assert.Fail($"at {Sample[i]:R} it is {y[i]:R}, off by {off} units");
            if (off > error) (error, at) = (off, Sample[i]);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"off by {error:f3} units in the last place at {at:R}");
    }

    private static void SameBits<TMap>() where TMap : struct, Elementwise.IMap
    {
        float[] expected = By<Lanes1, TMap>(Sample);
        if (Hardware.Half) Same(By<Lanes8, TMap>(Sample));
        Same(By<Lanes16, TMap>(Sample));
        Same(By<Lanes4, TMap>(Sample));
        Same(Of<TMap>(Sample[..^3]));                                                  // with a tail

        void Same(float[] actual)
        {
            for (int i = 0; i < actual.Length; i++)
                if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i])) Assert.Fail($"at {Sample[i]:R}");
        }
    }

    private static float[] Of<TMap>(params float[] x) where TMap : struct, Elementwise.IMap
    {
        float[] y = new float[x.Length];
        Elementwise.Each<TMap>(y, x, 0);
        return y;
    }

    private static float[] By<V, TMap>(float[] x) where V : struct, ILane<V> where TMap : struct, Elementwise.IMap
    {
        float[] y = new float[x.Length];
        fixed (float* from = x, to = y) Assert.Equal(x.Length, Elementwise.Each<V, TMap>(to, from, 0, 0, x.Length));
        return y;
    }

    private static double UnitInTheLastPlace(double exact)
    {
        float nearest = Math.Abs((float)exact);
        return (double)MathF.BitIncrement(nearest) - nearest;
    }

    private static float[] Draw(int count)
    {
        float[] x = new float[count];
        uint step = (uint)((1UL << 32) / (ulong)(count / 2)) | 1, bits = 0;
        for (int i = 0; i < count; i++)
        {
            bits += step;
            float walked = BitConverter.UInt32BitsToSingle(bits);
            x[i] = i % 2 == 0 && float.IsFinite(walked) ? walked : 220 * (new Rng(5).Uniform((ulong)i) - 0.5f);
            if (i % 8 == 7) x[i] /= 16;                                                // and closer to 0
        }
        return x;
    }

    private readonly struct Exponential : Elementwise.IMap
    {
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => Activations.Exp(x);
    }

    private readonly struct NaturalLog : Elementwise.IMap
    {
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => Activations.Log(x);
    }

    private readonly struct SoftPlus : Elementwise.IMap
    {
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => Activations.Softplus(x);
    }

    private readonly struct Logistic : Elementwise.IMap
    {
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => Activations.Sigmoid(x);
    }

    private readonly struct Tangent : Elementwise.IMap
    {
        public static V Map<V>(V y, V x, V factor) where V : struct, ILane<V> => Activations.Tanh(x);
    }
}
