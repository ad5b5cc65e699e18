namespace Unroll.Core;

/// <summary>How many floats fit an array: a product of sizes is taken in 64 bits, so that it never wraps.</summary>
internal static class ArraySize
{
    /// <summary>The most floats of one buffer, with room to begin at a multiple of 64 bytes.</summary>
    public static int Max => Array.MaxLength - 16;

    /// <summary>rows × columns.</summary>
    /// <exception cref="ShapeException">They are more than <see cref="Max"/>.</exception>
    public static int Of(int rows, int columns)
    {
        long floats = (long)rows * columns;
        return floats <= Max ? (int)floats : throw new ShapeException(
            $"a batch needs a buffer of {rows} rows of {columns} floats: expected at most {Max} floats because an array holds no more, got "
            + $"{floats}; use fewer or shorter sequences at once.");
    }
}
