using Unroll.Core;
using Unroll.Exchange.Importing;
using Unroll.Formats;
using Unroll.Networks;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>A model of Keras as a network with its weights.</summary>
public static class KerasImport
{
    /// <summary>Reads a model and builds its network.</summary>
    /// <param name="path">The file: <c>.keras</c>, <c>.h5</c> or <c>.weights.h5</c>.</param>
    /// <param name="options">Only <see cref="ImportOptions.ModelConfig"/> may be given: a file of Keras says the rest itself.</param>
    /// <exception cref="UserErrorException">As <see cref="KerasFile.Read(string, string)"/>, or another option is given.</exception>
    public static ImportedNetwork Read(string path, ImportOptions options)
    {
        if ((options with { ModelConfig = null, Recurrent = new ImportOptions().Recurrent, Heads = new ImportOptions().Heads }) != new ImportOptions()
            || options.Recurrent.Count > 0 || options.Heads.Count > 0)
            throw new UserErrorException($"'{path}': a model of Keras says itself which layers it has; leave out every option but "
                + "model-config, vocabulary, format and output.");
        KerasModel model = KerasFile.Read(path, options.ModelConfig);
        Network network = Network.Build(model.Spec);
        Dictionary<string, Tensor> tensors = model.Tensors.ToDictionary(tensor => tensor.Name);
        using (Edit edit = network.Parameters.Edit())
            foreach (Parameter parameter in network.Parameters.All) tensors[parameter.Name].Float32.CopyTo(edit.Of(parameter));
        return new ImportedNetwork(network, "keras", tensors, model.Unused, model.Notes) { Symbols = model.Symbols, Used = model.Used };
    }
}
