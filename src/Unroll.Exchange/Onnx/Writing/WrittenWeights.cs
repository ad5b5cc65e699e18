using System.Runtime.InteropServices;
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
        if (stem is "h0" or "c0") return Find($"{place}.{stem[0]}_in", parameter.Length) is { } first && first.AsSpan().TryCopyTo(into);
        (string Name, int Part, int Parts) = stem switch
        {
            "weight_ih" => ($"{both}.W", 0, 1), "weight_hh" => ($"{both}.R", 0, 1),
            "bias_ih" => ($"{both}.B", 0, 2), "bias_hh" => ($"{both}.B", 1, 2),
            "peephole" => ($"{both}.P", 0, 1), _ => ("", 0, 1),
        };
        if (!_tensors.TryGetValue(_prefix + Name, out TensorProto? tensor)) return false;
        float[] all = Floats(tensor);
        int each = all.Length / (int)tensor.Dims[0];
        ReadOnlySpan<float> values = all.AsSpan(place.EndsWith("_reverse", StringComparison.Ordinal) ? all.Length - each : 0, each);
        values = values.Slice(Part * each / Parts, each / Parts);
        int[] order = stem == "peephole" ? [0, 2, 1] : RecurrentNode.Order(layer.Cell);      // ours: i, f, o
        int block = values.Length / order.Length;
        for (int gate = 0; gate < order.Length; gate++)
            if (order[gate] >= 0) values.Slice(gate * block, block).CopyTo(into[(order[gate] * block)..]);
        return true;
    }

    private static RecurrentSpec? LayerOf(NetworkSpec spec, string parameter) => spec.Layers
        .Select(layer => layer switch { RecurrentSpec recurrent => recurrent, CharacterSpec words => words.Spelling, _ => null })
        .Where(layer => layer is not null && parameter.StartsWith($"{layer.Name}.", StringComparison.Ordinal)).MaxBy(layer => layer!.Name.Length);

    private float[]? Find(string name, int length) =>
        _tensors.TryGetValue(_prefix + name, out TensorProto? tensor) && Floats(tensor) is { } values && values.Length == length ? values : null;

    private static float[] Floats(TensorProto tensor) => MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
}
