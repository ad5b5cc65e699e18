using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>
/// Gated recurrent unit, reset after the product, with a second bias inside it: the form of PyTorch, cuDNN and ONNX <c>linear_before_reset = 1</c>;
/// what is reset is W_hn h₋ + b_hn.
/// </summary>
/// <remarks>Not convertible to the reset-before form of the notes: see docs/gate-orders.md.</remarks>
public sealed class GruAfterCell(CellOptions options) : IUnsaturated
{
    private readonly float _clip = options.GateLimit;

    /// <summary>Its line in the catalog.</summary>
    public static CellEntry Entry { get; } = new("gru-after", options => new GruAfterCell(options))
    {
        Summary = "reset after the product, as in PyTorch, cuDNN and by default in Keras",
        Choices = CellChoices.GateClip,
        Variants =
        [
            new("gru-after", new() { Kind = "gru-after" }), new("gru-after clipped gates", new() { Kind = "gru-after", GateClip = 0.4f }),
        ],
    };

    /// <inheritdoc/>
    public string Name => "gru-after";

    /// <inheritdoc/>
    public string Gates => "rzn";

    /// <inheritdoc/>
    public bool HasCellState => false;

    /// <inheritdoc/>
    public IReadOnlyList<string> Saved { get; } = ["r", "z", "n", "hn"];

    /// <inheritdoc/>
    public IReadOnlyList<Product> Products { get; } = [new("rz", "h"), new("n", "h", Into: "hn")];

    /// <inheritdoc/>
    public int Stages => 1;

    /// <inheritdoc/>
    public int ExtraRows => 0;

    //  r = σ(a_r + W_hr h₋)     z = σ(a_z + W_hz h₋)     n = tanh(a_n + r ⊙ (W_hn h₋ + b_hn))     h = (1 − z) ⊙ n + z ⊙ h₋
    /// <inheritdoc/>
    public void Forward(int stage, in Tile s) =>
        GruGates.After(new GruTile
        {
            R = s.Saved(0), Z = s.Saved(1), N = s.Saved(2), Extra = s.Saved(3), HPrev = s.HPrev, H = s.H, GateClip = _clip,
        });

    //  δa_r, δa_z, δa_n and δ(hn) = δa_n ⊙ r, which the layer carries through W_hn
    /// <inheritdoc/>
    public void Backward(int stage, in TileBack s) => GruGates.AfterBack(new GruTileBack
    {
        Forward = new GruTile { R = s.Saved(0), Z = s.Saved(1), N = s.Saved(2), Extra = s.Saved(3), HPrev = s.HPrev, GateClip = _clip },
        DH = s.DH, DHPrev = s.DHPrev, DR = s.DA(0), DZ = s.DA(1), DN = s.DA(2), DExtra = s.DA(3),
    });

    /// <inheritdoc/>
    public void AddExtraGradients(in UnitRange s) { }

    /// <inheritdoc/>
    public GateConvention Convention => new(GateConvention.Ours, Gates, ResetPlace.AfterProduct, UpdatePolarity.KeepsPast);

    /// <summary>The notes have no such cell.</summary>
    public IReadOnlyList<GateConvention> OtherConventions =>
    [
        new(GateConvention.PyTorch, "rzn", ResetPlace.AfterProduct, UpdatePolarity.KeepsPast),
        new(GateConvention.Onnx, "zrn", ResetPlace.AfterProduct, UpdatePolarity.KeepsPast),              // linear_before_reset = 1
        new(GateConvention.Keras, "zrn", ResetPlace.AfterProduct, UpdatePolarity.KeepsPast),             // reset_after = True, its default
    ];

    /// <inheritdoc/>
    public CellDescription Description => field ??= new()
    {
        Slots = [.. GruCell.GateSlots, new("hn", "W_hn h₋ + b_hn, before the reset") { Enters = 'n', Times = 'r' }],
        Memory = new('z'),
        Equations =
        [
            new("r = σ(W_r x + U_r h₋ + b_r)", "how much of the past the candidate sees", "S35, S46"),
            new("z = σ(W_z x + U_z h₋ + b_z)", "how much of the past is kept (1 − Γu of the study notes)", "S37"),
            new("n = tanh(W_n x + r ⊙ (U_n h₋ + b_hn) + b_n)", "the candidate, reset after the product"),
            new("h = (1 − z) ⊙ n + z ⊙ h₋", "the state and output; its direct path backward is z", "S36, S45"),
        ],
    };

    //  as gru's candidate, and      δhn = δa_n ⊙ r      δa_r = ¼ δa_n ⊙ hn
    /// <inheritdoc/>
    public void BackwardUnsaturated(int stage, in TileBack s)
    {
        GruCell.CandidateUnsaturated(s);
        for (int row = 0; row < s.DH.Rows; row++)
        {
            Span<float> r = s.Saved(0).Row(row), hn = s.Saved(3).Row(row), dn = s.DA(2).Row(row), dr = s.DA(0).Row(row), dhn = s.DA(3).Row(row);
            for (int u = 0; u < dn.Length; u++) (dr[u], dhn[u]) = (dn[u] * hn[u] * LargestSlope.Sigmoid, dn[u] * r[u]);
        }
    }
}
