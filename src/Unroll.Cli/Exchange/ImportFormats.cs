using Unroll.Core;
using Unroll.Exchange.Hdf5.Keras;
using Unroll.Exchange.Importing;
using Unroll.Exchange.PyTorch;
using Unroll.Formats;

namespace Unroll.Cli.Exchange;

/// <summary>A format of weights that <c>import</c> reads.</summary>
/// <param name="Name">The word for it.</param>
/// <param name="Endings">What its files' names end with.</param>
/// <param name="Read">From a file to a network.</param>
internal sealed record ImportFormat(string Name, IReadOnlyList<string> Endings, Func<string, ImportOptions, ImportedNetwork> Read);

/// <summary>The formats of weights: one line each.</summary>
internal static class ImportFormats
{
    internal static IReadOnlyList<ImportFormat> All { get; } =
    [
        new("pytorch", [".pth", ".pt", ".ckpt"], (path, options) => ModuleImport.Read(PyTorchCheckpoint.Read(path, options.Prefix), options)),
        new("safetensors", [".safetensors"], (path, options) => ModuleImport.Read(
            new WeightsFile(path, "safetensors", TensorFile.Read(path, NonFinite.Allowed).Tensors), options)),
        new("keras", [".keras", ".h5"], KerasImport.Read),
        new("onnx", [".onnx"], OnnxImport.Read),
    ];

    /// <summary>The format of that name, else the one that the file's name ends with.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    internal static ImportFormat Of(string? name, string path)
    {
        string words = string.Join(", ", All.Select(format => format.Name));
        if (name is not null)
            return All.FirstOrDefault(format => format.Name == name) ?? throw new UserErrorException(
                $"--format: there is no '{name}'{NearestName.Question(name, All.Select(format => format.Name), $"expected one of {words}.")}");
        return All.FirstOrDefault(format => format.Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            ?? throw new UserErrorException($"'{path}': its ending does not say what it is; say so by --format, one of {words}.");
    }
}
