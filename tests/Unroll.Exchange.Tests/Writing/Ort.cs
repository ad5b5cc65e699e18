using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Unroll.Exchange.Onnx.Values;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Exchange.Onnx.Writing;

namespace Unroll.Exchange.Tests.Writing;

/// <summary>ONNX Runtime as what runs a written graph.</summary>
internal sealed class Ort : IDisposable
{
    private readonly InferenceSession _session;

    public Ort(byte[] model)
    {
        using SessionOptions options = new() { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        _session = new InferenceSession(model, options);
    }

    public Ort(GraphProto graph, int opset = 17) : this(Model(graph, opset)) { }

    public InferenceSession Session => _session;

    public static byte[] Model(GraphProto graph, int opset) => Unroll.Exchange.Onnx.Writing.ModelMetadata.Of(graph, new OnnxExportOptions { Opset = opset }, []).ToByteArray();

    public IReadOnlyDictionary<string, OnnxValue> Run(IReadOnlyDictionary<string, OnnxValue> inputs)
    {
        List<NamedOnnxValue> given = [.. inputs
            .Where(one => _session.InputMetadata.ContainsKey(one.Key) || _session.OverridableInitializerMetadata.ContainsKey(one.Key))
            .Select(one => Given(one.Key, (OnnxTensor)one.Value))];
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> made = _session.Run(given);
        return made.ToDictionary(one => one.Name, Made);
    }

    public void Dispose() => _session.Dispose();

    private static NamedOnnxValue Given(string name, OnnxTensor tensor) => tensor.Type switch
    {
        OnnxType.Float => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(tensor.Values<float>().ToArray(), tensor.Shape)),
        OnnxType.Int64 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(tensor.Values<long>().ToArray(), tensor.Shape)),
        _ => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<int>(tensor.Values<int>().ToArray(), tensor.Shape)),
    };

    private static OnnxValue Made(DisposableNamedOnnxValue value) => value.ElementType == TensorElementType.Int32
        ? Made(value.AsTensor<int>()) : Made(value.AsTensor<float>());

    private static OnnxTensor Made<T>(Tensor<T> tensor) where T : unmanaged => OnnxTensor.Of<T>(tensor.Dimensions, tensor.ToArray());
}
