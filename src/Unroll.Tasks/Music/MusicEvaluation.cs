using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

/// <summary>A model of music measured on pieces, beside simple rules.</summary>
/// <param name="Kind">Rolls or tunes.</param>
/// <param name="NatsPerStep">
/// −ln of the probability of what came, per step: of rolls spelt note by note the joint probability of the step, of rolls with independent keys the
/// sum over the keys, of tunes of the symbol (the end counts as one).
/// </param>
/// <param name="Baselines">Simple rules learned from the model's training part, and theirs; empty where that part is not at hand.</param>
/// <param name="Pieces">How many pieces.</param>
/// <param name="Steps">How many steps.</param>
public sealed record MusicEvaluation(
    MusicKind Kind, double NatsPerStep, IReadOnlyList<(string Name, double NatsPerStep)> Baselines, int Pieces, long Steps) : TaskEvaluation
{
    /// <summary>How pieces that it composed are written, beside those that were measured; empty: none was composed.</summary>
    public IReadOnlyList<(string Of, MusicStatistics Counted)> Statistics { get; init; } = [];

    /// <summary>The model's nats per step less those of each simple rule, by a bootstrap of pieces; in the order of the rules.</summary>
    public IReadOnlyList<PairedTest> Tests { get; init; } = [];

    /// <summary>Measures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="training">What the simple rules learn from; empty: none is measured.</param>
    /// <param name="pieces">What is measured.</param>
    /// <param name="threads">The threads; null: by the size of the work.</param>
    /// <exception cref="UserErrorException">There is no piece, or one is empty.</exception>
    public static MusicEvaluation Of(
        MusicModel model, IReadOnlyList<MusicPiece> training, IReadOnlyList<MusicPiece> pieces, ThreadTeam? threads = null)
    {
        if (pieces.Count == 0) throw new UserErrorException("evaluate: there is no piece to measure; name pieces with data.");
        long steps = pieces.Sum(piece => (long)MusicModel.StepsOf(piece));
        IReadOnlyList<(string Name, double[] Nats)> rules = MusicRules.Of(model, training, pieces);
        int[] lengths = [.. pieces.Select(MusicModel.StepsOf)];
        double[] own = rules.Count == 0 ? [] : [.. pieces.Select((piece, i) => lengths[i] * model.NatsPerStep([piece], threads))];
        MusicEvaluation together = new(model.Kind, model.NatsPerStep(pieces, threads),
            [.. rules.Select(rule => (rule.Name, rule.Nats.Sum() / steps))], pieces.Count, steps)
        {
            Tests = [.. rules.Select(rule => PairedTest.OfSums(
                [.. own.Select((nats, i) => new PairedSums(nats, rule.Nats[i], lengths[i]))], largerIsBetter: false))],
        };
        return MemberScores.With(together, model, member => Of(member, [], pieces, threads));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, double Value)> Measures => Kind == MusicKind.Tune
        ? [("nats_per_step", NatsPerStep), ("perplexity", Math.Exp(NatsPerStep))] : [("nats_per_step", NatsPerStep)];

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("kind", MusicModel.WordOf(Kind));
        json.WriteNumber("pieces", Pieces);
        json.WriteNumber("steps", Steps);
        json.Number("nats_per_step", NatsPerStep);
        json.Number("perplexity", Math.Exp(NatsPerStep));
        json.Numbers("baselines", Baselines);
        if (Tests.Count > 0)
            json.WriteObject("against", Baselines.Zip(Tests), (own, all) =>
            {
                foreach (((string name, _), PairedTest test) in all) own.WriteObject(name, test, PairedTestJson.Write);
            });
        MusicStatistics.WriteJson(json, Statistics);
    }
}
