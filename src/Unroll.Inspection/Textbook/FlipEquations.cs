using Unroll.Layers.Recurrent;

namespace Unroll.Inspection.Textbook;

/// <summary>The steps of a sequence from the last to the first: y⟨t⟩ = x⟨T + 1 − t⟩.</summary>
/// <param name="name">The layer's name.</param>
/// <param name="features">Features of a step.</param>
internal sealed class FlipEquations(string name, int features) : ILayerEquations
{
    public string Name => name;
    public int Outputs => features;

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) => new Run([.. x.Reverse()]);

    private sealed class Run(IReadOnlyList<Vector> y) : LayerRun(y)
    {
        //  δx⟨t⟩ = δy⟨T + 1 − t⟩
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) => [.. dy.Reverse()];
    }
}

/// <summary>Many to one above two directions whose final states become one row: y = y→⟨T⟩ + y←⟨1⟩, or their mean or product.</summary>
/// <param name="name">The layer's name.</param>
/// <param name="half">Features of a direction.</param>
/// <param name="merge">How the two become one.</param>
internal sealed class LastStatesEquations(string name, int half, Merge merge) : ILayerEquations
{
    public string Name => name;
    public int Outputs => half;

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) => new Run(x, half, merge);

    private sealed class Run(IReadOnlyList<Vector> x, int half, Merge merge)
        : LayerRun(x.Count == 0 ? [] : [BidirectionalEquations.Merged(x[^1].Part(0, half), x[0].Part(half, half), merge)])
    {
        //  δx⟨T⟩'s first half is y→'s share of δy, δx⟨1⟩'s second half that of y←
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) =>
            [.. x.Select((_, t) => Half(t == x.Count - 1, 0, x[0].Part(half, half), dy)
                .Above(Half(t == 0, 1, x[^1].Part(0, half), dy)))];

        private Vector Half(bool has, int direction, Vector other, IReadOnlyList<Vector> dy) =>
            has ? BidirectionalEquations.Share(dy[0], direction, other, merge) : Vector.Zeros(half);
    }
}
