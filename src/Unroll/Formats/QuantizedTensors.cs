using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Formats;

//  encoder.weight_ih_l0         I8   [rows, columns]    q
//  encoder.weight_ih_l0.scale   F32  [rows]             s        the weight is s · q, a float exactly
//  or, of bfloat16:
//  encoder.weight_ih_l0         BF16 [rows, columns]             the upper half of the float whose lower half is zero
/// <summary>The matrices of recurrent layers as a quantized model file holds them, and back.</summary>
internal static class QuantizedTensors
{
    private const string ScaleSuffix = ".scale";

    /// <summary>A tensor that a file holds as it is in memory.</summary>
    public static (Tensor InMemory, Tensor Stored) Same(Tensor tensor) => (tensor, tensor);

    /// <summary>A matrix of rounded weights: integers and scales, or bfloat16, which becomes floats again when it is read.</summary>
    /// <param name="matrix">Two sizes; rounded here where it has not been.</param>
    /// <param name="precision">No floats.</param>
    /// <exception cref="UserErrorException">A weight is NaN, infinite or too large.</exception>
    public static IEnumerable<(Tensor InMemory, Tensor Stored)> Of(Parameter matrix, WeightPrecision precision)
    {
        QuantizedWeights.RequireFinite(matrix);
        return precision == WeightPrecision.BFloat16 ? [Halves(matrix)] : Integers(matrix).Select(Same);
    }

    private static (Tensor InMemory, Tensor Stored) Halves(Parameter matrix)
    {
        float[] values = matrix.Values.ToArray();
        QuantizedWeights.Round(values, matrix.Shape[^1], WeightPrecision.BFloat16);
        ushort[] halves = [.. values.Select(Rounding.BFloat16)];
        return (Tensor.Of(matrix.Name, matrix.Shape, values),
            Tensor.Over(matrix.Name, "BF16", matrix.Shape, MemoryMarshal.AsBytes(halves.AsSpan()).ToArray()));
    }

    private static IEnumerable<Tensor> Integers(Parameter matrix)
    {
        int rows = matrix.Shape[0], columns = matrix.Shape[1];
        sbyte[] rounded = new sbyte[matrix.Length];
        float[] scales = new float[rows];
        for (int row = 0; row < rows; row++)
            scales[row] = Rounding.Weights(matrix.Values.Slice(row * columns, columns), rounded.AsSpan(row * columns, columns));
        return [Tensor.Of(matrix.Name, matrix.Shape, rounded), Tensor.Of(matrix.Name + ScaleSuffix, [rows], scales)];
    }

    /// <summary>The floats that a quantized model's tensors stand for; what is not a matrix of a recurrent layer passes as it is.</summary>
    /// <param name="tensors">All of the file's.</param>
    /// <param name="precision">Of the matrices; floats pass as they are.</param>
    /// <param name="spec">The network in the file.</param>
    /// <param name="file">The name of the file in errors.</param>
    /// <exception cref="UserErrorException">
    /// A matrix is no I8 tensor, has no scales, or they are not those of its rounding; or it holds other floats than those of bfloat16.
    /// </exception>
    public static IEnumerable<Tensor> Widen(IReadOnlyList<Tensor> tensors, WeightPrecision precision, NetworkSpec spec, string file)
    {
        if (precision == WeightPrecision.Float32) return tensors;
        if (precision == WeightPrecision.BFloat16)
        {
            foreach (Tensor tensor in tensors.Where(tensor => spec.IsRecurrentMatrix(tensor.Name))) RequireHalves(tensor, file);
            return tensors;
        }
        Dictionary<string, Tensor> byName = tensors.ToDictionary(tensor => tensor.Name);
        HashSet<string> scales = [.. tensors.Where(tensor => spec.IsRecurrentMatrix(tensor.Name)).Select(tensor => tensor.Name + ScaleSuffix)];
        List<Tensor> wide = [];
        foreach (Tensor tensor in tensors)
        {
            if (scales.Contains(tensor.Name)) continue;
            bool matrix = spec.IsRecurrentMatrix(tensor.Name);
            wide.Add(matrix ? Widen(tensor, byName.GetValueOrDefault(tensor.Name + ScaleSuffix), file) : tensor);
        }
        return wide;
    }

    // Halves have become floats when they were read.
    private static void RequireHalves(Tensor matrix, string file)
    {
        if (matrix.Type != TensorType.F32)
            throw Wrong(file, matrix, $"holds {matrix.TypeName}, expected BF16 because the file says that its weights have 16 bits");
        int at = FirstOf32Bits(matrix.Float32);
        if (at >= 0) throw Wrong(file, matrix, $"holds {matrix.Float32[at]:R}, expected numbers of bfloat16, whose lower 16 bits are zero");
    }

    private static int FirstOf32Bits(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
            if ((BitConverter.SingleToUInt32Bits(values[i]) & 0xFFFF) != 0) return i;
        return -1;
    }

    private static Tensor Widen(Tensor matrix, Tensor? scales, string file)
    {
        if (matrix.Type != TensorType.I8)
            throw Wrong(file, matrix, $"holds {matrix.TypeName}, expected I8 because the file says that it is quantized");
        if (matrix.Shape.Length != 2) throw Wrong(file, matrix, $"is {matrix.ShapeText}, expected [rows, columns]");
        if (scales is null) throw Wrong(file, matrix, $"has no scales: '{matrix.Name}{ScaleSuffix}' is missing");
        int rows = matrix.Shape[0], columns = matrix.Shape[1];
        if (scales.Type != TensorType.F32) throw Wrong(file, scales, $"holds {scales.TypeName}, expected F32");
        if (!scales.Shape.SequenceEqual([rows])) throw Wrong(file, scales,
            $"is {scales.ShapeText}, expected [{rows}], a scale for each row of '{matrix.Name}'");
        float[] values = new float[matrix.Count];
        sbyte[] again = new sbyte[columns];
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<sbyte> rounded = matrix.Int8.Slice(row * columns, columns);
            Span<float> to = values.AsSpan(row * columns, columns);
            float scale = scales.Float32[row];
            for (int k = 0; k < columns; k++) to[k] = scale * rounded[k];
            if (!(scale >= 0 && scale <= Rounding.LargestWeight)) throw Wrong(file, scales,
                $"row {row} is {scale}, expected a finite number of at least 0");
            if (Rounding.Weights(to, again) != scale || !rounded.SequenceEqual(again))
                throw Wrong(file, matrix, $"row {row} is not rounded with its scale {scale}: expected one step of 1/127 of the row's largest weight");
        }
        return Tensor.Of(matrix.Name, matrix.Shape, values);
    }

    private static UserErrorException Wrong(string file, Tensor tensor, string what) =>
        new($"'{file}': tensor '{tensor.Name}' {what}; quantize the model again.");
}
