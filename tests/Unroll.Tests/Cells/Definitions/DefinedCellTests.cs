using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Formats;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Cells.Definitions;

public sealed class DefinedCellTests
{
    public static TheoryData<string> Names => new(CellZoo.Names);

    // Floats hold about 7 digits; a step has sums of a dozen products, and three steps follow each other.
    [Theory, MemberData(nameof(Names))]
    public void The_engine_computes_what_the_paper_says(string name)
    {
        ZooFixture fixture = new(name);
        CellDefinition definition = CellZoo.Definition(name);
        ParameterStore store = new();
        RecurrentLayer layer = new("l", store, definition.Cell, null, fixture.Inputs, fixture.Units);
        Fill(store, definition, fixture);
        int batch = fixture.X[0].Length;
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.FromLengths([.. Enumerable.Repeat(fixture.X.Length, batch)]), fixture.Inputs);
        for (int t = 0; t < fixture.X.Length; t++)
            for (int s = 0; s < batch; s++)
                for (int j = 0; j < fixture.Inputs; j++) x.Row(t, s)[j] = (float)fixture.X[t][s][j];
        Cache cache = layer.Forward(x, LayerCases.NewPass());
        for (int t = 0; t < fixture.X.Length; t++)
            for (int s = 0; s < batch; s++)
                for (int u = 0; u < fixture.Units; u++) Close(fixture.Outputs[t][s][u], cache.Output.Row(t, s)[u], $"output at step {t}");
        State last = layer.NewState(batch);
        layer.Last(cache, last);
        foreach ((string state, double[][] expected) in fixture.Last)
        {
            for (int s = 0; s < batch; s++)
            {
                ReadOnlySpan<float> found = last.Of(state, s);
                for (int u = 0; u < fixture.Units; u++) Close(expected[s][u], found[u], state);
            }
        }
    }

    // Selection only groups operations: what is fused was decided before.
    [Theory, MemberData(nameof(Names))]
    public void Operations_one_by_one_give_the_bits_of_the_shapes(string name)
    {
        CellDefinition definition = CellZoo.Definition(name);
        Assert.Equal(Trained(new DefinedCell(definition)), Trained(new DefinedCell(definition, StatementShapes.Single)));

        float[] Trained(ICell cell)
        {
            const int hidden = 37;
            ParameterStore store = new();
            RecurrentLayer layer = new("l", store, cell, null, definition.ReadsInputByUnit ? hidden : 3, hidden);
            Rng draws = new(5);
            using (Edit edit = store.Edit())
                for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.3f * (float)draws.Normal((ulong)i);
            SequenceLayout layout = SequenceLayout.FromLengths(LayerCases.Ragged);
            SequenceBatch x = LayerCases.Draw(layout, layer.InputSize, 1), dy = LayerCases.Draw(layout, layer.OutputSize, 2);
            Pass pass = LayerCases.NewPass();
            Cache cache = layer.Forward(x, pass);
            SequenceBatch dx = layer.Backward(dy, cache, pass);
            return [.. cache.Output.All, .. dx.All, .. store.Gradients];
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_model_file_carries_the_equations(string name)
    {
        CellDefinition definition = CellZoo.Definition(name);
        int units = definition.ReadsInputByUnit ? 3 : 5;
        NetworkSpec spec = new(3, [new RecurrentSpec { Name = "r", Cell = CellChoice.Of(definition), Hidden = units },
            new DenseSpec { Name = "d", Outputs = 2 }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network, new InitializationOptions(), new Rng(3));
        using TempFolder folder = new();
        string path = folder["m.safetensors"];
        ModelFile.Save(path, spec, "{}", network.Parameters);
        ModelFile opened = ModelFile.Load(path);
        Assert.Equal(definition, ((RecurrentSpec)opened.Spec.Layers[0]).Cell.Definition);
        Network again = Network.Build(opened.Spec);
        opened.CopyInto(again.Parameters);
        Assert.Equal(network.Parameters.Values, again.Parameters.Values);
    }

    [Fact]
    public void Parameters_begin_as_the_definition_says()
    {
        CellDefinition definition = CellText.Read("""
            cell begins
            scalar α = 0.5
            f = σ(W_f x + U_f h₋ + b_f)
            n = tanh(W_n x + U_n h₋ + b_n)
            h = (1 − f) ⊙ h₋ + f ⊙ α ⊙ n
            b_f = 1
            U_n = identity(0.5)
            W_n = uniform(0.01)

            """, "begins.cell");
        Network network = Network.Build(new NetworkSpec(3, [new RecurrentSpec { Name = "r", Cell = CellChoice.Of(definition), Hidden = 4 }]));
        Initialization.Apply(network, new InitializationOptions(), new Rng(3));
        Assert.All(Of("r.b_f_l0").ToArray(), value => Assert.Equal(1, value));
        Assert.All(Of("r.b_n_l0").ToArray(), value => Assert.Equal(0, value));
        Assert.Equal([0.5f], Of("r.α_l0"));
        float[] recurrent = Of("r.weight_hh_l0"), input = Of("r.weight_ih_l0");
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++) Assert.Equal(i == j ? 0.5f : 0, recurrent[16 + 4 * i + j]);
        Assert.Contains(input[..12], value => Math.Abs(value) > 0.01f);
        Assert.All(input[12..], value => Assert.InRange(value, -0.01f, 0.01f));

        float[] Of(string parameter) => network.Parameters.Find(parameter)!.Values.ToArray();
    }

    // The derivative of 0 ⊙ x is zero and gives δx no term; x is read all the same. fma(0, x, a) is a, so that the bits are equal.
    [Fact]
    public void An_input_that_cancels_out_is_read_unit_by_unit()
    {
        (float[] outputs, float[] gradients) = Ran("h = tanh(W x + U h₋ + b)");
        (float[] same, float[] alike) = Ran("h = tanh(W x + U h₋ + b + 0 ⊙ x)");
        Assert.Equal(outputs, same);
        Assert.Equal(gradients, alike);

        static (float[] Outputs, float[] Gradients) Ran(string equation)
        {
            const int hidden = 5;
            ParameterStore store = new();
            RecurrentLayer layer = new("l", store, CellText.Read($"cell c\n{equation}", "c.cell").Cell, null, hidden, hidden);
            Rng draws = new(5);
            using (Edit edit = store.Edit())
                for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.3f * (float)draws.Normal((ulong)i);
            SequenceLayout layout = SequenceLayout.FromLengths(LayerCases.Ragged);
            Pass pass = LayerCases.NewPass();
            Cache cache = layer.Forward(LayerCases.Draw(layout, hidden, 1), pass);
            SequenceBatch dx = layer.Backward(LayerCases.Draw(layout, hidden, 2), cache, pass);
            return ([.. cache.Output.All], [.. dx.All, .. store.Gradients]);
        }
    }

    private static void Fill(ParameterStore store, CellDefinition definition, ZooFixture fixture)
    {
        using Edit edit = store.Edit();
        foreach ((string name, double[][] rows) in fixture.Parameters)
        {
            ParameterPlace place = definition.Cell.Layout[name];
            float[] values = [.. rows.SelectMany(row => row).Select(value => (float)value)];
            Parameter parameter = store.Find($"{definition.Cell.Layout.Stored[place.Parameter].Name}_l0")!;
            values.CopyTo(edit.Of(parameter)[(place.Block * values.Length)..]);
        }
    }

    private static void Close(double expected, float actual, string what) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-5 * Math.Max(1, Math.Abs(expected)), $"{what}: expected {expected}, got {actual}");
}
