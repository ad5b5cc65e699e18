using Unroll.Numerics;

namespace Unroll.Cells;

//  LN(p; α, β) = α ⊙ p̂ + β,  p̂ = (p − mean p) / √(variance of p + 10⁻⁵)       r and z together, n alone
//  (a_r, a_z) = LN(W_ih x; α_ih, b_ih) + LN(W_hh h₋; α_hh, b_hh)
//  hn = LN(W_hn h₋; α_hn, b_hn)      n = tanh(LN(W_in x; α_in, b_in) + σ(a_r) ⊙ hn)      h = (1 − σ(a_z)) ⊙ n + σ(a_z) ⊙ h₋

/// <summary>
/// Gated recurrent unit with layer normalization (Ba, Kiros, Hinton 2016, arXiv:1607.06450, supplement): reset after the product. Their
/// update gate is 1 − z: see docs/gate-orders.md.
/// </summary>
public sealed class LayerNormGruCell : IRowCell
{
    private const int R = 0, Z = 1, N = 2, Hn = 3, X = 4, U = 7, ScaleX = 10, ScaleXn = 11, ScaleU = 12, ScaleUn = 13;
    private const int DU = 3, DX = 6, DHn = 9;
    private const int BiasX = 0, BiasU = 3, GainX = 6, GainU = 9;

    /// <summary>Its line in the catalog.</summary>
    public static CellEntry Entry { get; } = new("gru-ln", _ => new LayerNormGruCell())
    {
        Summary = "gru-after with layer normalization",
        WhyNoGateClip = "layer normalization already keeps the arguments in bounds",
    };

    /// <inheritdoc/>
    public string Name => "gru-ln";

    /// <inheritdoc/>
    public string Gates => "rzn";

    /// <inheritdoc/>
    public bool HasCellState => false;

    /// <summary>
    /// The gates, hn; W_ih x and W_hh h₋ standardized, gate by gate; then 1/σ of each: of r and z, of n, the same for every unit of a row.
    /// </summary>
    public IReadOnlyList<string> Saved { get; } = ["r", "z", "n", "hn", "xr", "xz", "xn", "ur", "uz", "un", "sx", "sxn", "su", "sun"];

    /// <inheritdoc/>
    public IReadOnlyList<Product> Products { get; } = [new("rzn", "h", Into: "ur")];

    /// <inheritdoc/>
    public int Stages => 1;

    /// <inheritdoc/>
    public int ExtraRows => GainU + 3;

    /// <inheritdoc/>
    public string InputInto => "xr";

    /// <inheritdoc/>
    public IReadOnlyList<CellParameter> Parameters { get; } = 
        [new("gain_ih", 3, Initial: 1, PerGate: true), new("gain_hh", 3, Initial: 1, PerGate: true)];

    /// <summary>δ of hn.</summary>
    public IReadOnlyList<string> Deltas { get; } = ["hn"];

    /// <inheritdoc/>
    public void Forward(int stage, in Tile s)
    {
        RowNorm.Forward(s, X, 2, ScaleX);
        RowNorm.Forward(s, X + 2, 1, ScaleXn);
        RowNorm.Forward(s, U, 2, ScaleU);
        RowNorm.Forward(s, U + 2, 1, ScaleUn);
        for (int gate = 0; gate < 3; gate++)
        {
            LayerNormGates.Affine(s.Saved(X + gate), s.Extra(GainX + gate), s.Extra(BiasX + gate), s.Saved(gate), add: false);
            LayerNormGates.Affine(s.Saved(U + gate), s.Extra(GainU + gate), s.Extra(BiasU + gate), s.Saved(gate == N ? Hn : gate), add: gate != N);
        }
        GruGates.After(new GruTile
        {
            R = s.Saved(R), Z = s.Saved(Z), N = s.Saved(N), Extra = s.Saved(Hn), HPrev = s.HPrev, H = s.H, GateClip = float.PositiveInfinity,
        });
    }

    //  δa_r, δa_z, δa_n, δhn as without normalization      δ(W x): LN back of δa      δ(W h₋): LN back of δa_r, δa_z and of δhn
    /// <inheritdoc/>
    public void Backward(int stage, in TileBack s)
    {
        GruGates.AfterBack(new GruTileBack
        {
            Forward = new GruTile
            {
                R = s.Saved(R), Z = s.Saved(Z), N = s.Saved(N), Extra = s.Saved(Hn), HPrev = s.HPrev, GateClip = float.PositiveInfinity,
            },
            DH = s.DH, DHPrev = s.DHPrev, DR = s.DA(R), DZ = s.DA(Z), DN = s.DA(N), DExtra = s.DA(DHn),
        });
        for (int gate = 0; gate < 3; gate++)
        {
            LayerNormGates.Scaled(s.DA(gate), s.Extra(GainX + gate), s.DA(DX + gate));
            LayerNormGates.Scaled(s.DA(gate == N ? DHn : gate), s.Extra(GainU + gate), s.DA(DU + gate));
        }
        RowNorm.Backward(s, DX, 2, X, ScaleX);
        RowNorm.Backward(s, DX + 2, 1, X + 2, ScaleXn);
        RowNorm.Backward(s, DU, 2, U, ScaleU);
        RowNorm.Backward(s, DU + 2, 1, U + 2, ScaleUn);
    }

    //  δb += Σ δa      δα += Σ δa ⊙ p̂      of what the state brings to n with δhn
    /// <inheritdoc/>
    public void AddExtraGradients(in UnitRange s)
    {
        for (int gate = 0; gate < 3; gate++)
        {
            int recurrent = gate == N ? DHn : gate;
            MatrixViews.AddRowSums(s.DA(gate), s.DExtra(BiasX + gate).Row(0));
            MatrixViews.AddRowSums(s.DA(recurrent), s.DExtra(BiasU + gate).Row(0));
            LstmGates.AddPeepholeGradient(s.DA(gate), s.Saved(X + gate), s.DExtra(GainX + gate));
            LstmGates.AddPeepholeGradient(s.DA(recurrent), s.Saved(U + gate), s.DExtra(GainU + gate));
        }
    }

    /// <summary>As <c>gru-after</c>. Turning z turns the signs of its gains and biases alone, because r and z are standardized together.</summary>
    public GateConvention Convention => new(GateConvention.Ours, Gates, ResetPlace.AfterProduct, UpdatePolarity.KeepsPast);

    /// <inheritdoc/>
    public CellDescription Description => field ??= new()
    {
        Slots =
        [
            .. GruCell.GateSlots, .. RowNorm.Slots(Gates), new("hn", "LN(U_n h₋), before the reset") { Enters = 'n', Times = 'r' },
            new("sx", "1/σ of W x, r and z"), new("sxn", "1/σ of W x, n"), new("su", "1/σ of U h₋, r and z"), new("sun", "1/σ of U h₋, n"),
        ],
        Memory = new('z'),
        Equations =
        [
            new("r, z = σ(LN(W x) + LN(U h₋))", "what the candidate sees of the past, and how much of it is kept", "S35, S37"),
            new("LN(p) = α ⊙ (p − mean p)/σ + β", "over all units, of r and z together, of n alone"),
            new("n = tanh(LN(W_n x) + r ⊙ LN(U_n h₋))", "the candidate, reset after the product"),
            new("h = (1 − z) ⊙ n + z ⊙ h₋", "the state and output; its direct path backward is z", "S36, S45"),
        ],
    };
}
