using System.Globalization;
using System.Text.Json;
using Unroll.Files;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Sweeps;

/// <summary>The trials of a sweep as a table of text and as JSON. Neither holds a time: they are the same bytes for any number of jobs.</summary>
public static class SweepTable
{
    /// <summary>The table's file in the sweep's folder.</summary>
    public const string FileName = "trials.csv";

    /// <summary>Writes <c>trials.csv</c> into the sweep's folder: a row for each trial, by number.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <exception cref="Core.UserErrorException">The file system reported an error.</exception>
    public static void Save(Sweep sweep) => TextFile.Write(Path.Combine(sweep.Folder.Root, FileName), string.Concat(
        Rows(sweep).Select(row => string.Join(',', row.Select(Cell)) + "\n")));

    /// <summary>Writes the members <c>trials</c>, by number, <c>tried</c> and <c>best</c>.</summary>
    /// <param name="json">An object that has been started.</param>
    /// <param name="sweep">The sweep.</param>
    public static void WriteJson(Utf8JsonWriter json, Sweep sweep)
    {
        json.WriteNumber("tried", sweep.Results.Count(one => one is not null));
        if (sweep.Best is { } best) json.WriteNumber("best", best.Trial);
        else json.WriteNull("best");
        json.Objects("trials", sweep.Plan.Trials, (own, trial) =>
        {
            TrialResult? result = sweep.Results[trial.Number - 1];
            own.WriteNumber("trial", trial.Number);
            own.WriteStartObject("settings");
            foreach ((string name, string value) in trial.Settings) own.WriteString(name, value);
            own.WriteEndObject();
            own.WriteString("outcome", OutcomeOf(result));
            own.WriteNumber("epochs", result?.Epochs ?? 0);
            own.WriteNumber("best_epoch", result is { Rungs.Count: > 0 } ? result.Rungs[^1].BestEpoch : 0);
            own.Number("score", result?.Score);
            if (result?.WeightsSha256 is { } hash) own.WriteString("weights_sha256", hash);
            if (result?.Why is { } why) own.WriteString("why", why);
        });
    }

    /// <summary>The word for where a trial stands: <c>unfinished</c> where it has come to the end of no rung.</summary>
    public static string OutcomeOf(TrialResult? result) => result is null ? "unfinished" : TrialResult.Word(result.Outcome);

    private static IEnumerable<string[]> Rows(Sweep sweep)
    {
        yield return ["trial", .. sweep.Plan.Space.Select(one => one.Name), "outcome", "epochs", "best_epoch", "score", "weights_sha256"];
        foreach (SweepTrial trial in sweep.Plan.Trials)
        {
            TrialResult? result = sweep.Results[trial.Number - 1];
            yield return
            [
                Text(trial.Number), .. trial.Settings.Select(one => one.Value), OutcomeOf(result), Text(result?.Epochs ?? 0),
                result is { Rungs.Count: > 0 } ? Text(result.Rungs[^1].BestEpoch) : "",
                result is not null && double.IsFinite(result.Score) ? result.Score.ToString("R", CultureInfo.InvariantCulture) : "",
                result?.WeightsSha256 ?? "",
            ];
        }
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";
}
