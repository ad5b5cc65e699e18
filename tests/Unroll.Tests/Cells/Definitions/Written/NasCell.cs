using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Tests.Cells.Definitions.Written;

//  # The cell that a search found: eight products each of x and of the state, joined two by two.
//  # Zoph, Le 2017, "Neural Architecture Search with Reinforcement Learning", arXiv:1611.01578, the cell of base 8; order and functions as in the
//  # authors' TensorFlow code, without biases as there.
//  cell nas
//  a_1 = σ(W_1 x + U_1 h₋)
//  a_2 = relu(W_2 x + U_2 h₋)
//  a_3 = σ(W_3 x + U_3 h₋)
//  a_4 = relu(W_4 x ⊙ U_4 h₋)
//  a_5 = tanh(W_5 x + U_5 h₋)
//  a_6 = σ(W_6 x + U_6 h₋)
//  a_7 = tanh(W_7 x + U_7 h₋)
//  a_8 = σ(W_8 x + U_8 h₋)
//  l = tanh(tanh(a_1 ⊙ a_2) + c₋)
//  k = tanh(a_3 + a_4)
//  c = l ⊙ k
//  s = tanh(tanh(a_5 ⊙ a_6) + σ(a_7 + a_8))
//  h = tanh(c ⊙ s)
//  l: old and new, candidate
//  k: gate of the cell state
//  s: output gate, shows

public sealed class NasCell : IPlannedCell
{
    public string Name => "nas";
    public string Gates => "";
    public bool HasCellState => true;
    public IReadOnlyList<string> Saved { get; } =
    [
        "a_1", "a_2", "a_3", "a_a_4", "u_4", "a_5", "a_6", "a_7",
        "a_8", "a_4", "tanh_a_1a_2", "l", "k", "tanh_a_5a_6", "σ_a_s", "s",
    ];
    public IReadOnlyList<Product> Products => [];
    public int Stages => 1;
    public int ExtraRows => 0;

    public StepPlan Plan { get; } = new()
    {
        States =
        [
            new("h"),
            new("c"),
        ],
        Matrices =
        [
            new("weight_ih", 8, new(SourceKind.Input)),
            new("weight_hh", 8, new(SourceKind.Before)),
        ],
        Vectors =
        [
        ],
        Arguments =
        [
            new(0, 0),
            new(1, 1),
            new(2, 2),
            new(3, 3),
            new(4, 4),
            new(5, 5),
            new(6, 6),
            new(7, 7),
            new(8, 8),
        ],
        Products =
        [
            new(0, 0, 0, 4, new(SourceKind.Input), 0),
            new(0, 4, 5, 4, new(SourceKind.Input), 0),
            new(1, 0, 0, 3, new(SourceKind.Before), 0),
            new(1, 3, 4, 4, new(SourceKind.Before), 0),
            new(1, 7, 8, 1, new(SourceKind.Before), 0),
        ],
        Sources =
        [
        ],
        Deltas = 9,
        DeltaNames =
        [
            "a_a_1",
            "a_a_2",
            "a_a_3",
            "a_a_4",
            "u_4",
            "a_a_5",
            "a_a_6",
            "a_a_7",
            "a_a_8",
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
            Span<float> a_1 = s.Saved(0).Row(row);
            Span<float> a_2 = s.Saved(1).Row(row);
            Span<float> a_3 = s.Saved(2).Row(row);
            Span<float> a_a_4 = s.Saved(3).Row(row);
            Span<float> u_4 = s.Saved(4).Row(row);
            Span<float> a_4 = s.Saved(9).Row(row);
            Span<float> a_5 = s.Saved(5).Row(row);
            Span<float> a_6 = s.Saved(6).Row(row);
            Span<float> a_7 = s.Saved(7).Row(row);
            Span<float> a_8 = s.Saved(8).Row(row);
            Span<float> tanh_a_1a_2 = s.Saved(10).Row(row);
            Span<float> cBefore = s.StatePrev(1).Row(row);
            Span<float> l = s.Saved(11).Row(row);
            Span<float> k = s.Saved(12).Row(row);
            Span<float> c = s.State(1).Row(row);
            Span<float> tanh_a_5a_6 = s.Saved(13).Row(row);
            Span<float> σ_a_s = s.Saved(14).Row(row);
            Span<float> s_ = s.Saved(15).Row(row);
            Span<float> h = s.State(0).Row(row);
            for (int u = 0; u < units; u++)
            {
                a_1[u] = Activations.Sigmoid(a_1[u]);
                a_2[u] = (a_2[u] < 0 ? 0 : a_2[u]);
                a_3[u] = Activations.Sigmoid(a_3[u]);
                a_4[u] = (a_a_4[u] * u_4[u] is var x3 && x3 < 0 ? 0 : x3);
                a_5[u] = Activations.Tanh(a_5[u]);
                a_6[u] = Activations.Sigmoid(a_6[u]);
                a_7[u] = Activations.Tanh(a_7[u]);
                a_8[u] = Activations.Sigmoid(a_8[u]);
                tanh_a_1a_2[u] = Activations.Tanh(a_1[u] * a_2[u]);
                l[u] = Activations.Tanh(tanh_a_1a_2[u] + cBefore[u]);
                k[u] = Activations.Tanh(a_3[u] + a_4[u]);
                c[u] = l[u] * k[u];
                tanh_a_5a_6[u] = Activations.Tanh(a_5[u] * a_6[u]);
                σ_a_s[u] = Activations.Sigmoid(a_7[u] + a_8[u]);
                s_[u] = Activations.Tanh(tanh_a_5a_6[u] + σ_a_s[u]);
                h[u] = Activations.Tanh(c[u] * s_[u]);
            }
            a_1[units..].Clear();
            a_2[units..].Clear();
            a_3[units..].Clear();
            a_4[units..].Clear();
            a_5[units..].Clear();
            a_6[units..].Clear();
            a_7[units..].Clear();
            a_8[units..].Clear();
            tanh_a_1a_2[units..].Clear();
            l[units..].Clear();
            k[units..].Clear();
            c[units..].Clear();
            tanh_a_5a_6[units..].Clear();
            σ_a_s[units..].Clear();
            s_[units..].Clear();
            h[units..].Clear();
        }
    }

    private static void Backward0(in TileBack s)
    {
        int units = s.Valid;
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> d_h = s.DState(0).Row(row);
            Span<float> h = s.State(0).Row(row);
            Span<float> c = s.State(1).Row(row);
            Span<float> s_ = s.Saved(15).Row(row);
            Span<float> σ_a_s = s.Saved(14).Row(row);
            Span<float> tanh_a_5a_6 = s.Saved(13).Row(row);
            Span<float> d_c = s.DState(1).Row(row);
            Span<float> l = s.Saved(11).Row(row);
            Span<float> k = s.Saved(12).Row(row);
            Span<float> tanh_a_1a_2 = s.Saved(10).Row(row);
            Span<float> a_8 = s.Saved(8).Row(row);
            Span<float> d_a_a_8 = s.DA(8).Row(row);
            Span<float> a_7 = s.Saved(7).Row(row);
            Span<float> d_a_a_7 = s.DA(7).Row(row);
            Span<float> a_5 = s.Saved(5).Row(row);
            Span<float> a_6 = s.Saved(6).Row(row);
            Span<float> d_a_a_6 = s.DA(6).Row(row);
            Span<float> d_a_a_5 = s.DA(5).Row(row);
            Span<float> a_4 = s.Saved(9).Row(row);
            Span<float> a_a_4 = s.Saved(3).Row(row);
            Span<float> d_u_4 = s.DA(4).Row(row);
            Span<float> u_4 = s.Saved(4).Row(row);
            Span<float> d_a_a_4 = s.DA(3).Row(row);
            Span<float> a_3 = s.Saved(2).Row(row);
            Span<float> d_a_a_3 = s.DA(2).Row(row);
            Span<float> a_1 = s.Saved(0).Row(row);
            Span<float> a_2 = s.Saved(1).Row(row);
            Span<float> d_a_a_2 = s.DA(1).Row(row);
            Span<float> d_a_a_1 = s.DA(0).Row(row);
            Span<float> d_hBefore = s.DHPrev.Row(row);
            for (int u = 0; u < units; u++)
            {
                float t0 = d_h[u] * MathF.FusedMultiplyAdd(-h[u], h[u], 1);
                float t1 = t0 * c[u] * MathF.FusedMultiplyAdd(-s_[u], s_[u], 1);
                float t2 = t1 * σ_a_s[u] * (1 - σ_a_s[u]);
                d_a_a_8[u] = t2 * a_8[u] * (1 - a_8[u]);
                d_a_a_7[u] = t2 * MathF.FusedMultiplyAdd(-a_7[u], a_7[u], 1);
                t1 = t1 * MathF.FusedMultiplyAdd(-tanh_a_5a_6[u], tanh_a_5a_6[u], 1);
                d_a_a_6[u] = t1 * a_5[u] * a_6[u] * (1 - a_6[u]);
                d_a_a_5[u] = t1 * a_6[u] * MathF.FusedMultiplyAdd(-a_5[u], a_5[u], 1);
                t0 = MathF.FusedMultiplyAdd(t0, s_[u], d_c[u]);
                t1 = t0 * l[u] * MathF.FusedMultiplyAdd(-k[u], k[u], 1);
                t2 = t1 * (a_4[u] > 0f ? 1f : a_4[u] < 0f ? 0f : a_4[u] - 0f);
                d_u_4[u] = t2 * a_a_4[u];
                d_a_a_4[u] = t2 * u_4[u];
                d_a_a_3[u] = t1 * a_3[u] * (1 - a_3[u]);
                d_c[u] = t0 * k[u] * MathF.FusedMultiplyAdd(-l[u], l[u], 1);
                t0 = d_c[u] * MathF.FusedMultiplyAdd(-tanh_a_1a_2[u], tanh_a_1a_2[u], 1);
                d_a_a_2[u] = t0 * a_1[u] * (a_2[u] > 0f ? 1f : a_2[u] < 0f ? 0f : a_2[u] - 0f);
                d_a_a_1[u] = t0 * a_2[u] * a_1[u] * (1 - a_1[u]);
                d_hBefore[u] = 0f;
            }
            d_a_a_8[units..].Clear();
            d_a_a_7[units..].Clear();
            d_a_a_6[units..].Clear();
            d_a_a_5[units..].Clear();
            d_u_4[units..].Clear();
            d_a_a_4[units..].Clear();
            d_a_a_3[units..].Clear();
            d_c[units..].Clear();
            d_a_a_2[units..].Clear();
            d_a_a_1[units..].Clear();
            d_hBefore[units..].Clear();
        }
    }
}
