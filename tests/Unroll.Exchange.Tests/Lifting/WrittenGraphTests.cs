using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Lifting;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Tests.Onnx;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Lifting;

/// <summary>Graphs like those of PyTorch's dynamo exporter, tf2onnx and Keras, written after their public sources: Fixtures/graphs.py.</summary>
public sealed class WrittenGraphTests
{
    private const double Rounding = 1e-6;

    [Theory]
    [InlineData("dynamo-lstm", "embedding 9×5, lstm 6, dense 9")]
    [InlineData("dynamo-gru-right", "gru-after 5, LastStep, dense 4")]
    [InlineData("keras-gru-before", "gru 5, LastStep, dense 4")]
    [InlineData("tf-lstm", "embedding 8×4, lstm 6, dense 7")]
    [InlineData("keras-two-nodes", "lstm 5 bidirectional, LastStates, dense 2")]
    [InlineData("keras-two-nodes-sum", "lstm 5 bidirectional sum, dense 2")]
    [InlineData("rare", "lstm 4 bidirectional")]
    public void Graphs_of_other_exporters_become_networks_and_answer_as_ONNX_Runtime(string name, string layers)
    {
        LiftedNetwork lifted = Fixture.Lift(name);
        Assert.Equal(layers, Fixture.Text(lifted.Network.Spec));
        byte[] model = Fixture.Bytes(name);
        foreach ((int sequences, int steps) in new[] { (1, 1), (2, 9), (5, 4) })
            Assert.InRange(Fixture.FromOnnxRuntime(model, lifted, sequences, steps), 0, Rounding);
    }

    // ONNX Runtime refuses layout = 1: the interpreter, which the conformance suite judges, is compared with.
    [Fact]
    public void A_recurrent_node_that_reads_the_batch_first_is_lifted_too()
    {
        LiftedNetwork lifted = Fixture.Lift("rare-batch-first");
        Assert.True(lifted.Network.Spec.Layers[0] is RecurrentSpec { Cell: { Coupled: true, Peepholes: true } });
        Dictionary<string, OnnxValue> inputs = Fixture.Inputs(lifted, 3, 6).ToDictionary(one => one.Name, one => (OnnxValue)one.Value);
        IReadOnlyDictionary<string, OnnxValue> expected = lifted.Model.Run(inputs), found = lifted.NewSession().TryRun(inputs)!;
        foreach ((string name, OnnxValue value) in expected)
            Assert.InRange(Reference.Difference((OnnxTensor)value, (OnnxTensor)found[name]), 0, Rounding);
    }

    [Theory]
    [InlineData("tf-hard-sigmoid", "node 'node_LSTM_",
        "computes what no cell here does: LSTM, gates iofc, forward, time first (layout 0), HardSigmoid")]
    [InlineData("tf-loop", "node 'node_Loop_", "is no layer of a network here")]
    public void What_is_no_network_stays_a_graph_and_says_why(string name, string node, string why)
    {
        string said = Fixture.Why(name);
        Assert.Contains(node, said);
        Assert.Contains(why, said);
    }

    [Fact]
    public void Indices_from_the_tables_end_are_answered_by_the_graph()
    {
        LiftedNetwork lifted = Fixture.Lift("dynamo-lstm");
        Dictionary<string, OnnxValue> last = new() { ["x"] = OnnxTensor.Of<long>([1, 2], [8, 3]) },
            negative = new() { ["x"] = OnnxTensor.Of<long>([1, 2], [-1, 3]) };
        Assert.Null(lifted.NewSession().TryRun(negative));
        Assert.NotNull(lifted.NewSession().TryRun(last));
        string output = lifted.Model.Outputs[0].Name;
        Assert.InRange(Reference.Difference((OnnxTensor)lifted.Run(last)[output], (OnnxTensor)lifted.Run(negative)[output]), 0, Rounding);
    }

    [Fact]
    public void A_session_answers_the_same_again_and_again_whatever_came_between()
    {
        LiftedNetwork lifted = Fixture.Lift("tagger");
        LiftedSession session = lifted.NewSession();
        Dictionary<string, OnnxValue> Batch(params int[] lengths) =>
            Fixture.Inputs(lifted, lengths.Length, lengths.Max(), lengths).ToDictionary(one => one.Name, one => (OnnxValue)one.Value);
        float[] Run(Dictionary<string, OnnxValue> inputs) => ((OnnxTensor)session.Run(inputs)["y"]).Values<float>().ToArray();
        float[] first = Run(Batch(5, 3, 2));
        Run(Batch(9, 1));
        Assert.Equal(first, Run(Batch(5, 3, 2)));
    }
}
