using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Operators;

/// <summary>What the steps of a loop make, to become one tensor each in the end. It counts as memory of the run until then.</summary>
internal sealed class Collected : IDisposable
{
    private readonly OperatorCall _call;
    private readonly List<OnnxTensor>[] _rows;
    private readonly int _kept;

    public Collected(OperatorCall call, int count)
    {
        (_call, _kept) = (call, call.Run.Kept.Count);
        _rows = [.. Enumerable.Range(0, count).Select(_ => new List<OnnxTensor>())];
    }

    /// <summary>The result of one step.</summary>
    public void Add(int output, OnnxValue? value)
    {
        if (value is not OnnxTensor tensor) throw _call.Refusal($"a step makes {value?.Text ?? "nothing"}, expected a tensor");
        if (_rows[output] is [var first, ..] && (first.Type != tensor.Type || !first.Shape.SequenceEqual(tensor.Shape)))
            throw _call.Refusal($"one step makes {first.Text} and another {tensor.Text}: they cannot become one tensor");
        _rows[output].Add(tensor);
        _call.Run.Kept.Add(tensor);
    }

    /// <summary>All steps as one tensor with a size more; without any step, the shape that is declared, with 0 for what it leaves open.</summary>
    public OnnxTensor Stacked(int output, OnnxPort declared, long axis, bool reversed)
    {
        List<OnnxTensor> rows = _rows[output];
        if (rows.Count == 0)
        {
            int[] sizes = [.. (declared.Shape ?? []).Select(size => size.Size ?? 0)];
            int place = _call.Axis(axis, sizes.Length + 1);
            return _call.New(declared.Type ?? OnnxType.Float, [.. sizes[..place], 0, .. sizes[place..]], out _);
        }
        int at = _call.Axis(axis, rows[0].Rank + 1);
        int[] shape = rows[0].Shape.ToArray(), one = [.. shape[..at], 1, .. shape[at..]];
        if (reversed) rows.Reverse();
        return MovementOperators.Joined(_call, [.. rows.Select(row => row.Reshaped(one))], at);
    }

    public void Dispose() => _call.Run.Kept.RemoveRange(_kept, _call.Run.Kept.Count - _kept);
}
