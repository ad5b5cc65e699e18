using System.Text.RegularExpressions;
using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Exchange.Tests.Conformance;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Writing;

/// <summary>Cells that are defined by their equations: as an operator where they are one, otherwise as a Scan.</summary>
public sealed class DefinedCellTests
{
    private const string Another = "no built-in cell has its equations";

    private static CellDefinition Read(string equations) => CellText.Read($"cell own\n{equations}\n", "own.cell");

    /// <summary>Equations of built-in cells, otherwise named and ordered.</summary>
    private static readonly Dictionary<string, (string Equations, string Operator)> s_operators = new()
    {
        ["lstm"] = ("""
            o = σ(b_o + A_o h₋ + W_o x)
            k = tanh(W_k x + A_k h₋ + b_k)
            keep = σ(A_f h₋ + W_f x + b_f)
            s = σ(W_s x + A_s h₋ + b_s) ⊙ k + s₋ ⊙ keep
            h = tanh(s) ⊙ o
            """, "LSTM"),
        ["lstm of two biases"] = ("""
            f = σ(W_f x + b_if + U_f h₋ + b_hf)
            i = σ(W_i x + U_i h₋ + b_i)
            o = σ(W_o x + b_io + U_o h₋ + b_ho)
            g = tanh(W_g x + b_ig + U_g h₋ + b_hg)
            c = f ⊙ c₋ + i ⊙ g
            h = o ⊙ tanh(c)
            """, "LSTM"),
        ["lstm-peephole"] = ("""
            u = σ(W_u x + U_u h₋ + p_u ⊙ c₋ + b_u)
            f = σ(W_f x + U_f h₋ + p_f ⊙ c₋ + b_f)
            c = f ⊙ c₋ + u ⊙ tanh(W_g x + U_g h₋ + b_g)
            h = σ(W_o x + U_o h₋ + p_o ⊙ c + b_o) ⊙ tanh(c)
            """, "LSTM"),
        ["lstm-coupled"] = ("""
            e = σ(W_e x + U_e h₋ + b_e)
            c = (1 − e) ⊙ c₋ + e ⊙ tanh(W_g x + U_g h₋ + b_g)
            h = σ(W_o x + U_o h₋ + b_o) ⊙ tanh(c)
            """, "LSTM"),
        ["gru"] = ("""
            q = σ(W_q x + U_q h₋ + b_q)
            r = σ(W_r x + U_r h₋ + b_r + b_s)
            h = (1 − q) ⊙ tanh(W_n x + b_n + U_n (h₋ ⊙ r) + b_m) + q ⊙ h₋
            """, "GRU"),
        ["gru-after"] = ("""
            z = σ(W_z x + U_z h₋ + b_iz + b_hz)
            a = σ(W_a x + U_a h₋ + b_a)
            n = tanh(a ⊙ (b_u + U_n h₋) + W_n x + b_w)
            h = z ⊙ h₋ + (1 − z) ⊙ n
            """, "GRU"),
        ["rnn"] = ("h = tanh(V h₋ + W x + b_i + b_h)", "RNN"),
        ["rnn-relu"] = ("h = relu(W x + U h₋ + b)", "RNN"),
    };

    /// <summary>Equations that are none of ONNX's, some by little.</summary>
    private static readonly Dictionary<string, (string Equations, string Why)> s_scans = new()
    {
        ["learned threshold"] = ("vector u\nc = σ(u)\nd = c ⊙ tanh(b_d)\nh = tanh(W x + U h₋ + V d₋ + c₋ ⊙ h₋)", Another),
        ["a number as a state"] = ("scalar α = 0.5\nc = α\ninitial c = 2\nh = tanh(W x + c₋ ⊙ (U h₋) + b)", Another),
        ["a clock"] = ("c = c₋ + 0.1\nh = tanh(W x + U h₋ + (V c₋ + b))", Another),
        ["a step behind"] = ("initial c = 0.5\nc = tanh(W x + U h₋ + b)\nh = c₋ ⊙ h₋ + c₋", Another),
        ["an output of its own"] = ("c = tanh(W x + U c₋ + b)\nout y = relu(V c + b_y)", Another),
        ["three states and an output"] = ("""
            initial m = −2
            m = max(m₋ + b_m, W_m x)
            c = σ(W_c x + U_c s₋) ⊙ c₋ + m
            s = tanh(c + norm(W_s x + U_s s₋ + b_s))
            out y = s ⊙ σ(V s + W_y x) + c₋
            """, Another),
        ["antisymmetric"] = ("h = h₋ + 0.1 ⊙ tanh((U − Uᵀ) h₋ + W x + b) ⊙ σ(Uᵀ h₋ + A x)", Another),
        ["projected"] = ("""
            width h = units / 2
            i = σ(W_i x + U_i h₋ + b_i)
            c = (1 − i) ⊙ c₋ + i ⊙ tanh(W x + U h₋ + b)
            h = V tanh(c) + A c
            """, Another),
        ["normalized"] = ("""
            vector g = 1
            a = norm(W x + U h₋, 1e-3) ⊙ g + b
            h = tanh(a + norm(c₋ + b_c))
            c = c₋ ⊙ σ(V h) + norm(a)
            """, Another),
        ["another gate"] = ("""
            i = σ(W_i x + U_i h₋ + b_i)
            f = hardsigmoid(W_f x + U_f h₋ + b_f)
            g = tanh(W_g x + U_g h₋ + b_g)
            o = σ(W_o x + U_o h₋ + b_o)
            c = f ⊙ c₋ + i ⊙ g
            h = o ⊙ tanh(c)
            """, Another),
        ["a clipped cell state"] = ("""
            i = σ(W_i x + U_i h₋ + b_i)
            f = σ(W_f x + U_f h₋ + b_f)
            g = tanh(W_g x + U_g h₋ + b_g)
            o = σ(W_o x + U_o h₋ + b_o)
            c = clip(f ⊙ c₋ + i ⊙ g, −0.5, 0.5)
            h = o ⊙ tanh(c)
            """, Another),
        ["beginning at one"] = ("initial h = 1\nh = tanh(W x + U h₋ + b)", Another),
        ["without a bias"] = ("h = tanh(W x + U h₋)", Another),
        ["the other way round"] = ("""
            r = σ(W_r x + U_r h₋ + b_r)
            z = σ(W_z x + U_z h₋ + b_z)
            h = z ⊙ tanh(W_n x + U_n (r ⊙ h₋) + b_n) + (1 − z) ⊙ h₋
            """, Another),
        ["residual"] = ("h = h₋ + tanh(W x + U h₋ + b)", "its equations are those of the built-in cell residual, for which ONNX has no operator"),
        ["three biases"] = ("h = tanh(W x + U h₋ + b + b_c + b_d)",
            "its equations are those of the built-in cell rnn, but 'b_d' is one bias more than the operator RNN has at that place"),
        ["two biases behind a reset"] = ("""
            r = σ(W_r x + U_r h₋ + b_r)
            z = σ(W_z x + U_z h₋ + b_z)
            n = tanh(W_n x + b_n + r ⊙ (U_n h₋ + b_hn + b_m))
            h = (1 − z) ⊙ n + z ⊙ h₋
            """, "its equations are those of the built-in cell gru-after, but 'b_m' is one bias more than the operator GRU has at that place"),
    };

    public static TheoryData<string> Operators => [.. s_operators.Keys];

    public static TheoryData<string> Scans => [.. s_scans.Keys];

    private static CellDefinition Definition(string name) =>
        Read(s_operators.TryGetValue(name, out (string Equations, string) own) ? own.Equations : s_scans[name].Equations);

    private static NetworkSpec Spec(CellDefinition cell, Direction direction, InitialState initial = InitialState.Zero) => new(3,
    [
        new RecurrentSpec
        {
            Name = "encoder", Cell = CellChoice.Of(cell), Hidden = 5, Layers = 2, Direction = direction, InitialState = initial,
        },
        new DenseSpec { Name = "head", Outputs = 4 },
    ]);

    private static string Recurrent(Network network) =>
        Assert.Single(Written.Operators(network).Keys, key => key is "LSTM" or "GRU" or "RNN" or "Scan");

    [Theory]
    [MemberData(nameof(Operators))]
    public void Equations_of_a_built_in_cell_are_its_operator_and_give_the_same(string name)
    {
        foreach (Direction direction in Enum.GetValues<Direction>())
            foreach (InitialState initial in Enum.GetValues<InitialState>())
            {
                Network network = Written.Random(Spec(Definition(name), direction, initial));
                Assert.Equal(s_operators[name].Operator, Recurrent(network));
                Written.AssertClose(Written.Compare(network));
                Written.AssertClose(Written.CompareOwn(network, 17));
            }
    }

    [Theory]
    [MemberData(nameof(Scans))]
    public void Other_equations_are_a_Scan_and_give_the_same(string name)
    {
        foreach (Direction direction in Enum.GetValues<Direction>())
            foreach (InitialState initial in Enum.GetValues<InitialState>())
            {
                Network network = Written.Random(Spec(Definition(name), direction, initial));
                Assert.Equal("Scan", Recurrent(network));
                Written.AssertClose(Written.Compare(network), $"{direction} {initial}");
                Written.AssertClose(Written.CompareOwn(network, 14), $"{direction} {initial}");
            }
    }

    [Fact]
    public void Which_of_both_was_written_is_said_and_why()
    {
        using TemporaryFolder folder = new();
        foreach ((string name, string expected) in s_operators.Select(one => (one.Key, $"is written as the operator {one.Value.Operator}."))
            .Concat(s_scans.Select(one => (one.Key, $"is written as a Scan over its equations, because {one.Value.Why}."))))
        {
            OnnxExportReport report = OnnxExport.Save(folder.File("m.onnx"), Written.Random(Spec(Definition(name), Direction.Forward)));
            string note = Assert.Single(report.Notes);
            Assert.StartsWith("layer 'encoder': its cell 'own' ", note);
            Assert.EndsWith(expected, note);
        }
        NetworkSpec builtIn = new(3, [new RecurrentSpec { Name = "rnn", Hidden = 2 }]);
        Assert.Empty(OnnxExport.Save(folder.File("m.onnx"), Written.Random(builtIn)).Notes);
    }

    // Of the peepholes i, f, o and of every gate: a wrong place would give other numbers, and equal weights would hide it.
    [Fact]
    public void A_definition_and_the_built_in_cell_of_the_same_weights_give_the_same_tensors()
    {
        CellDefinition definition = BuiltInDefinitions.Find("lstm-peephole")!.Definition;
        Network own = Written.Random(Spec(definition, Direction.Bidirectional)), other = Network.Build(new NetworkSpec(3,
        [
            new RecurrentSpec { Name = "encoder", Cell = new() { Peepholes = true }, Hidden = 5, Layers = 2, Direction = Direction.Bidirectional },
            new DenseSpec { Name = "head", Outputs = 4 },
        ]));
        using (Edit edit = other.Parameters.Edit())
            foreach (Parameter parameter in other.Parameters.All)
            {
                int at = parameter.Name.LastIndexOf("_l", StringComparison.Ordinal);
                string suffix = at < 0 ? "" : parameter.Name[at..];
                IEnumerable<float> From(params string[] names) =>
                    names.SelectMany(name => own.Parameters.Find($"encoder.{name}{suffix}")!.Values.ToArray());
                float[] values = parameter.Name.Contains("bias_ih") ? [.. From("b_i", "b_f", "b_g", "b_o")] : parameter.Name.Contains("bias_hh") ? []
                    : parameter.Name.Contains("peephole") ? [.. From("p_i", "p_f", "p_o")] : own.Parameters.Find(parameter.Name)!.Values.ToArray();
                values.CopyTo(edit.Of(parameter));
            }
        GraphProto[] graphs = [.. new[] { own, other }.Select(network => NetworkWriter.Write([network], MemberMean.None, 17, step: false).Graph)];
        Assert.Equal(graphs[1].ToString(), graphs[0].ToString());
    }

    // Three states of different growth, told apart by what they are after a step.
    [Fact]
    public void Further_states_lie_side_by_side_in_the_order_of_their_equations()
    {
        CellDefinition cell = Read("""
            vector q
            d = 2 ⊙ d₋
            h = relu(W x + U h₋ + q ⊙ a₋) ⊙ 0 + d₋
            e = e₋ + 10
            a = a₋ − d₋ + e₋
            """);
        Network network = Written.Random(new NetworkSpec(3, [new RecurrentSpec { Name = "encoder", Cell = CellChoice.Of(cell), Hidden = 2 }]));
        using Ort step = new(NetworkWriter.Write([network], MemberMean.None, 17, step: true).Graph);
        IReadOnlyDictionary<string, OnnxValue> made = step.Run(new Dictionary<string, OnnxValue>
        {
            ["x"] = OnnxTensor.Of<float>([1, 3], [1f, 2, 3]), ["encoder.l0.h_in"] = OnnxTensor.Of<float>([1, 2], [0f, 0]),
            ["encoder.l0.c_in"] = OnnxTensor.Of<float>([1, 6], [1f, 2, 30, 40, 500, 600]),
        });
        Assert.Equal([2f, 4, 40, 50, 529, 638], ((OnnxTensor)made["encoder.l0.c_out"]).Values<float>().ToArray());
        Assert.Equal([1f, 2], ((OnnxTensor)made["encoder.l0.h_out"]).Values<float>().ToArray());
    }

    [Fact]
    public void Of_an_output_that_is_no_state_h_is_the_output_and_c_has_all_states()
    {
        Network network = Written.Random(new NetworkSpec(3,
            [new RecurrentSpec { Name = "encoder", Cell = CellChoice.Of(Read("c = 0 ⊙ (W x) + c₋ + 1\nout y = 10 ⊙ c")), Hidden = 2 }]));
        using Ort step = new(NetworkWriter.Write([network], MemberMean.None, 17, step: true).Graph);
        IReadOnlyDictionary<string, OnnxValue> made = step.Run(new Dictionary<string, OnnxValue>
        {
            ["x"] = OnnxTensor.Of<float>([1, 3], [1f, 2, 3]), ["encoder.l0.h_in"] = OnnxTensor.Of<float>([1, 2], [7f, 7]),
            ["encoder.l0.c_in"] = OnnxTensor.Of<float>([1, 2], [1f, 2]),
        });
        Assert.Equal([2f, 3], ((OnnxTensor)made["encoder.l0.c_out"]).Values<float>().ToArray());
        Assert.Equal([20f, 30], ((OnnxTensor)made["encoder.l0.h_out"]).Values<float>().ToArray());
        Assert.Equal([20f, 30], ((OnnxTensor)made["y"]).Values<float>().ToArray());
    }

    [Fact]
    public void The_table_of_states_in_the_documentation_is_that_of_its_cell()
    {
        string page = File.ReadAllText(Path.Combine(ConformanceCase.Root(), "docs", "onnx-export.md"));
        CellDefinition cell = CellText.Read(Regex.Match(page, "```cell\n(.*?)```", RegexOptions.Singleline).Groups[1].Value, "page");
        Network network = Written.Random(new NetworkSpec(3, [new RecurrentSpec { Name = "encoder", Cell = CellChoice.Of(cell), Hidden = 6 }]));
        using TemporaryFolder folder = new();
        OnnxExportFile file = Assert.Single(OnnxExport.Save(folder.File("m.onnx"), network).Files);
        string[] said = [.. Regex.Matches(page, @"^\| `(encoder\.[^`]+)` \| (float \[[^\]]+\]) \|", RegexOptions.Multiline)
            .Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}")];
        Assert.Equal([.. file.Inputs.Skip(2), .. file.Outputs.Skip(1)], said);
        Assert.Equal(["m", "c"], cell.States.Skip(1).Select(state => state.Name));
    }

    [Fact]
    public void A_high_power_of_a_negative_number_is_no_number_in_the_graph_either_and_the_others_are_compared()
    {
        Network network = Written.Random(Spec(Read("h = tanh(W x + U h₋ + b)\nout y = h + h^17 + (2 + h)^(−18) + (h + 2)^1.5"), Direction.Forward));
        Written.AssertClose(Written.Compare(network));
        ProbeResult result = Written.Compare(Written.Random(new NetworkSpec(3,
            [new RecurrentSpec { Name = "encoder", Cell = CellChoice.Of(Read("h = tanh(W x + U h₋ + b)\nout y = (h + 0.5)^17")), Hidden = 5 }])));
        Written.AssertClose(result);
    }

    [Fact]
    public void A_network_without_any_finite_number_is_refused_by_what_to_do()
    {
        using TemporaryFolder folder = new();
        Network network = Written.Random(new NetworkSpec(3,
            [new RecurrentSpec { Name = "encoder", Cell = CellChoice.Of(Read("h = log(−1 − relu(W x + U h₋))")), Hidden = 5 }]));
        UserErrorException error = Assert.Throws<UserErrorException>(() => OnnxExport.Save(folder.File("m.onnx"), network));
        Assert.Contains("on random rows the network gives infinities and what is no number", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        OnnxExportReport report = OnnxExport.Save(folder.File("m.onnx"), Written.Random(new NetworkSpec(3,
            [new RecurrentSpec { Name = "encoder", Cell = CellChoice.Of(Read("c = tanh(W x + U c₋ + b)\nout y = log(c)")), Hidden = 5 }])));
        Assert.Contains(report.Notes, note => note.Contains("numbers are infinite or no number, in the network as in the graph"));
    }
}
