using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Inspection;

/// <summary>What is read out of a recurrent layer: every gate by name, against the textbook, and what is said of it.</summary>
public sealed class GatesTests
{
    // what the engine's cells and their definitions call by different names
    private static readonly Dictionary<string, string> s_textbook = new() { ["a"] = "h", ["hn"] = "u_n", ["hm"] = "om" };

    private const int Inputs = 3, Hidden = 5, Steps = 7;

    public static TheoryData<string> Cells() => OwnCells.InTheTextbook;

    internal static InspectionSubject Subject(CellOptions cell, int hidden = Hidden, Direction direction = Direction.Forward, int layers = 1,
        int steps = Steps)
    {
        NetworkSpec spec = new(Inputs, [new RecurrentSpec { Name = "encoder", Cell = cell, Hidden = hidden, Direction = direction, Layers = layers },
            new DenseSpec { Name = "head", Outputs = 2 }]);
        Network network = Network.Build(spec, OwnCells.All);
        using (Edit edit = network.Parameters.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.6f * (float)new Rng(3).Normal((ulong)i);
        SequenceLayout layout = SequenceLayout.Uniform(1, steps);
        return new InspectionSubject("some numbers", network, LayerCases.Draw(layout, Inputs, 5),
            [.. Enumerable.Range(0, steps).Select(t => $"t{t}")],
            new SquaredError(), Targets.Of(LayerCases.Draw(layout, 2, 6)));
    }

    internal static void Fill(Network network, string parameter, Range rows, float value)
    {
        using Edit edit = network.Parameters.Edit();
        edit.Of(network.Parameters.Find(parameter)!)[rows].Fill(value);
    }

    // Floats against doubles over seven steps: each step rounds sums of ten terms of size one to 2⁻²⁴, and no gate multiplies an error by more than
    // a few.
    [Theory, MemberData(nameof(Cells))] // S24
    public void Every_gate_and_state_of_both_directions_is_the_textbooks_in_the_order_of_time(string name)
    {
        double tolerance = name.EndsWith("-ln", StringComparison.Ordinal) ? 2e-5 : 2e-6;       // standardizing multiplies an error by 1/σ
        InspectionSubject subject = Subject(OwnCells.Options(name), direction: Direction.Bidirectional);
        Gates gates = Gates.Of(subject, LayerCases.One);
        TextbookParameters parameters = new(subject.Network.Parameters.All.ToDictionary(p => p.Name, p =>
            p.Values.ToArray().Select(v => (double)v).ToArray()));
        IReadOnlyList<Vector> x = [.. Enumerable.Range(0, Steps).Select(t =>
            new Vector([.. subject.Input.Row(t, 0).ToArray().Select(v => (double)v)]))];
        DirectionRun[] truth = [.. new TextbookNetwork(subject.Network.Spec, parameters, subject.Network.Cells).Forward(x).Directions];
        Assert.Equal(truth.Select(run => run.Place), gates.Layers.Select(layer => layer.Name));
        foreach ((LayerGates layer, DirectionRun run) in gates.Layers.Zip(truth))
        {
            Assert.Contains("h", layer.Traces.Select(trace => trace.Name));
            Assert.Equal(run.Run.First.ContainsKey("c"), layer.Find("c") is not null);
            for (int t = 0; t < Steps; t++)
            {
                Unroll.Inspection.Textbook.CellStep step = run.Run.Steps[layer.Layer.Reverse ? Steps - 1 - t : t];
                foreach (GateTrace trace in layer.Traces)
                {
                    Vector expected = step.Values.Find(trace.Name) ?? step[s_textbook[trace.Name]];
                    Assert.Equal(expected.Count, trace.Units);
                    for (int u = 0; u < trace.Units; u++) Assert.Equal(expected[u], trace.Values[t][u],
                        tolerance * Math.Max(1, Math.Abs(expected[u])));
                }
            }
        }
    }

    [Fact]
    public void A_cell_of_ones_own_that_says_nothing_has_its_letters_and_ranges_guessed_from_its_values()
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("own", store, new LightRecurrentUnit(), projection: null, Inputs, Hidden);
        using (Edit edit = store.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.6f * (float)new Rng(4).Normal((ulong)i);
        SequenceBatch x = LayerCases.Draw(SequenceLayout.FromLengths(2, 0, 6), Inputs, 1);
        Cache cache = layer.Forward(x, LayerCases.NewPass());
        LayerGates gates = Gates.Of(layer, cache, sequence: 2).Layers.Single();
        Assert.Equal(("own", 6), (gates.Name, gates.Steps));
        Assert.Equal(["f", "n", "h"], gates.Traces.Select(trace => trace.Name));
        Assert.Equal((GateRange.Logistic, true), (gates.Find("f")!.Range, gates.Find("f")!.RangeIsGuessed));
        Assert.Equal(GateRange.Tanh, gates.Find("n")!.Range);
        Assert.Null(gates.HalfLife);
        for (int t = 0; t < 6; t++) Assert.Equal(cache.Output.Row(t, 2).ToArray(), gates.Find("h")!.Values[t]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Gates.Of(layer, cache, sequence: 3));
        Assert.Equal(0, Gates.Of(layer, cache, sequence: 1).Layers.Single().Steps);
        Assert.Empty(Gates.Of(layer, cache, sequence: 1).Findings);
    }

    [Fact]
    public void A_cell_of_ones_own_that_describes_itself_is_read_as_a_built_in_one()
    {
        InspectionSubject subject = Subject(new CellOptions { Kind = "mgu" });
        Fill(subject.Network, "encoder.bias_ih_l0", ..Hidden, -30);              // f = 0: nothing comes in
        Gates gates = Gates.Of(subject, LayerCases.One);
        LayerGates layer = gates.Layers.Single();
        Assert.Equal((GateRange.Logistic, false), (layer.Find("f")!.Range, layer.Find("f")!.RangeIsGuessed));
        Assert.True(layer.HalfLife!.Mean > 1e6);
        Finding stuck = Assert.Single(gates.Findings, finding => finding.Kind == FindingKind.StuckGate);
        Assert.True(stuck.IsProblem);
        Assert.StartsWith($"layer encoder.l0: gate f is stuck at 0 in all {Hidden} units at all {Steps} steps: the state is copied from step to "
            + $"step: nothing "
            + "new comes in; half-life ", stuck.Text);
        Assert.Contains("-30.0", stuck.Text.Replace('−', '-'));
    }

    [Fact]
    public void Shares_near_the_bounds_are_counted_for_each_unit()
    {
        float[][] values = [[0.01f, 0.5f, 0.99f], [0.04f, 0.96f, 0.97f], [0.05f, 0.95f, 0.96f], [0, 0.2f, 1]];
        GateStatistics logistic = new GateTrace("f", GateRange.Logistic, false, values).Statistics;
        Assert.Equal([0.75, 0, 0], logistic.Units.Select(unit => unit.NearLower));
        Assert.Equal([0, 0.25, 1], logistic.Units.Select(unit => unit.NearUpper));
        Assert.Equal([false, false, true], logistic.Units.Select(unit => unit.IsStuck));
        Assert.Equal((1, 0.25, 1.25 / 3), (logistic.StuckUnits, logistic.NearLower, logistic.NearUpper));
        Assert.Equal((0, 1), (logistic.Smallest, logistic.Largest));
        GateStatistics tanh = new GateTrace("g", GateRange.Tanh, false, [[-0.96f, -0.94f], [0.96f, 0.94f]]).Statistics;
        Assert.Equal((0.25, 0.25, 0), (tanh.NearLower, tanh.NearUpper, tanh.Mean));
        GateStatistics free = new GateTrace("c", GateRange.Unbounded, false, [[-3], [100]]).Statistics;
        Assert.Equal((0, 48.5), (free.Saturated, free.Mean));
    }

    //  f = ½ at every step halves the memory in one step;  f = 2^(−1/10) in ten
    [Fact]
    public void A_half_life_is_the_number_of_steps_in_which_the_kept_share_falls_to_one_half()
    {
        float tenth = MathF.Pow(2, -0.1f);
        MemoryHalfLife memory = new(new GateTrace("f", GateRange.Logistic, false, [[0.5f, tenth, 1], [0.5f, tenth, 1], [0.5f, tenth, 1]]));
        Assert.Equal(1, memory.Units[0], 1e-6);
        Assert.Equal(10, memory.Units[1], 1e-4);                 // the float nearest to 2^(−1/10) is off by 3e-8 in a rate of 0.07
        Assert.True(double.IsPositiveInfinity(memory.Units[2]));
        Assert.Equal(3 / (1 + 0.1), memory.Mean, 1e-5);          // the harmonic mean
        Assert.Equal(10, memory.Median, 1e-4);
        Assert.True(double.IsPositiveInfinity(memory.Longest));
        Assert.Equal(0, new MemoryHalfLife(new GateTrace("f", GateRange.Logistic, false, [[0f], [1f]])).Mean);
    }

    //  h = (1 − f) ⊙ h₋ + …: f forgets      h = n₂ ⊙ t₂ + (n₁ ⊙ t₁ + h₋ ⊙ (1 − t₁)) ⊙ (1 − t₂): neither gate alone is what is kept
    [Theory]
    [InlineData("mgu", "f")]
    [InlineData("lstm-peephole", "f")]
    [InlineData("rhn", null)]
    [InlineData("cfn", null)]
    public void A_defined_cell_has_a_half_life_where_one_gate_alone_multiplies_the_state(string name, string? gate)
    {
        CellOptions cell = new() { Kind = name, Definition = CellZoo.Definition(name) };
        Assert.Equal(gate, Gates.Of(Subject(cell), LayerCases.One).Layers.Single().HalfLife?.Gate);
    }

    [Fact]
    public void Of_two_states_that_gates_keep_each_has_its_half_life()
    {
        CellOptions cell = new() { Kind = "lem", Definition = CellZoo.Definition("lem") };
        Gates gates = Gates.Of(Subject(cell), LayerCases.One);
        IReadOnlyList<MemoryHalfLife> all = gates.Layers.Single().HalfLives;
        Assert.Equal([("d", "z"), ("e", "h")], all.Select(one => (one.Gate, one.State)));
        Assert.NotEqual(all[0].Mean, all[1].Mean);
        string[] lines = [.. InspectionText.Statistics(gates.Layers.Single())];
        Assert.Contains(lines, line => line.StartsWith("  memory half-life of z (from d): ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  memory half-life of h (from e): ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("b_f", "look at encoder.b_f_l0, on average −30.0", "−30.0 from b_f, ")]
    [InlineData("W_f", "look at encoder.weight_ih_l0, rows 0 … 4 (W_f), on average ", " from U_f h₋")]
    public void A_stuck_gate_of_a_defined_cell_says_which_parameter_pushes_it(string parameter, string look, string part)
    {
        CellDefinition mgu = CellZoo.Definition("mgu");
        InspectionSubject subject = Subject(new CellOptions { Kind = "mgu", Definition = mgu });
        if (parameter == "b_f") Fill(subject.Network, "encoder.b_f_l0", .., -30);
        else
        {
            subject.Input.All.Fill(1);
            Fill(subject.Network, "encoder.weight_ih_l0", ..(Hidden * Inputs), 20);
        }
        Finding stuck = Assert.Single(Gates.Of(subject, LayerCases.One).Findings, one => one is { Kind: FindingKind.StuckGate, Gate: "f" });
        Assert.Contains(look, stuck.Text);
        Assert.Contains(part, stuck.Text);
        Assert.Contains("Its argument is, on average, ", stuck.Text);
    }

    // m begins at −1000, so f = exp(l + m₋ − m) is 0 at the first step, and only there
    [Theory]
    [InlineData(Direction.Forward)]
    [InlineData(Direction.Reverse)]
    public void A_first_step_that_replaces_all_is_no_forgetting(Direction direction)
    {
        CellOptions cell = new() { Kind = "slstm", Definition = CellZoo.Definition("slstm") };
        LayerGates layer = Gates.Of(Subject(cell, direction: direction), LayerCases.One).Layers.Single();
        float[] kept = layer.Find("f")!.Unit(0);
        Assert.Equal(0, kept[direction == Direction.Forward ? 0 : ^1]);
        double rate = -kept.Where(f => f > 0).Average(f => Math.Log(f));
        Assert.Equal(Steps - 1, kept.Count(f => f > 0));
        Assert.Equal(Math.Log(2) / rate, layer.HalfLife!.Units[0], 1e-9);
    }

    [Fact]
    public void Of_a_negative_factor_the_size_counts() =>
        Assert.Equal(1, new MemoryHalfLife(new GateTrace("g", GateRange.Tanh, false, [[-0.5f], [0.5f]])).Mean, 1e-9);

    [Fact]
    public void A_state_is_shown_by_what_its_equation_calls_it()
    {
        CellDefinition definition = CellText.Read(
            "cell slow\nm = 0.9 ⊙ m₋ + 0.1 ⊙ h₋\nh = tanh(W x + U m + b)\nm: slow memory\n", "slow.cell");
        Assert.Equal("m, slow memory", SlotFacts.Called(definition.Cell, "m"));
        Assert.Equal("h, output", SlotFacts.Called(definition.Cell, "h"));
        Assert.Equal("c, cell state", SlotFacts.Called(CellCatalog.BuiltIn.Make(new CellOptions()), "c"));
    }

    [Fact]
    public void Every_slot_of_a_defined_cell_has_a_name_of_its_own()
    {
        CellDefinition definition = CellText.Read("""
            cell names
            a_h = σ(W_a x + U_a h₋)
            ρ_n = σ(W_r x)
            n = norm(W_n x)
            h = W x + a_h ⊙ h₋ + ρ_n ⊙ n
            """, "names.cell");
        Assert.Equal(definition.Cell.Saved.Distinct(), definition.Cell.Saved);
        Assert.Equal(["a_h2", "ρ_n2"], definition.Cell.Saved.Where(name => name.EndsWith('2')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_gru_keeps_with_z_and_an_rnn_has_no_half_life()
    {
        InspectionSubject gru = Subject(new CellOptions { Kind = "gru" });
        Fill(gru.Network, "encoder.bias_ih_l0", Hidden..(2 * Hidden), 9);
        LayerGates layer = Gates.Of(gru, LayerCases.One).Layers.Single();
        Assert.True(layer.HalfLife!.Mean > 100, $"{layer.HalfLife.Mean}");
        Finding finding = Assert.Single(Gates.Of(gru, LayerCases.One).Findings, f => f.Kind == FindingKind.StuckGate);
        Assert.Contains("gate z is stuck at 1", finding.Text);
        Assert.Contains("copied", finding.Text);
        Assert.True(finding.IsProblem);
        Assert.Null(Gates.Of(Subject(new CellOptions { Kind = "rnn" }), LayerCases.One).Layers.Single().HalfLife);
        Assert.Null(Gates.Of(Subject(new CellOptions { Kind = "residual" }), LayerCases.One).Layers.Single().HalfLife);
    }

    [Fact]
    public void A_forget_gate_that_is_stuck_is_found_first_with_the_rows_of_its_bias()
    {
        InspectionSubject subject = Subject(new CellOptions(), direction: Direction.Bidirectional, layers: 2);
        Fill(subject.Network, "encoder.bias_ih_l1_reverse", Hidden..(2 * Hidden), -8);
        Fill(subject.Network, "encoder.bias_hh_l1_reverse", Hidden..(2 * Hidden), -4);
        Gates gates = Gates.Of(subject, LayerCases.One);
        Finding first = gates.Findings[0];
        Assert.Equal((FindingKind.StuckGate, "encoder.l1_reverse", "f", true), (first.Kind, first.Layer, first.Gate, first.IsProblem));
        Assert.StartsWith("layer encoder.l1_reverse: gate f is stuck at 0 in all 5 units at all 7 steps: the cell forgets at every step; "
            + "half-life 0.0", first.Text);
        Assert.Contains("look at encoder.bias_ih_l1_reverse and encoder.bias_hh_l1_reverse, rows 5 … 9 (f): together −12.0 on average.", first.Text);
        Assert.DoesNotContain(gates.Findings, finding => finding.Kind == FindingKind.StuckGate && finding.Layer != first.Layer);
    }

    [Fact]
    public void A_gate_that_the_input_holds_down_is_blamed_on_the_input()
    {
        InspectionSubject subject = Subject(new CellOptions());
        subject.Input.All.Fill(400);
        Fill(subject.Network, "encoder.weight_ih_l0", ..(Hidden * Inputs), -0.1f);
        Finding finding = Assert.Single(Gates.Of(subject, LayerCases.One).Findings, f => f.Gate == "i");
        Assert.Contains("gate i is stuck at 0", finding.Text);
        Assert.Contains("−120.0 from the input", finding.Text);
        Assert.Contains("look at encoder.weight_ih_l0, rows 0 … 4 (i), and at the scale of the input", finding.Text);
    }

    // r is 0, so that the large bias inside the reset does not reach n.
    [Fact]
    public void A_bias_that_is_reset_away_is_not_blamed()
    {
        InspectionSubject subject = Subject(new CellOptions { Kind = "gru-after" });
        Fill(subject.Network, "encoder.bias_ih_l0", ..Hidden, -60);
        Fill(subject.Network, "encoder.bias_ih_l0", (2 * Hidden)..(3 * Hidden), 8);
        Fill(subject.Network, "encoder.bias_hh_l0", (2 * Hidden)..(3 * Hidden), -50);
        Finding finding = Assert.Single(Gates.Of(subject, LayerCases.One).Findings, f => f is { Kind: FindingKind.StuckGate, Gate: "n" });
        Assert.Contains("gate n is stuck at 1", finding.Text);
        Assert.Contains("+8.0 from the bias", finding.Text);
        Assert.Contains("0.0 from the state", finding.Text);
    }

    [Fact]
    public void A_rectified_unit_that_never_opens_is_dead_and_one_that_is_only_constant_is_not()
    {
        InspectionSubject subject = Subject(new CellOptions { Kind = "rnn", Activation = "relu" });
        Fill(subject.Network, "encoder.bias_ih_l0", 2..3, -1000);
        Gates gates = Gates.Of(subject, LayerCases.One);
        Assert.Equal([2], gates.Layers[0].DeadUnits);
        Assert.Contains(gates.Findings, finding => finding.Kind == FindingKind.DeadUnits && finding.Text.Contains("1 of 5 units (2) is dead"));

        InspectionSubject gru = Subject(new CellOptions { Kind = "gru" });
        foreach (string matrix in (string[])["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]) Fill(gru.Network, $"encoder.{matrix}", ..,
            0);
        LayerGates silent = Gates.Of(gru, LayerCases.One).Layers[0];
        Assert.Equal(5, silent.ConstantUnits.Count);
        Assert.Empty(silent.DeadUnits);
    }

    [Fact]
    public void A_value_that_is_not_finite_is_found_with_its_step_and_unit()
    {
        InspectionSubject subject = Subject(new CellOptions());
        subject.Input.Row(4, 0)[1] = float.NaN;
        Finding finding = Gates.Of(subject, LayerCases.One).Findings[0];
        Assert.Equal(FindingKind.NotFinite, finding.Kind);
        Assert.Contains("is NaN from step 4 on, first in unit 0", finding.Text);
    }

    [Fact]
    public void Looking_leaves_gradients_as_they_were_and_a_quantized_network_has_gates_but_no_dead_units()
    {
        InspectionSubject subject = Subject(new CellOptions { Kind = "gru" });
        subject.Network.Parameters.Gradients.Fill(7);
        Gates.Of(subject, LayerCases.One);
        Assert.All(subject.Network.Parameters.Gradients.ToArray(), gradient => Assert.Equal(7, gradient));

        subject.Network.Quantize();
        LayerGates layer = Gates.Of(subject, LayerCases.One).Layers.Single();
        Assert.Equal(Steps, layer.Find("z")!.Values.Count);
        Assert.Empty(layer.DeadUnits);
    }

    [Fact]
    public void A_pass_that_kept_no_gates_is_refused()
    {
        InspectionSubject subject = Subject(new CellOptions());
        Cache cache = subject.Network.Forward(subject.Input, null, LayerCases.NewPass() with { InferenceOnly = true });
        Assert.Contains("InferenceOnly", Assert.Throws<InvalidOperationException>(() => Gates.Of(subject.Network.Layers, cache)).Message);
    }
}
