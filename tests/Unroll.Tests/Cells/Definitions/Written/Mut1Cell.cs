using System.Runtime.CompilerServices;
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
        if (stage == 0) Kernel.Run<Forward0, Tile>(s);
        if (stage == 1) Kernel.Run<Forward1, Tile>(s);
    }

    public void Backward(int stage, in TileBack s)
    {
        if (stage == 0) Kernel.Run<Backward0, TileBack>(s);
        if (stage == 1) Kernel.Run<Backward1, TileBack>(s);
    }

    public void AddExtraGradients(in UnitRange s)
    {
    }

    private readonly struct Forward0 : IKernel<Tile>
    {
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(in Tile s) where V : struct, ILane<V>
        {
            int columns = s.Saved(0).Columns, units = s.Valid;
            MatrixView zRows = s.Saved(0);
            MatrixView rRows = s.Saved(1);
            MatrixView hBeforeRows = s.StatePrev(0);
            MatrixView rhRows = s.Saved(3);
            MatrixView xRows = s.Input;
            MatrixView tanh_xRows = s.Saved(4);
            for (int row = 0; row < s.Rows; row++)
            {
                ref float zAt = ref zRows.RowStart(row);
                ref float rAt = ref rRows.RowStart(row);
                ref float hBeforeAt = ref hBeforeRows.RowStart(row);
                ref float rhAt = ref rhRows.RowStart(row);
                ref float xAt = ref xRows.RowStart(row);
                ref float tanh_xAt = ref tanh_xRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V z = V.Load(ref zAt, u);
                    z = Activations.Sigmoid(z);
                    z.Store(ref zAt, u);
                    V r = V.Load(ref rAt, u);
                    r = Activations.Sigmoid(r);
                    r.Store(ref rAt, u);
                    V hBefore = V.Load(ref hBeforeAt, u);
                    V rh = r * hBefore;
                    rh.Store(ref rhAt, u);
                    V x = V.Load(ref xAt, u);
                    V tanh_x = Activations.Tanh(x);
                    tanh_x.Store(ref tanh_xAt, u);
                }
                if (units == columns) continue;
                zRows.Row(row)[units..].Clear();
                rRows.Row(row)[units..].Clear();
                rhRows.Row(row)[units..].Clear();
                tanh_xRows.Row(row)[units..].Clear();
            }
        }
    }

    private readonly struct Forward1 : IKernel<Tile>
    {
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(in Tile s) where V : struct, ILane<V>
        {
            int columns = s.Saved(0).Columns, units = s.Valid;
            MatrixView nRows = s.Saved(2);
            MatrixView tanh_xRows = s.Saved(4);
            MatrixView zRows = s.Saved(0);
            MatrixView hBeforeRows = s.StatePrev(0);
            MatrixView hRows = s.State(0);
            for (int row = 0; row < s.Rows; row++)
            {
                ref float nAt = ref nRows.RowStart(row);
                ref float tanh_xAt = ref tanh_xRows.RowStart(row);
                ref float zAt = ref zRows.RowStart(row);
                ref float hBeforeAt = ref hBeforeRows.RowStart(row);
                ref float hAt = ref hRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V n = V.Load(ref nAt, u);
                    V tanh_x = V.Load(ref tanh_xAt, u);
                    n = Activations.Tanh(n + tanh_x);
                    n.Store(ref nAt, u);
                    V z = V.Load(ref zAt, u);
                    V hBefore = V.Load(ref hBeforeAt, u);
                    V h = V.Fma(z, n, (V.Of(1f) - z) * hBefore);
                    h.Store(ref hAt, u);
                }
                if (units == columns) continue;
                nRows.Row(row)[units..].Clear();
                hRows.Row(row)[units..].Clear();
            }
        }
    }

    private readonly struct Backward1 : IKernel<TileBack>
    {
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(in TileBack s) where V : struct, ILane<V>
        {
            int columns = s.Saved(0).Columns, units = s.Valid;
            MatrixView d_hRows = s.DState(0);
            MatrixView zRows = s.Saved(0);
            MatrixView nRows = s.Saved(2);
            MatrixView d_a_nRows = s.DA(2);
            MatrixView hBeforeRows = s.StatePrev(0);
            MatrixView d_a_zRows = s.DA(0);
            MatrixView tanh_xRows = s.Saved(4);
            MatrixView d_xRows = s.DA(3);
            MatrixView d_hBeforeRows = s.DHPrev;
            for (int row = 0; row < s.Rows; row++)
            {
                ref float d_hAt = ref d_hRows.RowStart(row);
                ref float zAt = ref zRows.RowStart(row);
                ref float nAt = ref nRows.RowStart(row);
                ref float d_a_nAt = ref d_a_nRows.RowStart(row);
                ref float hBeforeAt = ref hBeforeRows.RowStart(row);
                ref float d_a_zAt = ref d_a_zRows.RowStart(row);
                ref float tanh_xAt = ref tanh_xRows.RowStart(row);
                ref float d_xAt = ref d_xRows.RowStart(row);
                ref float d_hBeforeAt = ref d_hBeforeRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V d_h = V.Load(ref d_hAt, u);
                    V z = V.Load(ref zAt, u);
                    V n = V.Load(ref nAt, u);
                    V d_a_n = d_h * z * V.Fma(V.Of(-0f) - n, n, V.Of(1f));
                    d_a_n.Store(ref d_a_nAt, u);
                    V hBefore = V.Load(ref hBeforeAt, u);
                    V d_a_z = d_h * (n - hBefore) * z * (V.Of(1f) - z);
                    d_a_z.Store(ref d_a_zAt, u);
                    V tanh_x = V.Load(ref tanh_xAt, u);
                    V d_x = d_a_n * V.Fma(V.Of(-0f) - tanh_x, tanh_x, V.Of(1f));
                    d_x.Store(ref d_xAt, u);
                    V d_hBefore = d_h * (V.Of(1f) - z);
                    d_hBefore.Store(ref d_hBeforeAt, u);
                }
                if (units == columns) continue;
                d_a_nRows.Row(row)[units..].Clear();
                d_a_zRows.Row(row)[units..].Clear();
                d_xRows.Row(row)[units..].Clear();
                d_hBeforeRows.Row(row)[units..].Clear();
            }
        }
    }

    private readonly struct Backward0 : IKernel<TileBack>
    {
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(in TileBack s) where V : struct, ILane<V>
        {
            int columns = s.Saved(0).Columns, units = s.Valid;
            MatrixView d_source0Rows = s.DSource(0);
            MatrixView hBeforeRows = s.StatePrev(0);
            MatrixView rRows = s.Saved(1);
            MatrixView d_a_rRows = s.DA(1);
            MatrixView d_hBeforeRows = s.DHPrev;
            for (int row = 0; row < s.Rows; row++)
            {
                ref float d_source0At = ref d_source0Rows.RowStart(row);
                ref float hBeforeAt = ref hBeforeRows.RowStart(row);
                ref float rAt = ref rRows.RowStart(row);
                ref float d_a_rAt = ref d_a_rRows.RowStart(row);
                ref float d_hBeforeAt = ref d_hBeforeRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V d_source0 = V.Load(ref d_source0At, u);
                    V hBefore = V.Load(ref hBeforeAt, u);
                    V r = V.Load(ref rAt, u);
                    V d_a_r = d_source0 * hBefore * r * (V.Of(1f) - r);
                    d_a_r.Store(ref d_a_rAt, u);
                    V d_hBefore = V.Load(ref d_hBeforeAt, u);
                    d_hBefore = V.Fma(d_source0, r, d_hBefore);
                    d_hBefore.Store(ref d_hBeforeAt, u);
                }
                if (units == columns) continue;
                d_a_rRows.Row(row)[units..].Clear();
                d_hBeforeRows.Row(row)[units..].Clear();
            }
        }
    }
}
