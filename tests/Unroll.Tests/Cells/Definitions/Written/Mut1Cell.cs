using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Tests.Cells.Definitions.Written;

//  # MUT1: one of three cells that a search over some ten thousand ended with; its update gate sees only x.
//  # Józefowicz, Zaremba, Sutskever 2015, "An Empirical Exploration of Recurrent Network Architectures", ICML 37, pages 2342 to 2350
//  # (no arXiv number; proceedings.mlr.press/v37/jozefowicz15.html). x is used unit by unit: as many inputs as units.
//  cell mut1
//  z = σ(W_z x + b_z)
//  r = σ(W_r x + U_r h₋ + b_r)
//  n = tanh(U_n (r ⊙ h₋) + tanh(x) + b_n)
//  h = n ⊙ z + h₋ ⊙ (1 − z)
//  z: update gate, forgets
//  r: reset gate, resets
//  n: candidate, candidate

public sealed class Mut1Cell : IPlannedCell
{
    public string Name => "mut1";
    public string Gates => "";
    public bool HasCellState => false;
    public IReadOnlyList<string> Saved { get; } =
    [
        "z", "r", "n", "rh", "tanh_x",
    ];
    public IReadOnlyList<Product> Products => [];
    public int Stages => 2;
    public int ExtraRows => 0;

    public StepPlan Plan { get; } = new()
    {
        States =
        [
            new("h"),
        ],
        Matrices =
        [
            new("weight_ih", 2, new(SourceKind.Input)),
            new("weight_hh", 1, new(SourceKind.Before)),
            new("U_n", 1, new(SourceKind.Saved, 3)),
        ],
        Vectors =
        [
            new("b_z", 1),
            new("b_r", 1),
            new("b_n", 1),
        ],
        Arguments =
        [
            new(0, 0, (0, 0)),
            new(1, 1, (1, 0)),
            new(2, 2, (2, 0)),
        ],
        Products =
        [
            new(0, 0, 0, 2, new(SourceKind.Input), 0),
            new(1, 0, 1, 1, new(SourceKind.Before), 0),
            new(2, 0, 2, 1, new(SourceKind.Saved, 3), 1),
        ],
        Sources =
        [
            new(SourceKind.Saved, 3),
        ],
        Deltas = 4,
        DeltaNames =
        [
            "a_z",
            "a_r",
            "a_n",
            "x",
        ],
        ReadsInput = true,
        InputDelta = 3,
    };

    public void Forward(int stage, in Tile s)
    {
        if (stage == 0) Forward0(s);
        else if (stage == 1) Forward1(s);
    }

    public void Backward(int stage, in TileBack s)
    {
        if (stage == 0) Backward0(s);
        else if (stage == 1) Backward1(s);
    }

    public void AddExtraGradients(in UnitRange s)
    {
    }

    private static void Forward0(in Tile s)
    {
        int units = s.Valid;
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> z = s.Saved(0).Row(row);
            Span<float> r = s.Saved(1).Row(row);
            Span<float> hBefore = s.StatePrev(0).Row(row);
            Span<float> rh = s.Saved(3).Row(row);
            Span<float> x = s.Input.Row(row);
            Span<float> tanh_x = s.Saved(4).Row(row);
            for (int u = 0; u < units; u++)
            {
                z[u] = Activations.Sigmoid(z[u]);
                r[u] = Activations.Sigmoid(r[u]);
                rh[u] = r[u] * hBefore[u];
                tanh_x[u] = Activations.Tanh(x[u]);
            }
            z[units..].Clear();
            r[units..].Clear();
            rh[units..].Clear();
            tanh_x[units..].Clear();
        }
    }

    private static void Forward1(in Tile s)
    {
        int units = s.Valid;
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> n = s.Saved(2).Row(row);
            Span<float> tanh_x = s.Saved(4).Row(row);
            Span<float> z = s.Saved(0).Row(row);
            Span<float> hBefore = s.StatePrev(0).Row(row);
            Span<float> h = s.State(0).Row(row);
            for (int u = 0; u < units; u++)
            {
                n[u] = Activations.Tanh(n[u] + tanh_x[u]);
                h[u] = MathF.FusedMultiplyAdd(z[u], n[u], (1 - z[u]) * hBefore[u]);
            }
            n[units..].Clear();
            h[units..].Clear();
        }
    }

    private static void Backward1(in TileBack s)
    {
        int units = s.Valid;
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> d_h = s.DState(0).Row(row);
            Span<float> z = s.Saved(0).Row(row);
            Span<float> n = s.Saved(2).Row(row);
            Span<float> d_a_n = s.DA(2).Row(row);
            Span<float> hBefore = s.StatePrev(0).Row(row);
            Span<float> d_a_z = s.DA(0).Row(row);
            Span<float> tanh_x = s.Saved(4).Row(row);
            Span<float> d_x = s.DA(3).Row(row);
            Span<float> d_hBefore = s.DHPrev.Row(row);
            for (int u = 0; u < units; u++)
            {
                d_a_n[u] = d_h[u] * z[u] * MathF.FusedMultiplyAdd(-n[u], n[u], 1);
                d_a_z[u] = d_h[u] * (n[u] - hBefore[u]) * z[u] * (1 - z[u]);
                d_x[u] = d_a_n[u] * MathF.FusedMultiplyAdd(-tanh_x[u], tanh_x[u], 1);
                d_hBefore[u] = d_h[u] * (1 - z[u]);
            }
            d_a_n[units..].Clear();
            d_a_z[units..].Clear();
            d_x[units..].Clear();
            d_hBefore[units..].Clear();
        }
    }

    private static void Backward0(in TileBack s)
    {
        int units = s.Valid;
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> d_source0 = s.DSource(0).Row(row);
            Span<float> hBefore = s.StatePrev(0).Row(row);
            Span<float> r = s.Saved(1).Row(row);
            Span<float> d_a_r = s.DA(1).Row(row);
            Span<float> d_hBefore = s.DHPrev.Row(row);
            for (int u = 0; u < units; u++)
            {
                d_a_r[u] = d_source0[u] * hBefore[u] * r[u] * (1 - r[u]);
                d_hBefore[u] = MathF.FusedMultiplyAdd(d_source0[u], r[u], d_hBefore[u]);
            }
            d_a_r[units..].Clear();
            d_hBefore[units..].Clear();
        }
    }
}
