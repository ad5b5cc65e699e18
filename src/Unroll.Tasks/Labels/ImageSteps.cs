using Unroll.Core;
using Unroll.Tasks.Data.Labeled;

namespace Unroll.Tasks.Labels;

/// <summary>
/// How an image is read as a sequence: made smaller, and row by row or pixel by pixel (MNIST in 28 steps of 28, or in 196 or 784 of one).
/// </summary>
internal static class ImageSteps
{
    /// <summary>The sequence as the options have it; what is no image stays as it is.</summary>
    /// <exception cref="UserErrorException">The image's sides are no multiples of the squares.</exception>
    public static LabeledSequence Of(LabeledSequence sequence, LabelOptions options)
    {
        if (!sequence.OneScale) return sequence;
        LabeledSequence shrunk = options.Shrink == 1 ? sequence : Shrunk(sequence, options.Shrink);
        return options.Image == ImageStep.Pixels ? shrunk with { Features = 1 } : shrunk;
    }

    //  yᵢⱼ = Σ x(kᵢ + a, kⱼ + b) ÷ k²      0 ≤ a, b < k
    private static LabeledSequence Shrunk(LabeledSequence sequence, int k)
    {
        int columns = sequence.Features, rows = sequence.Numbers.Length / columns;
        if (columns % k != 0 || rows % k != 0)
            throw new UserErrorException($"{sequence.Where}: expected an image whose sides are multiples of {k} (shrink), found " +
                $"{rows} × {columns}.");
        float[] means = new float[rows / k * (columns / k)];
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++) means[row / k * (columns / k) + column / k] += sequence.Numbers[row * columns + column];
        for (int i = 0; i < means.Length; i++) means[i] /= k * k;
        return sequence with { Numbers = means, Features = columns / k };
    }
}
