using Unroll.Exchange.Onnx.Lifting;

namespace Unroll.Exchange.Tests.Lifting;

/// <summary>Exports by PyTorch 1.13: Fixtures/torchscript.py.</summary>
public sealed class TorchScriptTests
{
    // What ONNX Runtime computes by other products and its own approximations of σ and tanh.
    private const double Rounding = 1e-6;

    [Theory]
    [InlineData("char-states", "embedding 11×5, lstm 6 ×2, dense 11")]
    [InlineData("char-states-unfolded", "embedding 11×5, lstm 6 ×2, dense 11")]
    [InlineData("char-zero", "embedding 11×5, lstm 6 ×2, dense 11")]
    [InlineData("gru-last", "gru-after 5 ×2 bidirectional, LastStep, dense 4")]
    [InlineData("gru-last-unfolded", "gru-after 5 ×2 bidirectional, LastStep, dense 4")]
    [InlineData("gru-last-slice", "gru-after 5 ×2 bidirectional, LastStep, dense 4")]
    [InlineData("gru-states", "gru-after 5 ×2 bidirectional, LastStates, dense 4")]
    [InlineData("gru-halves", "gru-after 5 ×2 bidirectional, LastStates, dense 4")]
    [InlineData("gru-mean", "gru-after 5 ×2 bidirectional, MeanPool, dense 4")]
    [InlineData("gru-max", "gru-after 5 ×2 bidirectional, MaxPool, dense 4")]
    [InlineData("gru-norm", "gru-after 5 ×2 bidirectional, MeanPool, LayerNorm, dense 4")]
    [InlineData("gru-norm-13", "gru-after 5 ×2 bidirectional, MeanPool, LayerNorm, dense 4")]
    [InlineData("gru-view", "gru-after 5 ×2 bidirectional, LastStates, dense 4")]
    [InlineData("char-tied", "embedding 11×6, lstm 6 ×2, tied")]
    [InlineData("gru-directions-summed", "gru-after 5 bidirectional, gru-after 5 bidirectional sum, LastStep")]
    [InlineData("lstm-one-way-states", "lstm 5, LastStep, dense 4")]
    [InlineData("regressor-relu", "lstm 7, LastStep, relu 6, dense 1")]
    [InlineData("rnn-zeros", "rnn 6 ×2, LastStep, dense 2")]
    [InlineData("rnn-relu", "rnn 6 ×2 relu, LastStep, dense 2")]
    [InlineData("flattened-steps", "dense 4, gru-after 5, dense 2")]
    [InlineData("learned-state", "lstm 5 learned")]
    public void A_genuine_export_becomes_its_network_and_answers_as_ONNX_Runtime(string name, string layers)
    {
        LiftedNetwork lifted = Fixture.Lift(name);
        Assert.Equal(layers, Fixture.Text(lifted.Network.Spec));
        byte[] model = Fixture.Bytes(name);
        foreach ((int sequences, int steps) in new[] { (1, 1), (2, 9), (5, 4) })
            Assert.InRange(Fixture.FromOnnxRuntime(model, lifted, sequences, steps), 0, Rounding);
    }

    [Theory]
    [InlineData("tagger", "embedding 12×4, lstm 5 bidirectional, dense 3")]
    [InlineData("tagger-unsorted", "embedding 12×4, gru-after 5 bidirectional, dense 3")]
    [InlineData("packed-states", "gru-after 5 bidirectional, LastStates, dense 1")]
    [InlineData("packed-gather", "gru-after 5 bidirectional, LastStep, dense 1")]
    public void Packed_sequences_become_ragged_batches(string name, string layers)
    {
        LiftedNetwork lifted = Fixture.Lift(name);
        Assert.Equal(layers, Fixture.Text(lifted.Network.Spec));
        byte[] model = Fixture.Bytes(name);
        // PyTorch 1.13 freezes the zero state of packed sequences at the example's three.
        foreach (int[] lengths in new int[][] { [1, 1, 1], [4, 4, 2], [9, 5, 1] })
            Assert.InRange(Fixture.FromOnnxRuntime(model, lifted, lengths.Length, lengths[0], lengths), 0, Rounding);
    }

    [Fact]
    public void An_export_of_fixed_sizes_becomes_a_network_for_any()
    {
        LiftedNetwork lifted = Fixture.Lift("char-static");
        Assert.Equal("embedding 11×5, lstm 6 ×2, dense 11", Fixture.Text(lifted.Network.Spec));
        Assert.InRange(Fixture.FromOnnxRuntime(Fixture.Bytes("char-static"), lifted, 1, 5), 0, Rounding);
    }

    [Theory]
    [InlineData("regressor-tanh", "node '/head/head.1/Tanh' (Tanh, opset 17) is no layer")]
    [InlineData("residual", "node '/Add' (Add, opset 17) adds the rows of two layers")]
    [InlineData("packed-mean", "node '/ReduceMean' (ReduceMean, opset 17) reduces all steps of the batch")]
    public void What_no_layer_computes_stays_a_graph_and_the_node_is_named(string name, string why) => Assert.Contains(why, Fixture.Why(name));
}
