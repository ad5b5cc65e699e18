namespace Unroll.Exchange.Onnx.Recurrent;

/// <summary>The recurrent operators of ONNX.</summary>
internal enum RecurrentOperator
{
    /// <summary>h = f(W x + R h₋ + b).</summary>
    Rnn,

    /// <summary>Gated recurrent unit.</summary>
    Gru,

    /// <summary>Long short-term memory.</summary>
    Lstm,
}

/// <summary>What is fixed for each recurrent operator, whatever a node says.</summary>
internal static class RecurrentOperators
{
    /// <summary>The operator of that name in ONNX's own domain, or null.</summary>
    public static RecurrentOperator? Of(string type) => type switch
    {
        "RNN" => RecurrentOperator.Rnn,
        "GRU" => RecurrentOperator.Gru,
        "LSTM" => RecurrentOperator.Lstm,
        _ => null,
    };

    /// <summary>The operator's name in ONNX.</summary>
    public static string Name(this RecurrentOperator op) => op switch
    {
        RecurrentOperator.Rnn => "RNN",
        RecurrentOperator.Gru => "GRU",
        _ => "LSTM",
    };

    /// <summary>The order in which W, R and each half of B stack the gates, in ONNX's letters.</summary>
    public static string Gates(this RecurrentOperator op) => op switch
    {
        RecurrentOperator.Rnn => "i",
        RecurrentOperator.Gru => "zrh",
        _ => "iofc",
    };

    /// <summary>The activations of one direction where a node names none: f, g, h.</summary>
    public static IReadOnlyList<ActivationKind> DefaultActivations(this RecurrentOperator op) => op switch
    {
        RecurrentOperator.Rnn => [ActivationKind.Tanh],
        RecurrentOperator.Gru => [ActivationKind.Sigmoid, ActivationKind.Tanh],
        _ => [ActivationKind.Sigmoid, ActivationKind.Tanh, ActivationKind.Tanh],
    };

    /// <summary>The names of the inputs, in order.</summary>
    public static IReadOnlyList<string> Inputs(this RecurrentOperator op) => op == RecurrentOperator.Lstm
        ? ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
        : ["X", "W", "R", "B", "sequence_lens", "initial_h"];

    /// <summary>The names of the outputs, in order.</summary>
    public static IReadOnlyList<string> Outputs(this RecurrentOperator op) =>
        op == RecurrentOperator.Lstm ? ["Y", "Y_h", "Y_c"] : ["Y", "Y_h"];
}
