using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>The residual recurrence: h = h₋ + g(W_ih x + W_hh h₋ + b), g tanh or logistic (study notes, S17 to S20).</summary>
public sealed class ResidualCell(CellOptions options) : IUnsaturated
{
    private readonly Squash _squash = options.Activation == "logistic" ? Squash.Logistic : Squash.Tanh;
    private readonly float _clip = options.GateLimit;

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

    /// <summary>The notes' (S17); PyTorch, ONNX and Keras have no such cell.</summary>
    public IReadOnlyList<GateConvention> OtherConventions => [new(GateConvention.Notes, "g")];

    /// <inheritdoc/>
    public CellDescription Description => field ??= new()
    {
        Slots =
        [
            new("g", "g, what is added", _squash == Squash.Logistic ? GateRange.Logistic : GateRange.Tanh, GateRole.Candidate)
            {
                AtLower = new("nearly the same value is added to the state at every step, and no gradient passes the activation", IsHarm: true),
                AtUpper = new("nearly the same value is added to the state at every step: it grows without bound", IsHarm: true),
            },
        ],
        Equations = [new("h = h₋ + g(W x + U h₋ + b)", "the state and output, added to at every step", "S17, S19, S20")],
    };

    //  δz = δh φ′max      δh₋ = δh
    /// <inheritdoc/>
    public void BackwardUnsaturated(int stage, in TileBack s)
    {
        float slope = _squash == Squash.Logistic ? LargestSlope.Sigmoid : LargestSlope.Tanh;
        for (int row = 0; row < s.DH.Rows; row++)
        {
            Span<float> dh = s.DH.Row(row), da = s.DA(0).Row(row), dhPrev = s.DHPrev.Row(row);
            for (int u = 0; u < dh.Length; u++) (da[u], dhPrev[u]) = (dh[u] * slope, dh[u]);
        }
    }
}
