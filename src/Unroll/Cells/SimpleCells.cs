using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>The vanilla recurrent network: h = tanh(W_ih x + W_hh h₋ + b), or relu (Elman 1990; notes S02 to S05).</summary>
public sealed class RnnCell(CellOptions options) : ICell
{
    private readonly Squash _squash = options.Activation == "relu" ? Squash.Relu : Squash.Tanh;
    private readonly float _clip = options.GateLimit;

    /// <summary>Its activation.</summary>
    internal Squash Activation => _squash;

    /// <summary>Its line in the catalog.</summary>
    public static CellEntry Entry { get; } = new("rnn", options => new RnnCell(options))
    {
        Summary = "without gates (Elman)",
        Choices = CellChoices.GateClip,
        Activations = ["tanh", "relu"],
        Variants =
        [
            new("rnn", new() { Kind = "rnn" }), new("rnn relu", new() { Kind = "rnn", Activation = "relu" }),
            new("rnn clipped gates", new() { Kind = "rnn", GateClip = 0.4f }),
        ],
    };

    /// <inheritdoc/>
    public string Name => "rnn";

    /// <inheritdoc/>
    public string Gates => "a";

    /// <inheritdoc/>
    public bool HasCellState => false;

    /// <inheritdoc/>
    public IReadOnlyList<string> Saved { get; } = ["a"];

    /// <inheritdoc/>
    public IReadOnlyList<Product> Products { get; } = [new("a", "h")];

    /// <inheritdoc/>
    public int Stages => 1;

    /// <inheritdoc/>
    public int ExtraRows => 0;

    /// <inheritdoc/>
    public void Forward(int stage, in Tile s) => SimpleGates.Forward(s.Saved(0), s.HPrev, s.H, _squash, residual: false, _clip);

    /// <inheritdoc/>
    public void Backward(int stage, in TileBack s) => SimpleGates.Backward(s.Saved(0), s.DH, s.DA(0), s.DHPrev, _squash, residual: false, _clip);

    /// <inheritdoc/>
    public void AddExtraGradients(in UnitRange s) { }
}

/// <summary>The residual recurrence: h = h₋ + g(W_ih x + W_hh h₋ + b), g tanh or logistic (notes S17 to S20).</summary>
public sealed class ResidualCell(CellOptions options) : ICell
{
    private readonly Squash _squash = options.Activation == "logistic" ? Squash.Logistic : Squash.Tanh;
    private readonly float _clip = options.GateLimit;

    /// <summary>Its activation.</summary>
    internal Squash Activation => _squash;

    /// <summary>Its line in the catalog.</summary>
    public static CellEntry Entry { get; } = new("residual", options => new ResidualCell(options))
    {
        Summary = "adds to its state at every step",
        Choices = CellChoices.GateClip,
        Activations = ["tanh", "logistic"],
        Variants =
        [
            new("residual", new() { Kind = "residual" }), new("residual logistic", new() { Kind = "residual", Activation = "logistic" }),
        ],
    };

    /// <inheritdoc/>
    public string Name => "residual";

    /// <inheritdoc/>
    public string Gates => "g";

    /// <inheritdoc/>
    public bool HasCellState => false;

    /// <inheritdoc/>
    public IReadOnlyList<string> Saved { get; } = ["g"];

    /// <inheritdoc/>
    public IReadOnlyList<Product> Products { get; } = [new("g", "h")];

    /// <inheritdoc/>
    public int Stages => 1;

    /// <inheritdoc/>
    public int ExtraRows => 0;

    /// <inheritdoc/>
    public void Forward(int stage, in Tile s) => SimpleGates.Forward(s.Saved(0), s.HPrev, s.H, _squash, residual: true, _clip);

    /// <inheritdoc/>
    public void Backward(int stage, in TileBack s) => SimpleGates.Backward(s.Saved(0), s.DH, s.DA(0), s.DHPrev, _squash, residual: true, _clip);

    /// <inheritdoc/>
    public void AddExtraGradients(in UnitRange s) { }
}
