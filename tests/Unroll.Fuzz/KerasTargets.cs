using Unroll.Exchange.Hdf5.Keras;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Networks;

namespace Unroll.Fuzz;

/// <summary>Readers of Keras's files; the good ones are those of the exchange's tests, which h5py wrote.</summary>
internal static class KerasTargets
{
    private static readonly string[] s_words =
        ["TREE", "SNOD", "HEAP", "GCOL", "OHDR", "OCHK", "kernel:0", "layer_names", "model_config", "vars", "layers", "lstm", "../",
            "PK\x3\x4", "PK\x1\x2"];

    public static IEnumerable<FuzzTarget> All =>
    [
        new("keras", [typeof(KerasFile)], [.. Seeds("lstm.keras", "gru-after.keras", "vocabulary.keras", "keras-2.12.keras")],
            bytes => Built(KerasFile.Read(bytes, "x.keras"))) { Words = s_words },
        new("keras weights", [typeof(KerasFile)], [.. Seeds("bare.weights.h5", "packed-small.weights.h5", "newest.weights.h5")],
            bytes => Built(KerasFile.Read(bytes, "x.weights.h5", Seed("bare.config.json"), "c.json"))) { Words = s_words },
        new("keras legacy h5", [typeof(KerasFile)], [.. Seeds("legacy.h5", "legacy-both.h5", "legacy-split.h5")],
            bytes => Built(KerasFile.Read(bytes, "x.h5"))) { Words = s_words },
        new("keras configuration", [typeof(KerasFile)], [Seed("bare.config.json")],
            bytes => Built(KerasFile.Read(Seed("bare.weights.h5"), "x.weights.h5", bytes, "c.json")))
            { Words = ["\"LSTM\"", "\"Lambda\"", "\"Bidirectional\"", "\"Dense\"", "[", "]", "{", "}", "null", "\"units\""], IsJson = true },
    ];

    private static IEnumerable<byte[]> Seeds(params string[] names) => names.Select(Seed);

    private static byte[] Seed(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Keras", name));

    private static void Built(KerasModel model)
    {
        Network network = Network.Build(model.Spec);
        Dictionary<string, Tensor> tensors = model.Tensors.ToDictionary(tensor => tensor.Name);
        foreach (Parameter parameter in network.Parameters.All) Assert.Equal(parameter.Shape, tensors[parameter.Name].Shape.ToArray());
        Assert.Equal(network.Parameters.All.Count, tensors.Count);
    }
}
