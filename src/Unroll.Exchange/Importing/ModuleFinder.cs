using System.Text.RegularExpressions;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;

namespace Unroll.Exchange.Importing;

/// <summary>Finds modules by the names and shapes of their tensors.</summary>
internal static partial class ModuleFinder
{
    /// <summary>The modules of a file, in its order, and the names of the tensors that belong to none.</summary>
    /// <param name="file">The weights.</param>
    /// <param name="options">The prefix, and what cells there are.</param>
    /// <param name="notes">Receives what was assumed.</param>
    /// <exception cref="UserErrorException">A recurrent module is not whole.</exception>
    internal static (List<FoundModule> Modules, List<string> Others) Find(WeightsFile file, ImportOptions options, List<string> notes)
    {
        string prefix = options.Prefix ?? "";
        List<string> others = [];
        List<(string Module, Dictionary<string, Tensor> Tensors)> groups = [];
        foreach (Tensor tensor in file.Tensors)
        {
            if (!tensor.Name.StartsWith(prefix, StringComparison.Ordinal))
            {
                others.Add(tensor.Name);
                continue;
            }
            int dot = tensor.Name.LastIndexOf('.');
            string module = dot < prefix.Length ? prefix.TrimEnd('.') : tensor.Name[..dot], own = dot < prefix.Length ? tensor.Name[prefix.Length..]
                : tensor.Name[(dot + 1)..];
            int at = groups.FindIndex(group => group.Module == module);
            if (at < 0) groups.Add((module, []));
            groups[at < 0 ? ^1 : at].Tensors.Add(own, tensor);
        }
        List<FoundModule> modules = [];
        foreach ((string module, Dictionary<string, Tensor> tensors) in groups)
        {
            FoundModule? found = tensors.Keys.Any(own => Recurrent().IsMatch(own)) ? OfGates(file, module, tensors, options, notes) : OfRows(file,
                module, tensors);
            if (found is not null) modules.Add(found);
            others.AddRange(tensors.Where(pair => found?.Tensors.ContainsKey(pair.Key) != true).Select(pair => pair.Value.Name));
        }
        return (modules, others);
    }

    //  weight [rows, columns], perhaps bias [rows]: a linear module or an embedding;  weight [n], bias [n], and no running mean: layer normalization
    private static FoundModule? OfRows(WeightsFile file, string name, Dictionary<string, Tensor> tensors)
    {
        string of = file.Modules.TryGetValue(name, out var module) ? module.Class.Split('.')[^1] : "";
        if (!tensors.TryGetValue("weight", out Tensor? weight) || !IsFloat(weight) || weight.Count == 0) return null;
        bool biased = tensors.TryGetValue("bias", out Tensor? bias) && IsFloat(bias) && bias.Shape.SequenceEqual(weight.Shape[..1]);
        if (tensors.ContainsKey("bias") && !biased) return null;
        Dictionary<string, Tensor> own = biased ? new() { ["weight"] = weight, ["bias"] = bias! } : new() { ["weight"] = weight };
        return weight.Shape.Length switch
        {
            2 when of is "" or "Linear" or "Embedding" or "NonDynamicallyQuantizableLinear" or "LazyLinear" => new FoundModule(name,
                ModuleKind.Matrix, own)
            {
                IsEmbedding = of == "" ? null : of == "Embedding",
            },
            1 when biased && of is "" or "LayerNorm" && !tensors.ContainsKey("running_mean") && biased => new FoundModule(name, ModuleKind.Norm, own),
            _ => null,
        };
    }

    // A cell's tensors have PyTorch's names without the layer: weight_ih for weight_ih_l0.
    private static FoundModule OfGates(WeightsFile file, string name, Dictionary<string, Tensor> tensors, ImportOptions options, List<string> notes)
    {
        Dictionary<string, Tensor> own = [];
        foreach ((string key, Tensor tensor) in tensors)
            if (Recurrent().Match(key) is { Success: true } match) own.Add(match.Groups[2].Length > 0 ? key : key + "_l0", tensor);
        TensorFile gates = new();
        foreach ((string key, Tensor tensor) in own) gates.Add(Renamed(tensor, key));
        string called = name.Length > 0 ? $"{file.Name}: {name}" : file.Name;
        PyTorchWeights weights = PyTorchWeights.From(gates, called, prefix: "");
        CellOptions cell = weights.Spec.Cell;
        if (options.Cell is { } kind && kind != cell.Kind) weights = PyTorchWeights.From(gates, called, "", new CellOptions { Kind = kind });
        else if (cell.Kind == "rnn" && Activation(file, name, options, notes) is { } word)
            weights = PyTorchWeights.From(gates, called, "", new CellOptions { Kind = "rnn", Activation = word });
        else if (cell.Kind != "rnn" && options.Activation is not null)
            throw new UserErrorException($"activation: '{called}' is {cell.Kind}, whose activations are fixed; leave it out.");
        return new FoundModule(name, ModuleKind.Recurrent, tensors.Where(pair => Recurrent().IsMatch(pair.Key)).ToDictionary()) { Weights = weights };
    }

    private static string? Activation(WeightsFile file, string name, ImportOptions options, List<string> notes)
    {
        string? said = file.Modules.TryGetValue(name, out var module) ? module.Mode?.ToLowerInvariant().Replace("rnn_", "",
            StringComparison.Ordinal) : null;
        if (options.Activation is { } asked)
        {
            if (asked is not ("tanh" or "relu")) throw new UserErrorException($"activation: expected tanh or relu, as an nn.RNN has it, got " +
                $"'{asked}'.");
            return said is null || said == asked ? asked
                : throw new UserErrorException($"activation: '{file.Name}' says that '{name}' has {said}, got {asked}; leave it out.");
        }
        if (said is null) notes.Add($"the file does not say whether '{(name.Length > 0 ? name : file.Name)}' has tanh or relu; tanh was taken (the " +
            $"option activation).");
        return said;
    }

    private static Tensor Renamed(Tensor tensor, string name) => IsFloat(tensor) ? tensor.Named(name)
        : throw new UserErrorException($"'{tensor.Name}' holds {tensor.TypeName}; expected floats for the weights of a recurrent module.");

    private static bool IsFloat(Tensor tensor) => tensor.Type is TensorType.F32 or TensorType.F64;

    [GeneratedRegex("^(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(_l(?:0|[1-9][0-9]{0,3})(?:_reverse)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Recurrent();
}
