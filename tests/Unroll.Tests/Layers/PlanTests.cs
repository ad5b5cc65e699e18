using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Layers;

/// <summary>A cell that gives its own plan: parameters, first values, 8 bits, four threads, what is refused. The laws run over it too.</summary>
public sealed class PlanTests
{
    private static RecurrentLayer Make(ParameterStore store, InitialState first = InitialState.Zero, int size = 3) =>
        new("own", store, new PlannedSketch(), null, size, size, firstState: first);

    private static void Draw(ParameterStore store, float deviation = 0.4f)
    {
        using Edit edit = store.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = deviation * (float)new Rng(5).Normal((ulong)i);
    }

    [Fact]
    public void Parameters_are_stored_as_the_plan_says()
    {
        RecurrentLayer layer = Make(new ParameterStore(), InitialState.Learned);
        Assert.Equal(
            [
                "weight_ih_l0 [18, 3]", "weight_hh_l0 [21, 3]", "V_l0 [3, 3]", "A_l0 [3, 3]", "U_l0 [3, 3]", "M_l0 [3, 3]", "b_l0 [18]",
                "beta_l0 [1]", "p_l0 [3]", "alpha_l0 [1]", "h0_l0 [3]", "c0_l0 [3]", "m0_l0 [3]",
            ],
            layer.Parameters.Select(parameter => parameter.ToString()));
        Assert.Equal("V_l0", layer.CellParameters[0].Name);
        Assert.Contains("no bias_ih", Assert.Throws<InvalidOperationException>(() => layer.InputBias).Message);
        Assert.Equal(["P_l0 [3, 5]", "V_l0 [5, 3]"], new RecurrentLayer("own", new ParameterStore(), new NarrowSketch(), null, 2, 5)
            .Parameters.Skip(3).Take(2).Select(parameter => parameter.ToString()));
    }

    [Fact]
    public void A_sequence_begins_with_the_values_of_the_plan()
    {
        RecurrentLayer layer = Make(new ParameterStore());
        State state = layer.NewState(2);
        layer.SetFirst(state);
        Assert.Equal([0.5f, 0.5f, 0.5f, -0.25f, -0.25f, -0.25f, 0.5f, 0.5f, 0.5f, -0.25f, -0.25f, -0.25f], state.C.ToArray());
        Assert.Equal(["s.h", "s.c+m"], state.Leaves("s").Select(leaf => leaf.Name));
    }

    [Fact]
    public void Initial_values_of_its_parameters_are_those_of_the_plan()
    {
        CellCatalog cells = CellCatalog.BuiltIn.With(new CellEntry("planned", _ => new PlannedSketch()));
        NetworkSpec spec = new(3, [new RecurrentSpec { Name = "core", Cell = new CellOptions { Kind = "planned" }, Hidden = 3,
            InitialState = InitialState.Learned }]);
        Network network = Network.Build(spec, cells);
        Initialization.Apply(network, new InitializationOptions { Recurrent = WeightScheme.Identity }, new Rng(1));
        float[] Values(string name) => network.Parameters.Find($"core.{name}_l0")!.Values.ToArray();
        Assert.Equal([1, 0, 0, 0, 1, 0, 0, 0, 1], Values("V"));
        Assert.Equal([0.75f], Values("alpha"));
        Assert.Equal([0.5f, 0.5f, 0.5f], Values("p"));
        Assert.Equal([-0.25f, -0.25f, -0.25f], Values("m0"));
        Assert.Equal(6 * 3 * 3, Values("weight_ih").Distinct().Count());
    }

    [Theory, InlineData(7), InlineData(40)]
    public void Four_threads_give_the_bits_of_one(int sequences)
    {
        ParameterStore store = new();
        RecurrentLayer layer = Make(store, InitialState.Learned, size: 70);
        Draw(store, 0.15f);
        SequenceLayout layout = SequenceLayout.FromLengths([.. Enumerable.Range(0, sequences).Select(s => (s * 5 + 3) % 9)]);
        SequenceBatch x = LayerCases.Draw(layout, 70, 1), w = LayerCases.Draw(layout, 70, 2);
        float[][] Of(int threads)
        {
            using ThreadTeam team = new(threads) { SmallestShare = 0 };
            Pass pass = LayerCases.NewPass(team);
            store.ClearGradients();
            Cache cache = layer.Forward(x, null, pass);
            float[] dx = layer.Backward(w, cache, pass).All.ToArray();
            return [cache.Output.All.ToArray(), dx, store.Gradients.ToArray()];
        }
        float[][] one = Of(1);
        foreach (int threads in (int[])[2, 4])
            foreach ((float[] expected, float[] actual) in one.Zip(Of(threads))) LayerLaws.Same(expected, actual, $"{threads} threads");
        Assert.All(one[2], value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Weights_of_8_bits_give_nearly_the_same_and_step_as_the_sequence()
    {
        ParameterStore store = new();
        RecurrentLayer layer = Make(store, size: 20);
        Draw(store, 0.2f);
        SequenceBatch x = LayerCases.Draw(SequenceLayout.Uniform(2, 6), 20, 1);
        float[] exact = layer.Forward(x, LayerCases.NewPass()).Output.All.ToArray();
        layer.Quantize();
        SequenceBatch rounded = layer.Forward(x, LayerCases.NewPass()).Output;
        for (int i = 0; i < exact.Length; i++) Assert.Equal(exact[i], rounded.All[i], 0.02);
        Assert.NotEqual(exact, rounded.All.ToArray());
        float[] saved = store.Values.ToArray();
        layer.Quantize();
        Assert.Equal(saved, store.Values.ToArray());                                // what is stored is what was multiplied
        State state = layer.NewState(2);
        layer.SetFirst(state);
        float[] y = new float[2 * 20];
        for (int t = 0; t < 6; t++)
        {
            layer.Step(x.Step(t), state, y);
            LayerLaws.Same(rounded.Step(t), y, $"step {t}");
        }
    }

    [Fact]
    public void Dropped_recurrent_weights_get_the_gradient_of_what_was_multiplied()
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("own", store, new PlannedSketch(), null, 3, 3) { WeightDrop = 0.5f };
        Draw(store);
        SequenceBatch x = LayerCases.Draw(SequenceLayout.Uniform(2, 4), 3, 1);
        Pass pass = LayerCases.NewPass(training: true);
        store.ClearGradients();
        layer.Backward(LayerCases.Draw(x.Layout, 3, 2), layer.Forward(x, pass), pass);
        Assert.InRange(layer.HiddenToHidden.Gradients.ToArray().Count(value => value == 0), 15, 48);
        Assert.DoesNotContain(0f, store.Find("V_l0")!.Gradients.ToArray());
    }

    public static TheoryData<string> Mistakes() =>
    [
        "product 0 count", "product 0 stage", "product 0 matrix", "product 0 blocks", "product 0 arguments", "product 4 source", "product 5 form",
        "product 6 stage", "product 7 source", "argument 2 slot", "argument 2 delta", "argument 5 biases", "source 1", "state 'c' width",
        "state 'm' initial", "state 'h' width", "extra rows", "input delta", "parameters", "vector 'p' rows", "matrix 'V' stored after",
        "delta names", "cell state", "product 0 width",
    ];

    [Theory, MemberData(nameof(Mistakes))]
    public void A_plan_that_the_layer_cannot_carry_out_is_refused_by_its_rule(string mistake)
    {
        StepPlan plan = new PlannedSketch().Plan;
        StepPlan Product(int index, Func<PlannedProduct, PlannedProduct> change) =>
            plan with { Products = [.. plan.Products.Select((product, p) => p == index ? change(product) : product)] };
        StepPlan Argument(int index, PlannedArgument argument) =>
            plan with { Arguments = [.. plan.Arguments.Select((one, a) => a == index ? argument : one)] };
        StepPlan State(int index, PlannedState state) => plan with { States = [.. plan.States.Select((one, k) => k == index ? state : one)] };
        StepPlan Vector(int index, PlannedVector vector) => plan with { Vectors = [.. plan.Vectors.Select((one, v) => v == index ? vector : one)] };
        StepPlan wrong = mistake switch
        {
            "product 0 count" => Product(0, product => product with { Count = 5 }),
            "product 0 stage" => Product(0, product => product with { Stage = 3 }),
            "product 0 matrix" => Product(0, product => product with { Matrix = 6 }),
            "product 0 blocks" => Product(0, product => product with { Block = 3 }),
            "product 0 arguments" => Product(0, product => product with { Argument = 5, Count = 4 }),
            "product 0 width" => Product(0, product => product with { Matrix = 1 }),
            "product 4 source" => Product(4, product => product with { Of = new(SourceKind.Before, 3) }),
            "product 5 form" => Product(5, product => product with { Matrix = 0 }),
            "product 6 stage" => Product(6, product => product with { Stage = 0 }),
            "product 7 source" => Product(7, product => product with { Of = new(SourceKind.After, 1) }) with { Sources = [plan.Sources[0]] },
            "argument 2 slot" => Argument(2, new(10, 2)),
            "argument 2 delta" => Argument(2, new(2, 13)),
            "argument 5 biases" => Argument(5, new(5, 5, (0, 6))),
            "source 1" => plan with { Sources = [plan.Sources[0], new(SourceKind.Before)] },
            "state 'c' width" => State(1, new("c", units => units + 1)),
            "state 'm' initial" => State(2, new("m", Initial: float.NegativeInfinity)),
            "state 'h' width" => State(0, new("h", units => units)),
            "extra rows" => plan with { Vectors = [.. plan.Vectors.Take(3)] },
            "input delta" => plan with { InputDelta = -1 },
            "parameters" => Vector(0, new("V", 6)),
            "vector 'p' rows" => Vector(2, new("p", 0) { IsExtra = true }),
            "matrix 'V' stored after" => plan with
            {
                Matrices = [.. plan.Matrices.Select(one => one.Name == "V" ? one with { StoredAfter = 5 } : one)],
            },
            "delta names" => plan with { DeltaNames = ["a"] },
            _ => plan with { States = [plan.States[0]] },
        };
        string message = Assert.Throws<UserErrorException>(
            () => new RecurrentLayer("own", new ParameterStore(), new PlannedSketch { Plan = wrong }, null, 3, 3)).Message;
        Assert.StartsWith($"cell 'planned' {mistake}", message);
        Assert.Contains(": expected ", message);
    }

    [Fact]
    public void X_unit_by_unit_needs_as_many_inputs_as_units() => Assert.Equal(
        "cell 'planned' input size: expected 3, as many as units, because it uses x unit by unit, got 4.",
        Assert.Throws<UserErrorException>(() => new RecurrentLayer("own", new ParameterStore(), new PlannedSketch(), null, 4, 3)).Message);
}
