using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Recurrent;

namespace Unroll.Exchange.Tests.Recurrent;

public sealed class ConventionTests
{
    [Fact]
    public void A_node_says_what_it_computes_in_words()
    {
        Assert.Equal("LSTM, gates iofc, forward, time first (layout 0), Sigmoid Tanh Tanh", Words("LSTM", []));
        Assert.Equal(
            "LSTM, gates iofc, reverse, batch first (layout 1), HardSigmoid(0.2, 0.5) Tanh LeakyRelu(0.3), f = 1 − i (input_forget), "
            + "gates' arguments clipped to ±3",
            Words("LSTM", new()
            {
                ["direction"] = "reverse", ["layout"] = 1L, ["activations"] = new[] { "hardsigmoid", "TANH", "LeakyRelu" },
                ["activation_alpha"] = new[] { 0.2f, 0.3f }, ["activation_beta"] = new[] { 0.5f }, ["input_forget"] = 1L, ["clip"] = 3f,
            }));
        Assert.Equal("GRU, gates zrh, bidirectional, time first (layout 0), Sigmoid Tanh Sigmoid Tanh, reset before the product",
            Words("GRU", new() { ["direction"] = "bidirectional" }));
        Assert.Equal("GRU, gates zrh, forward, time first (layout 0), Sigmoid Tanh, reset after the product",
            Words("GRU", new() { ["linear_before_reset"] = 1L }));
        Assert.Equal("RNN, forward, time first (layout 0), Relu", Words("RNN", new() { ["activations"] = new[] { "Relu" } }));
    }

    [Fact]
    public void Peepholes_are_said_and_a_node_that_is_not_recurrent_says_nothing()
    {
        OneNode node = new("LSTM");
        Assert.EndsWith(", peepholes", ConventionReader.Read(node.Node(["X", "W", "R", "P"]), "m.onnx")!.Describe(peepholes: true));
        Assert.Null(ConventionReader.Read(new OnnxNode { Operator = "Relu", Opset = 14 }, "m.onnx"));
        Assert.Null(ConventionReader.Read(node.Node(["X"]) with { Domain = "com.microsoft" }, "m.onnx"));
    }

    [Fact]
    public void Parameters_are_taken_in_order_or_by_place_as_the_length_of_the_list_says()
    {
        string[] names = ["Sigmoid", "LeakyRelu", "Elu"];
        Assert.Equal("Sigmoid LeakyRelu(0.1) Elu(0.2)", Activations(names, [0.1f, 0.2f]));
        Assert.Equal("Sigmoid LeakyRelu(0.1) Elu(0.2)", Activations(names, [9f, 0.1f, 0.2f]));
        Assert.Equal("Sigmoid LeakyRelu(0.01) Elu(1)", Activations(names, []));
    }

    [Theory]
    [InlineData("LSTM", false, "0 2 3 1")]                                   // i o f c → i f g o
    [InlineData("LSTM", true, "0 3 1")]                                      // i o f c → i g o
    [InlineData("GRU", false, "1 0 2")]                                      // z r h → r z n
    [InlineData("RNN", false, "0")]
    public void Weights_become_ours_block_by_block(string op, bool coupled, string order)
    {
        OneNode node = new(op) { Attributes = new() { ["direction"] = "bidirectional" } };
        if (coupled) node.Attributes["input_forget"] = 1L;
        const int inputs = 3, hidden = 2;
        int gates = op == "LSTM" ? 4 : op == "GRU" ? 3 : 1;
        RecurrentConvention convention = ConventionReader.Read(node.Node(["X", "W", "R"]), "m.onnx")!;
        float[] w = Numbers(2 * gates * hidden * inputs), r = Numbers(2 * gates * hidden * hidden), b = Numbers(4 * gates * hidden);
        LayerTensors second = LayerTensors.Of(convention, 1, inputs, hidden, w, r, b, Numbers(12));
        int[] blocks = [.. order.Split(' ').Select(int.Parse)];
        Assert.Equal(blocks.SelectMany(gate => w.Skip((gates + gate) * hidden * inputs).Take(hidden * inputs)), second.InputToHidden);
        Assert.Equal(blocks.SelectMany(gate => r.Skip((gates + gate) * hidden * hidden).Take(hidden * hidden)), second.HiddenToHidden);
        Assert.Equal(blocks.SelectMany(gate => b.Skip((2 * gates + gate) * hidden).Take(hidden)), second.InputBias);
        Assert.Equal(blocks.SelectMany(gate => b.Skip((3 * gates + gate) * hidden).Take(hidden)), second.HiddenBias);
        Assert.Equal([6, 7, 10, 11, 8, 9], second.Peepholes!);                // i o f → i f o of the second direction
        LayerTensors bare = LayerTensors.Of(convention, 0, inputs, hidden, w, r, [], []);
        Assert.Equal(new float[blocks.Length * hidden], bare.InputBias);
        Assert.Null(bare.Peepholes);
    }

    private static float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => (float)i)];

    private static string Words(string op, Dictionary<string, object> attributes) =>
        ConventionReader.Read(new OneNode(op) { Attributes = attributes }.Node(["X", "W", "R"]), "m.onnx")!.Describe();

    private static string Activations(string[] names, float[] alphas) => string.Join(' ', ConventionReader.Read(
        new OneNode("LSTM") { Attributes = new() { ["activations"] = names, ["activation_alpha"] = alphas } }.Node(["X", "W", "R"]),
        "m.onnx")!.Activations);
}
