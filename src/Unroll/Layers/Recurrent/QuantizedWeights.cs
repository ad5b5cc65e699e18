using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

/// <summary>
/// Parameters of a layer whose matrices are multiplied in fewer bits hold exactly the numbers that these represent, scale · integer or a bfloat16,
/// as exact floats: what is saved, hashed or looked at is what is multiplied.
/// </summary>
internal static class QuantizedWeights
{
    /// <summary>Throws unless every weight can be rounded.</summary>
    /// <exception cref="UserErrorException">A weight is NaN, infinite or too large.</exception>
    public static void RequireFinite(Parameter matrix)
    {
        ReadOnlySpan<float> values = matrix.Values;
        int columns = matrix.Shape[^1];
        for (int i = 0; i < values.Length; i++)
            if (!(MathF.Abs(values[i]) <= Rounding.LargestWeight))
                throw new UserErrorException($"parameter '{matrix.Name}', row {i / columns}, column {i % columns}: expected a finite number up to "
                    + $"{Rounding.LargestWeight:0e+0} to round to fewer bits, got {values[i]}; train the model again.");
    }

    /// <summary>Replaces every row of a matrix by its rounding; once rounded it stays as it is.</summary>
    public static void Round(Span<float> matrix, int columns, WeightPrecision precision)
    {
        if (precision == WeightPrecision.BFloat16)
        {
            foreach (ref float weight in matrix) weight = BitConverter.UInt32BitsToSingle((uint)Rounding.BFloat16(weight) << 16);
            return;
        }
        sbyte[] rounded = new sbyte[columns];
        for (int row = 0; row < matrix.Length; row += columns)
        {
            float scale = Rounding.Weights(matrix.Slice(row, columns), rounded);
            for (int k = 0; k < columns; k++) matrix[row + k] = scale * rounded[k];
        }
    }
}
