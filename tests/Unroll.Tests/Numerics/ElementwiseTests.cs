using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

[Trait("Category", "Bits")]
public sealed class ElementwiseTests
{
    // Against the same operation in a plain loop, for every tail length: the bits must be equal.
    [Fact]
    public void Every_loop_equals_its_plain_form()
    {
        for (int n = 0; n < 50; n++)
        {
            float[] x = new float[n], y = new float[n];
            for (int i = 0; i < n; i++) (x[i], y[i]) = ((float)new Rng(1).Normal((ulong)i), (float)new Rng(2).Normal((ulong)i));
            Same(y, y => Elementwise.Scale(y, 0.3f), i => y[i] * 0.3f);
            Same(y, y => Elementwise.Add(x, y), i => y[i] + x[i]);
            Same(y, y => Elementwise.AddScaled(x, 0.3f, y), i => MathF.FusedMultiplyAdd(0.3f, x[i], y[i]));
            Same(y, y => Elementwise.Multiply(x, y), i => y[i] * x[i]);
            Same(y, y => Elementwise.Clip(y, 0.5f), i => Math.Clamp(y[i], -0.5f, 0.5f));
        }

        static void Same(float[] y, Action<float[]> loop, Func<int, float> plain)
        {
            float[] copy = [.. y];
            loop(copy);
            Assert.Equal(Enumerable.Range(0, y.Length).Select(plain), copy);
        }
    }

    [Fact]
    public void Clipping_keeps_a_NaN_so_that_it_is_not_hidden()
    {
        float[] x = [float.NaN, float.NegativeInfinity, 2];
        Elementwise.Clip(x, 1);
        Assert.Equal([float.NaN, -1, 1], x);
    }
}
