using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>
/// Gated recurrent unit, reset before the product (Cho et al. 2014, arXiv:1406.1078, equations 5 to 8; notes S35, S36): what is reset is the old
/// state.
/// </summary>
/// <remarks>Not convertible to the reset-after form of PyTorch and cuDNN: see docs/gate-orders.md.</remarks>
public sealed class GruCell(CellOptions options) : ICell
{
    private readonly float _clip = options.GateLimit;

    /// <summary>Its line in the catalog.</summary>
    public static CellEntry Entry { get; } = new("gru", options => new GruCell(options))
    {
        Summary = "reset before the product, as Cho et al. 2014 wrote it",
        Choices = CellChoices.GateClip,
        Variants = [new("gru", new() { Kind = "gru" }), new("gru clipped gates", new() { Kind = "gru", GateClip = 0.4f })],
    };

    /// <inheritdoc/>
    public string Name => "gru";

    /// <inheritdoc/>
    public string Gates => "rzn";

    /// <inheritdoc/>
    public bool HasCellState => false;

    /// <inheritdoc/>
    public IReadOnlyList<string> Saved { get; } = ["r", "z", "n", "rh"];

    /// <inheritdoc/>
    public IReadOnlyList<Product> Products { get; } = [new("rz", "h"), new("n", "rh", Stage: 1)];

    /// <inheritdoc/>
    public int Stages => 2;

    /// <inheritdoc/>
    public int ExtraRows => 0;

    //  r = σ(a_r + W_hr h₋)     z = σ(a_z + W_hz h₋)                    stage 0
    //  n = tanh(a_n + W_hn (r ⊙ h₋))     h = (1 − z) ⊙ n + z ⊙ h₋       stage 1
    /// <inheritdoc/>
    public void Forward(int stage, in Tile s)
    {
        GruTile tile = new() { R = s.Saved(0), Z = s.Saved(1), N = s.Saved(2), Extra = s.Saved(3), HPrev = s.HPrev, H = s.H, GateClip = _clip };
        if (stage == 0) GruGates.ResetUpdate(tile);
        else GruGates.Candidate(tile);
    }

    //  stage 1:  δa_n, δa_z, δh₋ = δh ⊙ z      then, by the layer, δ(r ⊙ h₋) = W_hnᵀ δa_n
    //  stage 0:  δa_r, δh₋ += δ(r ⊙ h₋) ⊙ r    then, by the layer, δh₋ += W_hrᵀ δa_r + W_hzᵀ δa_z
    /// <inheritdoc/>
    public void Backward(int stage, in TileBack s)
    {
        GruTileBack tile = new()
        {
            Forward = new GruTile { R = s.Saved(0), Z = s.Saved(1), N = s.Saved(2), HPrev = s.HPrev, GateClip = _clip },
            DH = s.DH, DHPrev = s.DHPrev, DR = s.DA(0), DZ = s.DA(1), DN = s.DA(2), DExtra = s.DSource,
        };
        if (stage == 1) GruGates.CandidateBack(tile);
        else GruGates.ResetBack(tile);
    }

    /// <inheritdoc/>
    public void AddExtraGradients(in UnitRange s) { }
}
