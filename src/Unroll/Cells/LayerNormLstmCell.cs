using Unroll.Numerics;

namespace Unroll.Cells;

//  LN(p; α, β) = α ⊙ p̂ + β,  p̂ = (p − mean p) / √(variance of p + 10⁻⁵)       over all units of the row, of all four gates together
//  (a_i, a_f, a_g, a_o) = LN(W_ih x; α_ih, b_ih) + LN(W_hh h₋; α_hh, b_hh)
//  c = σ(a_f) ⊙ c₋ + σ(a_i) ⊙ tanh(a_g)      m = tanh(LN(c; α_c, b_c))      h = σ(a_o) ⊙ m

/// <summary>
/// Long short-term memory with layer normalization (Ba, Kiros, Hinton 2016, arXiv:1607.06450, equations 20 to 22). Their bias b beside the two β is
/// left out: the three are only ever added.
/// </summary>
public sealed class LayerNormLstmCell : IRowCell
{
    private const int I = 0, F = 1, G = 2, O = 3, M = 4, Normal = 5, X = 6, U = 10, ScaleX = 14, ScaleU = 15, ScaleC = 16;
    private const int DU = 4, DX = 8, DM = 12, DThroughH = 13;
    private const int BiasX = 0, BiasU = 4, GainX = 8, GainU = 12, GainC = 16, BiasC = 17;

    /// <summary>Its line in the catalog.</summary>
    public static CellEntry Entry { get; } = new("lstm-ln", _ => new LayerNormLstmCell())
    {
        Summary = "lstm with layer normalization",
        WhyNoGateClip = "layer normalization already keeps the arguments in bounds",
    };

    /// <inheritdoc/>
    public string Name => "lstm-ln";

    /// <inheritdoc/>
    public string Gates => "ifgo";

    /// <inheritdoc/>
    public bool HasCellState => true;

    /// <summary>
    /// The gates, m, ĉ; W_ih x and W_hh h₋ standardized, gate by gate; then 1/σ of each of the three, the same for every unit of a row.
    /// </summary>
    public IReadOnlyList<string> Saved { get; } =
        ["i", "f", "g", "o", "m", "nc", "xi", "xf", "xg", "xo", "ui", "uf", "ug", "uo", "sx", "su", "sc"];

    /// <inheritdoc/>
    public IReadOnlyList<Product> Products { get; } = [new("ifgo", "h", Into: "ui")];

    /// <inheritdoc/>
    public int Stages => 1;

    /// <inheritdoc/>
    public int ExtraRows => BiasC + 1;

    /// <inheritdoc/>
    public string InputInto => "xi";

    /// <inheritdoc/>
    public IReadOnlyList<CellParameter> Parameters { get; } = 
    [
        new("gain_ih", 4, Initial: 1, PerGate: true), new("gain_hh", 4, Initial: 1, PerGate: true), new("gain_c", 1, Initial: 1), new("bias_c", 1),
    ];

    /// <summary>δ of LN(c), and what h sends to c.</summary>
    public IReadOnlyList<string> Deltas { get; } = ["m", "c"];

    /// <inheritdoc/>
    public void Forward(int stage, in Tile s)
    {
        RowNorm.Forward(s, X, 4, ScaleX);
        RowNorm.Forward(s, U, 4, ScaleU);
        for (int gate = 0; gate < 4; gate++)
        {
            LayerNormGates.Affine(s.Saved(X + gate), s.Extra(GainX + gate), s.Extra(BiasX + gate), s.Saved(gate), add: false);
            LayerNormGates.Affine(s.Saved(U + gate), s.Extra(GainU + gate), s.Extra(BiasU + gate), s.Saved(gate), add: true);
        }
        LayerNormLstmTile tile = TileOf(s);
        LayerNormGates.Cell(tile);
        RowNorm.Forward(s, Normal, 1, ScaleC);
        LayerNormGates.Output(tile);
    }

    //  δLN(c) = δh ⊙ o ⊙ (1 − m²)      δc = δc₊ + [through h: LN back of δLN(c)]      gates as the plain LSTM's      δ(W x), δ(W h₋): LN back of δa
    /// <inheritdoc/>
    public void Backward(int stage, in TileBack s)
    {
        MatrixViews.Clear(s.DHPrev);                                          // every path from h₋ leads through a product
        LayerNormLstmTileBack tile = new()
        {
            Forward = new LayerNormLstmTile
            {
                I = s.Saved(I), F = s.Saved(F), G = s.Saved(G), O = s.Saved(O), M = s.Saved(M), Normal = s.Saved(Normal), CPrev = s.CPrev, C = s.C,
                Gain = s.Extra(GainC), Bias = s.Extra(BiasC),
            },
            DH = s.DH, DC = s.DC, DI = s.DA(I), DF = s.DA(F), DG = s.DA(G), DO = s.DA(O), DM = s.DA(DM), DThroughH = s.DA(DThroughH),
        };
        LayerNormGates.OutputBack(tile);
        RowNorm.Backward(s, DThroughH, 1, Normal, ScaleC);
        LayerNormGates.CellBack(tile);
        for (int gate = 0; gate < 4; gate++)
        {
            LayerNormGates.Scaled(s.DA(gate), s.Extra(GainX + gate), s.DA(DX + gate));
            LayerNormGates.Scaled(s.DA(gate), s.Extra(GainU + gate), s.DA(DU + gate));
        }
        RowNorm.Backward(s, DX, 4, X, ScaleX);
        RowNorm.Backward(s, DU, 4, U, ScaleU);
    }

    //  δb += Σ δa      δα_ih += Σ δa ⊙ p̂      δα_c += Σ δLN(c) ⊙ ĉ      δb_c += Σ δLN(c)
    /// <inheritdoc/>
    public void AddExtraGradients(in UnitRange s)
    {
        for (int gate = 0; gate < 4; gate++)
        {
            MatrixViews.AddRowSums(s.DA(gate), s.DExtra(BiasX + gate).Row(0));
            MatrixViews.AddRowSums(s.DA(gate), s.DExtra(BiasU + gate).Row(0));
            LstmGates.AddPeepholeGradient(s.DA(gate), s.Saved(X + gate), s.DExtra(GainX + gate));
            LstmGates.AddPeepholeGradient(s.DA(gate), s.Saved(U + gate), s.DExtra(GainU + gate));
        }
        LstmGates.AddPeepholeGradient(s.DA(DM), s.Saved(Normal), s.DExtra(GainC));
        MatrixViews.AddRowSums(s.DA(DM), s.DExtra(BiasC).Row(0));
    }

    /// <inheritdoc/>
    public CellDescription Description => field ??= new()
    {
        Slots =
        [
            .. LstmCell.GateSlots, .. RowNorm.Slots(Gates),
            new("m", "m = tanh(LN(c))", GateRange.Tanh, GateRole.Shown), new("nc", "ĉ, c standardized"),
            new("sc", "1/σ of c"), new("sx", "1/σ of W x"), new("su", "1/σ of U h₋"),
        ],
        Memory = new('f') { TakesForgetBias = true, Admits = 'i' },
        Equations =
        [
            new("i, f, o = σ(LN(W x) + LN(U h₋)),  g = tanh(…)", "what comes in, what is kept, what is shown, the candidate", "S23, S25"),
            new("LN(p) = α ⊙ (p − mean p)/σ + β", "over all units of all four gates together"),
            new("c = f ⊙ c₋ + i ⊙ g", "the cell state; its direct path backward is f", "S22, S30"),
            new("m = tanh(LN(c)),  h = o ⊙ m", "the output; c itself is carried over unchanged", "S23, S24"),
        ],
    };

    private static LayerNormLstmTile TileOf(in Tile s) => new()
    {
        I = s.Saved(I), F = s.Saved(F), G = s.Saved(G), O = s.Saved(O), M = s.Saved(M), Normal = s.Saved(Normal), CPrev = s.CPrev, C = s.C, H = s.H,
        Gain = s.Extra(GainC), Bias = s.Extra(BiasC),
    };
}
