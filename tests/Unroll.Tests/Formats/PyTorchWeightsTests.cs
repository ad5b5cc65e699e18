using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Tests.Formats;

/// <summary>The fixture holds modules written by PyTorch, each under its own prefix; the script that wrote it stands beside it.</summary>
public sealed class PyTorchWeightsTests
{
    private static readonly string s_fixture = Path.Combine(AppContext.BaseDirectory, "Formats", "Fixtures", "pytorch-modules.safetensors");

    [Theory]
    [InlineData("rnn", "rnn", 3, 5, 1, false, true, null)]
    [InlineData("relu", "rnn", 3, 4, 2, true, true, null)]
    [InlineData("gru", "gru-after", 3, 5, 2, false, true, null)]
    [InlineData("gru-both", "gru-after", 2, 4, 2, true, false, null)]
    [InlineData("lstm", "lstm", 3, 5, 1, false, true, null)]
    [InlineData("lstm-both", "lstm", 3, 4, 3, true, true, null)]
    [InlineData("lstm-bare", "lstm", 2, 4, 2, false, false, null)]
    [InlineData("lstm-projected", "lstm", 3, 6, 2, true, true, 2)]
    public void What_a_module_was_is_read_off_its_tensors(
        string name, string kind, int inputs, int hidden, int layers, bool both, bool hasBias, int? projection)
    {
        PyTorchWeights weights = PyTorchWeights.Load(s_fixture, name + ".");
        Assert.Equal((name, kind, hidden, layers), (weights.Spec.Name, weights.Spec.Cell.Kind, weights.Spec.Hidden, weights.Spec.Layers));
        Assert.Equal(both ? Direction.Bidirectional : Direction.Forward, weights.Spec.Direction);
        Assert.Equal((inputs, hasBias, projection), (weights.Inputs, weights.HasBias, weights.Spec.Cell.Projection));
    }

    [Fact]
    public void Weights_are_copied_by_name_and_missing_biases_become_zero()
    {
        ParameterStore store = new();
        Parameter other = store.Add("head.weight", 1, 4);
        foreach (string end in (string[])["l0", "l1"])
        {
            store.Add($"lstm-bare.weight_ih_{end}", 16, end == "l0" ? 2 : 4);
            store.Add($"lstm-bare.weight_hh_{end}", 16, 4);
            store.Add($"lstm-bare.bias_ih_{end}", 16);
            store.Add($"lstm-bare.bias_hh_{end}", 16);
        }
        using (Edit edit = store.Edit()) edit.Values.Fill(7);
        PyTorchWeights.Load(s_fixture, "lstm-bare.").CopyInto(store);

        TensorFile file = TensorFile.Read(s_fixture);
        Assert.Equal(file.Find("lstm-bare.weight_hh_l1")!.Float32, store.Find("lstm-bare.weight_hh_l1")!.Values);
        Assert.All(store.Find("lstm-bare.bias_hh_l0")!.Values.ToArray(), value => Assert.Equal(0f, value));
        Assert.All(other.Values.ToArray(), value => Assert.Equal(7f, value));
    }

    [Fact]
    public void What_does_not_fit_the_network_is_one_error_and_nothing_is_copied()
    {
        ParameterStore store = new();
        store.Add("encoder.weight_ih_l0", 20, 4);
        store.Add("encoder.weight_hh_l0", 20, 5);
        store.Add("encoder.peephole_l0", 3, 5);
        string error = Assert.Throws<UserErrorException>(() => PyTorchWeights.Load(s_fixture, "lstm.").CopyInto(store, "encoder")).Message;
        Assert.Contains("missing: encoder.peephole_l0 [3, 5]", error);
        Assert.Contains("not expected: lstm.bias_ih_l0 [20], lstm.bias_hh_l0 [20]", error);
        Assert.Contains("wrong: lstm.weight_ih_l0 is [20, 3], expected [20, 4]", error);
        Assert.All(store.Values.ToArray(), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void PyTorchs_GRU_is_refused_for_the_cell_that_resets_before_the_product() =>
        Assert.Contains("resets after the product, cell 'gru-after', and cell 'gru' resets before", ErrorOf("gru.", new() { Kind = "gru" }));

    [Fact]
    public void A_cell_that_the_module_is_not_is_refused()
    {
        Assert.Contains("holds 4 gate blocks, cell 'lstm', not 'rnn'", ErrorOf("lstm.", new() { Kind = "rnn" }));
        Assert.Contains("neither peepholes nor coupled gates", ErrorOf("lstm.", new() { Peepholes = true }));
        Assert.Contains("has no projection, not one to 3", ErrorOf("lstm.", new() { Projection = 3 }));
        Assert.Contains("has a projection to 2, not one to 3", ErrorOf("lstm-projected.", new() { Projection = 3 }));
        Assert.Equal("relu", PyTorchWeights.Load(s_fixture, "relu.", new() { Kind = "rnn", Activation = "relu" }).Spec.Cell.Activation);
    }

    [Fact]
    public void Several_modules_none_and_tensors_of_another_kind_are_named()
    {
        string several = Assert.Throws<UserErrorException>(() => PyTorchWeights.Load(s_fixture)).Message;
        Assert.Contains("holds 8 recurrent modules; give one of their prefixes: 'rnn.', 'relu.'", several);
        Assert.Contains("has no tensor 'weight_ih_l0'", ErrorOf(new TensorFile()));
    }

    [Fact]
    public void A_tensor_that_belongs_to_no_recurrent_module_is_named_and_not_used()
    {
        TensorFile file = Module(("weight_ih_l0", [4, 1]), ("bias_zz_l0", [4]), ("weight_hh_l0", [4, 4]), ("fc.weight", [1, 4]));
        file.Add(Tensor.Of("mask", [1], [float.NegativeInfinity]));
        List<string> notes = [];
        PyTorchWeights weights = PyTorchWeights.From(file, "f", note: notes.Add);
        Assert.Equal(["bias_zz_l0", "fc.weight", "mask"], weights.Unused);
        Assert.Contains("3 of 5 tensors belong to no nn.RNN, nn.GRU or nn.LSTM under the prefix '' and are not used: bias_zz_l0, fc.weight, mask",
            Assert.Single(notes));
        ParameterStore store = Network.Build(new NetworkSpec(weights.Inputs, [weights.Spec])).Parameters;
        weights.CopyInto(store);
    }

    [Fact]
    public void Weights_that_are_used_must_be_finite()
    {
        TensorFile file = Module(("weight_ih_l0", [1, 1]));
        file.Add(Tensor.Of("weight_hh_l0", [1, 1], [float.NaN]));
        Assert.Contains("tensor 'weight_hh_l0' [1, 1], element 0 is NaN", ErrorOf(file));
    }

    [Fact]
    public void The_only_prefix_is_found_and_what_lies_deeper_is_left_alone()
    {
        TensorFile file = Module(("m.rnn.weight_ih_l0", [4, 1]), ("m.rnn.weight_hh_l0", [4, 4]), ("m.head.weight", [1, 4]));
        Assert.Equal("m.rnn", PyTorchWeights.From(file, "f").Spec.Name);
        Assert.Equal("recurrent", PyTorchWeights.From(Module(("weight_ih_l0", [4, 1]), ("weight_hh_l0", [4, 4])), "f").Spec.Name);
    }

    [Fact]
    public void A_module_that_is_not_whole_is_one_error()
    {
        string error = ErrorOf(Module(
            ("weight_ih_l0", [4, 1]), ("weight_hh_l0", [4, 4]), ("bias_ih_l0", [4]), ("weight_ih_l0_reverse", [4, 2]), ("weight_ih_l7", [4, 4])));
        Assert.Contains("bias_hh_l0 [4] is missing", error);
        Assert.Contains("weight_ih_l0_reverse is [4, 2], expected [4, 1]", error);
        Assert.Contains("weight_hh_l1_reverse [4, 4] is missing", error);
        Assert.Contains("weight_ih_l7 is not expected", error);
    }

    [Fact]
    public void Shapes_that_are_no_module_are_refused()
    {
        Assert.Contains("10 rows for 4 hidden units", ErrorOf(Module(("weight_ih_l0", [10, 1]), ("weight_hh_l0", [10, 4]))));
        Assert.Contains("8 rows for 4 hidden units", ErrorOf(Module(("weight_ih_l0", [8, 1]), ("weight_hh_l0", [8, 4]))));
        Assert.Contains("weight_ih_l0 is [4], expected a matrix", ErrorOf(Module(("weight_ih_l0", [4]), ("weight_hh_l0", [4, 4]))));
        Assert.Contains("weight_hh_l0 is [4, 0], expected a matrix", ErrorOf(Module(("weight_ih_l0", [4, 1]), ("weight_hh_l0", [4, 0]))));
        Assert.Contains("has no tensor 'weight_hh_l0'", ErrorOf(Module(("weight_ih_l0", [4, 1]))));
    }

    private static string ErrorOf(string prefix, CellOptions cell) =>
        Assert.Throws<UserErrorException>(() => PyTorchWeights.Load(s_fixture, prefix, cell)).Message;

    private static string ErrorOf(TensorFile file) => Assert.Throws<UserErrorException>(() => PyTorchWeights.From(file, "f")).Message;

    private static TensorFile Module(params (string Name, int[] Shape)[] tensors)
    {
        TensorFile file = new();
        foreach ((string name, int[] shape) in tensors) file.Add(Tensor.Of(name, shape, new float[shape.Aggregate(1, (a, b) => a * b)]));
        return file;
    }
}
