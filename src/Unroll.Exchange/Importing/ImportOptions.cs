namespace Unroll.Exchange.Importing;

/// <summary>What a file of weights does not say about its network, or says in more than one way.</summary>
public sealed record ImportOptions
{
    /// <summary>What the names of the tensors begin with, such as <c>encoder.</c>; null: all of them are taken.</summary>
    public string? Prefix { get; init; }

    /// <summary>The name of the embedding; <see cref="None"/>: there is none; null: found by the shapes.</summary>
    public string? Embedding { get; init; }

    /// <summary>The names of the recurrent modules, from input to output; empty: found by the shapes.</summary>
    public IReadOnlyList<string> Recurrent { get; init; } = [];

    /// <summary>The names of the modules above them, from input to output; <see cref="None"/> alone: there are none; empty: found by the
    /// shapes.</summary>
    public IReadOnlyList<string> Heads { get; init; } = [];

    /// <summary>The cell, where the number of gates does not decide: the kind by its name; null: as PyTorch has it.</summary>
    public string? Cell { get; init; }

    /// <summary>The activation of an <c>nn.RNN</c>, <c>tanh</c> or <c>relu</c>; null: what the file says, else <c>tanh</c>.</summary>
    public string? Activation { get; init; }

    /// <summary>What follows each linear module that another one follows: <c>none</c> or <c>relu</c>; null: not known.</summary>
    public string? Between { get; init; }

    /// <summary>
    /// What becomes of the steps above the last recurrent module: <c>none</c>, a row for each; <c>last</c>, the last step alone; <c>states</c>, of
    /// both
    /// directions the step that each read last; <c>mean</c>, <c>max</c>. Null: none.
    /// </summary>
    public string? Pooling { get; init; }

    /// <summary>For Keras's weights alone, the file with the configuration of their model; null: the file of weights has it.</summary>
    public string? ModelConfig { get; init; }

    /// <summary>
    /// Of an ONNX graph whose GRUs reset before the product: where they were meant to; null: as they stand, with a warning where PyTorch's
    /// exporter may have got it wrong.
    /// </summary>
    public Cells.ResetPlace? GruReset { get; init; }

    /// <summary>For <see cref="Embedding"/> and <see cref="Heads"/>: there is no such module.</summary>
    public const string None = "none";
}
