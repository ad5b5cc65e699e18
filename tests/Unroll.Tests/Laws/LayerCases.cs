using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
using Unroll.Tests.Layers;

namespace Unroll.Tests.Laws;

/// <summary>Every cell × direction × first state, and stacks: what the laws are run over.</summary>
public static class LayerCases
{
    public static readonly ThreadTeam One = new(1), Two = new(2) { SmallestShare = 0 }, Three = new(3) { SmallestShare = 0 },
        Four = new(4) { SmallestShare = 0 }, Eight = new(8) { SmallestShare = 0 };

    /// <summary>Lengths in the caller's order: not sorted, with ones and zeros.</summary>
    public static readonly int[] Ragged = [3, 0, 5, 1, 5, 0, 2];

    public const int Inputs = 3, Hidden = 5;

    private const string Kinks = "with kinks";

    // Made once: to read the definitions and to derive their gradients takes longer than most of the laws.
    private static readonly (string Name, Func<ParameterStore, IRecurrentLayer> Make)[] All = [.. Makers()];
    private static readonly Dictionary<string, Func<ParameterStore, IRecurrentLayer>> ByName = All.ToDictionary(m => m.Name, m => m.Make);

    public static TheoryData<string> Names() => new(All.Select(m => m.Name));

    /// <summary>Those without kinks, where central differences are a reference.</summary>
    public static TheoryData<string> SmoothNames() => new(All.Select(m => m.Name).Where(name =>
        !name.Contains("clip") && !name.Contains("relu") && !name.Contains(Kinks)));

    public static TheoryData<string> CausalNames() => new(All.Where(m => Make(m.Name).Layer.Causal).Select(m => m.Name));

    /// <summary>The layer of that name with weights drawn for it.</summary>
    public static (IRecurrentLayer Layer, ParameterStore Store) Make(string name)
    {
        ParameterStore store = new();
        IRecurrentLayer layer = ByName[name](store);
        Rng draws = new Rng(7).For(name);
        float deviation = layer.OutputSize > 16 || name.Contains("narrow") ? 0.2f : 0.6f;    // else they bend too much for differences
        using Edit edit = store.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = deviation * (float)draws.Normal((ulong)i);
        return (layer, store);
    }

    public static Pass NewPass(ThreadTeam? team = null, bool training = false) => new(new Workspace(), team ?? One, new Rng(11), training);

    /// <summary>A batch of seeded normal numbers that belong to (sequence, step, feature) and not to the packing.</summary>
    public static SequenceBatch Draw(SequenceLayout layout, int features, ulong seed)
    {
        SequenceBatch batch = SequenceBatch.Zeros(layout, features);
        for (int s = 0; s < layout.Sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
                for (int j = 0; j < features; j++)
                    batch.Row(t, s)[j] = (float)new Rng(seed).At((ulong)s).Normal((ulong)(t * features + j));
        return batch;
    }

    public static State DrawState(IRecurrentLayer layer, int sequences, ulong seed)
    {
        State state = layer.NewState(sequences);
        ulong i = 0;
        foreach (State leaf in Leaves(state))
        {
            foreach (ref float x in leaf.H) x = 0.5f * (float)new Rng(seed).Normal(i++);
            foreach (ref float x in leaf.C) x = 0.5f * (float)new Rng(seed).Normal(i++);
        }
        return state;
    }

    public static IEnumerable<State> Leaves(State state) => state.Children.Count == 0 ? [state] : state.Children.SelectMany(Leaves);

    private static IEnumerable<(string Name, Func<ParameterStore, IRecurrentLayer> Make)> Makers()
    {
        foreach ((string name, CellOptions options) in OwnCells.All.Variants)
        {
            RecurrentLayer Make(ParameterStore store, bool reverse, InitialState first) =>
                new("l", store, options, Inputs, Hidden, reverse, first, cells: OwnCells.All);
            yield return (name, store => Make(store, reverse: false, InitialState.Zero));
            yield return (name + ", reverse", store => Make(store, reverse: true, InitialState.Zero));
            yield return (name + ", learned first state", store => Make(store, reverse: false, InitialState.Learned));
        }
        foreach (string zoo in CellZoo.Names)
        {
            CellDefinition definition = CellZoo.Definition(zoo);
            string name = $"zoo {zoo}{(HasKinks(definition) ? $" {Kinks}" : "")}";
            RecurrentLayer Make(ParameterStore store, bool reverse, InitialState first, int hidden = Hidden) =>
                new("l", store, definition.Cell, null, definition.ReadsInputByUnit ? hidden : Inputs, hidden, reverse, first);
            yield return (name, store => Make(store, reverse: false, InitialState.Zero));
            yield return ($"{name}, reverse", store => Make(store, reverse: true, InitialState.Learned));
            yield return ($"{name} of 49", store => Make(store, reverse: false, InitialState.Zero, 49));
        }
        yield return ("lstm of 16", store => new RecurrentLayer("l", store, new CellOptions(), Inputs, 16));
        yield return ("lstm peephole projection of 50",
            store => new RecurrentLayer("l", store, new CellOptions { Peepholes = true, Projection = 35 }, Inputs, 50));
        yield return ("gru-after of 49", store => new RecurrentLayer("l", store, new CellOptions { Kind = "gru-after" }, Inputs, 49, reverse: true));
        yield return ("gru of 33", store => new RecurrentLayer("l", store, new CellOptions { Kind = "gru" }, Inputs, 33));
        yield return ("random first state",
            store => new RecurrentLayer("l", store, new CellOptions(), Inputs, Hidden, firstState: InitialState.Random, firstStateSeed: 3));
        foreach (bool reverse in (bool[])[false, true])
        {
            string name = reverse ? "planned, reverse" : "planned";
            yield return (name, store => Planned(new PlannedSketch(), store, Inputs, reverse));
            yield return ($"narrow {name}", store => Planned(new NarrowSketch(), store, Hidden, reverse));
        }
        yield return ("planned, learned first state", store => Planned(new PlannedSketch(), store, Inputs, first: InitialState.Learned));
        yield return ("planned of 49", store => Planned(new PlannedSketch(readsInput: false), store, 49));
        yield return ("narrow planned of 70", store => Planned(new NarrowSketch(), store, 70));
        yield return ("planned bidirectional", store => new Bidirectional("l",
            Planned(new PlannedSketch(), store, Inputs), Planned(new PlannedSketch(), store, Inputs, reverse: true), Merge.Concatenate));
        foreach (Merge merge in Enum.GetValues<Merge>())
            yield return ($"bidirectional {merge}", store => Both(store, merge));
        yield return ("stack", store => new Stack("s",
            new RecurrentLayer("a", store, new CellOptions(), Inputs, Hidden),
            new RecurrentLayer("b", store, new CellOptions { Kind = "gru" }, Hidden, 4, index: 1), new Dense("d", store, 4, 2)));
        yield return ("stack of bidirectional", store => new Stack("s", Both(store, Merge.Concatenate), new Dense("d", store, 2 * Hidden, 3)));
    }

    private static bool HasKinks(CellDefinition definition) =>
        definition.Cell.Derivation.Gradients.SelectMany(gradient => gradient.Terms).SelectMany(term => term.Value.All())
            .Any(part => part is AboveExpression);

    private static RecurrentLayer Planned(
        ICell cell, ParameterStore store, int hidden, bool reverse = false, InitialState first = InitialState.Zero) =>
        new("l", store, cell, null, Inputs, hidden, reverse, first);

    private static Bidirectional Both(ParameterStore store, Merge merge) => new("l",
        new RecurrentLayer("l", store, new CellOptions(), Inputs, Hidden, firstState: InitialState.Learned),
        new RecurrentLayer("l.reverse", store, new CellOptions(), Inputs, Hidden, reverse: true, firstState: InitialState.Learned), merge);
}
