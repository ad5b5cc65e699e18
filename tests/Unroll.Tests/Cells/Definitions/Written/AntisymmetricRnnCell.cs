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
            Span<float> tanh_a_h = s.Saved(0).Row(row);
            Span<float> hBefore = s.StatePrev(0).Row(row);
            Span<float> h = s.State(0).Row(row);
            for (int u = 0; u < units; u++)
            {
                tanh_a_h[u] = Activations.Tanh(MathF.FusedMultiplyAdd(-0.01f, hBefore[u], tanh_a_h[u]));
                h[u] = MathF.FusedMultiplyAdd(0.01f, tanh_a_h[u], hBefore[u]);
            }
            tanh_a_h[units..].Clear();
            h[units..].Clear();
        }
    }

    private static void Backward0(in TileBack s)
    {
        int units = s.Valid;
        for (int row = 0; row < s.Rows; row++)
        {
            Span<float> d_h = s.DState(0).Row(row);
            Span<float> tanh_a_h = s.Saved(0).Row(row);
            Span<float> d_a_h = s.DA(0).Row(row);
            Span<float> d_hBefore = s.DHPrev.Row(row);
            for (int u = 0; u < units; u++)
            {
                d_a_h[u] = d_h[u] * 0.01f * MathF.FusedMultiplyAdd(-tanh_a_h[u], tanh_a_h[u], 1);
                d_hBefore[u] = MathF.FusedMultiplyAdd(d_a_h[u], -0.01f, d_h[u]);
            }
            d_a_h[units..].Clear();
            d_hBefore[units..].Clear();
        }
    }
}
