using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;
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
        return MemberScores.With(
            new MusicEvaluation(model.Kind, model.NatsPerStep(pieces, threads), MusicRules.Of(model, training, pieces), pieces.Count, steps), model,
            member => Of(member, [], pieces, threads));
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
        MusicStatistics.WriteJson(json, Statistics);
    }
}
