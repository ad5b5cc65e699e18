namespace Unroll.Exchange.Onnx.Values;

/// <summary>What goes along the edges of a graph: a tensor or a sequence of tensors. Values do not change. A missing optional value is
/// null.</summary>
public abstract class OnnxValue
{
    private protected OnnxValue() { }

    /// <summary>The value in readable form, without its numbers: <c>float [2, 3]</c>.</summary>
    public abstract string Text { get; }
}

/// <summary>A list of tensors of one type, whose shapes may differ.</summary>
public sealed class OnnxSequence : OnnxValue
{
    /// <summary>A sequence of tensors.</summary>
    /// <param name="type">The type of their elements.</param>
    /// <param name="items">The tensors; kept, not copied.</param>
    /// <exception cref="ArgumentException">A tensor is of another type.</exception>
    public OnnxSequence(OnnxType type, IReadOnlyList<OnnxTensor> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.FirstOrDefault(item => item.Type != type) is { } other)
            throw new ArgumentException($"A sequence of {type.Name()} tensors holds one of {other.Type.Name()}.", nameof(items));
        (Type, Items) = (type, items);
    }

    /// <summary>The type of the tensors' elements.</summary>
    public OnnxType Type { get; }

    /// <summary>The tensors.</summary>
    public IReadOnlyList<OnnxTensor> Items { get; }

    /// <inheritdoc/>
    public override string Text => $"sequence of {Items.Count} {Type.Name()} tensors";
}
