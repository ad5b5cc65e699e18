using System.Collections.Immutable;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Lifting;

/// <summary>Says what a node makes of what its inputs are.</summary>
internal delegate void LiftRule(LiftCall call);

/// <summary>One node while it is read.</summary>
internal sealed class LiftCall(OnnxNode node, LiftContext context, IReadOnlyList<LiftValue?> inputs)
{
    private readonly LiftValue?[] _outputs = new LiftValue?[node.Outputs.Count];

    /// <summary>The node.</summary>
    public OnnxNode Node => node;

    /// <summary>What has been found out so far.</summary>
    public LiftContext Context => context;

    /// <summary>The number of inputs, missing ones in between counted.</summary>
    public int Count => inputs.Count;

    /// <summary>What the outputs are, as far as it was said.</summary>
    public IReadOnlyList<LiftValue?> Outputs => _outputs;

    /// <summary>An input; null where it is missing.</summary>
    public LiftValue? Value(int index) => index < inputs.Count ? inputs[index] : null;

    /// <summary>A constant; null where the input is none.</summary>
    public OnnxTensor? Known(int index) => (Value(index) as KnownValue)?.Tensor;

    /// <summary>Whole numbers, constant or from sizes; null where the input is none.</summary>
    public SizesValue? Sizes(int index) => SizeRules.Of(Value(index));

    /// <summary>Constant whole numbers; null where the input is none.</summary>
    public long[]? Wholes(int index) =>
        Sizes(index) is { } sizes && sizes.Items.All(item => item.Number is not null) ? [.. sizes.Items.Select(item => item.Number!.Value)] : null;

    /// <summary>Rows of a layer; an input of the graph becomes the network's input where its last axis is to be the features.</summary>
    public RowsValue? Rows(int index) => RowRules.Of(this, Value(index));

    /// <summary>An attribute, or what it is where it is not given.</summary>
    public T Attribute<T>(string name, T otherwise) => node.Attributes.GetValueOrDefault(name) is T value ? value : otherwise;

    /// <summary>An attribute of whole numbers; null where it is not given.</summary>
    public long[]? Ints(string name) => node.Attributes.GetValueOrDefault(name) as long[];

    /// <summary>Axes that are an attribute in old opsets and an input in new ones; null: none are given, or they are not constant.</summary>
    public long[]? Axes(int input) => Ints("axes") ?? Wholes(input);

    /// <summary>Says what an output is.</summary>
    public void Set(LiftValue value, int output = 0)
    {
        if (output < _outputs.Length) _outputs[output] = value;
    }

    /// <summary>Says that nobody understands the outputs here.</summary>
    /// <param name="why">In half a sentence.</param>
    public void Refuse(string why)
    {
        for (int i = 0; i < _outputs.Length; i++) _outputs[i] ??= new UnknownValue($"{node.Title} {why}");
    }

    /// <summary>The same, where another node is why.</summary>
    /// <param name="why">In a sentence that names the node.</param>
    public void RefuseBecause(string why)
    {
        for (int i = 0; i < _outputs.Length; i++) _outputs[i] ??= new UnknownValue(why);
    }

    /// <summary>Says that an output is a value with other axes, or why it is not.</summary>
    public void SetAxes(AxisValue value, AxisList? axes)
    {
        if (axes is null) Refuse($"gives {value.Axes} a shape that does not follow its axes");
        else Set(value with { Axes = axes });
    }

    /// <summary>Some places on an axis, each once; null where one is outside.</summary>
    public static ImmutableArray<int>? Places(IEnumerable<long> places, int size)
    {
        int[] own = [.. places.Select(place => place < -size || place >= size ? -1 : (int)(place < 0 ? place + size : place))];
        return own.Contains(-1) || own.Distinct().Count() != own.Length ? null : [.. own];
    }
}
