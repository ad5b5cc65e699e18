using Unroll.Numerics;

namespace Unroll.Cells;

/// <summary>
/// Gated recurrent unit, reset before the product (Cho et al. 2014, arXiv:1406.1078, equations 5 to 8; notes S35, S36): what is reset is the old
/// state.
/// </summary>
/// <remarks>Not convertible to the reset-after form of PyTorch and cuDNN: see docs/gate-orders.md.</remarks>
public sealed class GruCell(CellOptions options) : IUnsaturated
{
    private readonly float _clip = options.GateLimit;

    /// <summary>Its line in the catalog.</summary>
    public static CellEntry Entry { get; } = new("gru", options => new GruCell(options))
    {
        Summary = "reset before the product, as in Cho et al. 2014",
        Choices = CellChoices.GateClip,
        Variants = [new("gru", new() { Kind = "gru" }), new("gru clipped gates", new() { Kind = "gru", GateClip = 0.4f })],
    };

    /// <summary>What r, z and n are, in every GRU of this library.</summary>
    internal static IReadOnlyList<SlotDescription> GateSlots { get; } =
    [
        new("r", "r, reset gate", GateRange.Logistic, GateRole.Resets)
        {
            AtLower = new("the candidate sees only the input and nothing of the past", IsHarm: true),
            AtUpper = new("the candidate always sees the whole past, as in a plain RNN", IsHarm: false),
        },
        new("z", "z, update gate (1 keeps the past)", GateRange.Logistic, GateRole.Keeps)
        {
            AtLower = new("the state is replaced by the candidate at every step: nothing is kept, as in a plain RNN", IsHarm: true),
            AtUpper = new("the state is copied from step to step: nothing new comes in", IsHarm: true),
        },
        new("n", "n, candidate", GateRange.Tanh, GateRole.Candidate),
    ];

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
            DH = s.DH, DHPrev = s.DHPrev, DR = s.DA(0), DZ = s.DA(1), DN = s.DA(2), DExtra = s.DSource(),
        };
        if (stage == 1) GruGates.CandidateBack(tile);
        else GruGates.ResetBack(tile);
    }

    /// <inheritdoc/>
    public void AddExtraGradients(in UnitRange s) { }

    /// <inheritdoc/>
    public GateConvention Convention => new(GateConvention.Ours, Gates, ResetPlace.BeforeProduct, UpdatePolarity.KeepsPast);

    /// <summary>PyTorch and cuDNN have no such cell.</summary>
    public IReadOnlyList<GateConvention> OtherConventions =>
    [
        new(GateConvention.Onnx, "zrn", ResetPlace.BeforeProduct, UpdatePolarity.KeepsPast),             // linear_before_reset = 0
        new(GateConvention.Keras, "zrn", ResetPlace.BeforeProduct, UpdatePolarity.KeepsPast),            // reset_after = False
        new(GateConvention.Notes, "rzn", ResetPlace.BeforeProduct, UpdatePolarity.TakesCandidate),
    ];

    /// <inheritdoc/>
    public CellDescription Description => field ??= new()
    {
        Slots = [.. GateSlots, new("rh", "r ⊙ h₋")],
        Memory = new('z'),
        Equations =
        [
            new("r = σ(W_r x + U_r h₋ + b_r)", "how much of the past the candidate sees", "S35, S36, S46"),
            new("z = σ(W_z x + U_z h₋ + b_z)", "how much of the past is kept (1 − Γu of the study notes)", "S36, S37"),
            new("n = tanh(W_n x + U_n (r ⊙ h₋) + b_n)", "the candidate, reset before the product", "S36"),
            new("h = (1 − z) ⊙ n + z ⊙ h₋", "the state and output; its direct path backward is z", "S36, S45"),
        ],
    };

    /// <inheritdoc/>
    public void BackwardUnsaturated(int stage, in TileBack s)
    {
        if (stage == 1) CandidateUnsaturated(s);
        else ResetUnsaturated(s);
    }

    //  δa_n = δh ⊙ (1 − z)      δa_z = ¼ δh ⊙ (h₋ − n)      δh₋ = δh ⊙ z
    internal static void CandidateUnsaturated(in TileBack s)
    {
        for (int row = 0; row < s.DH.Rows; row++)
        {
            Span<float> z = s.Saved(1).Row(row), n = s.Saved(2).Row(row), before = s.HPrev.Row(row);
            Span<float> dh = s.DH.Row(row), dz = s.DA(1).Row(row), dn = s.DA(2).Row(row), dhPrev = s.DHPrev.Row(row);
            for (int u = 0; u < dh.Length; u++)
            {
                dn[u] = dh[u] * (1 - z[u]) * LargestSlope.Tanh;
                dz[u] = dh[u] * (before[u] - n[u]) * LargestSlope.Sigmoid;
                dhPrev[u] = dh[u] * z[u];
            }
        }
    }

    //  δa_r = ¼ δrh ⊙ h₋      δh₋ += δrh ⊙ r
    private static void ResetUnsaturated(in TileBack s)
    {
        for (int row = 0; row < s.DH.Rows; row++)
        {
            Span<float> r = s.Saved(0).Row(row), before = s.HPrev.Row(row), drh = s.DSource().Row(row), dr = s.DA(0).Row(row),
                dhPrev = s.DHPrev.Row(row);
            for (int u = 0; u < drh.Length; u++)
                (dr[u], dhPrev[u]) = (drh[u] * before[u] * LargestSlope.Sigmoid, dhPrev[u] + drh[u] * r[u]);
        }
    }
}
