using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Values;
using Unroll.Formats;

namespace Unroll.Exchange.Tests.Onnx;

/// <summary>Graphs as exporters write them, with the outputs that the model had where it came from. The scripts lie beside them.</summary>
public sealed class ExporterTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Onnx", "Fixtures");

    public static TheoryData<string> Models => [.. Directory.EnumerateFiles(Folder, "*.onnx", SearchOption.AllDirectories)
        .Where(file => File.Exists(Path.ChangeExtension(file, ".safetensors"))).Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)];

    // Sums of some tens of floats in another order, and activations of another library: 1e-5 of the outputs, which are about 1.
    [Theory, MemberData(nameof(Models))]
    public void An_exported_graph_gives_its_models_outputs(string name)
    {
        string path = Path.Combine(Folder, name);
        OnnxModel model = OnnxModel.Load(path);
        Compare(model, path);
        // Once more with everything that depends on constants only computed beforehand.
        Compare(OnnxModel.Of(ConstantFolding.Fold(model.Graph, OperatorTable.Default, path), model.Description), path);
    }

    private static void Compare(OnnxModel model, string path)
    {
        TensorFile arrays = TensorFile.Read(Path.ChangeExtension(path, ".safetensors"));
        Dictionary<string, OnnxValue> given = [];
        foreach (OnnxPort port in model.Inputs) given.Add(port.Name, Array(arrays, "in." + port.Name));
        IReadOnlyDictionary<string, OnnxValue> made = model.Run(given);
        Assert.Equal(arrays.Tensors.Count(tensor => tensor.Name.StartsWith("out.", StringComparison.Ordinal)), made.Count);
        foreach ((string output, OnnxValue value) in made)
        {
            double difference = Reference.Difference(Array(arrays, "out." + output), (OnnxTensor)value);
            Assert.True(difference <= 1e-5, $"{output}: {value.Text}, difference {difference:G3}");
        }
    }

    private static OnnxTensor Array(TensorFile file, string name)
    {
        Tensor tensor = file.Tensors.Single(one => one.Name == name);
        OnnxType type = tensor.TypeName switch
        {
            "F32" => OnnxType.Float, "F64" => OnnxType.Double, "I64" => OnnxType.Int64, "I32" => OnnxType.Int32, _ => OnnxType.Bool,
        };
        return new(type, tensor.Shape.ToArray(), tensor.Bytes.ToArray());
    }
}
