using System.Runtime.CompilerServices;
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
            MatrixView fRows = s.Saved(0);
            MatrixView hBeforeRows = s.StatePrev(0);
            MatrixView fhRows = s.Saved(2);
            for (int row = 0; row < s.Rows; row++)
            {
                ref float fAt = ref fRows.RowStart(row);
                ref float hBeforeAt = ref hBeforeRows.RowStart(row);
                ref float fhAt = ref fhRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V f = V.Load(ref fAt, u);
                    f = Activations.Sigmoid(f);
                    f.Store(ref fAt, u);
                    V hBefore = V.Load(ref hBeforeAt, u);
                    V fh = f * hBefore;
                    fh.Store(ref fhAt, u);
                }
                if (units == columns) continue;
                fRows.Row(row)[units..].Clear();
                fhRows.Row(row)[units..].Clear();
            }
        }
    }

    private readonly struct Forward1 : IKernel<Tile>
    {
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(in Tile s) where V : struct, ILane<V>
        {
            int columns = s.Saved(0).Columns, units = s.Valid;
            MatrixView nRows = s.Saved(1);
            MatrixView fRows = s.Saved(0);
            MatrixView hBeforeRows = s.StatePrev(0);
            MatrixView hRows = s.State(0);
            for (int row = 0; row < s.Rows; row++)
            {
                ref float nAt = ref nRows.RowStart(row);
                ref float fAt = ref fRows.RowStart(row);
                ref float hBeforeAt = ref hBeforeRows.RowStart(row);
                ref float hAt = ref hRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V n = V.Load(ref nAt, u);
                    n = Activations.Tanh(n);
                    n.Store(ref nAt, u);
                    V hBefore = V.Load(ref hBeforeAt, u);
                    V f = V.Load(ref fAt, u);
                    V h = V.Fma(hBefore, V.Of(1f) - f, n * f);
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
            MatrixView fRows = s.Saved(0);
            MatrixView nRows = s.Saved(1);
            MatrixView d_a_nRows = s.DA(1);
            MatrixView d_hBeforeRows = s.DHPrev;
            for (int row = 0; row < s.Rows; row++)
            {
                ref float d_hAt = ref d_hRows.RowStart(row);
                ref float fAt = ref fRows.RowStart(row);
                ref float nAt = ref nRows.RowStart(row);
                ref float d_a_nAt = ref d_a_nRows.RowStart(row);
                ref float d_hBeforeAt = ref d_hBeforeRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V d_h = V.Load(ref d_hAt, u);
                    V f = V.Load(ref fAt, u);
                    V n = V.Load(ref nAt, u);
                    V d_a_n = d_h * f * V.Fma(V.Of(-0f) - n, n, V.Of(1f));
                    d_a_n.Store(ref d_a_nAt, u);
                    V d_hBefore = d_h * (V.Of(1f) - f);
                    d_hBefore.Store(ref d_hBeforeAt, u);
                }
                if (units == columns) continue;
                d_a_nRows.Row(row)[units..].Clear();
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
            MatrixView d_hRows = s.DState(0);
            MatrixView nRows = s.Saved(1);
            MatrixView hBeforeRows = s.StatePrev(0);
            MatrixView fRows = s.Saved(0);
            MatrixView d_a_fRows = s.DA(0);
            MatrixView d_hBeforeRows = s.DHPrev;
            for (int row = 0; row < s.Rows; row++)
            {
                ref float d_source0At = ref d_source0Rows.RowStart(row);
                ref float d_hAt = ref d_hRows.RowStart(row);
                ref float nAt = ref nRows.RowStart(row);
                ref float hBeforeAt = ref hBeforeRows.RowStart(row);
                ref float fAt = ref fRows.RowStart(row);
                ref float d_a_fAt = ref d_a_fRows.RowStart(row);
                ref float d_hBeforeAt = ref d_hBeforeRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V d_h = V.Load(ref d_hAt, u);
                    V n = V.Load(ref nAt, u);
                    V hBefore = V.Load(ref hBeforeAt, u);
                    V d_source0 = V.Load(ref d_source0At, u);
                    V t0 = V.Fma(d_h, n - hBefore, d_source0 * hBefore);
                    V f = V.Load(ref fAt, u);
                    V d_a_f = t0 * f * (V.Of(1f) - f);
                    d_a_f.Store(ref d_a_fAt, u);
                    V d_hBefore = V.Load(ref d_hBeforeAt, u);
                    d_hBefore = V.Fma(d_source0, f, d_hBefore);
                    d_hBefore.Store(ref d_hBeforeAt, u);
                }
                if (units == columns) continue;
                d_a_fRows.Row(row)[units..].Clear();
                d_hBeforeRows.Row(row)[units..].Clear();
            }
        }
    }
}
