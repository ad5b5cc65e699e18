using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Inspection.Worked;

/// <summary>The worked examples: one for each page of <c>docs/gradients</c> that derives a cell, a layer or a loss by steps.</summary>
public static class WorkedExamples
{
    // the study notes' letters (S02)
    private static readonly Dictionary<string, string> s_notesRnn =
        new() { ["h"] = "a", ["a_h"] = "z", ["W"] = "W_ax", ["U"] = "W_aa", ["b"] = "b_a" };

    /// <summary>Every name, in the order in which they are best read.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["rnn", "softmax-cross-entropy", "residual", "lstm", "lstm-peephole", "gru", "gru-after", "bidirectional", "first-state"];

    /// <summary>The example of that name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="UserErrorException">There is no such example.</exception>
    public static WorkedExample Find(string name) => name switch
    {
        "rnn" => Rnn(),
        "softmax-cross-entropy" => Softmax(),
        "residual" => Residual(),
        "lstm" => WorkedGates.Lstm(),
        "lstm-peephole" => WorkedGates.PeepholeLstm(),
        "gru" => WorkedGates.Gru(),
        "gru-after" => WorkedGates.GruAfter(),
        "bidirectional" => Bidirectional(),
        "first-state" => WorkedGates.LearnedFirstState(),
        _ => throw new UserErrorException(
            $"worked example: expected one of {string.Join(", ", Names)}, got '{name}'{NearestName.Question(name, Names)}"),
    };

    private static WorkedExample Rnn() => new(
        "rnn",
        ["z = W_ax x + W_aa a₋ + b_a", "a = tanh(z)", "y = W_y a + b_y", "L = −ln softmax(y)_label"],
        Network(new CellOptions { Kind = "rnn" }, hidden: 2, outputs: 2), new SoftmaxCrossEntropy(),
        new()
        {
            ["net.weight_ih_l0"] = [0.5, -0.3], ["net.weight_hh_l0"] = [0.4, -0.2, 0.6, 0.1], ["net.bias_ih_l0"] = [0.1, 0.2],
            ["head.weight"] = [1, -1, 0.5, 2], ["head.bias"] = [0, 0.1],
        },
        [new Vector(1), new Vector(-1), new Vector(2)], [new Vector(0), new Vector(1), new Vector(0)])
    {
        Names = s_notesRnn,
    };

    private static WorkedExample Softmax() => new(
        "softmax-cross-entropy",
        ["ŷ = softmax(y)", "L = −ln ŷ_label = (max y − y_label) + ln Σ e^(y − max y)"],
        new NetworkSpec(3, []), new SoftmaxCrossEntropy(), [],
        [new Vector(1, 2, 0.5), new Vector(1000, 1001, 999), new Vector(0.2, 0.1, -0.3)], [new Vector(1), new Vector(0), new Vector(-1)]);

    private static WorkedExample Residual() => new(
        "residual",
        ["z = U h₋ + W x + b", "g = tanh(z)", "h = h₋ + g", "y = W_y h + b_y", "L = (y − target)²"],
        Network(new CellOptions { Kind = "residual" }, hidden: 2, outputs: 1), new SquaredError(),
        new()
        {
            ["net.weight_ih_l0"] = [0.5, -0.3], ["net.weight_hh_l0"] = [0.4, -0.2, 0.6, 0.1], ["net.bias_ih_l0"] = [0.1, 0.2],
            ["head.weight"] = [1, -0.5], ["head.bias"] = [0.1],
        },
        [new Vector(1), new Vector(-1), new Vector(0.5)], [new Vector(0.5), new Vector(0), new Vector(1)])
    {
        Names = new Dictionary<string, string> { ["a_g"] = "z" },
        Also = WorkedJacobian.Of,
    };

    private static WorkedExample Bidirectional() => new(
        "bidirectional",
        ["a→⟨t⟩ = tanh(W_ax→ x + W_aa→ a→⟨t−1⟩ + b_a→)", "a←⟨t⟩ = tanh(W_ax← x + W_aa← a←⟨t+1⟩ + b_a←)", "y = W_y [a→; a←] + b_y",
            "L = −ln softmax(y)_label"],
        Network(new CellOptions { Kind = "rnn" }, hidden: 1, outputs: 2, Direction.Bidirectional), new SoftmaxCrossEntropy(),
        new()
        {
            ["net.weight_ih_l0"] = [0.5], ["net.weight_hh_l0"] = [0.8], ["net.bias_ih_l0"] = [0.1],
            ["net.weight_ih_l0_reverse"] = [-0.4], ["net.weight_hh_l0_reverse"] = [0.6], ["net.bias_ih_l0_reverse"] = [0.2],
            ["head.weight"] = [1, -1, 0.5, 2], ["head.bias"] = [0, 0.1],
        },
        [new Vector(1), new Vector(-1), new Vector(2)], [new Vector(0), new Vector(1), new Vector(0)])
    {
        Names = s_notesRnn,
    };

    internal static NetworkSpec Network(
        CellOptions cell, int hidden, int outputs, Direction direction = Direction.Forward, InitialState first = InitialState.Zero) =>
        new(1, [new RecurrentSpec { Name = "net", Cell = cell, Hidden = hidden, Direction = direction, InitialState = first },
            new DenseSpec { Name = "head", Outputs = outputs }]);
}
