using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Inspection;

/// <summary>Capabilities of the study notes that no other test states by itself; each by its number.</summary>
public sealed class CapabilityTests
{
    private const int Inputs = 3, Hidden = 5;

    private static RecurrentSpec Cell(string kind, InitialState first = InitialState.Zero) =>
        new() { Name = "net", Cell = new CellOptions { Kind = kind }, Hidden = Hidden, InitialState = first };

    // Weights of size 0.4, the same for a name whatever the network.
    private static Network Built(params LayerSpec[] layers)
    {
        Network network = Network.Build(new NetworkSpec(Inputs, layers));
        using Edit edit = network.Parameters.Edit();
        for (int k = 0; k < edit.Values.Length; k++) edit.Values[k] = 0.4f * (float)new Rng(1).Normal((ulong)k);
        return network;
    }

    private static float[] Last(Network network, SequenceBatch x) =>
        [.. network.Forward(x, first: null, LayerCases.NewPass()).Output.Step(x.Layout.Steps - 1)];

    private static SequenceBatch Sequence(int steps) => LayerCases.Draw(SequenceLayout.FromLengths(steps), Inputs, 5);

    // a textbook run of one cell over random inputs, with δy for the last step alone
    private static (RecurrentRun Run, RecurrentGradient Gradient, CellWeights Weights) TextbookRun(string kind, int steps)
    {
        RecurrentSpec spec = Cell(kind);
        ulong at = 0;
        double[] Draw(int length) => [.. Enumerable.Range(0, length).Select(_ => 0.4 * new Rng(3).Normal(at++))];
        Dictionary<string, double[]> values = TextbookParameters.Shapes(new NetworkSpec(Inputs, [spec]))
            .ToDictionary(shape => shape.Name, shape => Draw(shape.Shape.Aggregate(1, (a, b) => a * b)));
        ICellEquations cell = CellEquations.Of(spec.Cell);
        CellWeights w = new(values, "net.", "l0", cell, Inputs, Hidden);
        CellWeights d = new(values.ToDictionary(p => p.Key, p => new double[p.Value.Length]), "net.", "l0", cell, Inputs, Hidden);
        RecurrentRun run = RecurrentRun.Forward(
            cell, w, [.. Enumerable.Range(0, steps).Select(_ => new Vector(Draw(Inputs)))],
            cell.States.ToDictionary(state => state, _ => Vector.Zeros(Hidden)));
        Vector[] dy = [.. Enumerable.Range(0, steps).Select(t => t + 1 == steps ? new Vector(Draw(Hidden)) : Vector.Zeros(Hidden))];
        return (run, run.Backward(dy, d), w);
    }

    [Fact] // S01
    public void A_sequence_begins_at_zero_unless_told_otherwise()
    {
        Network network = Built(Cell("lstm"));
        SequenceBatch x = Sequence(4);
        State zero = network.NewState(sequences: 1);
        Assert.All(LayerCases.Leaves(zero), state => Assert.All([.. state.H, .. state.C], value => Assert.Equal(0, value)));
        Assert.Equal(Last(network, x), network.Forward(x, zero, LayerCases.NewPass()).Output.Step(3).ToArray());
    }

    [Fact] // S03
    public void The_state_of_an_RNN_has_two_terms_and_at_the_end_one()
    {
        IReadOnlyList<CellStepGradient> steps = TextbookRun("rnn", 3).Gradient.Steps;
        Assert.Equal(["output", "next step"], steps[0].Terms["h"].Names);
        Assert.Equal(["output"], steps[2].Terms["h"].Names);
    }

    [Fact] // S08: δa⟨1⟩ is the product over the steps of (diag(1 − a²) W_aa)ᵀ, times δa⟨T⟩
    public void Going_back_through_an_RNN_is_one_multiplication_a_step()
    {
        (RecurrentRun run, RecurrentGradient gradient, CellWeights w) = TextbookRun("rnn", 6);
        Vector da = gradient.Steps[5].Terms["h"]["output"];
        for (int t = 5; t > 0; t--) da = w.Wh['a'].T * ((1 - run.Steps[t]["h"] * run.Steps[t]["h"]) * da);
        // the same sums in the same order, of size 1 at most
        for (int k = 0; k < Hidden; k++) Assert.Equal(da[k], gradient.Steps[0].Deltas["h"][k], 1e-15);
    }

    [Theory, InlineData("rnn"), InlineData("lstm")] // S12
    public void The_three_first_states_differ_and_one_is_learned(string kind)
    {
        SequenceBatch x = Sequence(4);
        float[][] answers = [.. Enum.GetValues<InitialState>().Select(first => Last(Built(Cell(kind, first)), x))];
        Assert.Equal(3, answers.Select(answer => answer[0]).Distinct().Count());

        Network learned = Built(Cell(kind, InitialState.Learned));
        Pass pass = LayerCases.NewPass();
        learned.Backward(LayerCases.Draw(x.Layout, Hidden, 6), learned.Forward(x, first: null, pass), pass);
        foreach (string name in kind == "lstm" ? ["net.h0_l0", "net.c0_l0"] : new[] { "net.h0_l0" })
            Assert.Contains(learned.Parameters.Find(name)!.Gradients.ToArray(), g => g != 0);
    }

    [Fact] // S14
    public void A_one_hot_vector_through_a_matrix_is_the_row_that_an_embedding_gives()
    {
        Network embedding = Network.Build(new NetworkSpec(1, [new EmbeddingSpec { Name = "table", Vocabulary = 4, Size = 3 }]));
        Network dense = Network.Build(new NetworkSpec(4, [new DenseSpec { Name = "matrix", Outputs = 3 }]));
        using (Edit table = embedding.Parameters.Edit(), matrix = dense.Parameters.Edit())
            for (int word = 0; word < 4; word++)
                for (int k = 0; k < 3; k++) table.Values[word * 3 + k] = matrix.Values[k * 4 + word] = 10 * word + k;
        for (int word = 0; word < 4; word++)
        {
            float[] oneHot = new float[4];
            oneHot[word] = 1;
            Assert.Equal(Last(embedding, SequenceBatch.FromSequences(1, [word])), Last(dense, SequenceBatch.FromSequences(4, oneHot)));
        }
    }

    [Fact] // S16: with every gate shut that could change it, an LSTM's memory stays to the bit; an RNN has nothing to shut
    public void An_RNN_rewrites_its_memory_at_every_step_and_an_LSTM_can_keep_its_own()
    {
        SequenceBatch x = Sequence(20);
        Network lstm = Built(Cell("lstm")), rnn = Built(Cell("rnn"));
        using (Edit edit = lstm.Parameters.Edit())
        {
            Span<float> bias = edit.Of(lstm.Parameters.Find("net.bias_ih_l0")!);
            bias[..Hidden].Fill(-200);                       // i = 0
            bias[Hidden..(2 * Hidden)].Fill(200);            // f = 1
        }
        State first = lstm.NewState(sequences: 1);
        foreach (State leaf in LayerCases.Leaves(first)) leaf.C.Fill(0.3f);
        RecurrentCache kept = (RecurrentCache)lstm.Part(lstm.Forward(x, first, LayerCases.NewPass()), 0);
        SequenceBatch a = rnn.Forward(x, first: null, LayerCases.NewPass()).Output;
        for (int t = 0; t < 20; t++)
        {
            Assert.All(kept.C.Row(t)[..Hidden].ToArray(), c => Assert.Equal(0.3f, c));
            if (t > 0) Assert.NotEqual(a.Row(t - 1, 0).ToArray(), a.Row(t, 0).ToArray());
        }
    }

    [Fact] // S20
    public void With_a_logistic_residual_the_state_only_grows()
    {
        RecurrentSpec logistic = Cell("residual") with { Cell = new CellOptions { Kind = "residual", Activation = "logistic" } };
        SequenceBatch h = Built(logistic).Forward(Sequence(20), first: null, LayerCases.NewPass()).Output;
        for (int t = 1; t < 20; t++)
            for (int k = 0; k < Hidden; k++) Assert.True(h.Row(t, 0)[k] >= h.Row(t - 1, 0)[k]);
    }

    [Fact] // S24
    public void Every_intermediate_of_an_LSTM_has_its_name_in_the_engine_and_in_the_textbook()
    {
        NamedVectors values = TextbookRun("lstm", 2).Run.Steps[1].Values;
        Assert.Equal(["a_i", "i", "a_f", "f", "a_g", "g", "a_o", "o", "c", "m", "h"], values.Names);

        Network network = Built(Cell("lstm"));
        RecurrentCache cache = (RecurrentCache)network.Part(network.Forward(Sequence(4), first: null, LayerCases.NewPass()), 0);
        foreach (string gate in new[] { "i", "f", "o" })
            Assert.All(cache.Saved(gate).Row(2)[..Hidden].ToArray(), value => Assert.InRange(value, 1e-4f, 0.9999f));
        for (int k = 0; k < Hidden; k++)                                     // h = o ⊙ tanh(c); four roundings of numbers below 1
            Assert.Equal(cache.Saved("o").Row(2)[k] * Math.Tanh(cache.C.Row(2)[k]), cache.H.Row(2)[k], 1e-6);
    }

    [Theory, InlineData(7, 11), InlineData(64, 64)] // S47: G (H I + H² + 2 H) weights, with G = 1, 3, 4
    public void The_parameters_of_RNN_GRU_and_LSTM_are_as_one_to_three_to_four(int inputs, int hidden)
    {
        int Count(string kind) => Network.Build(new NetworkSpec(inputs, [Cell(kind) with { Hidden = hidden }])).Parameters.Length;
        int rnn = hidden * (inputs + hidden + 2);
        Assert.Equal((rnn, 3 * rnn, 4 * rnn), (Count("rnn"), Count("gru"), Count("lstm")));
    }
}
