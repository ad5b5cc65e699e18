using System.Globalization;
using Unroll.Core;

namespace Unroll.Cli.Bench;

/// <summary>The sizes of one case.</summary>
/// <param name="B">Sequences.</param>
/// <param name="T">Steps of the longest.</param>
/// <param name="I">Features of a step.</param>
/// <param name="H">Units of a layer.</param>
internal readonly record struct BenchShape(int B, int T, int I, int H)
{
    // Floats of the largest array that a case needs many of: 1 GiB.
    private const long Maximum = 1L << 28;

    internal static IReadOnlyList<BenchShape> Training { get; } =
    [
        new(32, 50, 64, 64), new(32, 100, 128, 128), new(64, 100, 256, 256), new(32, 100, 512, 512), new(20, 35, 650, 650), new(16, 64, 1024, 1024),
        new(1, 200, 32, 64),
    ];

    internal static IReadOnlyList<BenchShape> Inference { get; } =
        [new(32, 100, 128, 128), new(64, 100, 256, 256), new(32, 100, 512, 512), new(1, 200, 256, 256)];

    internal static IReadOnlyList<BenchShape> Streaming { get; } = [.. new[] { 32, 64, 128, 256, 512, 1024 }.Select(h => new BenchShape(1, 1, h, h))];

    internal static IReadOnlyList<BenchShape> Characters { get; } = [new(50, 50, 128, 128), new(50, 50, 512, 512)];

    /// <summary>Reads <c>B,T,I,H;B,T,I,H</c>.</summary>
    /// <exception cref="UserErrorException">It is something else, or too large.</exception>
    internal static IReadOnlyList<BenchShape> Parse(string text)
    {
        List<BenchShape> shapes = [];
        foreach (string part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = part.Split(',', StringSplitOptions.TrimEntries);
            int[] sizes = [.. words.Select(w => int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? size : 0)];
            if (sizes.Length != 4 || sizes.Any(size => size < 1))
                throw new UserErrorException(
                    $"--shape: expected B,T,I,H (sequences, steps, inputs, units), four whole numbers of at least 1, "
                    + $"and ';' between shapes, found '{part}'.");
            BenchShape shape = new(sizes[0], sizes[1], sizes[2], sizes[3]);
            if ((double)shape.B * shape.T * Math.Max(shape.I, shape.H) > Maximum
                || (double)shape.H * Math.Max(shape.I, shape.H) > Maximum)
                throw new UserErrorException(
                    $"--shape: expected at most {Maximum} numbers in a batch and in a matrix of weights, found '{part}'; take smaller sizes.");
            shapes.Add(shape);
        }
        return shapes.Count > 0 ? shapes : throw new UserErrorException("--shape: expected B,T,I,H such as 32,100,128,128, found nothing.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{B},{T},{I},{H}");
}
