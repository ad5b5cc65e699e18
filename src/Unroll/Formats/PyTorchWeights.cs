using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Formats;

/// <summary>
/// The weights of PyTorch's <c>nn.RNN</c>, <c>nn.GRU</c> or <c>nn.LSTM</c>: a <c>state_dict</c> saved as safetensors. What the module was
/// (layers, sizes, directions, projection, bias) is inferred from the names and shapes of the tensors.
/// </summary>
/// <remarks>
/// Names, gate orders and layouts are PyTorch's own in this library, so the numbers are copied as they are. Its GRU resets after the
/// product and is our <c>gru-after</c>. Saved there with <c>safetensors.torch.save_file(module.state_dict(), path)</c>.
/// Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html, section Variables.
/// </remarks>
public sealed partial class PyTorchWeights
{
    private const int Named = 5;
    private readonly string _file;
    private readonly Dictionary<string, Tensor> _tensors;

    private PyTorchWeights(
        string file, Dictionary<string, Tensor> tensors, RecurrentSpec spec, int inputs, bool hasBias, IReadOnlyList<string> unused) =>
        (_file, _tensors, Spec, Inputs, HasBias, Unused) = (file, tensors, spec, inputs, hasBias, unused);

    /// <summary>The layers as a description of ours; its name is the prefix without the last dot, or <c>recurrent</c>.</summary>
    public RecurrentSpec Spec { get; }

    /// <summary>Features of the input.</summary>
    public int Inputs { get; }

    /// <summary>Whether the module had biases; where not, ours are set to zero.</summary>
    public bool HasBias { get; }

    /// <summary>The names of the file's tensors that belong to no recurrent module under the prefix: nothing is made of them.</summary>
    public IReadOnlyList<string> Unused { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <param name="prefix">What stands before <c>weight_ih_l0</c> in the file: <c>"encoder.lstm."</c>; null finds it if there is but one.</param>
    /// <param name="cell">The cell, where more must be known than the tensors tell (relu in place of tanh); null takes it from the number of
    /// gates: 1 <c>rnn</c>, 3 <c>gru-after</c>, 4 <c>lstm</c>.</param>
    /// <param name="note">Told of the tensors in the file that are not used; null: nobody, see <see cref="Unused"/>.</param>
    /// <exception cref="UserErrorException">The file is damaged, holds no such module, an incomplete one, or one of another cell.</exception>
    public static PyTorchWeights Load(string path, string? prefix = null, CellOptions? cell = null, Action<string>? note = null) =>
        From(TensorFile.Read(path, NonFinite.Allowed), path, prefix, cell, note);

    /// <summary>Takes the weights out of a file that has been read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Its name in errors.</param>
    /// <param name="prefix">As in <see cref="Load"/>.</param>
    /// <param name="cell">As in <see cref="Load"/>.</param>
    /// <param name="note">As in <see cref="Load"/>.</param>
    /// <exception cref="UserErrorException">As in <see cref="Load"/>.</exception>
    public static PyTorchWeights From(
        TensorFile file, string name, string? prefix = null, CellOptions? cell = null, Action<string>? note = null)
    {
        prefix ??= FindPrefix(file, name);
        Dictionary<string, Tensor> tensors = [];
        List<string> unused = [];
        foreach (Tensor tensor in file.Tensors)
            if (tensor.Name.StartsWith(prefix, StringComparison.Ordinal) && TensorName().IsMatch(tensor.Name[prefix.Length..]))
                tensors.Add(tensor.Name[prefix.Length..], tensor);
            else unused.Add(tensor.Name);
        PyTorchModule module = PyTorchModule.Infer(tensors, $"'{name}'");
        TensorFile used = new();                                             // a mask that is not used may well be infinite
        foreach (Tensor tensor in tensors.Values) used.Add(tensor);
        used.RefuseNonFinite(name);
        if (unused.Count > 0)
            note?.Invoke($"note: '{name}': {unused.Count} of {file.Tensors.Count} tensors belong to no nn.RNN, nn.GRU or nn.LSTM under the prefix "
                + $"'{prefix}' and are not used: {string.Join(", ", unused.Take(Named))}{(unused.Count > Named ? " …" : "")}.");
        return new(name, tensors, SpecOf(module, name, prefix, cell), module.Inputs, module.HasBias, unused);
    }

    /// <summary>Copies the weights into the parameters of a layer built from <see cref="Spec"/>, all or none.</summary>
    /// <param name="weights">The parameters of the network. Those of the layer are overwritten; untouched if this throws.</param>
    /// <param name="layer">The layer's name in the network; null for the name in <see cref="Spec"/>.</param>
    /// <exception cref="UserErrorException">Tensors are missing, unexpected or of another shape: all of them in one line.</exception>
    public void CopyInto(ParameterStore weights, string? layer = null)
    {
        string prefix = $"{layer ?? Spec.Name}.";
        Dictionary<string, Tensor> left = new(_tensors);
        WeightTransfer transfer = new(_file);
        foreach (Parameter parameter in weights.All)
        {
            if (!parameter.Name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            string key = parameter.Name[prefix.Length..];
            if (!left.Remove(key, out Tensor? tensor) && !HasBias && key.StartsWith("bias_", StringComparison.Ordinal)) transfer.Zero(parameter);
            else transfer.Match(parameter, tensor);
        }
        foreach (Tensor tensor in left.Values) transfer.Refuse(tensor);
        transfer.Apply(weights);
    }

    private static RecurrentSpec SpecOf(PyTorchModule module, string file, string prefix, CellOptions? cell)
    {
        cell ??= new() { Kind = module.Kind };
        if (cell.Kind == "gru" && module.Kind == "gru-after")
            GateOrder.RequireReset(file, ResetPlace.AfterProduct, ResetPlace.BeforeProduct);
        if (cell.Kind != module.Kind)
            throw new UserErrorException(
                $"'{file}' holds {module.Gates} gate blocks, cell '{module.Kind}', not '{cell.Kind}'; use cell '{module.Kind}'.");
        if (cell.Peepholes || cell.Coupled)
            throw new UserErrorException($"'{file}' is from PyTorch, whose LSTM has neither peepholes nor coupled gates; use a cell without them.");
        if (cell.Projection is int asked && asked != module.Projection)
            throw new UserErrorException(
                $"'{file}' has {(module.Projection is int p ? $"a projection to {p}" : "no projection")}, not one to {asked}; leave it out.");
        return new()
        {
            Name = prefix.Length > 1 ? prefix.TrimEnd('.') : "recurrent",
            Cell = cell with { Projection = module.Projection },
            Hidden = module.Hidden,
            Layers = module.Layers,
            Direction = module.Bidirectional ? Direction.Bidirectional : Direction.Forward,
        };
    }

    private static string FindPrefix(TensorFile file, string name)
    {
        const string First = "weight_ih_l0";
        string[] prefixes =
            [.. file.Tensors.Where(tensor => tensor.Name.EndsWith(First, StringComparison.Ordinal)).Select(tensor => tensor.Name[..^First.Length])];
        return prefixes.Length switch
        {
            1 => prefixes[0],
            0 => throw new UserErrorException(
                $"'{name}' has no tensor '{First}'; expected the state_dict of nn.RNN, nn.GRU or nn.LSTM, saved with safetensors.torch.save_file."),
            _ => throw new UserErrorException(
                $"'{name}' holds {prefixes.Length} recurrent modules; give one of their prefixes: '{string.Join("', '", prefixes)}'."),
        };
    }

    [GeneratedRegex("^(?:weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)_l(?:0|[1-9][0-9]{0,3})(?:_reverse)?$", RegexOptions.CultureInvariant)]
    private static partial Regex TensorName();
}
