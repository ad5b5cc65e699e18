using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Files;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Tests.Onnx;

/// <summary>Runs models in ONNX Runtime and here.</summary>
internal static class Reference
{
    /// <summary>The outputs of ONNX Runtime; sequences as the tensors in them.</summary>
    public static List<OnnxTensor> OnnxRuntime(byte[] model, IEnumerable<(string Name, OnnxTensor Value)> inputs)
    {
        using SessionOptions options = new() { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using InferenceSession session = new(model, options);
        Dictionary<string, OrtValue> given = inputs.ToDictionary(one => one.Name, one => ToOrt(one.Value));
        using RunOptions run = new();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, given, session.OutputNames);
        return [.. outputs.Select(FromOrt)];
    }

    /// <summary>The outputs of the interpreter.</summary>
    public static List<OnnxTensor> Ours(byte[] model, IEnumerable<(string Name, OnnxTensor Value)> inputs) =>
        [.. Load(model).Run(inputs.ToDictionary(one => one.Name, one => (OnnxValue)one.Value)).Values.Cast<OnnxTensor>()];

    /// <summary>A model of bytes in memory.</summary>
    public static OnnxModel Load(byte[] model, Action<string>? note = null)
    {
        (var graph, var description) = OnnxFile.Read(new MemoryStream(model), new ReadingContext("x.onnx", null, note));
        return OnnxModel.Of(graph, description);
    }

    /// <summary>The largest difference, relative to numbers above 1; infinite where types, shapes, or what is not finite differ.</summary>
    public static double Difference(OnnxTensor expected, OnnxTensor found)
    {
        if (expected.Type != found.Type || !expected.Shape.SequenceEqual(found.Shape)) return double.PositiveInfinity;
        double[] a = Doubles(expected), b = Doubles(found);
        double largest = 0;
        for (int i = 0; i < a.Length; i++)
            if (a[i] != b[i] && !(double.IsNaN(a[i]) && double.IsNaN(b[i])))
            {
                double difference = Math.Abs(a[i] - b[i]) / Math.Max(1, Math.Abs(a[i]));
                largest = Math.Max(largest, double.IsNaN(difference) ? double.PositiveInfinity : difference);
            }
        return largest;
    }

    public static double[] Doubles(OnnxTensor tensor) => tensor.Type switch
    {
        OnnxType.Float => Array.ConvertAll(tensor.Values<float>().ToArray(), x => (double)x),
        OnnxType.Double => tensor.Values<double>().ToArray(),
        OnnxType.Int64 => Array.ConvertAll(tensor.Values<long>().ToArray(), x => (double)x),
        OnnxType.Int32 => Array.ConvertAll(tensor.Values<int>().ToArray(), x => (double)x),
        OnnxType.Bool => Array.ConvertAll(tensor.Values<bool>().ToArray(), x => x ? 1.0 : 0),
        OnnxType.UInt8 => Array.ConvertAll(tensor.Values<byte>().ToArray(), x => (double)x),
        _ => Array.ConvertAll(tensor.Values<sbyte>().ToArray(), x => (double)x),
    };

    private static OrtValue ToOrt(OnnxTensor tensor)
    {
        long[] shape = Array.ConvertAll(tensor.Shape.ToArray(), size => (long)size);
        return tensor.Type switch
        {
            OnnxType.Float => OrtValue.CreateTensorValueFromMemory(tensor.Values<float>().ToArray(), shape),
            OnnxType.Double => OrtValue.CreateTensorValueFromMemory(tensor.Values<double>().ToArray(), shape),
            OnnxType.Int64 => OrtValue.CreateTensorValueFromMemory(tensor.Values<long>().ToArray(), shape),
            OnnxType.Int32 => OrtValue.CreateTensorValueFromMemory(tensor.Values<int>().ToArray(), shape),
            OnnxType.Bool => OrtValue.CreateTensorValueFromMemory(tensor.Values<bool>().ToArray(), shape),
            OnnxType.UInt8 => OrtValue.CreateTensorValueFromMemory(tensor.Values<byte>().ToArray(), shape),
            _ => OrtValue.CreateTensorValueFromMemory(tensor.Values<sbyte>().ToArray(), shape),
        };
    }

    private static OnnxTensor FromOrt(OrtValue value)
    {
        int[] shape = Array.ConvertAll(value.GetTensorTypeAndShape().Shape, size => (int)size);
        return value.GetTensorTypeAndShape().ElementDataType switch
        {
            TensorElementType.Float => OnnxTensor.Of(shape, value.GetTensorDataAsSpan<float>()),
            TensorElementType.Double => OnnxTensor.Of(shape, value.GetTensorDataAsSpan<double>()),
            TensorElementType.Int64 => OnnxTensor.Of(shape, value.GetTensorDataAsSpan<long>()),
            TensorElementType.Int32 => OnnxTensor.Of(shape, value.GetTensorDataAsSpan<int>()),
            TensorElementType.Bool => OnnxTensor.Of(shape, value.GetTensorDataAsSpan<bool>()),
            TensorElementType.UInt8 => OnnxTensor.Of(shape, value.GetTensorDataAsSpan<byte>()),
            TensorElementType.Int8 => OnnxTensor.Of(shape, value.GetTensorDataAsSpan<sbyte>()),
            var other => throw new NotSupportedException(other.ToString()),
        };
    }
}
