using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Sweeps;

/// <summary>Where a trial stands.</summary>
public enum TrialOutcome
{
    /// <summary>It has come to the end of a rung and waits for the others.</summary>
    Waiting,

    /// <summary>Others were better at the end of a rung; it goes on no further.</summary>
    Stopped,

    /// <summary>It was trained to its end.</summary>
    Finished,

    /// <summary>A loss, a gradient or a score was not finite.</summary>
    Diverged,

    /// <summary>Its settings do not go with the data.</summary>
    Refused,
}

/// <summary>What a trial had reached at the end of a rung.</summary>
/// <param name="Epochs">Epochs that it has been trained for, since its beginning.</param>
/// <param name="BestEpoch">The one with the best validation score, from 1; 0: the weights of the start.</param>
/// <param name="Score">That score; lower is better. Of several members the mean of theirs.</param>
/// <param name="Seconds">How long it took, from the rung's beginning or from where it was resumed.</param>
public sealed record RungResult(int Epochs, int BestEpoch, double Score, double Seconds);

/// <summary>What has become of a trial: in its folder <c>result.json</c>, written anew at the end of each rung.</summary>
public sealed record TrialResult
{
    /// <summary>The file's name.</summary>
    public const string FileName = "result.json";

    /// <summary>Which trial, from 1.</summary>
    public required int Trial { get; init; }

    /// <summary>Where it stands.</summary>
    public required TrialOutcome Outcome { get; init; }

    /// <summary>What it had reached at the end of each rung that it has been through, the first one first.</summary>
    public IReadOnlyList<RungResult> Rungs { get; init; } = [];

    /// <summary>The hash of the weights of a trial that is finished; else null.</summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>
    /// The measure of the test part, of a trial that is finished and whose sweep measures each (<see cref="Sweep.Measure"/>); else null.
    /// </summary>
    public double? Test { get; init; }

    /// <summary>What went wrong with one that has diverged or was refused; else null.</summary>
    public string? Why { get; init; }

    /// <summary>Its last score; +∞ where it has none, or has diverged.</summary>
    public double Score => Outcome is TrialOutcome.Diverged or TrialOutcome.Refused || Rungs.Count == 0 ? double.PositiveInfinity : Rungs[^1].Score;

    /// <summary>Epochs that it has been trained for.</summary>
    public int Epochs => Rungs.Count == 0 ? 0 : Rungs[^1].Epochs;

    /// <summary>Seconds of all rungs; of a rung that was killed only those since it was resumed.</summary>
    public double Seconds => Rungs.Sum(rung => rung.Seconds);

    /// <summary>Its score at the end of a rung, from 0; +∞ where it diverged in it or before, or has not come there.</summary>
    public double ScoreAt(int rung) =>
        rung < Rungs.Count && !(Outcome is TrialOutcome.Diverged or TrialOutcome.Refused && rung == Rungs.Count - 1)
            && double.IsFinite(Rungs[rung].Score) ? Rungs[rung].Score : double.PositiveInfinity;

    /// <summary>Whether it goes on no further.</summary>
    public bool IsOver => Outcome != TrialOutcome.Waiting;

    /// <summary>The result as JSON, on one line.</summary>
    public string ToJson() => JsonText.Of(Write, indented: false);

    /// <summary>Writes the members of the JSON object.</summary>
    /// <param name="json">An object that has been started.</param>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteNumber("trial", Trial);
        json.WriteString("outcome", Word(Outcome));
        json.Objects("rungs", Rungs, (own, rung) =>
        {
            own.WriteNumber("epochs", rung.Epochs);
            own.WriteNumber("best_epoch", rung.BestEpoch);
            own.Number("score", rung.Score);
            own.WriteNumber("seconds", Math.Round(rung.Seconds, 3));
        });
        json.WriteUnlessNull("weights_sha256", WeightsSha256);
        if (Test is not null) json.Number("test", Test);
        json.WriteUnlessNull("why", Why);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">The file, for errors.</param>
    /// <exception cref="UserErrorException">It is something else.</exception>
    public static TrialResult FromJson(string json, string where)
    {
        try
        {
            return JsonRecord.Parse(json, root =>
            {
                string word = root.GetProperty("outcome").GetString()!;
                TrialOutcome[] found = [.. Enum.GetValues<TrialOutcome>().Where(one => Word(one) == word)];
                return new TrialResult
                {
                    Trial = root.GetProperty("trial").GetInt32(),
                    Outcome = found is [var outcome] ? outcome : throw new FormatException($"there is no outcome '{word}'"),
                    Rungs = [.. root.GetProperty("rungs").EnumerateArray().Select(rung => new RungResult(rung.GetProperty("epochs").GetInt32(),
                        rung.GetProperty("best_epoch").GetInt32(),
                        rung.GetProperty("score") is { ValueKind: JsonValueKind.Number } score ? score.GetDouble() : double.NaN,
                        rung.GetProperty("seconds").GetDouble()))],
                    WeightsSha256 = root.TryGetProperty("weights_sha256", out JsonElement hash) ? hash.GetString() : null,
                    Test = root.TryGetProperty("test", out JsonElement test) ? test.ValueKind == JsonValueKind.Number ? test.GetDouble() : double.NaN
                        : null,
                    Why = root.TryGetProperty("why", out JsonElement why) ? why.GetString() : null,
                };
            });
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new UserErrorException($"'{where}' is damaged; delete it, and its trial goes on from its last checkpoint.", e);
        }
    }

    /// <summary>The word of an outcome in files: <c>finished</c>.</summary>
    public static string Word(TrialOutcome outcome) => outcome.ToString().ToLowerInvariant();
}
