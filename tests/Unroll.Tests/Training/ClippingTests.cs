using Unroll.Core;
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
}
