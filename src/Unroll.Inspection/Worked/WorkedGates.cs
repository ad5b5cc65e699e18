using Unroll.Cells;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;

namespace Unroll.Inspection.Worked;

/// <summary>The numbers of the examples whose cells have gates; the rows of a weight are stacked gate by gate, two units each.</summary>
internal static class WorkedGates
{
    private static readonly string[] LstmLines =
        ["i, f, o = σ(a_i), σ(a_f), σ(a_o)", "g = tanh(a_g)", "c = f ⊙ c₋ + i ⊙ g", "m = tanh(c)", "h = o ⊙ m", "y = W_y h + b_y",
            "L = (y − target)²"];

    internal static WorkedExample Lstm() => new(
        "lstm", ["a_· = W_i· x + W_h· h₋ + b_·", .. LstmLines],
        WorkedExamples.Network(new CellOptions(), hidden: 2, outputs: 1), new SquaredError(), LstmWeights(),
        [new Vector(1), new Vector(-0.5)], [new Vector(0.5), new Vector(-0.5)])
    {
        Names = Names("ifgo"),
    };

    internal static WorkedExample PeepholeLstm()
    {
        Dictionary<string, double[]> weights = LstmWeights();
        weights["net.peephole_l0"] = [0.3, -0.2, 0.5, 0.4, -0.6, 0.7];                                                      // i, f, o
        return new WorkedExample(
            "lstm-peephole",
            ["a_i, a_f = W_i· x + W_h· h₋ + b_· + p_· ⊙ c₋", "a_g = W_ig x + W_hg h₋ + b_g", "a_o = W_io x + W_ho h₋ + b_o + p_o ⊙ c",
                .. LstmLines],
            WorkedExamples.Network(new CellOptions { Peepholes = true }, hidden: 2, outputs: 1), new SquaredError(), weights,
            [new Vector(1), new Vector(-0.5)], [new Vector(0.5), new Vector(-0.5)])
        {
            Names = Names("ifgo"),
        };
    }

    internal static WorkedExample LearnedFirstState() => new(
        "first-state", ["a_· = W_i· x + W_h· h₋ + b_·, beginning with h₋ = h₀ and c₋ = c₀, which are parameters", .. LstmLines],
        WorkedExamples.Network(new CellOptions(), hidden: 1, outputs: 1, first: InitialState.Learned), new SquaredError(),
        new()
        {
            ["net.weight_ih_l0"] = [0.5, -0.4, 0.8, 0.3], ["net.weight_hh_l0"] = [0.2, 0.5, -0.6, 0.4], ["net.bias_ih_l0"] = [0, 1, 0.1, 0],
            ["net.h0_l0"] = [0.2], ["net.c0_l0"] = [-0.4], ["head.weight"] = [1], ["head.bias"] = [0],
        },
        [new Vector(1), new Vector(-0.5)], [null, new Vector(0.5)])
    {
        Names = Names("ifgo"),
    };

    internal static WorkedExample Gru()
    {
        //  in the study notes' form: [c₋; x], Γu = 1 − z; converted once, exactly
        NotesGru notes = new(
            M(2, 0.3, -0.4, 0.6, 0.2, 0.5, -0.7), M(2, 0.1, -0.1), M(2, -0.5, 0.2, 0.4, 0.3, -0.1, 0.8), M(2, 0.2, 0),
            M(2, 0.7, -0.3, 0.9, 0.4, 0.6, -0.5), M(2, 0, 0.1), M(2, 1, -1, 0.5, 2), M(2, 0, 0.1));
        Vector[] x = [new Vector(1), new Vector(-1), new Vector(2)];
        Vector[] labels = [new Vector(0), new Vector(1), new Vector(0)];
        Dictionary<string, double[]> weights = NotesLayout.ToPyTorch(notes).Where(pair => pair.Key != "bias_hh_l0")
            .ToDictionary(pair => $"net.{pair.Key}", pair => pair.Value);
        (weights["head.weight"], weights["head.bias"]) = ([1, -1, 0.5, 2], [0, 0.1]);
        return new WorkedExample(
            "gru",
            ["r, z = σ(a_r), σ(a_z), where a_· = W_i· x + W_h· h₋ + b_·", "n = tanh(a_n), where a_n = W_in x + W_hn (r ⊙ h₋) + b_n",
                "h = (1 − z) ⊙ n + z ⊙ h₋", "y = W_y h + b_y", "L = −ln softmax(y)_label"],
            WorkedExamples.Network(new CellOptions { Kind = "gru" }, hidden: 2, outputs: 2), new SoftmaxCrossEntropy(), weights, x, labels)
        {
            Names = Names("rzn"),
            Also = _ => WorkedNotesGru.Of(notes, x, labels),
        };
    }

    internal static WorkedExample GruAfter() => new(
        "gru-after",
        ["r, z = σ(a_r), σ(a_z), where a_· = W_i· x + b_i· + W_h· h₋ + b_h·", "hn = W_hn h₋ + b_hn",
            "n = tanh(a_n), where a_n = W_in x + b_in + r ⊙ hn",
            "h = (1 − z) ⊙ n + z ⊙ h₋", "y = W_y h + b_y", "L = −ln softmax(y)_label"],
        WorkedExamples.Network(new CellOptions { Kind = "gru-after" }, hidden: 2, outputs: 2), new SoftmaxCrossEntropy(),
        new()
        {
            ["net.weight_ih_l0"] = [0.6, -0.7, -0.4, -0.8, 0.9, -0.5],
            ["net.weight_hh_l0"] = [0.3, -0.4, 0.2, 0.5, 0.5, -0.2, -0.3, 0.1, 0.7, -0.3, 0.4, 0.6],
            ["net.bias_ih_l0"] = [0.1, -0.1, -0.2, 0, 0, 0.1], ["net.bias_hh_l0"] = [0, 0, 0, 0, 0.2, -0.3],
            ["head.weight"] = [1, -1, 0.5, 2], ["head.bias"] = [0, 0.1],
        },
        [new Vector(1), new Vector(-1), new Vector(2)], [new Vector(0), new Vector(1), new Vector(0)])
    {
        Names = new Dictionary<string, string>(Names("rzn")) { ["u_n"] = "hn", ["b_n"] = "b_in" },
    };

    //  PyTorch's: W_i·, W_h·
    private static Dictionary<string, string> Names(string gates) =>
        gates.SelectMany(gate => new[] { ($"W_{gate}", $"W_i{gate}"), ($"U_{gate}", $"W_h{gate}") }).ToDictionary();

    //  stacked i, f, g, o
    private static Dictionary<string, double[]> LstmWeights() => new()
    {
        ["net.weight_ih_l0"] = [0.5, -0.3, 0.2, 0.4, 0.8, -0.6, 0.3, 0.7],
        ["net.weight_hh_l0"] = [0.4, -0.2, 0.1, 0.3, -0.5, 0.2, 0.6, 0.1, 0.7, -0.4, 0.3, 0.5, 0.2, 0.6, -0.1, 0.4],
        ["net.bias_ih_l0"] = [0, 0.1, 1, 1, 0.1, 0, -0.1, 0.2],
        ["head.weight"] = [1, -0.5], ["head.bias"] = [0.1],
    };

    private static Matrix M(int rows, params double[] values) => new(values, 0, rows, values.Length / rows);
}
