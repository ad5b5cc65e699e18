using System.Runtime.CompilerServices;
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
        Kernel.Run<Forward0, Tile>(s);
    }

    public void Backward(int stage, in TileBack s)
    {
        Kernel.Run<Backward0, TileBack>(s);
    }

    public void AddExtraGradients(in UnitRange s)
    {
        MatrixView d0 = s.DA(4);                                         // δg_z
        for (int row = 0; row < d0.Rows; row++) Elementwise.Add(d0.Row(row), s.DExtra(0).Row(0));
        MatrixView d1 = s.DA(5);                                         // δg_n
        for (int row = 0; row < d1.Rows; row++) Elementwise.Add(d1.Row(row), s.DExtra(1).Row(0));
    }

    private readonly struct Forward0 : IKernel<Tile>
    {
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(in Tile s) where V : struct, ILane<V>
        {
            int columns = s.Saved(0).Columns, units = s.Valid;
            MatrixView w_zRows = s.Saved(0);
            MatrixView ρ_norm_w_zRows = s.Saved(5);
            MatrixView norm_w_zRows = s.Saved(4);
            MatrixView zRows = s.Saved(1);
            MatrixView g_zRows = s.Extras.Part(0, 1, 0, columns);
            MatrixView w_nRows = s.Saved(2);
            MatrixView ρ_norm_w_nRows = s.Saved(7);
            MatrixView norm_w_nRows = s.Saved(6);
            MatrixView nRows = s.Saved(3);
            MatrixView g_nRows = s.Extras.Part(1, 1, 0, columns);
            MatrixView hBeforeRows = s.StatePrev(0);
            MatrixView hRows = s.State(0);
            for (int row = 0; row < s.Rows; row++)
            {
                ref float w_zAt = ref w_zRows.RowStart(row);
                ref float ρ_norm_w_zAt = ref ρ_norm_w_zRows.RowStart(row);
                ref float norm_w_zAt = ref norm_w_zRows.RowStart(row);
                ref float zAt = ref zRows.RowStart(row);
                ref float g_zAt = ref g_zRows.RowStart(0);
                ref float w_nAt = ref w_nRows.RowStart(row);
                ref float ρ_norm_w_nAt = ref ρ_norm_w_nRows.RowStart(row);
                ref float norm_w_nAt = ref norm_w_nRows.RowStart(row);
                ref float nAt = ref nRows.RowStart(row);
                ref float g_nAt = ref g_nRows.RowStart(0);
                ref float hBeforeAt = ref hBeforeRows.RowStart(row);
                ref float hAt = ref hRows.RowStart(row);
                Norm(w_zRows.Row(row)[..units], norm_w_zRows.Row(row)[..units], ρ_norm_w_zRows.Row(row)[..units], 1E-05);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V g_z = V.Load(ref g_zAt, u);
                    V norm_w_z = V.Load(ref norm_w_zAt, u);
                    V z = V.Load(ref zAt, u);
                    z = Activations.Sigmoid(V.Fma(g_z, norm_w_z, z));
                    z.Store(ref zAt, u);
                }
                Norm(w_nRows.Row(row)[..units], norm_w_nRows.Row(row)[..units], ρ_norm_w_nRows.Row(row)[..units], 1E-05);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V g_n = V.Load(ref g_nAt, u);
                    V norm_w_n = V.Load(ref norm_w_nAt, u);
                    V n = V.Load(ref nAt, u);
                    n = Activations.Relu(V.Fma(g_n, norm_w_n, n));
                    n.Store(ref nAt, u);
                    V z = V.Load(ref zAt, u);
                    V hBefore = V.Load(ref hBeforeAt, u);
                    V h = V.Fma(z, hBefore, (V.Of(1f) - z) * n);
                    h.Store(ref hAt, u);
                }
                if (units == columns) continue;
                norm_w_zRows.Row(row)[units..].Clear();
                ρ_norm_w_zRows.Row(row)[units..].Clear();
                zRows.Row(row)[units..].Clear();
                norm_w_nRows.Row(row)[units..].Clear();
                ρ_norm_w_nRows.Row(row)[units..].Clear();
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
            Span<float> t0Row = columns <= 512 ? stackalloc float[512] : new float[columns];
            ref float t0At = ref t0Row[0];
            MatrixView d_hRows = s.DState(0);
            MatrixView zRows = s.Saved(1);
            MatrixView nRows = s.Saved(3);
            MatrixView d_a_nRows = s.DA(3);
            MatrixView g_nRows = s.Extras.Part(1, 1, 0, columns);
            MatrixView norm_w_nRows = s.Saved(6);
            MatrixView ρ_norm_w_nRows = s.Saved(7);
            MatrixView d_w_nRows = s.DA(2);
            MatrixView hBeforeRows = s.StatePrev(0);
            MatrixView d_a_zRows = s.DA(1);
            MatrixView g_zRows = s.Extras.Part(0, 1, 0, columns);
            MatrixView norm_w_zRows = s.Saved(4);
            MatrixView ρ_norm_w_zRows = s.Saved(5);
            MatrixView d_w_zRows = s.DA(0);
            MatrixView d_g_zRows = s.DA(4);
            MatrixView d_g_nRows = s.DA(5);
            MatrixView d_hBeforeRows = s.DHPrev;
            for (int row = 0; row < s.Rows; row++)
            {
                ref float d_hAt = ref d_hRows.RowStart(row);
                ref float zAt = ref zRows.RowStart(row);
                ref float nAt = ref nRows.RowStart(row);
                ref float d_a_nAt = ref d_a_nRows.RowStart(row);
                ref float g_nAt = ref g_nRows.RowStart(0);
                ref float norm_w_nAt = ref norm_w_nRows.RowStart(row);
                ref float ρ_norm_w_nAt = ref ρ_norm_w_nRows.RowStart(row);
                ref float d_w_nAt = ref d_w_nRows.RowStart(row);
                ref float hBeforeAt = ref hBeforeRows.RowStart(row);
                ref float d_a_zAt = ref d_a_zRows.RowStart(row);
                ref float g_zAt = ref g_zRows.RowStart(0);
                ref float norm_w_zAt = ref norm_w_zRows.RowStart(row);
                ref float ρ_norm_w_zAt = ref ρ_norm_w_zRows.RowStart(row);
                ref float d_w_zAt = ref d_w_zRows.RowStart(row);
                ref float d_g_zAt = ref d_g_zRows.RowStart(row);
                ref float d_g_nAt = ref d_g_nRows.RowStart(row);
                ref float d_hBeforeAt = ref d_hBeforeRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V d_h = V.Load(ref d_hAt, u);
                    V z = V.Load(ref zAt, u);
                    V n = V.Load(ref nAt, u);
                    V d_a_n = d_h * (V.Of(1f) - z) * Above(n, V.Of(0f));
                    d_a_n.Store(ref d_a_nAt, u);
                    V g_n = V.Load(ref g_nAt, u);
                    V t0 = d_a_n * g_n;
                    t0.Store(ref t0At, u);
                }
                NormBack(t0Row[..units], norm_w_nRows.Row(row)[..units], d_w_nRows.Row(row)[..units], ρ_norm_w_nRows.Row(row)[0]);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V d_h = V.Load(ref d_hAt, u);
                    V hBefore = V.Load(ref hBeforeAt, u);
                    V n = V.Load(ref nAt, u);
                    V z = V.Load(ref zAt, u);
                    V d_a_z = d_h * (hBefore - n) * z * (V.Of(1f) - z);
                    d_a_z.Store(ref d_a_zAt, u);
                    V g_z = V.Load(ref g_zAt, u);
                    V t0 = d_a_z * g_z;
                    t0.Store(ref t0At, u);
                }
                NormBack(t0Row[..units], norm_w_zRows.Row(row)[..units], d_w_zRows.Row(row)[..units], ρ_norm_w_zRows.Row(row)[0]);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V d_a_z = V.Load(ref d_a_zAt, u);
                    V norm_w_z = V.Load(ref norm_w_zAt, u);
                    V d_g_z = d_a_z * norm_w_z;
                    d_g_z.Store(ref d_g_zAt, u);
                    V d_a_n = V.Load(ref d_a_nAt, u);
                    V norm_w_n = V.Load(ref norm_w_nAt, u);
                    V d_g_n = d_a_n * norm_w_n;
                    d_g_n.Store(ref d_g_nAt, u);
                    V d_h = V.Load(ref d_hAt, u);
                    V z = V.Load(ref zAt, u);
                    V d_hBefore = d_h * z;
                    d_hBefore.Store(ref d_hBeforeAt, u);
                }
                if (units == columns) continue;
                d_a_nRows.Row(row)[units..].Clear();
                d_w_nRows.Row(row)[units..].Clear();
                d_a_zRows.Row(row)[units..].Clear();
                d_w_zRows.Row(row)[units..].Clear();
                d_g_zRows.Row(row)[units..].Clear();
                d_g_nRows.Row(row)[units..].Clear();
                d_hBeforeRows.Row(row)[units..].Clear();
            }
        }
    }

    //  1 where a > b, else 0; NaN where either is
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Above<V>(V a, V b) where V : struct, ILane<V> =>
        V.WhereLess(b, a, V.Of(1f), V.WhereLess(a, b, V.Of(0f), a - b));

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
