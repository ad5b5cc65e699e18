using Unroll.Layers.Recurrent;

namespace Unroll.Inspection.Textbook;

/// <summary>One layer of a recurrent stack: one direction, or two whose outputs become one (S49).</summary>
/// <param name="name">The layer's place: <c>"encoder.l0"</c>.</param>
/// <param name="directions">One or two: forward first.</param>
/// <param name="merge">How two become one.</param>
internal sealed class BidirectionalEquations(string name, IReadOnlyList<DirectionEquations> directions, Merge merge) : ILayerEquations
{
    private readonly int _width = directions[0].Outputs;

    public string Name => name;
    public int Outputs => directions.Count == 2 && merge == Merge.Concatenate ? 2 * _width : _width;

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given)
    {
        DirectionRun[] runs = [.. directions.Select(direction => direction.Forward(x, given))];
        return new RecurrentLayerRun(runs.Length == 1 ? runs[0].Outputs : [.. runs[0].Outputs.Zip(runs[1].Outputs, Merged)], this, runs);
    }

    private Vector Merged(Vector forward, Vector reverse) => Merged(forward, reverse, merge);

    //  y = [y→; y←]      or      y = y→ + y←      or      y = ½ (y→ + y←)      or      y = y→ ⊙ y←
    internal static Vector Merged(Vector forward, Vector reverse, Merge merge) => merge switch
    {
        Merge.Concatenate => forward.Above(reverse),
        Merge.Sum => forward + reverse,
        Merge.Multiply => forward * reverse,
        _ => 0.5 * (forward + reverse),
    };

    internal Vector Share(Vector dy, int direction, Vector? other) => directions.Count == 1 ? dy : Share(dy, direction, other!, merge);

    //  δy→, δy← are the two halves of δy      or      δy→ = δy← = δy      or      δy→ = δy← = ½ δy      or      δy→ = δy ⊙ y←, δy← = δy ⊙ y→
    internal static Vector Share(Vector dy, int direction, Vector other, Merge merge) => merge switch
    {
        Merge.Concatenate => dy.Part(direction * (dy.Count / 2), dy.Count / 2),
        Merge.Sum => dy,
        Merge.Multiply => dy * other,
        _ => 0.5 * dy,
    };
}

/// <summary>One recurrent layer through one sequence.</summary>
public sealed class RecurrentLayerRun : LayerRun
{
    private readonly BidirectionalEquations _layer;

    internal RecurrentLayerRun(IReadOnlyList<Vector> outputs, BidirectionalEquations layer, IReadOnlyList<DirectionRun> directions) : base(outputs) =>
        (_layer, Directions) = (layer, directions);

    /// <summary>One direction, or forward and reverse.</summary>
    public IReadOnlyList<DirectionRun> Directions { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given)
    {
        //  δx = δx→ + δx←
        IReadOnlyList<Vector> dx = Directions[0].Backward(Shares(dy, 0), given);
        return Directions.Count == 1
            ? dx
            : [.. dx.Zip(Directions[1].Backward(Shares(dy, 1), given), (forward, reverse) => forward + reverse)];
    }

    private Vector[] Shares(IReadOnlyList<Vector> dy, int direction) =>
        [.. dy.Select((v, t) => _layer.Share(v, direction, Directions.Count == 1 ? null : Directions[1 - direction].Outputs[t]))];
}
