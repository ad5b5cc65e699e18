using System.Runtime.CompilerServices;
using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Numerics;

namespace Unroll.Tests.Cells.Definitions.Written;

//  # Antisymmetric RNN: a step of length ε of a differential equation that neither explodes nor fades.
//  # Chang, Chen, Haber, Chi 2019, "AntisymmetricRNN: A Dynamical System View on Recurrent Neural Networks", arXiv:1902.09689.
//  # The step ε and the damping γ are tuned in the paper; here both are 0.01, to be changed in the text.
//  cell antisymmetric-rnn
//  h = h₋ + 0.01 ⊙ tanh((U − Uᵀ) h₋ − 0.01 ⊙ h₋ + W x + b)

public sealed class AntisymmetricRnnCell : IPlannedCell
{
    public string Name => "antisymmetric-rnn";
    public string Gates => "";
    public bool HasCellState => false;
    public IReadOnlyList<string> Saved { get; } =
    [
        "tanh_a_h",
    ];
    public IReadOnlyList<Product> Products => [];
    public int Stages => 1;
    public int ExtraRows => 0;

    public StepPlan Plan { get; } = new()
    {
        States =
        [
            new("h"),
        ],
        Matrices =
        [
            new("weight_ih", 1, new(SourceKind.Input)),
            new("U", 1, new(SourceKind.Before)),
        ],
        Vectors =
        [
            new("b", 1),
        ],
        Arguments =
        [
            new(0, 0, (0, 0)),
        ],
        Products =
        [
            new(0, 0, 0, 1, new(SourceKind.Input), 0),
            new(1, 0, 0, 1, new(SourceKind.Before), 0) { Form = MatrixForm.Antisymmetric },
        ],
        Sources =
        [
        ],
        Deltas = 1,
        DeltaNames =
        [
            "a_h",
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
            MatrixView tanh_a_hRows = s.Saved(0);
            MatrixView hBeforeRows = s.StatePrev(0);
            MatrixView hRows = s.State(0);
            for (int row = 0; row < s.Rows; row++)
            {
                ref float tanh_a_hAt = ref tanh_a_hRows.RowStart(row);
                ref float hBeforeAt = ref hBeforeRows.RowStart(row);
                ref float hAt = ref hRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V hBefore = V.Load(ref hBeforeAt, u);
                    V tanh_a_h = V.Load(ref tanh_a_hAt, u);
                    tanh_a_h = Activations.Tanh(V.Fma(V.Of(-0.01f), hBefore, tanh_a_h));
                    tanh_a_h.Store(ref tanh_a_hAt, u);
                    V h = V.Fma(V.Of(0.01f), tanh_a_h, hBefore);
                    h.Store(ref hAt, u);
                }
                if (units == columns) continue;
                tanh_a_hRows.Row(row)[units..].Clear();
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
            MatrixView tanh_a_hRows = s.Saved(0);
            MatrixView d_a_hRows = s.DA(0);
            MatrixView d_hBeforeRows = s.DHPrev;
            for (int row = 0; row < s.Rows; row++)
            {
                ref float d_hAt = ref d_hRows.RowStart(row);
                ref float tanh_a_hAt = ref tanh_a_hRows.RowStart(row);
                ref float d_a_hAt = ref d_a_hRows.RowStart(row);
                ref float d_hBeforeAt = ref d_hBeforeRows.RowStart(row);
                for (int u = 0; u < columns; u += V.Count)
                {
                    V d_h = V.Load(ref d_hAt, u);
                    V tanh_a_h = V.Load(ref tanh_a_hAt, u);
                    V d_a_h = d_h * V.Of(0.01f) * V.Fma(V.Of(-0f) - tanh_a_h, tanh_a_h, V.Of(1f));
                    d_a_h.Store(ref d_a_hAt, u);
                    V d_hBefore = V.Fma(d_a_h, V.Of(-0.01f), d_h);
                    d_hBefore.Store(ref d_hBeforeAt, u);
                }
                if (units == columns) continue;
                d_a_hRows.Row(row)[units..].Clear();
                d_hBeforeRows.Row(row)[units..].Clear();
            }
        }
    }
}
