using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Tests.Recurrent;

public sealed class RefusalTests
{
    public static TheoryData<string, int, string, object, string> Attributes => new()
    {
        { "LSTM", 14, "direction", "foward", "attribute 'direction' is 'foward', expected forward or reverse or bidirectional" },
        { "LSTM", 14, "activations", new[] { "Sigmoid", "Tanh" }, "'activations' has 2 names, expected 3: 3 for each of 1 direction" },
        { "GRU", 14, "activations", new[] { "Sigmoid", "Gelu" }, "'activations' names 'Gelu', expected Relu, Tanh" },
        { "RNN", 14, "activation_alpha", new[] { 0.1f, 0.2f }, "'activation_alpha' has 2 numbers, expected 0, one for each of the activations that" },
        { "RNN", 14, "activations", new[] { "ScaledTanh" }, "'activation_alpha' is missing: ScaledTanh has no default for it" },
        { "LSTM", 14, "clip", -1f, "attribute 'clip' is -1, expected a number of at least 0" },
        { "LSTM", 14, "clip", float.NaN, "attribute 'clip' is NaN" },
        { "LSTM", 14, "hidden_size", 0L, "attribute 'hidden_size' is 0, expected at least 1" },
        { "LSTM", 14, "hidden_size", 5L, "('R') is float [1, 16, 4], but attribute 'hidden_size' is 5" },
        { "LSTM", 14, "input_forget", 2L, "attribute 'input_forget' is 2, expected 0 or 1" },
        { "LSTM", 14, "layout", 2L, "attribute 'layout' is 2, expected 0 or 1" },
        { "LSTM", 13, "layout", 1L, "attribute 'layout' is not supported" },
        { "GRU", 14, "input_forget", 1L, "attribute 'input_forget' is not supported" },
        { "LSTM", 14, "linear_before_reset", 1L, "attribute 'linear_before_reset' is not supported" },
        { "GRU", 7, "output_sequence", 1L, "attribute 'output_sequence' is not supported" },
        { "GRU", 1, "linear_before_reset", 1L, "attribute 'linear_before_reset' is not supported" },
    };

    public static TheoryData<string, string, int[], string> Tensors => new()
    {
        { "LSTM", "X", [5, 2], "the input X ('X') is float [5, 2], expected three sizes" },
        { "LSTM", "W", [1, 16, 2], "the input W ('W') is float [1, 16, 2], expected float [1, 16, 3] because X is [5, 2, 3] in layout 0" },
        { "GRU", "W", [1, 16, 3], "the input W ('W') is float [1, 16, 3], expected float [1, 12, 3]" },
        { "LSTM", "W", [2, 16, 3], "expected float [1, 16, 3]" },
        { "LSTM", "R", [1, 12, 4], "the input R ('R') is float [1, 12, 4], expected float [1, 16, 4]" },
        { "RNN", "B", [1, 4], "the input B ('B') is float [1, 4], expected float [1, 8]" },
        { "RNN", "initial_h", [2, 1, 4], "the input initial_h ('initial_h') is float [2, 1, 4], expected float [1, 2, 4]" },
        { "LSTM", "initial_c", [1, 2, 5], "the input initial_c ('initial_c') is float [1, 2, 5], expected float [1, 2, 4]" },
        { "LSTM", "P", [1, 16], "the input P ('P') is float [1, 16], expected float [1, 12]" },
        { "LSTM", "sequence_lens", [2], "input sequence_lens ('sequence_lens') is float [2], expected int32 [2]: a length for each sequence of X" },
    };

    [Theory]
    [MemberData(nameof(Attributes))]
    public void An_attribute_that_is_not_the_specifications_is_refused_by_name(string op, int opset, string name, object value, string said)
    {
        string error = new OneNode(op) { Opset = opset, Attributes = new() { [name] = value } }.Error();
        Assert.StartsWith($"'m.onnx': node 'rnn_1' ({op}, opset {opset}): ", error);
        Assert.Contains(said, error);
    }

    [Theory]
    [MemberData(nameof(Tensors))]
    public void A_tensor_of_another_shape_is_refused_by_name(string op, string name, int[] shape, string said)
    {
        OneNode node = new(op) { Changed = new() { [name] = new OneNode(op).Draw(name, shape) } };
        Assert.Contains(said, node.Error());
    }

    [Theory]
    [InlineData(6, "sequence_lens ('sequence_lens') says 6 for sequence 1, expected 0 to 5, the steps of X")]
    [InlineData(-1, "says -1 for sequence 1, expected 0 to 5")]
    [InlineData(int.MaxValue, "says 2147483647 for sequence 1")]
    public void A_length_outside_of_X_is_refused(int length, string said) =>
        Assert.Contains(said, new OneNode("LSTM") { Changed = new() { ["sequence_lens"] = OnnxTensor.Of<int>([2], [5, length]) } }.Error());

    [Fact]
    public void Tensors_of_two_types_are_refused_and_so_is_a_type_without_fractions()
    {
        Assert.Contains("the input R ('R') is double [1, 16, 4], expected float [1, 16, 4]",
            new OneNode("LSTM") { Changed = new() { ["R"] = OnnxTensor.Of<double>([1, 16, 4], new double[64]) } }.Error());
        Assert.Contains("the input X ('X') is int64 [5, 2, 3], expected float or double",
            new OneNode("LSTM") { Changed = new() { ["X"] = OnnxTensor.Of<long>([5, 2, 3], new long[30]) } }.Error());
    }

    [Fact]
    public void A_node_without_weights_is_refused() =>
        Assert.Contains("the input W is missing", new OneNode("GRU") { Changed = new() { ["W"] = null } }.Error());
}
