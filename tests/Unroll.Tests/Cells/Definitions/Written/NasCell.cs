using System.Runtime.CompilerServices;
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
            MatrixView a_1Rows = s.Saved(0);
            MatrixView a_2Rows = s.Saved(1);
            MatrixView a_3Rows = s.Saved(2);
            MatrixView a_a_4Rows = s.Saved(3);
            MatrixView u_4Rows = s.Saved(4);
            MatrixView a_4Rows = s.Saved(9);
            MatrixView a_5Rows = s.Saved(5);
            MatrixView a_6Rows = s.Saved(6);
            MatrixView a_7Rows = s.Saved(7);
            MatrixView a_8Rows = s.Saved(8);
            MatrixView tanh_a_1a_2Rows = s.Saved(10);
            MatrixView cBeforeRows = s.StatePrev(1);
            MatrixView lRows = s.Saved(11);
            MatrixView kRows = s.Saved(12);
            MatrixView cRows = s.State(1);
            MatrixView tanh_a_5a_6Rows = s.Saved(13);
            MatrixView σ_a_sRows = s.Saved(14);
            MatrixView s_Rows = s.Saved(15);
            MatrixView hRows = s.State(0);
            for (int row = 0; row < s.Rows; row++)
            {
                ref float a_1At = ref a_1Rows.RowStart(row);
                ref float a_2At = ref a_2Rows.RowStart(row);
                ref float a_3At = ref a_3Rows.RowStart(row);
                ref float a_a_4At = ref a_a_4Rows.RowStart(row);
                ref float u_4At = ref u_4Rows.RowStart(row);
                ref float a_4At = ref a_4Rows.RowStart(row);
                ref float a_5At = ref a_5Rows.RowStart(row);
                ref float a_6At = ref a_6Rows.RowStart(row);
                ref float a_7At = ref a_7Rows.RowStart(row);
                ref float a_8At = ref a_8Rows.RowStart(row);
                ref float tanh_a_1a_2At = ref tanh_a_1a_2Rows.RowStart(row);
                ref float cBeforeAt = ref cBeforeRows.RowStart(row);
                ref float lAt = ref lRows.RowStart(row);
                ref float kAt = ref kRows.RowStart(row);
                ref float cAt = ref cRows.RowStart(row);
                ref float tanh_a_5a_6At = ref tanh_a_5a_6Rows.RowStart(row);
                ref float σ_a_sAt = ref σ_a_sRows.RowStart(row);
                ref float s_At = ref s_Rows.RowStart(row);
                ref float hAt = ref hRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V a_1 = V.Load(ref a_1At, u);
                    a_1 = Activations.Sigmoid(a_1);
                    a_1.Store(ref a_1At, u);
                    V a_2 = V.Load(ref a_2At, u);
                    a_2 = Activations.Relu(a_2);
                    a_2.Store(ref a_2At, u);
                    V a_3 = V.Load(ref a_3At, u);
                    a_3 = Activations.Sigmoid(a_3);
                    a_3.Store(ref a_3At, u);
                    V a_a_4 = V.Load(ref a_a_4At, u);
                    V u_4 = V.Load(ref u_4At, u);
                    V a_4 = Activations.Relu(a_a_4 * u_4);
                    a_4.Store(ref a_4At, u);
                    V a_5 = V.Load(ref a_5At, u);
                    a_5 = Activations.Tanh(a_5);
                    a_5.Store(ref a_5At, u);
                }
                for (int u = 0; u < columns; u += V.Count)
                {
                    V a_6 = V.Load(ref a_6At, u);
                    a_6 = Activations.Sigmoid(a_6);
                    a_6.Store(ref a_6At, u);
                    V a_7 = V.Load(ref a_7At, u);
                    a_7 = Activations.Tanh(a_7);
                    a_7.Store(ref a_7At, u);
                    V a_8 = V.Load(ref a_8At, u);
                    a_8 = Activations.Sigmoid(a_8);
                    a_8.Store(ref a_8At, u);
                }
                for (int u = 0; u < columns; u += V.Count)
                {
                    V a_1 = V.Load(ref a_1At, u);
                    V a_2 = V.Load(ref a_2At, u);
                    V tanh_a_1a_2 = Activations.Tanh(a_1 * a_2);
                    tanh_a_1a_2.Store(ref tanh_a_1a_2At, u);
                    V cBefore = V.Load(ref cBeforeAt, u);
                    V l = Activations.Tanh(tanh_a_1a_2 + cBefore);
                    l.Store(ref lAt, u);
                    V a_3 = V.Load(ref a_3At, u);
                    V a_4 = V.Load(ref a_4At, u);
                    V k = Activations.Tanh(a_3 + a_4);
                    k.Store(ref kAt, u);
                    V c = l * k;
                    c.Store(ref cAt, u);
                }
                for (int u = 0; u < columns; u += V.Count)
                {
                    V a_5 = V.Load(ref a_5At, u);
                    V a_6 = V.Load(ref a_6At, u);
                    V tanh_a_5a_6 = Activations.Tanh(a_5 * a_6);
                    tanh_a_5a_6.Store(ref tanh_a_5a_6At, u);
                    V a_7 = V.Load(ref a_7At, u);
                    V a_8 = V.Load(ref a_8At, u);
                    V σ_a_s = Activations.Sigmoid(a_7 + a_8);
                    σ_a_s.Store(ref σ_a_sAt, u);
                    V s_ = Activations.Tanh(tanh_a_5a_6 + σ_a_s);
                    s_.Store(ref s_At, u);
                }
                for (int u = 0; u < columns; u += V.Count)
                {
                    V c = V.Load(ref cAt, u);
                    V s_ = V.Load(ref s_At, u);
                    V h = Activations.Tanh(c * s_);
                    h.Store(ref hAt, u);
                }
                if (units == columns) continue;
                a_1Rows.Row(row)[units..].Clear();
                a_2Rows.Row(row)[units..].Clear();
                a_3Rows.Row(row)[units..].Clear();
                a_4Rows.Row(row)[units..].Clear();
                a_5Rows.Row(row)[units..].Clear();
                a_6Rows.Row(row)[units..].Clear();
                a_7Rows.Row(row)[units..].Clear();
                a_8Rows.Row(row)[units..].Clear();
                tanh_a_1a_2Rows.Row(row)[units..].Clear();
                lRows.Row(row)[units..].Clear();
                kRows.Row(row)[units..].Clear();
                cRows.Row(row)[units..].Clear();
                tanh_a_5a_6Rows.Row(row)[units..].Clear();
                σ_a_sRows.Row(row)[units..].Clear();
                s_Rows.Row(row)[units..].Clear();
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
            MatrixView d_hRows = s.DState(0);
            MatrixView hRows = s.State(0);
            MatrixView cRows = s.State(1);
            MatrixView s_Rows = s.Saved(15);
            MatrixView σ_a_sRows = s.Saved(14);
            MatrixView tanh_a_5a_6Rows = s.Saved(13);
            MatrixView d_cRows = s.DState(1);
            MatrixView lRows = s.Saved(11);
            MatrixView kRows = s.Saved(12);
            MatrixView tanh_a_1a_2Rows = s.Saved(10);
            MatrixView a_8Rows = s.Saved(8);
            MatrixView d_a_a_8Rows = s.DA(8);
            MatrixView a_7Rows = s.Saved(7);
            MatrixView d_a_a_7Rows = s.DA(7);
            MatrixView a_5Rows = s.Saved(5);
            MatrixView a_6Rows = s.Saved(6);
            MatrixView d_a_a_6Rows = s.DA(6);
            MatrixView d_a_a_5Rows = s.DA(5);
            MatrixView a_4Rows = s.Saved(9);
            MatrixView a_a_4Rows = s.Saved(3);
            MatrixView d_u_4Rows = s.DA(4);
            MatrixView u_4Rows = s.Saved(4);
            MatrixView d_a_a_4Rows = s.DA(3);
            MatrixView a_3Rows = s.Saved(2);
            MatrixView d_a_a_3Rows = s.DA(2);
            MatrixView a_1Rows = s.Saved(0);
            MatrixView a_2Rows = s.Saved(1);
            MatrixView d_a_a_2Rows = s.DA(1);
            MatrixView d_a_a_1Rows = s.DA(0);
            MatrixView d_hBeforeRows = s.DHPrev;
            for (int row = 0; row < s.Rows; row++)
            {
                ref float d_hAt = ref d_hRows.RowStart(row);
                ref float hAt = ref hRows.RowStart(row);
                ref float cAt = ref cRows.RowStart(row);
                ref float s_At = ref s_Rows.RowStart(row);
                ref float σ_a_sAt = ref σ_a_sRows.RowStart(row);
                ref float tanh_a_5a_6At = ref tanh_a_5a_6Rows.RowStart(row);
                ref float d_cAt = ref d_cRows.RowStart(row);
                ref float lAt = ref lRows.RowStart(row);
                ref float kAt = ref kRows.RowStart(row);
                ref float tanh_a_1a_2At = ref tanh_a_1a_2Rows.RowStart(row);
                ref float a_8At = ref a_8Rows.RowStart(row);
                ref float d_a_a_8At = ref d_a_a_8Rows.RowStart(row);
                ref float a_7At = ref a_7Rows.RowStart(row);
                ref float d_a_a_7At = ref d_a_a_7Rows.RowStart(row);
                ref float a_5At = ref a_5Rows.RowStart(row);
                ref float a_6At = ref a_6Rows.RowStart(row);
                ref float d_a_a_6At = ref d_a_a_6Rows.RowStart(row);
                ref float d_a_a_5At = ref d_a_a_5Rows.RowStart(row);
                ref float a_4At = ref a_4Rows.RowStart(row);
                ref float a_a_4At = ref a_a_4Rows.RowStart(row);
                ref float d_u_4At = ref d_u_4Rows.RowStart(row);
                ref float u_4At = ref u_4Rows.RowStart(row);
                ref float d_a_a_4At = ref d_a_a_4Rows.RowStart(row);
                ref float a_3At = ref a_3Rows.RowStart(row);
                ref float d_a_a_3At = ref d_a_a_3Rows.RowStart(row);
                ref float a_1At = ref a_1Rows.RowStart(row);
                ref float a_2At = ref a_2Rows.RowStart(row);
                ref float d_a_a_2At = ref d_a_a_2Rows.RowStart(row);
                ref float d_a_a_1At = ref d_a_a_1Rows.RowStart(row);
                ref float d_hBeforeAt = ref d_hBeforeRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V d_h = V.Load(ref d_hAt, u);
                    V h = V.Load(ref hAt, u);
                    V t0 = d_h * V.Fma(V.Of(-0f) - h, h, V.Of(1f));
                    V c = V.Load(ref cAt, u);
                    V s_ = V.Load(ref s_At, u);
                    V t1 = t0 * c * V.Fma(V.Of(-0f) - s_, s_, V.Of(1f));
                    V σ_a_s = V.Load(ref σ_a_sAt, u);
                    V t2 = t1 * σ_a_s * (V.Of(1f) - σ_a_s);
                    V a_8 = V.Load(ref a_8At, u);
                    V d_a_a_8 = t2 * a_8 * (V.Of(1f) - a_8);
                    d_a_a_8.Store(ref d_a_a_8At, u);
                    V a_7 = V.Load(ref a_7At, u);
                    V d_a_a_7 = t2 * V.Fma(V.Of(-0f) - a_7, a_7, V.Of(1f));
                    d_a_a_7.Store(ref d_a_a_7At, u);
                    V tanh_a_5a_6 = V.Load(ref tanh_a_5a_6At, u);
                    t1 = t1 * V.Fma(V.Of(-0f) - tanh_a_5a_6, tanh_a_5a_6, V.Of(1f));
                    V a_5 = V.Load(ref a_5At, u);
                    V a_6 = V.Load(ref a_6At, u);
                    V d_a_a_6 = t1 * a_5 * a_6 * (V.Of(1f) - a_6);
                    d_a_a_6.Store(ref d_a_a_6At, u);
                    V d_a_a_5 = t1 * a_6 * V.Fma(V.Of(-0f) - a_5, a_5, V.Of(1f));
                    d_a_a_5.Store(ref d_a_a_5At, u);
                    V d_c = V.Load(ref d_cAt, u);
                    t0 = V.Fma(t0, s_, d_c);
                    V l = V.Load(ref lAt, u);
                    V k = V.Load(ref kAt, u);
                    t1 = t0 * l * V.Fma(V.Of(-0f) - k, k, V.Of(1f));
                    V a_4 = V.Load(ref a_4At, u);
                    t2 = t1 * Above(a_4, V.Of(0f));
                    V a_a_4 = V.Load(ref a_a_4At, u);
                    V d_u_4 = t2 * a_a_4;
                    d_u_4.Store(ref d_u_4At, u);
                    V u_4 = V.Load(ref u_4At, u);
                    V d_a_a_4 = t2 * u_4;
                    d_a_a_4.Store(ref d_a_a_4At, u);
                    V a_3 = V.Load(ref a_3At, u);
                    V d_a_a_3 = t1 * a_3 * (V.Of(1f) - a_3);
                    d_a_a_3.Store(ref d_a_a_3At, u);
                    d_c = t0 * k * V.Fma(V.Of(-0f) - l, l, V.Of(1f));
                    d_c.Store(ref d_cAt, u);
                    V tanh_a_1a_2 = V.Load(ref tanh_a_1a_2At, u);
                    t0 = d_c * V.Fma(V.Of(-0f) - tanh_a_1a_2, tanh_a_1a_2, V.Of(1f));
                    V a_1 = V.Load(ref a_1At, u);
                    V a_2 = V.Load(ref a_2At, u);
                    V d_a_a_2 = t0 * a_1 * Above(a_2, V.Of(0f));
                    d_a_a_2.Store(ref d_a_a_2At, u);
                    V d_a_a_1 = t0 * a_2 * a_1 * (V.Of(1f) - a_1);
                    d_a_a_1.Store(ref d_a_a_1At, u);
                    V d_hBefore = V.Of(0f);
                    d_hBefore.Store(ref d_hBeforeAt, u);
                }
                if (units == columns) continue;
                d_a_a_8Rows.Row(row)[units..].Clear();
                d_a_a_7Rows.Row(row)[units..].Clear();
                d_a_a_6Rows.Row(row)[units..].Clear();
                d_a_a_5Rows.Row(row)[units..].Clear();
                d_u_4Rows.Row(row)[units..].Clear();
                d_a_a_4Rows.Row(row)[units..].Clear();
                d_a_a_3Rows.Row(row)[units..].Clear();
                d_cRows.Row(row)[units..].Clear();
                d_a_a_2Rows.Row(row)[units..].Clear();
                d_a_a_1Rows.Row(row)[units..].Clear();
                d_hBeforeRows.Row(row)[units..].Clear();
            }
        }
    }

    //  1 where a > b, else 0; NaN where either is
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Above<V>(V a, V b) where V : struct, ILane<V> =>
        V.WhereLess(b, a, V.Of(1f), V.WhereLess(a, b, V.Of(0f), a - b));
}
