using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Execution;

/// <summary>One run of a model: counts the memory and the steps of loops that it takes.</summary>
/// <param name="options">The limits.</param>
internal sealed class Run(OnnxRunOptions options)
{
    private readonly List<Scope> _scopes = [];
    private long _taken, _steps;

    /// <summary>Values that are neither in a scope nor given up: what a loop collects.</summary>
    public List<OnnxValue> Kept { get; } = [];

    /// <summary>A scope begins: its values count.</summary>
    public void Enter(Scope scope) => _scopes.Add(scope);

    /// <summary>The last scope that began ends.</summary>
    public void Leave() => _scopes.RemoveAt(_scopes.Count - 1);

    /// <summary>Counts a tensor that is about to be made.</summary>
    /// <exception cref="UserErrorException">The values that are alive and this one are more than the limit.</exception>
    /// <remarks>
    /// What was made is counted up, as if nothing were ever given up; only where that reaches the limit, the values that are still alive are counted.
    /// </remarks>
    public void Take(OperatorNode node, OnnxType type, ReadOnlySpan<int> shape)
    {
        Int128 bytes = (Int128)Shapes.Count(shape) * type.Size();
        if (_taken + bytes > options.MemoryLimit && bytes <= options.MemoryLimit) _taken = Alive();
        if (_taken + bytes > options.MemoryLimit || bytes > Array.MaxLength)
            throw node.Refusal($"a {type.Name()} tensor of shape {Shapes.Text(shape)} would take {Size(bytes)}, and the run may use "
                + $"{Size(options.MemoryLimit)}, of which {Size(_taken)} are in use; give less at once or raise the limit of memory");
        _taken += (long)bytes;
    }

    /// <summary>Counts a step of a loop.</summary>
    /// <exception cref="UserErrorException">There were more than the limit.</exception>
    public void Step(OperatorNode node)
    {
        if (++_steps > options.LoopLimit)
            throw node.Refusal($"the loops of this run took more than {options.LoopLimit:N0} steps; if that is meant, raise the limit of steps");
    }

    private long Alive()
    {
        HashSet<byte[]> seen = new(ReferenceEqualityComparer.Instance);
        foreach (OnnxValue? value in _scopes.SelectMany(scope => scope.Made).Concat(Kept)) Add(value);
        return seen.Sum(bytes => (long)bytes.Length);

        void Add(OnnxValue? value)
        {
            if (value is OnnxSequence sequence) foreach (OnnxTensor item in sequence.Items) Add(item);
            else if (value is OnnxTensor tensor && MemoryMarshal.TryGetArray(tensor.Memory, out ArraySegment<byte> bytes)) seen.Add(bytes.Array!);
        }
    }

    private static string Size(Int128 bytes) => bytes < 1 << 20 ? $"{bytes:N0} bytes" : $"{bytes / (1 << 20):N0} MiB";
}
