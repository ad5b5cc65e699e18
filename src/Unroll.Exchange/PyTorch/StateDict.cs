using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.PyTorch;

/// <summary>A state_dict, and the modules that it is of.</summary>
/// <param name="Path">The file.</param>
/// <param name="Modules">A line of Python for each module with weights, from input to output: <c>self.rnn = nn.LSTM(4, 5,
/// batch_first=True)</c>.</param>
/// <param name="Tensors">How many tensors it has.</param>
/// <param name="Notes">What the modules alone do not say: pooling, activations, precision. Sentences.</param>
public sealed record StateDictReport(string Path, IReadOnlyList<string> Modules, int Tensors, IReadOnlyList<string> Notes);

/// <summary>
/// Writes a model's weights as a PyTorch <c>state_dict</c> in a safetensors file: every layer that PyTorch has a module for, under that module's
/// names; a
/// network with another layer is refused by name.
/// </summary>
public static class StateDict
{
    /// <summary>Writes the file, completely or not at all.</summary>
    /// <param name="path">The file; <c>safetensors.torch.load_file</c> reads it.</param>
    /// <param name="model">The model.</param>
    /// <param name="member">Which member of a model with several, from 1; null: the only one.</param>
    /// <exception cref="UserErrorException">PyTorch has no such module, the model has several members and none was named, or the file cannot be
    /// written.</exception>
    public static StateDictReport Save(string path, ModelFile model, int? member = null)
    {
        if (!IsStack(model.Spec))
            throw new UserErrorException($"'{model.Name}': its network is an encoder and a decoder, which no modules of PyTorch stand for; write " +
                $"it as ONNX.");
        if (member is null && model.Members > 1)
            throw new UserErrorException($"'{model.Name}' has {model.Members} members, and a state_dict has one network; choose one by the option " +
                $"member.");
        if (member is < 1 || member > model.Members)
            throw new UserErrorException($"member: expected 1 to {model.Members}, as many members as '{model.Name}' has, got {member}.");
        Network network = Network.Build(model.Spec, model.Cells);
        model.CopyInto(network.Parameters, member ?? 1);
        List<string> modules = [], notes = [];
        TensorFile file = new TensorFile().AddMetadata("format", "pt");
        int features = model.Spec.Inputs;
        foreach (LayerSpec layer in model.Spec.Layers)
        {
            StateDictLayer made = StateDictLayer.Of(layer, features, model);
            foreach ((string name, Parameter source) in made.Tensors(network))
                file.Add(made.Shaped(name, source));
            if (made.Module is { } code) modules.Add($"self.{Identifier(layer.Name)} = {code}");
            if (made.Note is { } note) notes.Add(note);
            features = made.Outputs;
        }
        if (model.Precision != WeightPrecision.Float32) notes.Add($"{model.Precision.Words()} were written as the floats that they stand for.");
        file.Write(path);
        return new StateDictReport(path, modules, file.Tensors.Count, notes);
    }

    private static bool IsStack(NetworkSpec spec) => !spec.Layers.Skip(1).Any(layer => layer is EmbeddingSpec);

    // A name with dots is a module within others: self.encoder.rnn.
    private static string Identifier(string name) => name.Replace('-', '_');
}
