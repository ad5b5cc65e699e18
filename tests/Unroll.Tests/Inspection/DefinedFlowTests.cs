using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Flow;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Inspection;

public sealed class DefinedFlowTests
{
    public static TheoryData<string> Names => new(CellZoo.Names);

    // The terms are the textbook's in double, the totals the engine's in floats.
    [Theory, MemberData(nameof(Names))]
    public void Terms_of_every_state_add_up_to_the_gradient_of_the_engine(string name)
    {
        foreach (bool reverse in (bool[])[false, true])
        {
            CellDefinition definition = CellZoo.Definition(name);
            (RecurrentLayer layer, SequenceBatch x) = Make(definition, reverse);
            GradientFlow flow = GradientFlow.Of(layer, x, LayerCases.Draw(x.Layout, layer.OutputSize, 2), LayerCases.One);
            LayerFlow one = Assert.Single(flow.Layers);
            Assert.Equal(layer.Plan.States.Select(state => state.Name), one.States.Select(state => state.State));
            Assert.InRange(flow.LargestDifference, 0, 2e-5);
        }
    }

    [Fact]
    public void The_terms_of_a_gated_unit_have_the_names_of_its_gates()
    {
        (RecurrentLayer layer, SequenceBatch x) = Make(CellZoo.Definition("mgu"), reverse: false);
        GradientFlow flow = GradientFlow.Of(layer, x, LayerCases.Draw(x.Layout, layer.OutputSize, 2), LayerCases.One);
        Assert.Equal(["output", "direct", "through n", "through f"], flow.Layers[0].H.Terms.Select(term => term.Name));
    }

    [Theory, MemberData(nameof(Names))]
    public void Gates_and_states_are_there_by_their_names(string name)
    {
        (RecurrentLayer layer, SequenceBatch x) = Make(CellZoo.Definition(name), reverse: false);
        Cache cache = layer.Forward(x, LayerCases.NewPass());
        LayerGates gates = Assert.Single(Gates.Of(layer, cache).Layers);
        Assert.Equal([.. layer.Cell.Saved, .. layer.Plan.States.Skip(1).Select(state => state.Name), layer.Plan.States[0].Name],
            gates.Traces.Select(trace => trace.Name));
        for (int k = 0; k < layer.Plan.States.Count; k++)
            Assert.Equal(((RecurrentCache)cache).State(k).Row(3)[..layer.HiddenSize].ToArray(), gates.Find(layer.Plan.States[k].Name)!.Values[3]);
    }

    private static (RecurrentLayer Layer, SequenceBatch X) Make(CellDefinition definition, bool reverse)
    {
        const int hidden = 5, steps = 6;
        ParameterStore store = new();
        RecurrentLayer layer = new("l", store, definition.Cell, null, definition.ReadsInputByUnit ? hidden : 3, hidden, reverse);
        using Edit edit = store.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.4f * (float)new Rng(9).Normal((ulong)i);
        return (layer, LayerCases.Draw(SequenceLayout.FromLengths(steps), layer.InputSize, 1));
    }
}
