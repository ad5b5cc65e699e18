using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tests.Laws;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>A NaN or an infinity is traced to the layer, the gate, the unit, the sequence and the step where it began.</summary>
public sealed class NonFinitePlaceTests
{
    private static readonly NetworkSpec s_spec = new(2,
    [
        new RecurrentSpec { Name = "encoder", Cell = new() { Kind = "lstm" }, Hidden = 3, Layers = 2 },
        new RecurrentSpec { Name = "both", Cell = new() { Kind = "gru" }, Hidden = 3, Direction = Direction.Bidirectional },
        new DenseSpec { Name = "head", Outputs = 2 },
    ]);

    [Theory]
    [InlineData("encoder.bias_ih_l1", 4, "layer 'encoder.1', gate f, unit 1, sequence 2, step 0")]       // rows 3 to 5 are gate f's
    [InlineData("both.bias_ih_l0", 8, "layer 'both.0', gate n, unit 2, sequence 2, step 0")]
    [InlineData("both.bias_ih_l0_reverse", 0, "layer 'both.0.reverse', gate r, unit 0, sequence 2, step 3")]
    [InlineData("head.bias", 1, "the output of layer 'head', sequence 2, step 0")]
    public void A_weight_that_is_NaN_is_found_where_it_first_acts(string parameter, int element, string place)
    {
        (Network network, SequenceBatch x) = Make();
        using (Edit edit = network.Parameters.Edit()) edit.Of(network.Parameters.All.Single(p => p.Name == parameter))[element] = float.NaN;
        Assert.Equal(place, NonFinitePlace.Forward(network, x, network.Forward(x, null, LayerCases.NewPass())));
    }

    [Fact]
    public void A_number_of_the_input_is_found_before_what_it_spoils()
    {
        (Network network, SequenceBatch x) = Make();
        Assert.Null(NonFinitePlace.Forward(network, x, network.Forward(x, null, LayerCases.NewPass())));
        x.Row(1, 0)[1] = float.PositiveInfinity;
        Assert.Equal("the input of sequence 0, step 1", NonFinitePlace.Forward(network, x, network.Forward(x, null, LayerCases.NewPass())));
    }

    //  h_t = 10⁴ h_{t−1}, h_0 = 10⁻³⁰: forward at most 10⁻².   δh_7 = 10²⁰, δh_{7−k} = 10^(20 + 4k): above the largest float, 3.4 · 10³⁸, from k = 5
    //  on
    [Fact]
    public void A_gradient_that_explodes_is_found_at_the_step_where_it_leaves_the_floats()
    {
        NetworkSpec spec = new(1, [new RecurrentSpec { Name = "encoder", Cell = new() { Kind = "rnn", Activation = "relu" }, Hidden = 1 }]);
        Network network = Network.Build(spec);
        using (Edit edit = network.Parameters.Edit()) (edit.Values[0], edit.Values[1]) = (1, 1e4f);
        SequenceBatch x = SequenceBatch.FromSequences(1, new float[8]), dy = SequenceBatch.Zeros(x.Layout, 1);
        (x.Row(0, 0)[0], dy.Row(7, 0)[0]) = (1e-30f, 1e20f);
        Pass pass = LayerCases.NewPass();
        Cache cache = network.Forward(x, null, pass);
        Assert.Null(NonFinitePlace.Forward(network, x, cache));
        Assert.Equal("the backward pass through layer 'encoder.0', sequence 0, step 2", NonFinitePlace.Backward(network, dy, null, cache, pass));
        Assert.All(network.Parameters.Gradients.ToArray(), gradient => Assert.Equal(0, gradient));

        dy.Row(5, 0)[0] = float.NaN;
        Assert.Equal("the gradient of the loss by the output of sequence 0, step 5", NonFinitePlace.Backward(network, dy, null, cache, pass));
    }

    private static (Network Network, SequenceBatch X) Make()
    {
        Network network = Network.Build(s_spec);
        Initialization.Apply(network.Parameters, s_spec, new InitializationOptions(), new Rng(1));
        return (network, LayerCases.Draw(SequenceLayout.FromLengths(2, 0, 4), 2, 1));
    }
}
