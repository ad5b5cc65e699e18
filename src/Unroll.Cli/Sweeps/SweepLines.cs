using System.Globalization;
using Unroll.Core;
using Unroll.Tasks.Sweeps;

namespace Unroll.Cli.Sweeps;

/// <summary>A sweep in lines for a terminal.</summary>
internal static class SweepLines
{
    private const int MostRows = 20;

    /// <summary>What is about to be done.</summary>
    internal static IEnumerable<string> Plan(SweepPlan plan, int jobs)
    {
        string search = plan.Sweep.Search switch
        {
            SweepSearch.Grid => "every combination", SweepSearch.Random => "random draws", _ => "Sobol's sequence",
        };
        yield return $"sweep: {plan.Trials.Count} trials of {string.Join("; ", plan.Space)} by {search}" +
            (plan.Sweep.Search == SweepSearch.Grid ? "" : $", seed {plan.Options.Seed}") + $", {jobs} at once";
        if (plan.Rungs.Count > 1) yield return $"rungs: {Rungs(plan)}";
    }

    /// <summary>The rungs: <c>27 trials to epoch 2, 9 to epoch 4, 3 to epoch 10</c>.</summary>
    internal static string Rungs(SweepPlan plan)
    {
        List<string> rungs = [];
        int trials = plan.Trials.Count;
        foreach (int? until in plan.Rungs)
        {
            rungs.Add($"{trials}{(rungs.Count == 0 ? " trials" : "")} to epoch {until ?? plan.Options.Epochs}");
            trials = plan.Survivors(trials);
        }
        return string.Join(", ", rungs);
    }

    /// <summary>A trial that has come to the end of a rung.</summary>
    internal static string Trial(SweepPlan plan, TrialResult result, int done)
    {
        SweepTrial trial = plan.Trials[result.Trial - 1];
        string reached = result.Outcome is TrialOutcome.Diverged or TrialOutcome.Refused
            ? $"{TrialResult.Word(result.Outcome)}: {result.Why}"
            : Invariant($"epoch {result.Epochs}  best {BestOf(result)}  validation {Score(result)}  {result.Rungs[^1].Seconds:F1} s");
        return $"trial {trial.Folder}  {trial.Text}  {reached}  ({done} of {plan.Trials.Count} at their end)";
    }

    /// <summary>The trials, the best first, as a table.</summary>
    internal static IEnumerable<string> Table(Sweep sweep, int most = MostRows)
    {
        IReadOnlyList<SweepTrial> ranking = [.. sweep.Ranking.Where(trial => sweep.Results[trial.Number - 1] is not null)];
        List<string[]> rows = [["", "trial", .. sweep.Plan.Space.Select(one => one.Name), "epochs", "best", "validation", "", "seconds"]];
        foreach ((int place, SweepTrial trial) in ranking.Take(most).Index()) rows.Add(Row(sweep, trial, place));
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => TextColumns.Cells(row[column])))];
        foreach (string[] row in rows)
            yield return "  " + string.Join("  ", row.Select((cell, column) => row.Length - 2 == column || IsWord(sweep, column)
                ? TextColumns.Left(cell, widths[column]) : TextColumns.Right(cell, widths[column]))).TrimEnd();
        if (ranking.Count > most) yield return $"  … {ranking.Count - most} more in {SweepTable.FileName}";
    }

    /// <summary>Which settings decide, how sure that is, and from how few trials.</summary>
    internal static IEnumerable<string> Importance(IReadOnlyList<SettingImportance> all, SweepPlan plan)
    {
        if (all.Count == 0)
        {
            yield return $"which settings matter: fewer than {SettingImportance.FewestTrials} trials say nothing about it";
            yield break;
        }
        yield return $"which settings matter: share of the order of {all[0].Trials} trials" +
            (plan.Rungs.Count > 1 ? $" at epoch {plan.Rungs[0]}" : "") + ", 95 % interval";
        int width = all.Max(one => one.Name.Length);
        foreach (SettingImportance one in all.OrderByDescending(one => one.Share))
            yield return Invariant($"  {one.Name.PadRight(width)}  {100 * one.Share,3:F0} %  [{100 * one.Low:F0}, {100 * one.High:F0}]") +
                (IsFound(one, all.Count) ? "" : "  may be chance");
    }

    /// <summary>Whether a share is more than chance gives, with as many settings looked at.</summary>
    internal static bool IsFound(SettingImportance one, int settings) => one.P * settings < 0.05;

    /// <summary>Trials whose settings differ and whose weights do not: a setting has no effect.</summary>
    internal static string? Alike(Sweep sweep)
    {
        // Trials that kept the weights of the start have those in common, whatever their settings did.
        TrialResult[]? alike = sweep.Results.Where(one => one?.WeightsSha256 is not null && !IsStart(one)).GroupBy(one => one!.WeightsSha256)
            .FirstOrDefault(same => same.Count() > 1)?.Take(2).ToArray()!;
        if (alike is null) return null;
        (SweepTrial first, SweepTrial second) = (sweep.Plan.Trials[alike[0].Trial - 1], sweep.Plan.Trials[alike[1].Trial - 1]);
        string differ = string.Join(", ", first.Settings.Zip(second.Settings).Where(one => one.First.Value != one.Second.Value)
            .Select(one => one.First.Name));
        return $"note: trials {first.Number} and {second.Number} differ in {differ} and have the same weights: there it has no effect.";
    }

    /// <summary>Where no trial learned anything: the best one's weights are those that it began with.</summary>
    internal static string? Start(Sweep sweep) => !IsStart(sweep.Best) ? null
        : $"note: no epoch of any trial was better than the weights that trial {sweep.Plan.Trials[sweep.Best!.Trial - 1].Folder} began with.";

    private static bool IsStart(TrialResult? result) => result is { Epochs: > 0 } && result.Rungs[^1].BestEpoch == 0;

    /// <summary>A score with the digits that tell scores apart.</summary>
    internal static string Score(TrialResult? result) => result is null || !double.IsFinite(result.Score) ? "–"
        : result.Score.ToString("G5", CultureInfo.InvariantCulture);

    /// <summary>The best epoch; <c>start</c> where no epoch was better than the weights that the trial began with.</summary>
    internal static string BestOf(TrialResult? result) => result is null or { Epochs: 0 } ? ""
        : IsStart(result) ? "start" : Invariant($"{result.Rungs[^1].BestEpoch}");

    private static bool IsWord(Sweep sweep, int column) => column >= 2 && column < 2 + sweep.Plan.Space.Count
        && !sweep.Plan.Space[column - 2].Option.IsNumber;

    private static string[] Row(Sweep sweep, SweepTrial trial, int place)
    {
        TrialResult result = sweep.Results[trial.Number - 1]!;
        string outcome = result.Outcome switch
        {
            TrialOutcome.Finished => "", TrialOutcome.Diverged or TrialOutcome.Refused => $"{TrialResult.Word(result.Outcome)}: {Short(result.Why!)}",
            _ => TrialResult.Word(result.Outcome),
        };
        return
        [
            Invariant($"{place + 1}"), trial.Folder, .. trial.Settings.Select(one => one.Value), Invariant($"{result.Epochs}"),
            BestOf(result), Score(result), outcome, Invariant($"{result.Seconds:F1}"),
        ];
    }

    private static string Short(string why) => why.Length <= 48 ? why : why[..47] + "…";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
