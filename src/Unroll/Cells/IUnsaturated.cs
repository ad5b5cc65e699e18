namespace Unroll.Cells;

/// <summary>
/// A cell that also knows the backward pass it would have if none of its activations were saturated: slopes at their largest (tanh′ = 1, σ′ = ¼,
/// relu′ = 1, clips open), the values of gates and states as they are. Held against the real one, it tells what saturation does to a gradient from
/// what the recurrent matrices do. A cell need not know it; nothing is then said of saturation.
/// </summary>
public interface IUnsaturated : ICell
{
    /// <summary>As <see cref="ICell.Backward"/>, with every slope at its largest.</summary>
    void BackwardUnsaturated(int stage, in TileBack s);
}

/// <summary>The largest slopes of the activations.</summary>
internal static class LargestSlope
{
    public const float Sigmoid = 0.25f, Tanh = 1;
}
