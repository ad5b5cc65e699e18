using Unroll.Cells;
using Unroll.Cells.Definitions;

namespace Unroll.Tests.Layers;

//  stage 0   i, f, o, k = σ      g, q = tanh      s = f ⊙ h₋         k also of V c₋, q also of (A − Aᵀ) h₋ and of the number β alone
//  stage 1   z = tanh (… + U s + β)      c = k ⊙ c₋ + i ⊙ z + α q      m = f ⊙ m₋ + i ⊙ g + p ⊙ c₋
//  stage 2   r = tanh (M m + Uᵀ s)       h = o ⊙ tanh c + (1 − o) ⊙ r + k ⊙ x

/// <summary>
/// A cell with what no built-in one has: three states, more gates than a tile has, a matrix of another state, of one of this step, of a slot in two
/// stages, transposed, antisymmetric; numbers; an argument fed by two stages; x unit by unit.
/// </summary>
internal sealed class PlannedSketch(bool readsInput = true) : IPlannedCell
{
    private const int I = 0, F = 1, G = 2, O = 3, K = 4, Z = 5, Q = 6, S = 7, R = 8, TanhC = 9;
    private const int DR = 7, DX = 8, DC = 9, DM = 10, DK = 11, DF = 12;

    public string Name => "planned";
    public string Gates => "";
    public bool HasCellState => true;
    public IReadOnlyList<string> Saved { get; } = ["i", "f", "g", "o", "k", "z", "q", "s", "r", "tc"];
    public IReadOnlyList<Product> Products => [];
    public int Stages => 3;
    public int ExtraRows => 2;

    public StepPlan Plan { get; init; } = new()
    {
        States = [new("h"), new("c", Initial: 0.5f), new("m", Initial: -0.25f)],
        Matrices =
        [
            new("weight_ih", 6, new(SourceKind.Input)), new("weight_hh", 7, new(SourceKind.Before)), new("V", 1, new(SourceKind.Before, 1)),
            new("A", 1, new(SourceKind.Before)), new("U", 1, new(SourceKind.Saved, S)), new("M", 1, new(SourceKind.After, 2)),
        ],
        Vectors = [new("b", 6), new("beta", 1) { IsScalar = true }, new("p", 1, 0.5f) { IsExtra = true },
            new("alpha", 1, 0.75f) { IsExtra = true, IsScalar = true }],
        Arguments =
        [
            new(I, I, (0, 0)), new(F, F, (0, 1)), new(G, G, (0, 2)), new(O, O, (0, 3)), new(K, K, (0, 4)), new(Z, Z, (0, 5), (1, 0)),
            new(Q, Q, (1, 0)), new(R, DR),
        ],
        Products =
        [
            new(0, 0, I, 4, new(SourceKind.Input), 0), new(0, 4, K, 2, new(SourceKind.Input), 0),
            new(1, 0, I, 4, new(SourceKind.Before), 0), new(1, 4, K, 3, new(SourceKind.Before), 0), new(2, 0, K, 1, new(SourceKind.Before, 1), 0),
            new(3, 0, Q, 1, new(SourceKind.Before), 0) { Form = MatrixForm.Antisymmetric },
            new(4, 0, Z, 1, new(SourceKind.Saved, S), 1),
            new(5, 0, 7, 1, new(SourceKind.After, 2), 2), new(4, 0, 7, 1, new(SourceKind.Saved, S), 2) { Form = MatrixForm.Transposed },
        ],
        Sources = [new(SourceKind.Saved, S), new(SourceKind.After, 2)],
        Deltas = 13,
        ReadsInput = readsInput,
        InputDelta = readsInput ? DX : -1,
    };

    public void Forward(int stage, in Tile s)
    {
        for (int row = 0; row < s.Rows; row++)
            for (int u = 0; u < s.Valid; u++)
            {
                ref float i = ref s.Saved(I).Row(row)[u], f = ref s.Saved(F).Row(row)[u], g = ref s.Saved(G).Row(row)[u],
                    o = ref s.Saved(O).Row(row)[u], k = ref s.Saved(K).Row(row)[u], z = ref s.Saved(Z).Row(row)[u],
                    q = ref s.Saved(Q).Row(row)[u], r = ref s.Saved(R).Row(row)[u];
                if (stage == 0)
                {
                    (i, f, o, k) = (Sigmoid(i), Sigmoid(f), Sigmoid(o), Sigmoid(k));
                    (g, q) = (MathF.Tanh(g), MathF.Tanh(q));
                    s.Saved(S).Row(row)[u] = f * s.HPrev.Row(row)[u];
                }
                else if (stage == 1)
                {
                    z = MathF.Tanh(z);
                    float before = s.StatePrev(1).Row(row)[u];
                    s.State(1).Row(row)[u] = k * before + i * z + s.Extras.Row(1)[u] * q;
                    s.State(2).Row(row)[u] = f * s.StatePrev(2).Row(row)[u] + i * g + s.Extras.Row(0)[u] * before;
                }
                else
                {
                    r = MathF.Tanh(r);
                    float tanh = s.Saved(TanhC).Row(row)[u] = MathF.Tanh(s.C.Row(row)[u]);
                    s.H.Row(row)[u] = o * tanh + (1 - o) * r + (readsInput ? k * s.Input.Row(row)[u] : 0);
                }
            }
    }

    public void Backward(int stage, in TileBack s)
    {
        for (int slot = 0; stage == 2 && slot < Plan.Deltas; slot++)
            for (int row = 0; row < s.Rows; row++) s.DA(slot).Row(row)[s.Valid..].Fill(float.NaN);       // the layer does not mind
        for (int row = 0; row < s.Rows; row++)
            for (int u = 0; u < s.Valid; u++)
            {
                float i = s.Saved(I).Row(row)[u], f = s.Saved(F).Row(row)[u], g = s.Saved(G).Row(row)[u], o = s.Saved(O).Row(row)[u],
                    k = s.Saved(K).Row(row)[u], z = s.Saved(Z).Row(row)[u], q = s.Saved(Q).Row(row)[u], r = s.Saved(R).Row(row)[u],
                    tanh = s.Saved(TanhC).Row(row)[u], dh = s.DH.Row(row)[u];
                if (stage == 2)
                {
                    s.DA(O).Row(row)[u] = dh * (tanh - r) * o * (1 - o);
                    s.DA(DR).Row(row)[u] = dh * (1 - o) * (1 - r * r);
                    s.DA(DC).Row(row)[u] = s.DState(1).Row(row)[u] + dh * o * (1 - tanh * tanh);
                    s.DA(DK).Row(row)[u] = readsInput ? dh * s.Input.Row(row)[u] : 0;
                    s.DA(DX).Row(row)[u] = readsInput ? dh * k : 0;
                    s.DHPrev.Row(row)[u] = 0;
                }
                else if (stage == 1)
                {
                    float dc = s.DA(DC).Row(row)[u], dm = s.DA(DM).Row(row)[u] = s.DState(2).Row(row)[u] + s.DSource(1).Row(row)[u];
                    s.DA(Z).Row(row)[u] = dc * i * (1 - z * z);
                    s.DA(I).Row(row)[u] = (dc * z + dm * g) * i * (1 - i);
                    s.DA(K).Row(row)[u] = (s.DA(DK).Row(row)[u] + dc * s.CPrev.Row(row)[u]) * k * (1 - k);
                    s.DA(Q).Row(row)[u] = dc * s.Extras.Row(1)[u] * (1 - q * q);
                    s.DA(G).Row(row)[u] = dm * i * (1 - g * g);
                    s.DA(DF).Row(row)[u] = dm * s.StatePrev(2).Row(row)[u];
                    s.DState(1).Row(row)[u] = dc * k + dm * s.Extras.Row(0)[u];
                    s.DState(2).Row(row)[u] = dm * f;
                }
                else
                {
                    float ds = s.DSource(0).Row(row)[u];
                    s.DA(F).Row(row)[u] = (s.DA(DF).Row(row)[u] + ds * s.HPrev.Row(row)[u]) * f * (1 - f);
                    s.DHPrev.Row(row)[u] += ds * f;
                }
            }
    }

    //  δp += Σ δm ⊙ c₋      δα += Σ δc ⊙ q
    public void AddExtraGradients(in UnitRange s)
    {
        for (int row = 0; row < s.DA(DC).Rows; row++)
            for (int u = 0; u < s.Valid; u++)
            {
                s.DExtra(0).Row(0)[u] += s.DA(DM).Row(row)[u] * s.StatePrev(1).Row(row)[u];
                s.DExtra(1).Row(0)[u] += s.DA(DC).Row(row)[u] * s.Saved(Q).Row(row)[u];
            }
    }

    private static float Sigmoid(float a) => 1 / (1 + MathF.Exp(-a));
}

//  stage 0   g = tanh (W x + U h₋ + K m₋ + b)      s = g ⊙ (1 + c₋) / 2
//  stage 1   h = P s                               of 3 numbers
//  stage 2   e = tanh (V h)      c = c₋ / 2 + e      m = e              of which 2 numbers are used

/// <summary>A cell of narrow states, one of them made by a product and used again in its own step.</summary>
internal sealed class NarrowSketch : IPlannedCell
{
    private const int G = 0, E = 1, S = 2;

    public string Name => "narrow";
    public string Gates => "";
    public bool HasCellState => true;
    public IReadOnlyList<string> Saved { get; } = ["g", "e", "s"];
    public IReadOnlyList<Product> Products => [];
    public int Stages => 3;
    public int ExtraRows => 0;

    public StepPlan Plan { get; init; } = new()
    {
        States = [new("h", _ => 3), new("c"), new("m", _ => 2)],
        Matrices =
        [
            new("weight_ih", 1, new(SourceKind.Input)), new("weight_hh", 1, new(SourceKind.Before)), new("K", 1, new(SourceKind.Before, 2)),
            new("P", 1, new(SourceKind.Saved, S)), new("V", 1, new(SourceKind.After)),
        ],
        Vectors = [new("b", 1)],
        Arguments = [new(G, G, (0, 0)), new(E, E), new(-1, -1)],
        Products =
        [
            new(0, 0, 0, 1, new(SourceKind.Input), 0), new(1, 0, 0, 1, new(SourceKind.Before), 0), new(2, 0, 0, 1, new(SourceKind.Before, 2), 0),
            new(3, 0, 2, 1, new(SourceKind.Saved, S), 1), new(4, 0, 1, 1, new(SourceKind.After), 2),
        ],
        Sources = [new(SourceKind.Saved, S), new(SourceKind.After)],
        Deltas = 2,
    };

    public void Forward(int stage, in Tile s)
    {
        for (int row = 0; row < s.Rows; row++)
            for (int u = 0; u < s.Valid; u++)
            {
                ref float g = ref s.Saved(G).Row(row)[u], e = ref s.Saved(E).Row(row)[u];
                if (stage == 0)
                {
                    g = MathF.Tanh(g);
                    s.Saved(S).Row(row)[u] = g * (1 + s.CPrev.Row(row)[u]) / 2;
                }
                else if (stage == 2)
                {
                    e = MathF.Tanh(e);
                    s.C.Row(row)[u] = s.CPrev.Row(row)[u] / 2 + e;
                    s.State(2).Row(row)[u] = e;
                }
            }
    }

    public void Backward(int stage, in TileBack s)
    {
        for (int row = 0; row < s.Rows; row++)
            for (int u = 0; u < s.Valid; u++)
            {
                float g = s.Saved(G).Row(row)[u], e = s.Saved(E).Row(row)[u];
                ref float dc = ref s.DC.Row(row)[u], dm = ref s.DState(2).Row(row)[u];
                if (stage == 2)
                {
                    s.DA(E).Row(row)[u] = (dc + dm) * (1 - e * e);
                    (dc, dm) = (dc / 2, 0);
                }
                else if (stage == 0)
                {
                    float ds = s.DSource(0).Row(row)[u] / 2;
                    s.DA(G).Row(row)[u] = ds * (1 + s.CPrev.Row(row)[u]) * (1 - g * g);
                    dc += ds * g;
                }
            }
    }

    public void AddExtraGradients(in UnitRange s) { }
}
