using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>One computation of a node: its inputs, its outputs, and memory for them.</summary>
internal sealed class OperatorCall(OperatorNode node, OnnxValue?[] inputs, Scope scope)
{
    private readonly OnnxValue?[] _outputs = new OnnxValue?[node.OutputCount];

    /// <summary>The node.</summary>
    public OperatorNode Node => node;

    /// <summary>Where the values of the graph around the node are.</summary>
    public Scope Scope => scope;

    /// <summary>What the whole run has in common: its limits.</summary>
    public Run Run => scope.Run;

    /// <summary>The number of inputs, missing ones in between counted.</summary>
    public int InputCount => inputs.Length;

    /// <summary>The outputs, as far as they were set.</summary>
    public ReadOnlySpan<OnnxValue?> Outputs => _outputs;

    /// <summary>Whether an output is wanted.</summary>
    public bool HasOutput(int index) => node.HasOutput(index);

    /// <summary>An input of any kind, or null where it is missing.</summary>
    public OnnxValue? Value(int index) => index < inputs.Length ? inputs[index] : null;

    /// <summary>A tensor.</summary>
    public OnnxTensor Tensor(int index) => Optional(index) ?? throw Refusal($"input {index} is missing");

    /// <summary>A tensor, or null where it is missing.</summary>
    public OnnxTensor? Optional(int index) => Value(index) switch
    {
        null => null,
        OnnxTensor tensor => tensor,
        var other => throw Refusal($"input {index} is a {other.Text}, expected a tensor"),
    };

    /// <summary>A sequence of tensors.</summary>
    public OnnxSequence Sequence(int index) => Value(index) switch
    {
        OnnxSequence sequence => sequence,
        var other => throw Refusal($"input {index} is {other?.Text ?? "missing"}, expected a sequence of tensors"),
    };

    /// <summary>Whole numbers of an input of int64 or int32, as they are.</summary>
    public long[] Wholes(int index)
    {
        OnnxTensor tensor = Tensor(index);
        return tensor.Type switch
        {
            OnnxType.Int64 => tensor.Values<long>().ToArray(),
            OnnxType.Int32 => Array.ConvertAll(tensor.Values<int>().ToArray(), value => (long)value),
            _ => throw Refusal($"input {index} is {tensor.Text}, expected int64 or int32"),
        };
    }

    /// <summary>One whole number of an input of int64 or int32.</summary>
    public long Whole(int index) => Wholes(index) is [var one] ? one : throw Refusal($"input {index} is {Tensor(index).Text}, expected one number");

    /// <summary>Sets an output; one that is not wanted may be set too.</summary>
    public void Set(int index, OnnxValue value)
    {
        if (index < _outputs.Length) _outputs[index] = value;
    }

    /// <summary>A tensor to be filled, zero, taken from the run's memory.</summary>
    /// <exception cref="UserErrorException">The run would need more memory than it may have.</exception>
    public OnnxTensor New<T>(ReadOnlySpan<int> shape, out Span<T> values) where T : unmanaged
    {
        OnnxTensor tensor = New(OnnxTypes.Of<T>(), shape, out Span<byte> bytes);
        values = MemoryMarshal.Cast<byte, T>(bytes);
        return tensor;
    }

    /// <summary>As the other, where the type is a value.</summary>
    public OnnxTensor New(OnnxType type, ReadOnlySpan<int> shape, out Span<byte> bytes)
    {
        Run.Take(node, type, shape);
        return OnnxTensor.New(type, shape.ToArray(), out bytes);
    }

    /// <summary>The user's error for something in this node.</summary>
    /// <param name="what">What is wrong, what was expected; without a full stop.</param>
    public UserErrorException Refusal(string what) => node.Refusal(what);
}
