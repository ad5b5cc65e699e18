namespace Unroll.Inspection;

/// <summary>One line of a gradient check: the largest error of one parameter, one input or one named term.</summary>
/// <param name="Kind"><c>cell</c>, <c>layer</c> or <c>loss</c>.</param>
/// <param name="Subject">Which: <c>gru, bidirectional</c>.</param>
/// <param name="What">A parameter by its name, <c>x</c>, <c>outputs</c>, or a term: <c>term of h: through z</c>.</param>
/// <param name="DoubleError">
/// The double-precision gradient against central differences, |a − n| ÷ max(1, |a|, |n|), the largest of all elements; null where there is
/// no gradient in double.
/// </param>
/// <param name="EngineError">
/// The float engine against the double gradient, the largest difference as a share of the tensor's largest element; null where the engine computes no
/// such thing, as for a single term.
/// </param>
public sealed record GradientCheckResult(string Kind, string Subject, string What, double? DoubleError, double? EngineError)
{
    /// <summary>What <see cref="DoubleError"/> may be.</summary>
    public double DoubleTolerance { get; init; } = 1e-7;

    /// <summary>What <see cref="EngineError"/> may be.</summary>
    public double EngineTolerance { get; init; } = 1e-5;

    /// <summary>Whether both errors are within their tolerances; a NaN is not.</summary>
    public bool Passed => !(DoubleError is double d && !(d <= DoubleTolerance)) && !(EngineError is double e && !(e <= EngineTolerance));
}
