using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Data;

namespace Unroll.Tasks.Networks;

/// <summary>The outputs that another program says a network should have.</summary>
internal static class NetworkTargets
{
    /// <summary>Reads an array of shape [rows, outputs] or [sequences, rows, outputs]; of pooled outputs [outputs] or [sequences, outputs].</summary>
    /// <param name="model">The network.</param>
    /// <param name="name">An <c>.npy</c> array.</param>
    /// <param name="sequences">How many sequences there are outputs for.</param>
    /// <param name="files">What names refer to.</param>
    /// <returns>A row-major array for each sequence.</returns>
    /// <exception cref="UserErrorException">It is no such array.</exception>
    internal static IReadOnlyList<float[]> Read(NetworkModel model, string name, int sequences, DataFiles files)
    {
        string called = DataFiles.Called(name);
        Tensor array = Npy.Read(new MemoryStream(files.Bytes(name, "an .npy array of outputs")), called);
        float[] all = array.Type switch
        {
            TensorType.F32 => array.Float32.ToArray(),
            TensorType.F64 => Array.ConvertAll(array.Float64.ToArray(), value => (float)value),
            _ => throw new UserErrorException($"'{called}' holds {array.TypeName}; expected the floats that the network should give."),
        };
        int outputs = model.Network.OutputSize;
        if (array.Shape.IsEmpty || array.Shape[^1] != outputs || (sequences > 1 && array.Shape[0] != sequences))
            throw new UserErrorException($"'{called}': an array of shape {array.ShapeText}, expected {outputs} numbers in each row, and the rows " +
                $"of " +
                $"{sequences} sequences.");
        int length = all.Length / sequences;
        return [.. Enumerable.Range(0, sequences).Select(n => all[(n * length)..((n + 1) * length)])];
    }
}
