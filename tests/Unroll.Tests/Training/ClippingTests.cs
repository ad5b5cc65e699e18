using Unroll.Core;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tests.Training;

public sealed class ClippingTests
{
    private static ParameterStore Store(params float[] gradients)
    {
        ParameterStore store = new();
        store.Add("a", 2);
        store.Add("b", gradients.Length - 2);
        gradients.CopyTo(store.Gradients);
        return store;
    }

    [Fact]
    public void The_global_norm_is_reported_before_clipping()
    {
        ParameterStore store = Store(3, 4, 12);
        Assert.Equal(new ClipResult(13, true), new Clipping { Limit = 6.5f }.Apply(store));
        Assert.Equal([1.5f, 2, 6], store.Gradients.ToArray());
    }

    [Fact]
    public void Tensor_norms_are_limited_apart_and_reported()
    {
        ParameterStore store = Store(3, 4, 12);
        double[] norms = new double[2];
        Assert.Equal(new ClipResult(13, true), new Clipping { By = ClipBy.TensorNorm, Limit = 10 }.Apply(store, norms));
        Assert.Equal([5, 12], norms);
        Assert.Equal([3, 4, 10], store.Gradients.ToArray());
    }

    [Fact]
    public void Values_are_cut()
    {
        ParameterStore store = Store(3, -4, 12);
        Assert.Equal(new ClipResult(13, true), new Clipping { By = ClipBy.Value, Limit = 3.5f }.Apply(store));
        Assert.Equal([3, -3.5f, 3.5f], store.Gradients.ToArray());
    }

    [Theory]
    [InlineData(ClipBy.None, 1)]
    [InlineData(ClipBy.GlobalNorm, 13)]
    [InlineData(ClipBy.TensorNorm, 12)]
    [InlineData(ClipBy.Value, 12)]
    public void What_is_within_the_limit_keeps_its_bits(ClipBy by, float limit)
    {
        ParameterStore store = Store(3, 4, 12);
        Assert.Equal(new ClipResult(13, false), new Clipping { By = by, Limit = limit }.Apply(store));
        Assert.Equal([3, 4, 12], store.Gradients.ToArray());
    }

    // (1e30)² overflows a float but not a double: the gradient is finite, and so is its norm.
    [Fact]
    public void A_huge_finite_gradient_is_clipped_and_not_called_infinite()
    {
        ParameterStore store = Store(1e30f, 0, 0);
        ClipResult result = new Clipping().Apply(store);
        Assert.Equal(1e30, result.Norm, 1e24);
        Assert.Equal(1, store.Gradients[0], 1e-6);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_norm_that_is_not_finite_clips_nothing(float bad)
    {
        ParameterStore store = Store(1, bad, 3);
        ClipResult result = new Clipping { Limit = 0.1f }.Apply(store);
        Assert.False(double.IsFinite(result.Norm) || result.Clipped);
        Assert.Equal([1, bad, 3], store.Gradients.ToArray());
    }

    [Fact, Trait("Category", "Bits")]
    public void The_norm_has_the_same_bits_for_any_number_of_threads()
    {
        foreach (int n in new[] { 3, 4095, 4096, 4097, 8 * 4096, 9 * 4096 + 13, 25 * 4096 + 4095 })
        {
            float[] gradients = new float[n];
            for (int i = 0; i < n; i++) gradients[i] = (float)new Rng(9).Normal((ulong)i);
            ParameterStore store = Store(gradients);
            double expected = Clipping.Norm(gradients);
            Assert.Equal(Math.Sqrt(gradients.Sum(g => (double)g * g)), expected, 1e-6 * expected);
            foreach (int threads in new[] { 1, 2, 3, 5 })
            {
                using ThreadTeam team = new(threads);
                Assert.Equal(expected, new GradientNorm().Of(store, 1, team));
            }
        }
    }

    [Fact]
    public void The_norm_of_scaled_gradients_is_finite_where_they_are_and_only_there()
    {
        using ThreadTeam team = new(2);
        GradientNorm norm = new();
        float[] gradients = new float[10 * 4096];
        gradients[9 * 4096 + 5] = 3e30f;
        Assert.Equal(1.5e30, norm.Of(Store(gradients), 0.5f, team), 1e24);
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            gradients[4096] = bad;
            Assert.False(double.IsFinite(norm.Of(Store(gradients), 0.5f, team)));
        }
    }

    [Fact]
    public void Clearing_reaches_every_gradient_with_any_number_of_threads()
    {
        foreach (int n in new[] { 3, 5000, (1 << 16) + 4097 })
            foreach (int threads in new[] { 1, 2, 3 })
            {
                using ThreadTeam team = new(threads);
                ParameterStore store = Store([.. Enumerable.Repeat(1f, n)]);
                new GradientClearing().Clear(store, team);
                Assert.Equal(-1, store.Gradients.IndexOfAnyExcept(0f));
            }
    }
}
