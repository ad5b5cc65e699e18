using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Tests.Cells.Definitions.Written;

//  # Light GRU: no reset gate, a rectified candidate, the parts that come from x normalized.
//  # Ravanelli, Brakel, Omologo, Bengio 2018, "Light Gated Recurrent Units for Speech Recognition", arXiv:1803.10225.
//  # Changed: layer normalization of the row in place of batch normalization; its gains are g_z and g_n, its biases b_z and b_n.
//  cell light-gru
//  vector g_z = 1
//  vector g_n = 1
//  z = σ(g_z ⊙ norm(W_z x) + b_z + U_z h₋)
//  n = relu(g_n ⊙ norm(W_n x) + b_n + U_n h₋)
//  h = z ⊙ h₋ + (1 − z) ⊙ n
//  z: update gate, keeps
//  n: candidate, candidate
//  U_z = orthogonal
//  U_n = orthogonal

public sealed class LightGruCell : IPlannedCell
{
    public string Name => "light-gru";
    public string Gates => "";
    public bool HasCellState => false;
    public IReadOnlyList<string> Saved { get; } =
    [
        "w_z", "z", "w_n", "n", "norm_w_z", "ρ_norm_w_z", "norm_w_n", "ρ_norm_w_n",
    ];
    public IReadOnlyList<Product> Products => [];
    public int Stages => 1;
    public int ExtraRows => 2;

    public StepPlan Plan { get; } = new()
    {
        States =
        [
            new("h"),
        ],
        Matrices =
        [
            new("weight_ih", 2, new(SourceKind.Input)),
            new("weight_hh", 2, new(SourceKind.Before)),
        ],
        Vectors =
        [
            new("g_z", 1, 1f) { IsExtra = true },
            new("b_z", 1),
            new("g_n", 1, 1f) { IsExtra = true },
            new("b_n", 1),
        ],
        Arguments =
        [
            new(0, 0),
            new(1, 1, (1, 0)),
            new(2, 2),
            new(3, 3, (3, 0)),
        ],
        Products =
        [
            new(0, 0, 0, 1, new(SourceKind.Input), 0),
            new(0, 1, 2, 1, new(SourceKind.Input), 0),
            new(1, 0, 1, 1, new(SourceKind.Before), 0),
            new(1, 1, 3, 1, new(SourceKind.Before), 0),
        ],
        Sources =
        [
        ],
        Deltas = 6,
        DeltaNames =
        [
            "w_z",
            "a_z",
            "w_n",
            "a_n",
            "g_z",
            "g_n",
        ],
        NeedsWholeRows = true,
    };

    public void Forward(int stage, in Tile s)
    {
        Forward0(s);
    }

    public void Backward(int stage, in TileBack s)
    {
        Backward0(s);
    }

    public void AddExtraGradients(in UnitRange s)
    {
        MatrixView d0 = s.DA(4);                                         // δg_z
        for (int row = 0; row < d0.Rows; row++) Elementwise.Add(d0.Row(row), s.DExtra(0).Row(0));
        MatrixView d1 = s.DA(5);                                         // δg_n
        for (int row = 0; row < d1.Rows; row++) Elementwise.Add(d1.Row(row), s.DExtra(1).Row(0));
    }

    private static void Forward0(in Tile s)
    {
        int units = s.Valid;
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> w_z = s.Saved(0).Row(row);
            Span<float> ρ_norm_w_z = s.Saved(5).Row(row);
            Span<float> norm_w_z = s.Saved(4).Row(row);
            Span<float> z = s.Saved(1).Row(row);
            Span<float> g_z = s.Extras.Row(0);
            Span<float> w_n = s.Saved(2).Row(row);
            Span<float> ρ_norm_w_n = s.Saved(7).Row(row);
            Span<float> norm_w_n = s.Saved(6).Row(row);
            Span<float> n = s.Saved(3).Row(row);
            Span<float> g_n = s.Extras.Row(1);
            Span<float> hBefore = s.StatePrev(0).Row(row);
            Span<float> h = s.State(0).Row(row);
            Norm(w_z[..units], norm_w_z[..units], ρ_norm_w_z[..units], 1E-05);
            for (int u = 0; u < units; u++)
            {
                z[u] = Activations.Sigmoid(MathF.FusedMultiplyAdd(g_z[u], norm_w_z[u], z[u]));
            }
            Norm(w_n[..units], norm_w_n[..units], ρ_norm_w_n[..units], 1E-05);
            for (int u = 0; u < units; u++)
            {
                n[u] = (MathF.FusedMultiplyAdd(g_n[u], norm_w_n[u], n[u]) is var x9 && x9 < 0 ? 0 : x9);
                h[u] = MathF.FusedMultiplyAdd(z[u], hBefore[u], (1 - z[u]) * n[u]);
            }
            norm_w_z[units..].Clear();
            ρ_norm_w_z[units..].Clear();
            z[units..].Clear();
            norm_w_n[units..].Clear();
            ρ_norm_w_n[units..].Clear();
            n[units..].Clear();
            h[units..].Clear();
        }
    }

    private static void Backward0(in TileBack s)
    {
        int units = s.Valid;
        float[] t0 = new float[units];
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> d_h = s.DState(0).Row(row);
            Span<float> z = s.Saved(1).Row(row);
            Span<float> n = s.Saved(3).Row(row);
            Span<float> d_a_n = s.DA(3).Row(row);
            Span<float> g_n = s.Extras.Row(1);
            Span<float> norm_w_n = s.Saved(6).Row(row);
            Span<float> ρ_norm_w_n = s.Saved(7).Row(row);
            Span<float> d_w_n = s.DA(2).Row(row);
            Span<float> hBefore = s.StatePrev(0).Row(row);
            Span<float> d_a_z = s.DA(1).Row(row);
            Span<float> g_z = s.Extras.Row(0);
            Span<float> norm_w_z = s.Saved(4).Row(row);
            Span<float> ρ_norm_w_z = s.Saved(5).Row(row);
            Span<float> d_w_z = s.DA(0).Row(row);
            Span<float> d_g_z = s.DA(4).Row(row);
            Span<float> d_g_n = s.DA(5).Row(row);
            Span<float> d_hBefore = s.DHPrev.Row(row);
            for (int u = 0; u < units; u++)
            {
                d_a_n[u] = d_h[u] * (1 - z[u]) * (n[u] > 0f ? 1f : n[u] < 0f ? 0f : n[u] - 0f);
                t0[u] = d_a_n[u] * g_n[u];
            }
            NormBack(t0, norm_w_n[..units], d_w_n[..units], ρ_norm_w_n[0]);
            for (int u = 0; u < units; u++)
            {
                d_a_z[u] = d_h[u] * (hBefore[u] - n[u]) * z[u] * (1 - z[u]);
                t0[u] = d_a_z[u] * g_z[u];
            }
            NormBack(t0, norm_w_z[..units], d_w_z[..units], ρ_norm_w_z[0]);
            for (int u = 0; u < units; u++)
            {
                d_g_z[u] = d_a_z[u] * norm_w_z[u];
                d_g_n[u] = d_a_n[u] * norm_w_n[u];
                d_hBefore[u] = d_h[u] * z[u];
            }
            d_a_n[units..].Clear();
            d_w_n[units..].Clear();
            d_a_z[units..].Clear();
            d_w_z[units..].Clear();
            d_g_z[units..].Clear();
            d_g_n[units..].Clear();
            d_hBefore[units..].Clear();
        }
    }

    private static void Norm(ReadOnlySpan<float> a, Span<float> normal, Span<float> scale, double epsilon)
    {
        float mean = (float)(Reduce.Sum(a) / a.Length);
        for (int u = 0; u < a.Length; u++) normal[u] = a[u] - mean;
        float rho = (float)(1 / Math.Sqrt(Reduce.SumSquares(normal) / a.Length + epsilon));
        Elementwise.Scale(normal, rho);
        scale.Fill(rho);
    }

    private static void NormBack(ReadOnlySpan<float> delta, ReadOnlySpan<float> normal, Span<float> da, float rho)
    {
        float mean = (float)(Reduce.Sum(delta) / delta.Length), share = (float)(Reduce.Dot(delta, normal) / delta.Length);
        for (int u = 0; u < delta.Length; u++) da[u] = delta[u] - mean;
        Elementwise.AddScaled(normal, -share, da);
        Elementwise.Scale(da, rho);
    }
}
