using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>The vanilla recurrent network: h = tanh(W_ih x + W_hh h₋ + b), or relu (Elman 1990; notes S02 to S05).</summary>
public sealed class RnnCell(CellOptions options) : IUnsaturated
{
    private readonly Squash _squash = options.Activation == "relu" ? Squash.Relu : Squash.Tanh;
    private readonly float _clip = options.GateLimit;

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

    /// <inheritdoc/>
    public IReadOnlyList<GateConvention> OtherConventions =>
        [new(GateConvention.PyTorch, "a"), new(GateConvention.Onnx, "a"), new(GateConvention.Keras, "a"), new(GateConvention.Notes, "a")];

    /// <inheritdoc/>
    public CellDescription Description => field ??= new()
    {
        Slots = [new("a", "a = h, output", _squash == Squash.Relu ? GateRange.Unbounded : GateRange.Tanh, GateRole.State)],
        StartsAsIdentity = _squash == Squash.Relu,
        Equations = [new("h = a = φ(W x + U h₋ + b)", "the state and output, rewritten at every step", "S02, S05, S16")],
    };

    //  δz = δh φ′max      δh₋ = 0
    /// <inheritdoc/>
    public void BackwardUnsaturated(int stage, in TileBack s)
    {
        for (int row = 0; row < s.DH.Rows; row++)
        {
            Span<float> dh = s.DH.Row(row), da = s.DA(0).Row(row), dhPrev = s.DHPrev.Row(row);
            for (int u = 0; u < dh.Length; u++) (da[u], dhPrev[u]) = (dh[u] * LargestSlope.Tanh, 0);
        }
    }
}
