using Unroll.Core;

namespace Unroll.Formats;

/// <summary>Copies tensors of a file into parameters, all or none: whatever does not fit is collected first and reported in one error.</summary>
/// <param name="file">The name of the file in errors.</param>
internal sealed class WeightTransfer(string file)
{
    private readonly List<(Parameter Target, Tensor? Source)> _moves = [];
    private readonly List<string> _missing = [], _unexpected = [], _misshaped = [];

    /// <summary>Plans one copy.</summary>
    /// <param name="parameter">The weights to overwrite.</param>
    /// <param name="tensor">What the file has for them; null if it has nothing.</param>
    public void Match(Parameter parameter, Tensor? tensor)
    {
        if (tensor is null)
            _missing.Add(parameter.ToString());
        else if (tensor.Type is not (TensorType.F32 or TensorType.F64))
            _misshaped.Add($"{tensor.Name} holds {tensor.TypeName}, expected F32");
        else if (!tensor.Shape.SequenceEqual(parameter.Shape))
            _misshaped.Add($"{tensor.Name} is {tensor.ShapeText}, expected {Tensor.TextOf(parameter.Shape)}");
        else
            _moves.Add((parameter, tensor));
    }

    /// <summary>Plans zeros for weights that the file need not have.</summary>
    /// <param name="parameter">The weights to overwrite.</param>
    public void Zero(Parameter parameter) => _moves.Add((parameter, null));

    /// <summary>Notes a tensor for which there is no place.</summary>
    /// <param name="tensor">The tensor.</param>
    public void Refuse(Tensor tensor) => _unexpected.Add($"{tensor.Name} {tensor.ShapeText}");

    /// <summary>Copies everything that was planned; a double is rounded to the nearest float.</summary>
    /// <param name="store">The store whose parameters were matched. Overwritten where matched, untouched if this throws.</param>
    /// <exception cref="UserErrorException">Something was missing, unexpected, or of another shape or type: all of it in one line.</exception>
    public void Apply(ParameterStore store)
    {
        string[] faults = [.. Fault("missing", _missing), .. Fault("not expected", _unexpected), .. Fault("wrong", _misshaped)];
        if (faults.Length > 0)
            throw new UserErrorException($"'{file}' does not fit this network: {string.Join("; ", faults)}; give weights of the same network.");

        using Edit edit = store.Edit();
        foreach ((Parameter target, Tensor? source) in _moves)
        {
            Span<float> values = edit.Of(target);
            if (source is null) values.Clear();
            else if (source.Type == TensorType.F32) source.Float32.CopyTo(values);
            else for (int i = 0; i < values.Length; i++) values[i] = (float)source.Float64[i];
        }
    }

    private static IEnumerable<string> Fault(string kind, List<string> what) => what.Count == 0 ? [] : [$"{kind}: {string.Join(", ", what)}"];
}
