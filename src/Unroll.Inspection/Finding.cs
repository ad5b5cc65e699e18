namespace Unroll.Inspection;

/// <summary>The kind of a finding.</summary>
public enum FindingKind
{
    /// <summary>A value is NaN or infinite.</summary>
    NotFinite,
    /// <summary>Every unit of a gate is near one and the same bound at every step.</summary>
    StuckGate,
    /// <summary>95 % of a gate's values are near one bound.</summary>
    NearlyStuckGate,
    /// <summary>Units with a constant output and no gradient.</summary>
    DeadUnits,
    /// <summary>Units with a constant output.</summary>
    ConstantUnits,
    /// <summary>Most values of a gate are near its bounds, where its derivative is small.</summary>
    Saturation,
    /// <summary>The memory of the units is lost within a step or two.</summary>
    ShortMemory,
}

/// <summary>Something worth knowing about a network, in plain English.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Layer">The layer: <c>encoder.l0</c>.</param>
/// <param name="Gate">The gate or state; empty where it is the layer as a whole.</param>
/// <param name="IsProblem">Whether it keeps the network from learning or remembering; otherwise it is worth knowing and may be intended.</param>
/// <param name="Text">One or two sentences: what, where, what it means and where to look.</param>
public sealed record Finding(FindingKind Kind, string Layer, string Gate, bool IsProblem, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}
