using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Tests.Cells.Definitions.Written;

//  # sLSTM with one head: an exponential input gate, a normalizer n and a stabilizer m.
//  # Beck, Pöppel, Spanring, Auer, Prudnikova, Kopp, Klambauer, Brandstetter, Hochreiter 2024, "xLSTM: Extended Long Short-Term Memory",
//  # arXiv:2405.04517, equations 8 to 17; the forget gate by σ. k is the logarithm of the input gate, l that of the forget gate:
//  # log σ(a) = −softplus(−a). m begins so low that the first step takes m = k, as in the authors' code. Left out: the block around the cell.
//  cell slstm
//  initial m = −1000
//  k = W_i x + U_i h₋ + b_i
//  l = −softplus(−(W_f x + U_f h₋ + b_f))
//  z = tanh(W_z x + U_z h₋ + b_z)
//  o = σ(W_o x + U_o h₋ + b_o)
//  m = max(l + m₋, k)
//  i = exp(k − m)
//  f = exp(l + m₋ − m)
//  c = f ⊙ c₋ + i ⊙ z
//  n = f ⊙ n₋ + i
//  h = o ⊙ (c / n)
//  k: logarithm of the input gate
//  l: logarithm of the forget gate
//  z: candidate, candidate
//  o: output gate, shows
//  i: stabilized input gate, admits
//  f: stabilized forget gate, keeps
//  b_f = 1

public sealed class SlstmCell : IPlannedCell
{
    public string Name => "slstm";
    public string Gates => "";
    public bool HasCellState => true;
    public IReadOnlyList<string> Saved { get; } =
    [
        "k", "a_l2", "z", "o", "l", "a_m", "i", "f",
    ];
    public IReadOnlyList<Product> Products => [];
    public int Stages => 1;
    public int ExtraRows => 0;

    public StepPlan Plan { get; } = new()
    {
        States =
        [
            new("h"),
            new("m", Initial: -1000f),
            new("c"),
            new("n"),
        ],
        Matrices =
        [
            new("weight_ih", 4, new(SourceKind.Input)),
            new("weight_hh", 4, new(SourceKind.Before)),
        ],
        Vectors =
        [
            new("b_i", 1),
            new("b_f", 1, 1f),
            new("b_z", 1),
            new("b_o", 1),
        ],
        Arguments =
        [
            new(0, 0, (0, 0)),
            new(1, 1, (1, 0)),
            new(2, 2, (2, 0)),
            new(3, 3, (3, 0)),
        ],
        Products =
        [
            new(0, 0, 0, 4, new(SourceKind.Input), 0),
            new(1, 0, 0, 4, new(SourceKind.Before), 0),
        ],
        Sources =
        [
        ],
        Deltas = 4,
        DeltaNames =
        [
            "k",
            "a_l",
            "a_z",
            "a_o",
        ],
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
    }

    private static void Forward0(in Tile s)
    {
        int units = s.Valid;
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> a_l2 = s.Saved(1).Row(row);
            Span<float> l = s.Saved(4).Row(row);
            Span<float> z = s.Saved(2).Row(row);
            Span<float> o = s.Saved(3).Row(row);
            Span<float> mBefore = s.StatePrev(1).Row(row);
            Span<float> a_m = s.Saved(5).Row(row);
            Span<float> k = s.Saved(0).Row(row);
            Span<float> m = s.State(1).Row(row);
            Span<float> i = s.Saved(6).Row(row);
            Span<float> f = s.Saved(7).Row(row);
            Span<float> cBefore = s.StatePrev(2).Row(row);
            Span<float> c = s.State(2).Row(row);
            Span<float> nBefore = s.StatePrev(3).Row(row);
            Span<float> n = s.State(3).Row(row);
            Span<float> h = s.State(0).Row(row);
            for (int u = 0; u < units; u++)
            {
                float t0 = a_l2[u];
                a_l2[u] = -t0;
                t0 = Activations.Softplus(-t0);
                l[u] = -t0;
                z[u] = Activations.Tanh(z[u]);
                o[u] = Activations.Sigmoid(o[u]);
                a_m[u] = mBefore[u] - t0;
                m[u] = Max(a_m[u], k[u]);
                i[u] = Activations.Exp(k[u] - m[u]);
                f[u] = Activations.Exp(a_m[u] - m[u]);
                c[u] = MathF.FusedMultiplyAdd(f[u], cBefore[u], i[u] * z[u]);
                n[u] = MathF.FusedMultiplyAdd(f[u], nBefore[u], i[u]);
                h[u] = o[u] * (c[u] / n[u]);
            }
            a_l2[units..].Clear();
            l[units..].Clear();
            z[units..].Clear();
            o[units..].Clear();
            a_m[units..].Clear();
            m[units..].Clear();
            i[units..].Clear();
            f[units..].Clear();
            c[units..].Clear();
            n[units..].Clear();
            h[units..].Clear();
        }
    }

    private static void Backward0(in TileBack s)
    {
        int units = s.Valid;
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> d_n = s.DState(3).Row(row);
            Span<float> d_h = s.DState(0).Row(row);
            Span<float> c = s.State(2).Row(row);
            Span<float> n = s.State(3).Row(row);
            Span<float> o = s.Saved(3).Row(row);
            Span<float> d_c = s.DState(2).Row(row);
            Span<float> nBefore = s.StatePrev(3).Row(row);
            Span<float> cBefore = s.StatePrev(2).Row(row);
            Span<float> f = s.Saved(7).Row(row);
            Span<float> z = s.Saved(2).Row(row);
            Span<float> i = s.Saved(6).Row(row);
            Span<float> d_m = s.DState(1).Row(row);
            Span<float> a_m = s.Saved(5).Row(row);
            Span<float> k = s.Saved(0).Row(row);
            Span<float> d_a_o = s.DA(3).Row(row);
            Span<float> d_a_z = s.DA(2).Row(row);
            Span<float> a_l2 = s.Saved(1).Row(row);
            Span<float> d_a_l = s.DA(1).Row(row);
            Span<float> d_k = s.DA(0).Row(row);
            Span<float> d_hBefore = s.DHPrev.Row(row);
            for (int u = 0; u < units; u++)
            {
                float t0 = c[u] / n[u];
                d_a_o[u] = d_h[u] * t0 * o[u] * (1 - o[u]);
                float t1 = MathF.FusedMultiplyAdd(d_h[u] / n[u], o[u], d_c[u]);
                d_a_z[u] = t1 * i[u] * MathF.FusedMultiplyAdd(-z[u], z[u], 1);
                t0 = d_h[u] * (t0 / n[u]);
                t0 = MathF.FusedMultiplyAdd(-t0, o[u], d_n[u]);
                float t2 = MathF.FusedMultiplyAdd(t0, nBefore[u], t1 * cBefore[u]);
                float t3 = MathF.FusedMultiplyAdd(t1, z[u], t0);
                float t4 = MathF.FusedMultiplyAdd(-t2, f[u], d_m[u]);
                t4 = MathF.FusedMultiplyAdd(-t3, i[u], t4);
                float t5 = (a_m[u] < k[u] ? 0f : a_m[u] > k[u] ? 1f : a_m[u] - k[u] + 1f);
                d_m[u] = MathF.FusedMultiplyAdd(t2, f[u], t4 * t5);
                t5 = Activations.Sigmoid(a_l2[u]);
                d_a_l[u] = d_m[u] * t5;
                t5 = (k[u] > a_m[u] ? 1f : k[u] < a_m[u] ? 0f : k[u] - a_m[u]);
                d_k[u] = MathF.FusedMultiplyAdd(t3, i[u], t4 * t5);
                d_hBefore[u] = 0f;
                d_c[u] = t1 * f[u];
                d_n[u] = t0 * f[u];
            }
            d_a_o[units..].Clear();
            d_a_z[units..].Clear();
            d_m[units..].Clear();
            d_a_l[units..].Clear();
            d_k[units..].Clear();
            d_hBefore[units..].Clear();
            d_c[units..].Clear();
            d_n[units..].Clear();
        }
    }

    private static float Max(float a, float b) => a < b ? b : b < float.PositiveInfinity ? a : a + b;
}
