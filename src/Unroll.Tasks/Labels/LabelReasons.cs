using Unroll.Numerics;
using Unroll.Tasks.Data.Labeled;

namespace Unroll.Tasks.Labels;

/// <summary>
/// Which steps of a sequence decided its label: by how much the label's log-probability falls when a step is hidden (an unknown word, a base that
/// could be any, the mean number). A step with a negative effect spoke against the label. It says what the model used, not what is true.
/// </summary>
/// <param name="Steps">The steps in words.</param>
/// <param name="Label">The place of the label that was said.</param>
/// <param name="Effects">For each step, in nats.</param>
public sealed record LabelReasons(IReadOnlyList<string> Steps, int Label, IReadOnlyList<double> Effects)
{
    /// <summary>Of an empty line: nothing decided.</summary>
    internal static LabelReasons None { get; } = new([], 0, []);

    /// <summary>Hides each step in turn; for a model that labels sequences.</summary>
    /// <exception cref="Core.UserErrorException">The sequence does not fit the model.</exception>
    internal static LabelReasons Of(LabelModel model, LabeledSequence sequence, ThreadTeam threads, CancellationToken stop = default)
    {
        LabelEncoding encoding = model.Encoding;
        float[][] shares = model.Run(Hidden(encoding, sequence, backwards: false), threads, stop);
        if (model.Options.BothStrands)
        {
            float[][] other = model.Run(Hidden(encoding, LabelUnits.OtherStrand(sequence), backwards: true), threads, stop);
            shares = [.. shares.Zip(other, (own, beside) => own.Zip(beside, (p, q) => 0.5f * (p + q)).ToArray())];
        }
        for (int i = 0; i < shares.Length; i++) model.Finish(shares[i], model.RuleScores(sequence, i - 1));
        int said = LabelScores.Largest(shares[0]);
        return new LabelReasons(encoding.Steps(sequence), said, [.. shares.Skip(1).Select(own => Log(shares[0][said]) - Log(own[said]))]);
    }

    // The whole, then for each step the whole without it; backwards: the last step first, as the other strand has them.
    private static float[][] Hidden(LabelEncoding encoding, LabeledSequence sequence, bool backwards)
    {
        float[] whole = encoding.Encode(sequence);
        int features = encoding.Features, steps = whole.Length / features;
        float hidden = LabelNoise.HiddenValue(encoding);
        return [whole, .. Enumerable.Range(0, steps).Select(t =>
        {
            float[] x = [.. whole];
            x.AsSpan((backwards ? steps - 1 - t : t) * features, features).Fill(hidden);
            return x;
        })];
    }

    private static double Log(float share) => Math.Log(Math.Max(share, 1e-30f));
}
