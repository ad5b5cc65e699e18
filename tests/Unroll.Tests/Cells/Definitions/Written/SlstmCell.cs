using System.Runtime.CompilerServices;
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
        Kernel.Run<Forward0, Tile>(s);
    }

    public void Backward(int stage, in TileBack s)
    {
        Kernel.Run<Backward0, TileBack>(s);
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
            MatrixView a_l2Rows = s.Saved(1);
            MatrixView lRows = s.Saved(4);
            MatrixView zRows = s.Saved(2);
            MatrixView oRows = s.Saved(3);
            MatrixView mBeforeRows = s.StatePrev(1);
            MatrixView a_mRows = s.Saved(5);
            MatrixView kRows = s.Saved(0);
            MatrixView mRows = s.State(1);
            MatrixView iRows = s.Saved(6);
            MatrixView fRows = s.Saved(7);
            MatrixView cBeforeRows = s.StatePrev(2);
            MatrixView cRows = s.State(2);
            MatrixView nBeforeRows = s.StatePrev(3);
            MatrixView nRows = s.State(3);
            MatrixView hRows = s.State(0);
            for (int row = 0; row < s.Rows; row++)
            {
                ref float a_l2At = ref a_l2Rows.RowStart(row);
                ref float lAt = ref lRows.RowStart(row);
                ref float zAt = ref zRows.RowStart(row);
                ref float oAt = ref oRows.RowStart(row);
                ref float mBeforeAt = ref mBeforeRows.RowStart(row);
                ref float a_mAt = ref a_mRows.RowStart(row);
                ref float kAt = ref kRows.RowStart(row);
                ref float mAt = ref mRows.RowStart(row);
                ref float iAt = ref iRows.RowStart(row);
                ref float fAt = ref fRows.RowStart(row);
                ref float cBeforeAt = ref cBeforeRows.RowStart(row);
                ref float cAt = ref cRows.RowStart(row);
                ref float nBeforeAt = ref nBeforeRows.RowStart(row);
                ref float nAt = ref nRows.RowStart(row);
                ref float hAt = ref hRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V a_l2 = V.Load(ref a_l2At, u);
                    V t0 = a_l2;
                    a_l2 = V.Of(-0f) - t0;
                    a_l2.Store(ref a_l2At, u);
                    t0 = Activations.Softplus(V.Of(-0f) - t0);
                    V l = V.Of(-0f) - t0;
                    l.Store(ref lAt, u);
                    V z = V.Load(ref zAt, u);
                    z = Activations.Tanh(z);
                    z.Store(ref zAt, u);
                    V o = V.Load(ref oAt, u);
                    o = Activations.Sigmoid(o);
                    o.Store(ref oAt, u);
                    V mBefore = V.Load(ref mBeforeAt, u);
                    V a_m = mBefore - t0;
                    a_m.Store(ref a_mAt, u);
                    V k = V.Load(ref kAt, u);
                    V m = Max(a_m, k);
                    m.Store(ref mAt, u);
                }
                for (int u = 0; u < columns; u += V.Count)
                {
                    V k = V.Load(ref kAt, u);
                    V m = V.Load(ref mAt, u);
                    V i = Activations.Exp(k - m);
                    i.Store(ref iAt, u);
                    V a_m = V.Load(ref a_mAt, u);
                    V f = Activations.Exp(a_m - m);
                    f.Store(ref fAt, u);
                    V cBefore = V.Load(ref cBeforeAt, u);
                    V z = V.Load(ref zAt, u);
                    V c = V.Fma(f, cBefore, i * z);
                    c.Store(ref cAt, u);
                    V nBefore = V.Load(ref nBeforeAt, u);
                    V n = V.Fma(f, nBefore, i);
                    n.Store(ref nAt, u);
                    V o = V.Load(ref oAt, u);
                    V h = o * (c / n);
                    h.Store(ref hAt, u);
                }
                if (units == columns) continue;
                a_l2Rows.Row(row)[units..].Clear();
                lRows.Row(row)[units..].Clear();
                zRows.Row(row)[units..].Clear();
                oRows.Row(row)[units..].Clear();
                a_mRows.Row(row)[units..].Clear();
                mRows.Row(row)[units..].Clear();
                iRows.Row(row)[units..].Clear();
                fRows.Row(row)[units..].Clear();
                cRows.Row(row)[units..].Clear();
                nRows.Row(row)[units..].Clear();
                hRows.Row(row)[units..].Clear();
            }
        }
    }

    private readonly struct Backward0 : IKernel<TileBack>
    {
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(in TileBack s) where V : struct, ILane<V>
        {
            int columns = s.Saved(0).Columns, units = s.Valid;
            MatrixView d_nRows = s.DState(3);
            MatrixView d_hRows = s.DState(0);
            MatrixView cRows = s.State(2);
            MatrixView nRows = s.State(3);
            MatrixView oRows = s.Saved(3);
            MatrixView d_cRows = s.DState(2);
            MatrixView nBeforeRows = s.StatePrev(3);
            MatrixView cBeforeRows = s.StatePrev(2);
            MatrixView fRows = s.Saved(7);
            MatrixView zRows = s.Saved(2);
            MatrixView iRows = s.Saved(6);
            MatrixView d_mRows = s.DState(1);
            MatrixView a_mRows = s.Saved(5);
            MatrixView kRows = s.Saved(0);
            MatrixView d_a_oRows = s.DA(3);
            MatrixView d_a_zRows = s.DA(2);
            MatrixView a_l2Rows = s.Saved(1);
            MatrixView d_a_lRows = s.DA(1);
            MatrixView d_kRows = s.DA(0);
            MatrixView d_hBeforeRows = s.DHPrev;
            for (int row = 0; row < s.Rows; row++)
            {
                ref float d_nAt = ref d_nRows.RowStart(row);
                ref float d_hAt = ref d_hRows.RowStart(row);
                ref float cAt = ref cRows.RowStart(row);
                ref float nAt = ref nRows.RowStart(row);
                ref float oAt = ref oRows.RowStart(row);
                ref float d_cAt = ref d_cRows.RowStart(row);
                ref float nBeforeAt = ref nBeforeRows.RowStart(row);
                ref float cBeforeAt = ref cBeforeRows.RowStart(row);
                ref float fAt = ref fRows.RowStart(row);
                ref float zAt = ref zRows.RowStart(row);
                ref float iAt = ref iRows.RowStart(row);
                ref float d_mAt = ref d_mRows.RowStart(row);
                ref float a_mAt = ref a_mRows.RowStart(row);
                ref float kAt = ref kRows.RowStart(row);
                ref float d_a_oAt = ref d_a_oRows.RowStart(row);
                ref float d_a_zAt = ref d_a_zRows.RowStart(row);
                ref float a_l2At = ref a_l2Rows.RowStart(row);
                ref float d_a_lAt = ref d_a_lRows.RowStart(row);
                ref float d_kAt = ref d_kRows.RowStart(row);
                ref float d_hBeforeAt = ref d_hBeforeRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V c = V.Load(ref cAt, u);
                    V n = V.Load(ref nAt, u);
                    V t0 = c / n;
                    V d_h = V.Load(ref d_hAt, u);
                    V o = V.Load(ref oAt, u);
                    V d_a_o = d_h * t0 * o * (V.Of(1f) - o);
                    d_a_o.Store(ref d_a_oAt, u);
                    V d_c = V.Load(ref d_cAt, u);
                    V t1 = V.Fma(d_h / n, o, d_c);
                    V i = V.Load(ref iAt, u);
                    V z = V.Load(ref zAt, u);
                    V d_a_z = t1 * i * V.Fma(V.Of(-0f) - z, z, V.Of(1f));
                    d_a_z.Store(ref d_a_zAt, u);
                    t0 = d_h * (t0 / n);
                    V d_n = V.Load(ref d_nAt, u);
                    t0 = V.Fma(V.Of(-0f) - t0, o, d_n);
                    V nBefore = V.Load(ref nBeforeAt, u);
                    V cBefore = V.Load(ref cBeforeAt, u);
                    V t2 = V.Fma(t0, nBefore, t1 * cBefore);
                    V t3 = V.Fma(t1, z, t0);
                    V f = V.Load(ref fAt, u);
                    V d_m = V.Load(ref d_mAt, u);
                    V t4 = V.Fma(V.Of(-0f) - t2, f, d_m);
                    t4 = V.Fma(V.Of(-0f) - t3, i, t4);
                    V a_m = V.Load(ref a_mAt, u);
                    V k = V.Load(ref kAt, u);
                    V t5 = NotBelow(a_m, k);
                    d_m = V.Fma(t2, f, t4 * t5);
                    d_m.Store(ref d_mAt, u);
                    V a_l2 = V.Load(ref a_l2At, u);
                    t5 = Activations.Sigmoid(a_l2);
                    V d_a_l = d_m * t5;
                    d_a_l.Store(ref d_a_lAt, u);
                    t5 = Above(k, a_m);
                    V d_k = V.Fma(t3, i, t4 * t5);
                    d_k.Store(ref d_kAt, u);
                    V d_hBefore = V.Of(0f);
                    d_hBefore.Store(ref d_hBeforeAt, u);
                    d_c = t1 * f;
                    d_c.Store(ref d_cAt, u);
                    d_n = t0 * f;
                    d_n.Store(ref d_nAt, u);
                }
                if (units == columns) continue;
                d_a_oRows.Row(row)[units..].Clear();
                d_a_zRows.Row(row)[units..].Clear();
                d_mRows.Row(row)[units..].Clear();
                d_a_lRows.Row(row)[units..].Clear();
                d_kRows.Row(row)[units..].Clear();
                d_hBeforeRows.Row(row)[units..].Clear();
                d_cRows.Row(row)[units..].Clear();
                d_nRows.Row(row)[units..].Clear();
            }
        }
    }

    //  the larger; a where they are equal, NaN where either is
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Max<V>(V a, V b) where V : struct, ILane<V> =>
        V.WhereLess(a, b, b, V.WhereLess(b, V.Of(float.PositiveInfinity), a, a + b));

    //  1 where a > b, else 0; NaN where either is
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Above<V>(V a, V b) where V : struct, ILane<V> =>
        V.WhereLess(b, a, V.Of(1f), V.WhereLess(a, b, V.Of(0f), a - b));

    //  0 where a < b, else 1; NaN where either is
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V NotBelow<V>(V a, V b) where V : struct, ILane<V> =>
        V.WhereLess(a, b, V.Of(0f), V.WhereLess(b, a, V.Of(1f), a - b + V.Of(1f)));
}
