using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Networks;

/// <summary>The outputs of a network for some sequences.</summary>
/// <param name="Outputs">For each sequence its rows, [rows, <paramref name="Size"/>], row-major.</param>
/// <param name="Size">Outputs of a row.</param>
/// <param name="Uniform">Whether all sequences have the same number of rows because they came as one array.</param>
public sealed record NetworkAnswer(IReadOnlyList<float[]> Outputs, int Size, bool Uniform) : TaskAnswer
{
    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartArray("outputs");
        foreach (float[] sequence in Outputs)
        {
            json.WriteStartArray();
            foreach (float[] row in sequence.Chunk(Size))
            {
                json.WriteStartArray();
                foreach (float value in row) json.WriteNumberValue(value);
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }
}

/// <summary>What a network's outputs are like, and how far they are from those that they should be.</summary>
/// <param name="Outputs">How many numbers there are.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation.</param>
/// <param name="Least">The smallest.</param>
/// <param name="Largest">The largest.</param>
public sealed record NetworkEvaluation(long Outputs, double Mean, double Deviation, double Least, double Largest) : TaskEvaluation
{
    /// <summary>The largest difference from the targets; null: there are none.</summary>
    public double? LargestDifference { get; init; }

    /// <summary>The mean difference from the targets; null: there are none.</summary>
    public double? MeanDifference { get; init; }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteNumber("outputs", Outputs);
        json.Number("mean", Mean);
        json.Number("deviation", Deviation);
        json.Number("least", Least);
        json.Number("largest", Largest);
        if (LargestDifference is { } largest) json.Number("largest_difference", largest);
        if (MeanDifference is { } mean) json.Number("mean_difference", mean);
    }

    internal static NetworkEvaluation Of(string part, IReadOnlyList<float[]> outputs, IReadOnlyList<float[]>? targets)
    {
        double sum = 0, squares = 0, least = double.PositiveInfinity, largest = double.NegativeInfinity, apart = 0, farthest = 0;
        long count = 0;
        for (int n = 0; n < outputs.Count; n++)
            for (int i = 0; i < outputs[n].Length; i++, count++)
            {
                double value = outputs[n][i];
                (sum, squares) = (sum + value, squares + value * value);
                (least, largest) = (Math.Min(least, value), Math.Max(largest, value));
                double difference = targets is null ? 0 : Math.Abs(value - targets[n][i]);
                (apart, farthest) = (apart + difference, double.IsNaN(difference) ? difference : Math.Max(farthest, difference));
            }
        double mean = sum / count;
        return new NetworkEvaluation(count, mean, Math.Sqrt(Math.Max(0, squares / count - mean * mean)), least, largest)
        {
            Part = part, LargestDifference = targets is null ? null : farthest, MeanDifference = targets is null ? null : apart / count,
        };
    }
}
