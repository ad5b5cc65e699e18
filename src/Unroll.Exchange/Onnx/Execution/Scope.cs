using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Execution;

/// <summary>The values of one graph in one run, and the scope around it for the body of a node.</summary>
internal sealed class Scope(Run run, Scope? outer, int inputs, int slots)
{
    private readonly OnnxValue?[] _values = new OnnxValue?[slots];

    /// <summary>The run.</summary>
    public Run Run => run;

    /// <summary>The values that were made here, and not given or loaded.</summary>
    public IEnumerable<OnnxValue?> Made => _values.Skip(inputs);

    /// <summary>A value of this scope.</summary>
    public ref OnnxValue? this[int slot] => ref _values[slot];

    /// <summary>A value of this scope or of one around it.</summary>
    public OnnxValue? Read(SlotReference at)
    {
        Scope scope = this;
        for (int i = 0; i < at.Depth; i++) scope = scope.Outer;
        return at.Slot < 0 ? null : scope._values[at.Slot];
    }

    private Scope Outer => outer ?? throw new InvalidOperationException("A body runs without the graph around it.");
}

/// <summary>Where a value is: so many graphs further out, at that place. A missing one has no place.</summary>
/// <param name="Depth">0 for the graph itself.</param>
/// <param name="Slot">The place; negative for none.</param>
internal readonly record struct SlotReference(int Depth, int Slot)
{
    /// <summary>A missing optional value.</summary>
    public static SlotReference Missing => new(0, -1);
}
