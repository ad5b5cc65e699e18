using Unroll.Cells;
using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Tests.Networks;

public sealed class InitializationTests
{
    private const int Hidden = 24, Inputs = 5;

    // The parameters of a recurrent layer as PyTorch names and shapes them.
    private static ParameterStore Store(int gates, string name = "core", string suffix = "")
    {
        ParameterStore store = new();
        store.Add($"{name}.weight_ih_l0{suffix}", gates * Hidden, Inputs);
        store.Add($"{name}.weight_hh_l0{suffix}", gates * Hidden, Hidden);
        store.Add($"{name}.bias_ih_l0{suffix}", gates * Hidden);
        store.Add($"{name}.bias_hh_l0{suffix}", gates * Hidden);
        store.Gradients.Fill(3);
        using Edit edit = store.Edit();
        edit.Values.Fill(99);
        return store;
    }

    private static RecurrentSpec Layer(string kind, string name = "core") =>
        new() { Name = name, Hidden = Hidden, Cell = new CellOptions { Kind = kind } };

    private static void Apply(ParameterStore store, InitializationOptions options, params LayerSpec[] layers) =>
        Initialization.Apply(store, new NetworkSpec(Inputs, layers), options, new Rng(7));

    private static float[] MatrixView(ParameterStore store, string name, int gate) =>
        store.Find(name)!.Values.Slice(gate * Hidden, Hidden).ToArray();

    [Fact]
    public void The_default_is_uniform_in_one_over_root_hidden_with_a_forget_bias_of_one()
    {
        ParameterStore store = Store(4);
        Apply(store, new InitializationOptions(), Layer("lstm"));
        float bound = 1 / MathF.Sqrt(Hidden);
        Assert.All(MatrixView(store, "core.bias_ih_l0", 1), b => Assert.Equal(1, b));
        Assert.All(MatrixView(store, "core.bias_hh_l0", 1), b => Assert.Equal(0, b));
        foreach (Parameter p in store.All)
        {
            float[] others = [.. p.Values.ToArray().Where(v => v is not (0 or 1))];
            Assert.InRange(others.Max(), 0.5f * bound, bound);
            Assert.InRange(others.Min(), -bound, -0.5f * bound);
        }
    }

    [Fact]
    public void Writing_weights_raises_the_version_so_that_nothing_packed_is_stale()
    {
        ParameterStore store = Store(4);
        long before = store.Version;
        Apply(store, new InitializationOptions(), Layer("lstm"));
        Assert.True(store.Version > before);
    }

    [Fact]
    public void A_layer_more_does_not_change_the_others_numbers()
    {
        ParameterStore alone = Store(4), both = new();
        both.Add("head.weight", 2, Hidden);
        both.Add("head.bias", 2);
        foreach (Parameter p in alone.All) both.Add(p.Name, p.Shape);
        Apply(alone, new InitializationOptions(), Layer("lstm"));
        Apply(both, new InitializationOptions(), new DenseSpec { Name = "head", Outputs = 2 }, Layer("lstm"));
        foreach (Parameter p in alone.All) Assert.Equal(p.Values, both.Find(p.Name)!.Values);
        Assert.InRange(both.Find("head.weight")!.Values.ToArray().Max(), 0.1f, 1 / MathF.Sqrt(Hidden));
    }

    [Fact]
    public void Tensors_of_one_shape_get_different_numbers()
    {
        ParameterStore store = Store(1);
        Apply(store, new InitializationOptions(), Layer("rnn"));
        Assert.False(store.Find("core.bias_ih_l0")!.Values.SequenceEqual(store.Find("core.bias_hh_l0")!.Values));
    }

    [Fact]
    public void Orthogonal_recurrent_weights_are_orthogonal_gate_by_gate()
    {
        ParameterStore store = Store(4);
        Apply(store, new InitializationOptions { Recurrent = WeightScheme.Orthogonal }, Layer("lstm"));
        ReadOnlySpan<float> w = store.Find("core.weight_hh_l0")!.Values;
        for (int gate = 0; gate < 4; gate++)
            for (int a = 0; a < Hidden; a++)
                for (int b = 0; b < Hidden; b++)
                {
                    double dot = 0;
                    for (int k = 0; k < Hidden; k++) dot += (double)w[(gate * Hidden + a) * Hidden + k] * w[(gate * Hidden + b) * Hidden + k];
                    Assert.Equal(a == b ? 1 : 0, dot, 5e-7);
                }
        Assert.False(w[..Hidden].SequenceEqual(w.Slice(Hidden * Hidden, Hidden)));
    }

    [Fact]
    public void A_relu_network_can_begin_as_the_identity_without_biases()
    {
        ParameterStore store = Store(1, suffix: "_reverse");
        Apply(store, InitializationOptions.ReluIdentity, Layer("rnn"));
        ReadOnlySpan<float> w = store.Find("core.weight_hh_l0_reverse")!.Values;
        for (int i = 0; i < w.Length; i++) Assert.Equal(i % (Hidden + 1) == 0 ? 1 : 0, w[i]);
        Assert.All(store.Find("core.bias_ih_l0_reverse")!.Values.ToArray(), b => Assert.Equal(0, b));
    }

    [Fact]
    public void Chrono_sets_forget_and_input_biases_to_opposite_logarithms()
    {
        ParameterStore store = Store(4);
        Apply(store, new InitializationOptions { Chrono = 100 }, Layer("lstm"));
        float[] forget = MatrixView(store, "core.bias_ih_l0", 1);
        Assert.All(forget, b => Assert.InRange(b, 0, MathF.Log(99)));
        Assert.True(forget.Distinct().Count() > Hidden / 2);
        Assert.Equal(forget.Select(b => -b), MatrixView(store, "core.bias_ih_l0", 0));
        Assert.All(MatrixView(store, "core.bias_hh_l0", 0).Concat(MatrixView(store, "core.bias_hh_l0", 1)), b => Assert.Equal(0, b));
    }

    // z multiplies h₋ in our polarity; with coupled gates f = 1 − i, so that a memory is a negative input bias.
    [Fact]
    public void Chrono_finds_the_gate_that_keeps_the_memory_in_other_cells()
    {
        ParameterStore gru = Store(3), coupled = Store(3);
        Apply(gru, new InitializationOptions { Chrono = 100 }, Layer("gru"));
        Assert.All(MatrixView(gru, "core.bias_ih_l0", 1), b => Assert.InRange(b, 0, MathF.Log(99)));
        Apply(coupled, new InitializationOptions(), Layer("lstm") with { Cell = new CellOptions { Kind = "lstm", Coupled = true } });
        Assert.All(MatrixView(coupled, "core.bias_ih_l0", 0), b => Assert.Equal(-1, b));
        Assert.Equal("layer 'core' chrono: expected an lstm or a gru because only a gate can keep a memory, got cell 'rnn'.",
            Assert.Throws<UserErrorException>(() => Apply(Store(1), new InitializationOptions { Chrono = 100 }, Layer("rnn"))).Message);
    }

    [Fact]
    public void The_rest_of_a_network_has_its_own_beginnings()
    {
        ParameterStore store = Store(4);
        store.Add("core.weight_hr_l0", 6, Hidden);
        store.Add("core.peephole_l0", 3, Hidden);
        store.Add("core.h0_l0", 6);
        store.Add("core.c0_l0", Hidden);
        store.Add("words.weight", 50, 40);
        using (Edit edit = store.Edit()) edit.Values.Fill(99);
        Apply(store, new InitializationOptions { Input = WeightScheme.Glorot }, new EmbeddingSpec { Name = "words", Vocabulary = 50, Size = 40 },
            Layer("lstm"));
        Assert.All(store.Find("core.h0_l0")!.Values.ToArray().Concat(store.Find("core.c0_l0")!.Values.ToArray()), v => Assert.Equal(0, v));
        Assert.All(store.Find("core.peephole_l0")!.Values.ToArray(), v => Assert.InRange(Math.Abs(v), 0, 1 / MathF.Sqrt(Hidden)));
        Assert.All(store.Find("core.weight_hr_l0")!.Values.ToArray(), v => Assert.InRange(Math.Abs(v), 0, MathF.Sqrt(6f / (6 + Hidden))));
        Assert.Equal(1, Math.Sqrt(store.Find("words.weight")!.Values.ToArray().Average(v => (double)v * v)), 0.08);
        Assert.DoesNotContain(99, store.Values.ToArray());
    }
}
