using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Layers;

/// <summary>Dropped recurrent weights and dropped rows of an embedding: masks of an update, not of a step or a sequence.</summary>
public sealed class WeightDropTests
{
    private const int Inputs = 3, Hidden = 5;
    private static readonly int[] s_lengths = [3, 0, 5, 1, 5];

    private static Pass Training(ThreadTeam? team = null, ulong seed = 11) =>
        new(new Workspace(), team ?? LayerCases.One, new Rng(seed), Training: true);

    private static (RecurrentLayer Layer, ParameterStore Store) Make(string kind, float rate, bool reverse = false)
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("l", store, new Unroll.Cells.CellOptions { Kind = kind }, Inputs, Hidden, reverse) { WeightDrop = rate };
        using Edit edit = store.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.6f * (float)new Rng(7).Normal((ulong)i);
        return (layer, store);
    }

    private static float[] Mask(RecurrentLayer layer, Rng random, float rate)
    {
        float[] mask = new float[layer.HiddenToHidden.Length];
        random.For("l.weight_hh").Uniform(0, mask);
        return [.. mask.Select(u => u < rate ? 0 : 1 / (1 - rate))];
    }

    //  the layer with the rate is the layer without, with the weights m ⊙ U; its gradient is m ⊙ that one's
    [Theory]
    [InlineData("lstm", false), InlineData("lstm", true), InlineData("gru", false), InlineData("gru-after", true), InlineData("lstm-ln", false)]
    public void A_pass_with_dropped_weights_is_a_pass_with_other_weights(string kind, bool reverse)
    {
        (RecurrentLayer layer, ParameterStore store) = Make(kind, 0.4f, reverse);
        (RecurrentLayer plain, ParameterStore other) = Make(kind, 0, reverse);
        float[] mask = Mask(layer, new Rng(11), 0.4f);
        Assert.Contains(0, mask);
        using (Edit edit = other.Edit())
            for (int i = 0; i < mask.Length; i++) edit.Of(plain.HiddenToHidden)[i] *= mask[i];
        SequenceLayout layout = SequenceLayout.FromLengths(s_lengths);
        SequenceBatch x = LayerCases.Draw(layout, Inputs, 1), dy = LayerCases.Draw(layout, Hidden, 2);
        store.ClearGradients();
        other.ClearGradients();
        Pass a = Training(), b = Training();
        Cache one = layer.Forward(x, null, a), two = plain.Forward(x, null, b);
        Assert.Equal(two.Output.All, one.Output.All);
        Assert.Equal(plain.Backward(dy, two, b).All, layer.Backward(dy, one, a).All);
        foreach (Parameter parameter in other.All)
        {
            float[] expected = parameter.Gradients.ToArray();
            if (parameter.Name == plain.HiddenToHidden.Name)
                for (int i = 0; i < expected.Length; i++) expected[i] *= mask[i];
            Assert.Equal(expected, store.Find(parameter.Name)!.Gradients.ToArray());
        }
    }

    [Fact]
    public void Nothing_is_dropped_outside_training_whatever_came_before()
    {
        (RecurrentLayer layer, _) = Make("lstm", 0.4f);
        (RecurrentLayer plain, _) = Make("lstm", 0);
        SequenceBatch x = LayerCases.Draw(SequenceLayout.Uniform(2, 4), Inputs, 1);
        float[] expected = plain.Forward(x, null, LayerCases.NewPass()).Output.All.ToArray();
        Assert.NotEqual(expected, layer.Forward(x, null, Training()).Output.All.ToArray());
        Assert.Equal(expected, layer.Forward(x, null, LayerCases.NewPass()).Output.All.ToArray());
        _ = layer.Forward(x, null, Training());
        State state = layer.NewState(2);
        float[] y = new float[2 * Hidden];
        layer.Step(x.Step(0), state, y);
        Assert.Equal(expected[..y.Length], y);
    }

    [Fact]
    public void A_backward_pass_has_the_mask_of_its_own_forward_pass()
    {
        (RecurrentLayer layer, ParameterStore store) = Make("lstm", 0.4f);
        SequenceLayout layout = SequenceLayout.Uniform(2, 4);
        SequenceBatch x = LayerCases.Draw(layout, Inputs, 1), dy = LayerCases.Draw(layout, Hidden, 2);
        Pass pass = Training();
        Cache cache = layer.Forward(x, null, pass);
        store.ClearGradients();
        float[] dx = layer.Backward(dy, cache, pass).All.ToArray(), gradients = store.Gradients.ToArray();
        Pass later = Training(seed: 12);
        layer.Backward(dy, layer.Forward(x, null, later), later);
        store.ClearGradients();
        Assert.Equal(dx, layer.Backward(dy, cache, pass).All.ToArray());
        Assert.Equal(gradients, store.Gradients.ToArray());
    }

    [Fact]
    public void One_thread_and_many_give_the_same_bits()
    {
        (RecurrentLayer layer, ParameterStore store) = Make("lstm", 0.4f);
        SequenceLayout layout = SequenceLayout.Uniform(9, 7);
        SequenceBatch x = LayerCases.Draw(layout, Inputs, 1), dy = LayerCases.Draw(layout, Hidden, 2);
        float[][] gradients = [.. new[] { LayerCases.One, LayerCases.Two, LayerCases.Three }.Select(team =>
        {
            store.ClearGradients();
            Pass pass = Training(team);
            layer.Backward(dy, layer.Forward(x, null, pass), pass);
            return store.Gradients.ToArray();
        })];
        Assert.Equal(gradients[0], gradients[1]);
        Assert.Equal(gradients[0], gradients[2]);
    }

    [Fact]
    public void An_embedding_drops_whole_rows_and_their_gradients()
    {
        const int vocabulary = 40, size = 3;
        ParameterStore store = new();
        Embedding layer = new("e", store, vocabulary, size) { Dropout = 0.5f };
        using (Edit edit = store.Edit()) edit.Values.Fill(1);
        SequenceLayout layout = SequenceLayout.Uniform(2, vocabulary);
        SequenceBatch x = SequenceBatch.Zeros(layout, 1), dy = SequenceBatch.Zeros(layout, size);
        for (int row = 0; row < layout.Rows; row++) x.All[row] = row % vocabulary;
        dy.All.Fill(1);
        Pass pass = Training();
        store.ClearGradients();
        Cache cache = layer.Forward(x, pass);
        layer.Backward(dy, cache, pass);
        float[] y = cache.Output.All.ToArray();
        Assert.Contains(0, y);
        Assert.Contains(2, y);
        for (int row = 0; row < layout.Rows; row++)
        {
            int index = row % vocabulary;
            float m = new Rng(11).For("e").Uniform((ulong)index) < 0.5f ? 0 : 2;
            for (int j = 0; j < size; j++)
            {
                Assert.Equal(m, y[row * size + j]);
                Assert.Equal(2 * m, store.Gradients[index * size + j]);
            }
        }
        Assert.Equal(1, layer.Forward(x, LayerCases.NewPass()).Output.All.ToArray().Distinct().Single());
    }
}
