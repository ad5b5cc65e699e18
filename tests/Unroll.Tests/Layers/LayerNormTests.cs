using Unroll.Core;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Layers;

public sealed class LayerNormTests
{
    // Mean 2, variance 2/3 (+ 1e-5): x̂ = ±1.224736; a row of equal numbers gives the bias.
    [Fact]
    public void A_row_is_centred_and_scaled()
    {
        ParameterStore store = new();
        LayerNorm layer = new("norm", store, 3);
        using (Edit edit = store.Edit())
        {
            new float[] { 1, 2, 3 }.CopyTo(edit.Of(store.Find("norm.weight")!));
            new float[] { 0.5f, 0, -1 }.CopyTo(edit.Of(store.Find("norm.bias")!));
        }
        Cache cache = layer.Forward(SequenceBatch.FromSequences(3, [1, 2, 3, 7, 7, 7]), LayerCases.NewPass());
        double unit = 1 / Math.Sqrt(2.0 / 3 + 1e-5);
        float[] expected = [(float)(0.5 - unit), 0, (float)(3 * unit - 1), 0.5f, 0, -1];
        for (int i = 0; i < 6; i++) Assert.Equal(expected[i], cache.Output.All[i], 1e-6);
        float[] step = new float[3];
        layer.Step([1, 2, 3], step);
        Assert.Equal(cache.Output.Row(0, 0).ToArray(), step);
    }

    [Fact]
    public void It_begins_with_scale_one_and_bias_zero()
    {
        NetworkSpec spec = new(3, [new LayerNormSpec { Name = "norm" }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new InitializationOptions(), new Rng(1));
        Assert.Equal(new float[] { 1, 1, 1, 0, 0, 0 }, network.Parameters.Values.ToArray());
        Assert.True(network.Causal);
    }

    [Fact]
    public void A_wrong_width_is_refused() =>
        Assert.Throws<ShapeException>(() => new LayerNorm("norm", new ParameterStore(), 3)
            .Forward(SequenceBatch.FromSequences(2, [1, 2]), LayerCases.NewPass()));
}
