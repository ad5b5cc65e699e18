using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Tests.Cells.Definitions.Written;

//  # Minimal gated unit: a GRU whose one gate both forgets and resets.
//  # Zhou, Wu, Zhang, Zhou 2016, "Minimal Gated Unit for Recurrent Neural Networks", arXiv:1603.09420, section 3.
//  cell mgu
//  f = σ(W_f x + U_f h₋ + b_f)
//  n = tanh(W_n x + U_n (f ⊙ h₋) + b_n)
//  h = (1 − f) ⊙ h₋ + f ⊙ n
//  f: forget gate, forgets
//  n: candidate, candidate

public sealed class MguCell : IPlannedCell
{
    public string Name => "mgu";
    public string Gates => "";
    public bool HasCellState => false;
    public IReadOnlyList<string> Saved { get; } =
    [
        "f", "n", "fh",
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
            new("U_n", 1, new(SourceKind.Saved, 2)),
        ],
        Vectors =
        [
            new("b_f", 1),
            new("b_n", 1),
        ],
        Arguments =
        [
            new(0, 0, (0, 0)),
            new(1, 1, (1, 0)),
        ],
        Products =
        [
            new(0, 0, 0, 2, new(SourceKind.Input), 0),
            new(1, 0, 0, 1, new(SourceKind.Before), 0),
            new(2, 0, 1, 1, new(SourceKind.Saved, 2), 1),
        ],
        Sources =
        [
            new(SourceKind.Saved, 2),
        ],
        Deltas = 2,
        DeltaNames =
        [
            "a_f",
            "a_n",
        ],
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
            Span<float> f = s.Saved(0).Row(row);
            Span<float> hBefore = s.StatePrev(0).Row(row);
            Span<float> fh = s.Saved(2).Row(row);
            for (int u = 0; u < units; u++)
            {
                f[u] = Activations.Sigmoid(f[u]);
                fh[u] = f[u] * hBefore[u];
            }
            f[units..].Clear();
            fh[units..].Clear();
        }
    }

    private static void Forward1(in Tile s)
    {
        int units = s.Valid;
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> n = s.Saved(1).Row(row);
            Span<float> f = s.Saved(0).Row(row);
            Span<float> hBefore = s.StatePrev(0).Row(row);
            Span<float> h = s.State(0).Row(row);
            for (int u = 0; u < units; u++)
            {
                n[u] = Activations.Tanh(n[u]);
                h[u] = MathF.FusedMultiplyAdd(hBefore[u], 1f - f[u], n[u] * f[u]);
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
            Span<float> f = s.Saved(0).Row(row);
            Span<float> n = s.Saved(1).Row(row);
            Span<float> d_a_n = s.DA(1).Row(row);
            Span<float> d_hBefore = s.DHPrev.Row(row);
            for (int u = 0; u < units; u++)
            {
                d_a_n[u] = d_h[u] * f[u] * MathF.FusedMultiplyAdd(-n[u], n[u], 1);
                d_hBefore[u] = d_h[u] * (1 - f[u]);
            }
            d_a_n[units..].Clear();
            d_hBefore[units..].Clear();
        }
    }

    private static void Backward0(in TileBack s)
    {
        int units = s.Valid;
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> d_source0 = s.DSource(0).Row(row);
            Span<float> d_h = s.DState(0).Row(row);
            Span<float> n = s.Saved(1).Row(row);
            Span<float> hBefore = s.StatePrev(0).Row(row);
            Span<float> f = s.Saved(0).Row(row);
            Span<float> d_a_f = s.DA(0).Row(row);
            Span<float> d_hBefore = s.DHPrev.Row(row);
            for (int u = 0; u < units; u++)
            {
                float t0 = MathF.FusedMultiplyAdd(d_h[u], n[u] - hBefore[u], d_source0[u] * hBefore[u]);
                d_a_f[u] = t0 * f[u] * (1 - f[u]);
                d_hBefore[u] = MathF.FusedMultiplyAdd(d_source0[u], f[u], d_hBefore[u]);
            }
            d_a_f[units..].Clear();
            d_hBefore[units..].Clear();
        }
    }
}
