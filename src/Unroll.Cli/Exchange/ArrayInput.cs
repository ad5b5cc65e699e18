using Unroll.Core;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Values;
using Unroll.Formats;

namespace Unroll.Cli.Exchange;

/// <summary>Arrays of NumPy as inputs of a graph. Where the graph wants another type, every number must be the same in it.</summary>
internal static class ArrayInput
{
    /// <summary>Reads an array for an input.</summary>
    /// <param name="file">An <c>.npy</c> file.</param>
    /// <param name="port">The input.</param>
    /// <exception cref="UserErrorException">It cannot be read, or has numbers that the input's type has not.</exception>
    public static OnnxTensor Read(string file, OnnxPort port)
    {
        Tensor tensor = Npy.Read(file, NonFinite.Allowed);
        OnnxTensor array = Of(tensor);
        return port.Type is not { } wanted ? array : array.As(wanted) ?? throw new UserErrorException(
            $"--input {port.Name}: '{file}' holds {array.Type.Name()}, the model wants {port.Text}, and not every number is the same in it; "
            + $"save array.astype(numpy.{(wanted == OnnxType.Float ? "float32" : wanted == OnnxType.Double ? "float64" : wanted.Name())}).");
    }

    /// <summary>An output as an array that can be written.</summary>
    public static Tensor ToTensor(OnnxTensor tensor) => tensor.Type switch
    {
        OnnxType.Float => Tensor.Of("", tensor.Shape, tensor.Values<float>()),
        OnnxType.Double => Tensor.Of("", tensor.Shape, tensor.Values<double>()),
        OnnxType.Int64 => Tensor.Of("", tensor.Shape, tensor.Values<long>()),
        OnnxType.Int32 => Tensor.Of("", tensor.Shape, tensor.Values<int>()),
        OnnxType.Bool => Tensor.Of("", tensor.Shape, tensor.Values<bool>()),
        OnnxType.UInt8 => Tensor.Of("", tensor.Shape, tensor.Values<byte>()),
        _ => Tensor.Of("", tensor.Shape, tensor.Values<sbyte>()),
    };

    private static OnnxTensor Of(Tensor tensor) => tensor.Type switch
    {
        TensorType.F32 => OnnxTensor.Of(tensor.Shape, tensor.Float32),
        TensorType.F64 => OnnxTensor.Of(tensor.Shape, tensor.Float64),
        TensorType.I64 => OnnxTensor.Of(tensor.Shape, tensor.Int64),
        TensorType.I32 => OnnxTensor.Of(tensor.Shape, tensor.Int32),
        TensorType.I8 => OnnxTensor.Of(tensor.Shape, tensor.Int8),
        _ => OnnxTensor.Of(tensor.Shape, tensor.Bytes),
    };
}
