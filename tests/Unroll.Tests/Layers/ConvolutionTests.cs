using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Pooling;
using Unroll.Networks;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Layers;

public sealed class ConvolutionTests
{
    private static Network Make(params LayerSpec[] layers)
    {
        Network network = Network.Build(new NetworkSpec(1, layers));
        using Edit edit = network.Parameters.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = i + 1;
        return network;
    }

    private static float[] Forward(Network network, params float[] x) =>
        network.Forward(SequenceBatch.FromSequences(1, x), null, LayerCases.NewPass()).Output.All.ToArray();

    [Fact]
    public void Filters_see_neighbors_with_zeros_outside_and_nothing_below_zero_comes_out()
    {
        // W = [1, 2, 3], b = 4: y⟨t⟩ = x⟨t−1⟩ + 2 x⟨t⟩ + 3 x⟨t+1⟩ + 4
        Network network = Make(new ConvolutionSpec { Name = "filters", Filters = 1, Width = 3 });
        Assert.Equal((float[])[12f, 21f, 0f, 0f], Forward(network, 1, 2, 4, -9));
    }

    [Fact]
    public void Of_every_two_steps_the_largest_is_kept_and_the_last_alone() =>
        Assert.Equal((float[])[3f, -1f, 5f], Forward(Make(new StepPoolSpec { Name = "pool", Steps = 2 }), 3, 1, -2, -1, 5));

    [Fact]
    public void A_wide_path_adds_weights_of_places_and_of_pairs()
    {
        // Mean of the steps through 1 x + 2, and around it 3 x⟨0⟩ + 4 x⟨1⟩ + 5 x⟨2⟩ + 6 x⟨0⟩ x⟨1⟩ + 7 x⟨1⟩ x⟨2⟩.
        Network network = Make(new MeanPoolSpec { Name = "pool" }, new DenseSpec { Name = "head", Outputs = 1 },
            new WideSpec { Name = "wide", Steps = 3, Pairs = true });
        Assert.Equal((float[])[2 + 2 + 3 * 1 + 4 * 3 + 6 * 3f], Forward(network, 1, 3));
    }

    [Theory]
    [InlineData("wide", "expected a pooling and no embedding below it")]
    public void A_wide_path_without_a_pooling_is_refused(string name, string message) =>
        Assert.Contains(message, Assert.Throws<UserErrorException>(() => Network.Build(new NetworkSpec(1,
            [new DenseSpec { Name = "head", Outputs = 1 }, new WideSpec { Name = name, Steps = 3 }]))).Message);

    [Fact]
    public void They_need_whole_sequences()
    {
        Network network = Make(new ConvolutionSpec { Name = "filters", Filters = 1, Width = 3 });
        Assert.False(network.Causal);
        Assert.Contains("layer 'filters' needs whole sequences", Assert.Throws<UserErrorException>(() => network.RequireCausal("streaming")).Message);
        Assert.Throws<UserErrorException>(() => new StepPool("pool", 1, 0));
        Assert.Throws<UserErrorException>(() => new Convolution("filters", new ParameterStore(), 1, 1, 0));
    }
}
