using System.Globalization;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Graphs;

/// <summary>A size of an input or output as the graph declares it: a number, a name (a size that may differ from call to call), or neither.</summary>
/// <param name="Size">The number, or null.</param>
/// <param name="Name">The name, or null.</param>
public readonly record struct OnnxDimension(int? Size, string? Name)
{
    /// <inheritdoc/>
    public override string ToString() => Size?.ToString(CultureInfo.InvariantCulture) ?? Name ?? "?";
}

/// <summary>An input or output of a graph as it is declared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of the elements; null where the graph does not say.</param>
/// <param name="Shape">The sizes, slowest first; null where the graph does not say how many there are.</param>
/// <param name="IsSequence">Whether it is a sequence of such tensors.</param>
public sealed record OnnxPort(string Name, OnnxType? Type, IReadOnlyList<OnnxDimension>? Shape, bool IsSequence = false)
{
    /// <summary>The type and the sizes in readable form: <c>float [batch, 16]</c>.</summary>
    public string Text => $"{(IsSequence ? "sequence of " : "")}{Type?.Name() ?? "any type"}"
        + (Shape is null ? "" : $" [{string.Join(", ", Shape)}]");

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Text}";
}
