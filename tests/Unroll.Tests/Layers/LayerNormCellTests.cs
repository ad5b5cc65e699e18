using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tests.Laws;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Layers;

/// <summary>Cells with layer normalization: what the laws, which run over them too, do not say.</summary>
public sealed class LayerNormCellTests
{
    private const int Inputs = 3, Hidden = 21;

    private static (RecurrentLayer Layer, ParameterStore Store) Make(string kind)
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("l", store, new CellOptions { Kind = kind }, Inputs, Hidden);
        using Edit edit = store.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.8f * (float)new Rng(2).Normal((ulong)i);
        return (layer, store);
    }

    private static float[] Outputs(RecurrentLayer layer) =>
        layer.Forward(Draw(SequenceLayout.FromLengths(4, 2), Inputs, 3), NewPass()).Output.All.ToArray();

    // Variances of the products are about 0.64 · 3 and 0.64 · 21 · h²; ε = 1e-5 beside them changes 1/σ by less than 1e-4 of itself where h is above
    // 0.2, and in the first step W h₋ = 0 whatever W is.
    [Theory, InlineData("lstm-ln"), InlineData("gru-ln")]
    public void The_scale_of_the_weights_does_not_matter(string kind)
    {
        (RecurrentLayer layer, ParameterStore store) = Make(kind);
        float[] before = Outputs(layer);
        using (Edit edit = store.Edit())
            foreach (string name in (string[])["weight_ih_l0", "weight_hh_l0"])
                foreach (ref float w in edit.Of(store.Find(name)!)) w *= 8;
        float[] after = Outputs(layer);
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i], 1e-3f);
        using (Edit edit = store.Edit()) edit.Of(store.Find("gain_ih_l0")!).Clear();
        Assert.Contains(Outputs(layer).Zip(after), pair => Math.Abs(pair.First - pair.Second) > 0.1f);
    }

    [Theory, InlineData("lstm-ln", 4), InlineData("gru-ln", 3)]
    public void Every_row_of_the_products_is_standardized(string kind, int gates)
    {
        RecurrentLayer layer = Make(kind).Layer;
        RecurrentCache cache = (RecurrentCache)layer.Forward(Draw(SequenceLayout.FromLengths(4, 2), Inputs, 3), NewPass());
        string together = layer.Cell.Gates[..(gates == 4 ? 4 : 2)];
        for (int row = 0; row < cache.Layout.Rows; row++)
        {
            double[] all = [.. together.SelectMany(gate => cache.Saved($"x{gate}").Row(row)[..Hidden].ToArray()).Select(v => (double)v)];
            Assert.Equal(0, all.Average(), 1e-6);
            Assert.Equal(1, all.Average(v => v * v), 1e-4);                      // less by ε ρ², and rounded
        }
    }

    [Fact]
    public void Gains_begin_at_one_and_the_shift_of_c_at_zero()
    {
        Network network =
            Network.Build(new NetworkSpec(Inputs, [new RecurrentSpec { Name = "core", Cell = new() { Kind = "lstm-ln" }, Hidden = 5 }]));
        Initialization.Apply(network.Parameters, network.Spec, new InitializationOptions { ForgetBias = 1 }, new Rng(1));
        foreach (string name in (string[])["gain_ih", "gain_hh", "gain_c"])
            Assert.All(network.Parameters.Find($"core.{name}_l0")!.Values.ToArray(), v => Assert.Equal(1, v));
        Assert.All(network.Parameters.Find("core.bias_c_l0")!.Values.ToArray(), v => Assert.Equal(0, v));
        Assert.All(network.Parameters.Find("core.bias_ih_l0")!.Values[5..10].ToArray(), v => Assert.Equal(1, v));
    }

    //  z → 1 − z: −(α ⊙ p̂ + β) = (−α) ⊙ p̂ − β; with −p instead, the mean that r and z share would be another
    [Fact]
    public void The_other_polarity_of_the_update_gate_turns_its_gain_and_bias_but_not_its_weights()
    {
        NetworkSpec spec = new(Inputs, [new RecurrentSpec { Name = "core", Cell = new() { Kind = "gru-ln" }, Hidden = 1 }]);
        const string theirs = """{"core": {"gates": "zrn", "reset": "after", "update": "takes-candidate"}}""";
        Tensor[] tensors = [.. ((string[])["gain_hh", "bias_hh", "weight_hh"]).Select(name => Tensor.Of($"core.{name}_l0", [3], [1f, 2f, 3f]))];
        Tensor[] ours = [.. LayerConvention.Apply(theirs, spec, CellCatalog.BuiltIn, tensors, "m")];
        Assert.Equal([2, -1, 3], ours[0].Float32.ToArray());
        Assert.Equal([2, -1, 3], ours[1].Float32.ToArray());
        Assert.Equal([2, 1, 3], ours[2].Float32.ToArray());
    }

    [Theory, InlineData("lstm-ln"), InlineData("gru-ln")]
    public void What_does_not_belong_to_it_is_refused(string kind)
    {
        Assert.Contains("layer normalization",
            Assert.Throws<UserErrorException>(() => CellCatalog.BuiltIn.Make(new() { Kind = kind, GateClip = 1 })).Message);
        Assert.Contains($"'{kind}'",
            Assert.Throws<UserErrorException>(() => CellCatalog.BuiltIn.Make(new() { Kind = kind, Projection = 2 })).Message);
    }

    // 32 equal sequences of 40 units, many weights, few sequences: every way of dealing that there is.
    [Theory, InlineData("lstm-ln", 32), InlineData("gru-ln", 32), InlineData("lstm-ln", 2), InlineData("gru-ln", 2)]
    public void Threads_change_no_bit(string kind, int sequences)
    {
        (RecurrentLayer layer, ParameterStore store) = Make(kind);
        SequenceBatch x = Draw(SequenceLayout.Uniform(sequences, 5), Inputs, 4), dy = Draw(x.Layout, Hidden, 5);
        List<float[]> all = [];
        foreach (Pass pass in new[] { NewPass(training: true), NewPass(Two, training: true), NewPass(Three, training: true) })
        {
            store.ClearGradients();
            Cache cache = layer.Forward(x, pass);
            SequenceBatch dx = layer.Backward(dy, cache, pass);
            all.Add([.. cache.Output.All, .. dx.All, .. store.Gradients]);
        }
        foreach (float[] one in all) LayerLaws.Same(all[0], one, kind);
    }

    [Fact]
    public void The_glass_box_says_what_pushes_a_gate()
    {
        RecurrentLayer layer = Make("gru-ln").Layer;
        RecurrentCache inside = (RecurrentCache)layer.Forward(Draw(SequenceLayout.FromLengths(6), Inputs, 3), NewPass());
        LayerGates gates = new(layer, inside, 0, null);
        GateArgument z = gates.Argument("z");
        double argument = Enumerable.Range(0, 6).SelectMany(t => inside.Saved("z").Row(t)[..Hidden].ToArray()).Average(v => Math.Log(v / (1.0 - v)));
        Assert.Equal(argument, z.Bias + z.Input + z.State, 1e-4);
        Assert.Equal("W_z x, standardized", SlotFacts.Called(layer.Cell, "xz"));
        Assert.NotNull(gates.HalfLife);
    }
}
