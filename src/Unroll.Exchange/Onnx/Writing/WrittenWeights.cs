using System.Runtime.InteropServices;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>
/// The way back: the weights of a network out of a graph that was written here, bit by bit. Where they stand follows from the network's description,
/// which such a file has in its metadata.
/// </summary>
internal sealed class WrittenWeights
{
    private readonly Dictionary<string, TensorProto> _tensors;
    private readonly string _prefix;

    /// <summary>The weights in a graph, or in several that belong together.</summary>
    /// <param name="graphs">The graphs.</param>
    /// <param name="prefix">Of an ensemble <c>member.2.</c>; otherwise empty.</param>
    public WrittenWeights(IEnumerable<GraphProto> graphs, string prefix = "")
    {
        _prefix = prefix;
        _tensors = graphs.SelectMany(graph => graph.Initializer).DistinctBy(tensor => tensor.Name).ToDictionary(tensor => tensor.Name);
    }

    /// <summary>Copies all of them.</summary>
    /// <param name="spec">The network's description; of an encoder–decoder that of all its layers.</param>
    /// <param name="store">The parameters of a network of that description. Overwritten where the graph has them.</param>
    /// <returns>The parameters that the graph has not.</returns>
    public IReadOnlyList<string> CopyInto(NetworkSpec spec, ParameterStore store)
    {
        List<string> missing = [];
        using Edit edit = store.Edit();
        foreach (Parameter parameter in store.All)
            if (!Whole(parameter, edit.Of(parameter)) && !Turned(parameter, edit.Of(parameter)) && !OfOperator(spec, parameter, edit.Of(parameter)))
                missing.Add(parameter.Name);
        return missing;
    }

    private bool Whole(Parameter parameter, Span<float> into) =>
        Find(parameter.Name, parameter.Length) is { Length: > 0 } values && values.AsSpan().TryCopyTo(into);

    private bool Turned(Parameter parameter, Span<float> into)
    {
        if (Find($"{parameter.Name}.T", parameter.Length) is not { } values) return false;
        (int rows, int columns) = (parameter.Shape[0], parameter.Shape[1]);
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++) into[row * columns + column] = values[column * rows + row];
        return true;
    }

    // encoder.weight_hh_l1_reverse: the second direction's part of encoder.l1.R, its gates in our order.
    // encoder.h0_l0: the default of encoder.l0.h_in.
    private bool OfOperator(NetworkSpec spec, Parameter parameter, Span<float> into)
    {
        if (LayerOf(spec, parameter.Name) is not { } layer) return false;
        string own = parameter.Name[(layer.Name.Length + 1)..];
        int at = own.LastIndexOf("_l", StringComparison.Ordinal);
        string stem = own[..at], place = $"{layer.Name}.{own[(at + 1)..]}", both = place.Replace("_reverse", "", StringComparison.Ordinal);
        if (FirstState(layer, stem, place, into)) return true;
        if (OperatorWeights.Of(layer.Cell) is not { } weights) return false;
        bool found = false;
        foreach ((char tensor, int from, int to) in weights.Of(stem))
        {
            if (!_tensors.TryGetValue($"{_prefix}{both}.{tensor}", out TensorProto? written) || written.Dims is not [> 0, ..]) return false;
            float[] all = Floats(written);
            int each = all.Length / (int)written.Dims[0], block = each / weights.Blocks(tensor);
            int start = place.EndsWith("_reverse", StringComparison.Ordinal) ? all.Length - each : 0;
            if ((to + 1) * block > into.Length) return false;
            all.AsSpan(start + from * block, block).CopyTo(into[(to * block)..]);
            found = true;
        }
        return found;
    }

    // h0_l0, the default of l0.h_in; of the further states each a part of l0.c_in, side by side.
    private bool FirstState(RecurrentSpec layer, string stem, string place, Span<float> into)
    {
        string[] states = [.. StepPlan.Of(CellCatalog.BuiltIn.Make(layer.Cell), layer.Cell.Projection).States.Select(state => state.Name)];
        int state = Array.IndexOf(states, stem[..^1]);
        if (!stem.EndsWith('0') || state < 0) return false;
        int length = state == 0 ? into.Length : (states.Length - 1) * into.Length;
        return Find($"{place}.{(state == 0 ? 'h' : 'c')}_in", length) is { } first
            && first.AsSpan(Math.Max(0, state - 1) * into.Length, into.Length).TryCopyTo(into);
    }

    private static RecurrentSpec? LayerOf(NetworkSpec spec, string parameter) => spec.Layers
        .Select(layer => layer switch { RecurrentSpec recurrent => recurrent, CharacterSpec words => words.Spelling, _ => null })
        .Where(layer => layer is not null && parameter.StartsWith($"{layer.Name}.", StringComparison.Ordinal)).MaxBy(layer => layer!.Name.Length);

    private float[]? Find(string name, int length) =>
        _tensors.TryGetValue(_prefix + name, out TensorProto? tensor) && Floats(tensor) is { } values && values.Length == length ? values : null;

    private static float[] Floats(TensorProto tensor) => MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
}
