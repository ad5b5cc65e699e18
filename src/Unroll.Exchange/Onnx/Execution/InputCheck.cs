using Unroll.Core;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Onnx.Execution;

/// <summary>Whether what a run is given is what the graph declares: names, types and sizes, and the same number for the same name of a
/// size.</summary>
internal static class InputCheck
{
    /// <summary>Refuses inputs that are not as declared.</summary>
    /// <exception cref="UserErrorException">One is missing, not known, or not as declared; the message lists the inputs.</exception>
    public static void Check(OnnxModel model, IReadOnlyDictionary<string, OnnxValue> given)
    {
        string file = model.Description.File, all = $"its inputs are {string.Join("; ", model.Inputs)}";
        foreach (string name in given.Keys)
            if (model.Graph.Inputs.All(input => input.Name != name))
                throw new UserErrorException($"'{file}' has no input "
                    + $"'{name}'{NearestName.Question(name, model.Inputs.Select(input => input.Name), all)}.");
        if (model.Inputs.FirstOrDefault(input => !given.ContainsKey(input.Name)) is { } missing)
            throw new UserErrorException($"'{file}': the input '{missing.Name}' is not given; {all}.");
        Dictionary<string, (int Size, string Input)> sizes = [];
        foreach (OnnxPort port in model.Graph.Inputs)
            if (given.TryGetValue(port.Name, out OnnxValue? value) && Wrong(port, value, sizes) is { } wrong)
                throw new UserErrorException($"'{file}': the input '{port.Name}' is declared {port.Text}, got {value.Text}{wrong}; {all}.");
    }

    private static string? Wrong(OnnxPort port, OnnxValue value, Dictionary<string, (int Size, string Input)> sizes)
    {
        if (value is OnnxSequence sequence) return port.IsSequence && (port.Type ?? sequence.Type) == sequence.Type ? null : "";
        OnnxTensor tensor = (OnnxTensor)value;
        if (port.IsSequence || (port.Type ?? tensor.Type) != tensor.Type) return "";
        if (port.Shape is null) return null;
        if (port.Shape.Count != tensor.Rank) return "";
        for (int i = 0; i < tensor.Rank; i++)
        {
            int size = tensor.Shape[i];
            if (port.Shape[i].Size is { } declared && declared != size) return "";
            if (port.Shape[i].Name is not { } name) continue;
            if (!sizes.TryAdd(name, (size, port.Name)) && sizes[name].Size != size)
                return $", but '{name}' is {sizes[name].Size} in '{sizes[name].Input}'";
        }
        return null;
    }
}
