using Unroll.Data.Labelled;
using Unroll.Numerics;

namespace Unroll.Tasks.Labels;

/// <summary>
/// Which steps of a sequence decided its label: by how much the label's log-probability falls when a step is hidden (an unknown word, a base that could be
/// any, the mean number). A step with a negative effect spoke against the label. It says what the model used, not what is true.
/// </summary>
/// <param name="Steps">The steps in words.</param>
/// <param name="Label">The place of the label that was said.</param>
/// <param name="Effects">For each step, in nats.</param>
public sealed record LabelReasons(IReadOnlyList<string> Steps, int Label, IReadOnlyList<double> Effects)
{
    /// <summary>Hides each step in turn; for a model that labels sequences.</summary>
    /// <exception cref="Core.UserErrorException">The sequence does not fit the model.</exception>
    public static LabelReasons Of(LabelModel model, LabelledSequence sequence, ThreadTeam threads)
    {
        LabelEncoding encoding = model.Encoding;
        float[] whole = encoding.Encode(sequence);
        int features = encoding.Features, steps = whole.Length / features;
        float hidden = encoding.Unit switch { "base" => 0.25f, "number" => 0, _ => LabelEncoding.Unknown };
        float[][] inputs = [whole, .. Enumerable.Range(0, steps).Select(t =>
        {
            float[] x = [.. whole];
            x.AsSpan(t * features, features).Fill(hidden);
            return x;
        })];
        float[][] shares = model.Run(inputs, threads);
        int said = LabelScores.Most(shares[0]);
        return new LabelReasons(encoding.Steps(sequence), said, [.. shares.Skip(1).Select(own => Log(shares[0][said]) - Log(own[said]))]);
    }

    private static double Log(float share) => Math.Log(Math.Max(share, 1e-30f));
}
