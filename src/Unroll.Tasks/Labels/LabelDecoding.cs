using Unroll.Numerics;
using Unroll.Tasks.Data.Labeled;
using Unroll.Training;

namespace Unroll.Tasks.Labels;

/// <summary>Labeling by several ranks, each some of the sequences.</summary>
internal static class LabelDecoding
{
    /// <summary>What <see cref="LabelModel.Decode"/> says of all sequences.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The sequences.</param>
    /// <param name="threads">The threads.</param>
    /// <param name="ranks">Those that share the work.</param>
    public static IReadOnlyList<(float[] Shares, int[] Path)> Shared(
        LabelModel model, IReadOnlyList<LabeledSequence> sequences, ThreadTeam threads, ICollective ranks)
    {
        IReadOnlyList<(float[] Shares, int[] Path)> own = [];
        // The first exchange decodes, the others tell the same part's labels and shares.
        int[] lengths = ranks.Shared<int>(sequences.Count, (from, to) =>
        {
            own = model.Decode([.. sequences.Skip(from).Take(to - from)], threads);
            return [.. own.Select(one => one.Path.Length)];
        });
        if (ranks.Size == 1) return own;
        int[] paths = ranks.Shared<int>(sequences.Count, (_, _) => [.. own.SelectMany(one => one.Path)]);
        float[] shares = ranks.Shared<float>(sequences.Count, (_, _) => [.. own.SelectMany(one => one.Shares)]);
        int classes = model.Encoding.Classes.Count, row = 0;
        return [.. lengths.Select(length =>
        {
            int first = row;
            row += length;
            return (shares[(first * classes)..(row * classes)], paths[first..row]);
        })];
    }
}
