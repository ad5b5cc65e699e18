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

    //  y = [y→; y←]      or      y = y→ + y←      or      y = ½ (y→ + y←)
    private Vector Merged(Vector forward, Vector reverse) => merge switch
    {
        Merge.Concatenate => forward.Above(reverse),
        Merge.Sum => forward + reverse,
        _ => 0.5 * (forward + reverse),
    };

    //  δy→, δy← are the two halves of δy      or      δy→ = δy← = δy      or      δy→ = δy← = ½ δy
    internal Vector Share(Vector dy, int direction) => directions.Count == 1 ? dy : merge switch
    {
        Merge.Concatenate => dy.Part(direction * _width, _width),
        Merge.Sum => dy,
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
        IReadOnlyList<Vector> dx = Directions[0].Backward([.. dy.Select(v => _layer.Share(v, 0))], given);
        return Directions.Count == 1
            ? dx
            : [.. dx.Zip(Directions[1].Backward([.. dy.Select(v => _layer.Share(v, 1))], given), (forward, reverse) => forward + reverse)];
    }
}
