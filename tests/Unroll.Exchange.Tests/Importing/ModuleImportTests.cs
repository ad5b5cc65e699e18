using Unroll.Core;
using Unroll.Exchange.Importing;
using Unroll.Formats;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Importing;

/// <summary>From tensors to a network: which modules there are, in which order, and what is said where that is not clear.</summary>
public sealed class ModuleImportTests
{
    private static Tensor Of(string name, params int[] shape)
    {
        Rng rng = new Rng(1).For(name);
        return Tensor.Of(name, shape, [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(i => rng.Uniform((ulong)i) - 0.5f)]);
    }

    private static Tensor[] Gates(string name, int gates, int inputs, int hidden, string at = "_l0", bool biases = true) =>
    [
        Of($"{name}weight_ih{at}", gates * hidden, inputs), Of($"{name}weight_hh{at}", gates * hidden, hidden),
        .. biases ? (Tensor[])[Of($"{name}bias_ih{at}", gates * hidden), Of($"{name}bias_hh{at}", gates * hidden)] : [],
    ];

    private static Tensor[] Linear(string name, int inputs, int outputs) => [Of($"{name}.weight", outputs, inputs), Of($"{name}.bias", outputs)];

    private static ImportedNetwork Import(ImportOptions? options, params Tensor[][] tensors) =>
        ModuleImport.Read(new WeightsFile("x.pth", "pytorch", [.. tensors.SelectMany(one => one)]), options);

    private static string Refused(ImportOptions? options, params Tensor[][] tensors) =>
        Assert.Throws<UserErrorException>(() => Import(options, tensors)).Message;

    private static string[] Names(ImportedNetwork made) => [.. made.Network.Spec.Layers.Select(layer => layer.Name)];

    [Fact]
    public void The_order_follows_from_the_shapes_whatever_the_order_of_the_file()
    {
        ImportedNetwork made = Import(null, Linear("out", 6, 9), Gates("b.", 4, 5, 6), [Of("table.weight", 9, 4)], Gates("a.", 3, 4, 5));
        Assert.Equal(["table", "a", "b", "out"], Names(made));
        Assert.IsType<EmbeddingSpec>(made.Network.Spec.Layers[0]);
        Assert.Equal("gru-after", ((RecurrentSpec)made.Network.Spec.Layers[1]).Cell.Kind);
        Assert.Empty(made.Unused);
        Assert.Equal(made.Network.Parameters.All.Count, made.Sources.Count);
    }

    [Fact]
    public void Several_orders_are_refused_with_the_modules_and_naming_them_decides()
    {
        Tensor[][] file = [Gates("rnn.", 4, 6, 6), Linear("proj", 6, 6), Linear("out", 6, 2)];
        string error = Refused(null, file);
        Assert.Contains("in several orders", error);
        Assert.Contains("rnn (lstm, 6 to 6), proj (linear, 6 to 6), out (linear, 6 to 2)", error);
        Assert.Contains("the options embedding, recurrent and head", error);
        Assert.Equal(["rnn", "proj", "out"], Names(Import(new ImportOptions { Heads = ["proj", "out"], Between = "none" }, file)));
        ImportedNetwork part = Import(new ImportOptions { Heads = ["out"] }, file);
        Assert.Equal(["rnn", "out"], Names(part));
        Assert.Equal(["proj.weight", "proj.bias"], part.Unused);
    }

    [Fact]
    public void Modules_that_fit_nowhere_are_refused_and_may_be_left_out_by_name()
    {
        Tensor[][] file = [Gates("rnn.", 4, 3, 6), Linear("out", 6, 2), Linear("other", 17, 4)];
        Assert.Contains("do not fit on each other in any order", Refused(null, file));
        Assert.Equal(["other.weight", "other.bias"], Import(new ImportOptions { Heads = ["out"] }, file).Unused);
        Assert.Equal(["rnn"], Names(Import(new ImportOptions { Heads = ["none"] }, file)));
        Assert.Contains("head: 'x.pth' has no such module 'ouy'", Refused(new ImportOptions { Heads = ["ouy"] }, file));
    }

    [Fact]
    public void Heads_that_are_named_do_not_hide_the_embedding()
    {
        Tensor[][] file = [[Of("table.weight", 9, 4)], Gates("rnn.", 4, 4, 6), Linear("out", 6, 2), Linear("other", 17, 4)];
        Assert.Equal(["table", "rnn", "out"], Names(Import(new ImportOptions { Heads = ["out"] }, file)));
        Assert.Equal(["rnn", "out"], Names(Import(new ImportOptions { Heads = ["out"], Embedding = "none" }, file)));
    }

    [Fact]
    public void A_prefix_takes_one_part_and_names_the_rest()
    {
        ImportedNetwork made = Import(new ImportOptions { Prefix = "encoder." }, Gates("encoder.rnn.", 4, 3, 5), Gates("decoder.rnn.", 4, 5, 5),
            Linear("decoder.out", 5, 3));
        Assert.Equal(["encoder.rnn"], Names(made));
        Assert.Equal(6, made.Unused.Count);
    }

    [Fact]
    public void What_lies_between_linear_modules_must_be_said()
    {
        Tensor[][] file = [Gates("rnn.", 3, 3, 5), Linear("a", 5, 7), Linear("b", 7, 2)];
        Assert.Contains("another module follows the linear module 'a', and weights do not say what lies between them", Refused(null, file));
        Assert.IsType<ConvolutionSpec>(Import(new ImportOptions { Between = "relu" }, file).Network.Spec.Layers[1]);
        Assert.IsType<DenseSpec>(Import(new ImportOptions { Between = "none" }, file).Network.Spec.Layers[1]);
    }

    [Fact]
    public void A_table_that_is_the_output_too_stays_tied()
    {
        Tensor table = Of("table.weight", 9, 5);
        ImportedNetwork made = Import(null, [table], Gates("rnn.", 4, 5, 5), [Tensor.Of("out.weight", [9, 5], table.Float32), Of("out.bias", 9)]);
        Assert.Equal("table", Assert.IsType<TiedSpec>(made.Network.Spec.Layers[^1]).Embedding);
    }

    [Fact]
    public void An_activation_that_the_file_does_not_say_is_assumed_aloud()
    {
        ImportedNetwork made = Import(null, Gates("", 1, 3, 5));
        Assert.Contains("does not say whether 'x.pth' has tanh or relu; tanh was taken", Assert.Single(made.Notes));
        made = Import(new ImportOptions { Activation = "relu" }, Gates("", 1, 3, 5));
        Assert.Equal("relu", Assert.IsType<RecurrentSpec>(made.Network.Spec.Layers[0]).Cell.Activation);
        Assert.Empty(made.Notes);
        Assert.Contains("whose activations are fixed", Refused(new ImportOptions { Activation = "relu" }, Gates("", 4, 3, 5)));
    }

    [Fact]
    public void A_pytorch_gru_is_not_taken_for_the_one_that_resets_before() =>
        Assert.Contains("reset", Refused(new ImportOptions { Cell = "gru" }, Gates("", 3, 3, 5)));

    [Theory]
    [InlineData("last", typeof(LastStepSpec))]
    [InlineData("states", typeof(LastStatesSpec))]
    [InlineData("mean", typeof(MeanPoolSpec))]
    [InlineData("max", typeof(MaxPoolSpec))]
    public void Pooling_lies_above_the_last_recurrent_module(string word, Type kind)
    {
        ImportedNetwork made = Import(new ImportOptions { Pooling = word }, Gates("r.", 4, 3, 5), Gates("r.", 4, 3, 5, "_l0_reverse"),
            Linear("out", 10, 2));
        Assert.IsType(kind, made.Network.Spec.Layers[1]);
        Assert.Equal(Direction.Bidirectional, ((RecurrentSpec)made.Network.Spec.Layers[0]).Direction);
    }

    [Fact]
    public void A_file_without_a_recurrent_module_is_refused_with_what_it_has() =>
        Assert.Contains("no recurrent module: no tensor is called weight_ih_l0 or weight_ih; it has out (linear, 4 to 2)",
            Refused(null, Linear("out", 4, 2)));

    [Fact]
    public void Counters_masks_and_convolutions_are_named_as_unused()
    {
        ImportedNetwork made = Import(null, Gates("rnn.", 4, 3, 5), Linear("out", 5, 2), [Tensor.Of("bn.num_batches_tracked", [], (long[])[3]),
            Of("conv.weight", 4, 3, 5),
            Of("bn.weight", 5), Of("bn.bias", 5), Of("bn.running_mean", 5)]);
        Assert.Equal(["bn.num_batches_tracked", "bn.weight", "bn.bias", "bn.running_mean", "conv.weight"], made.Unused);
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_refused_by_tensor()
    {
        float[] infinite = [1, float.PositiveInfinity];
        Assert.Contains("tensor 'out.bias' [2], element 1", Refused(null, Gates("rnn.", 4, 3, 5), [Of("out.weight", 2, 5), Tensor.Of("out.bias",
            [2], infinite)]));
    }
}
