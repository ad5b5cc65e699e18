using System.Globalization;
using Unroll.Cells;
using Unroll.Cli.Tasks;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Sweeps;

namespace Unroll.Cli.Lab.Compare;

/// <summary>
/// A task on the user's data, as <c>unroll train TASK</c> does it. Every training is a trial of a sweep whose settings are listed: a cell, its
/// units and a training seed. The validation part chooses each training's epoch; the test part chooses nothing and is measured once for each.
/// </summary>
internal sealed class TaskComparison : IComparison
{
    private readonly ITask _task;
    private readonly TaskOptions _options;
    private readonly CellCatalog _cells;
    private readonly CompareRuns _runs;
    private readonly Dictionary<(string Cell, int Hidden), Network> _networks = [];

    /// <summary>Reads the data once, to know the measure and what simple rules reach.</summary>
    /// <param name="task">Which: one that <see cref="ComparedMeasure"/> knows.</param>
    /// <param name="options">What all trainings share; <see cref="TaskOptions.Seed"/> deals the data out.</param>
    /// <param name="cells">The cells to choose among.</param>
    /// <param name="runs">Where the trainings are kept.</param>
    /// <exception cref="UserErrorException">The data or the options will not do.</exception>
    internal TaskComparison(ITask task, TaskOptions options, CellCatalog cells, CompareRuns runs)
    {
        if (options.Data.Contains(DataFiles.StandardInput))
            throw new UserErrorException("--data: expected a data set or a file because it is read once for each training, got '-' "
                + "(standard input).");
        (_task, _options, _cells, _runs) = (task, options, cells, runs);
        using ThreadTeam alone = new(1);
        ITaskRun one = Begin(options, alone, note: null);
        if (one.Parts.Test == 0)
            throw new UserErrorException($"{string.Join(", ", options.Data)}: there is no test part to compare on; leave one with --split.");
        Title = $"{task.Name}, {string.Join(", ", options.Data.Select(Path.GetFileName))}";
        string windows = one is ForecastRun forecast ? $" of {forecast.Model.Description.Window} steps" : "";
        string optimizer = task.Options.Find("optimizer")?.Text(options) ?? "", schedule = options.Schedule.ToString().ToLowerInvariant();
        Training = string.Create(CultureInfo.InvariantCulture, $"{one.Examples} {one.ExamplesName}{windows} for training, {one.Parts.Valid} for "
            + $"validation, {one.Parts.Test} for the test, batches of {options.Batch}, {optimizer} at {options.LearningRate}, schedule {schedule}, "
            + $"{one.Epochs} epochs at most; the weights are those of the best epoch on the validation part");
        (Measure, _, Baselines) = ComparedMeasure.Of(one, one.Finish()!);
    }

    public string Title { get; }

    public string Measure { get; }

    public IReadOnlyList<(string Name, double Value)> Baselines { get; }

    public string Training { get; }

    public string Kept => $" Each is a run of its own in {_runs.Place}.";

    public Network Network(LabNamedCell cell, int hidden)
    {
        if (_networks.TryGetValue((cell.Name, hidden), out Network? known)) return known;
        using ThreadTeam alone = new(1);
        return _networks[(cell.Name, hidden)] = Begin(OptionsOf(cell, hidden, _options.Seed), alone, note: null).Model.Network;
    }

    public ComparedTraining Begin(LabNamedCell cell, int hidden, ulong seed, ThreadTeam alone)
    {
        ITaskRun training = Begin(OptionsOf(cell, hidden, seed), alone, note: null);
        return new ComparedTraining(training.Loop.Run(), () => training.Loop.State, () => TestOf(training));
    }

    public IReadOnlyList<IReadOnlyList<CompareOutcome>> Train(IReadOnlyList<(LabNamedCell Cell, int Hidden)> cells, int seeds, LabRun run)
    {
        SweepPlan plan = SweepPlan.Listed(_task, _options, [.. Enumerable.Range(0, cells.Count * seeds).Select(i =>
            SettingsOf(cells[i % cells.Count], run.Seed + (ulong)(i / cells.Count)))]);
        Sweep sweep = _runs.Begin(plan, run, (options, settings) => _task.Begin(options, DataFiles.Disk, settings with { Cells = _cells }), TestOf);
        int done = sweep.Results.Count(one => one is not null);
        if (done > 0) run.Progress($"{done} of {plan.Trials.Count} trainings were done before");
        foreach (TrialEvent one in sweep.Run(_runs.Dealer(run)))
            if (one.Note is { } note) run.Progress(note);
            else if (one.Result is { } result) run.Progress($"{++done}/{plan.Trials.Count}  {plan.Trials[result.Trial - 1].Text}: {Said(result)}");
        return [.. cells.Select((_, c) => (IReadOnlyList<CompareOutcome>)[.. Enumerable.Range(0, seeds).Select(s =>
            OutcomeOf(plan.Trials[(s * cells.Count) + c], sweep.Results[(s * cells.Count) + c]!))])];
    }

    private static CompareOutcome OutcomeOf(SweepTrial trial, TrialResult result) =>
        result is { Outcome: TrialOutcome.Finished, Test: { } test } && double.IsFinite(test)
        ? new CompareOutcome(test, result.Rungs[^1].BestEpoch, result.Epochs)
        : throw new UserErrorException($"trial {trial.Folder} ({trial.Text}) has no measure to compare: "
            + $"{result.Why?.TrimEnd('.') ?? "it is no number"}; try a smaller rate, or leave the cell out.");

    private static string Said(TrialResult result) => result.Test is not { } test ? result.Why ?? TrialResult.Word(result.Outcome)
        : string.Create(CultureInfo.InvariantCulture, $"{LabCell.Short(test)}, best epoch {result.Rungs[^1].BestEpoch} of {result.Epochs}");

    private static double TestOf(ITaskRun run) => ComparedMeasure.Of(run, run.Finish()!).Value;

    private static IReadOnlyList<ListedSetting> SettingsOf((LabNamedCell Cell, int Hidden) one, ulong seed)
    {
        string hidden = one.Hidden.ToString(CultureInfo.InvariantCulture), training = seed.ToString(CultureInfo.InvariantCulture);
        return [new("cell", one.Cell.Name, Settled(one.Cell)), new("hidden", hidden, hidden), new("training-seed", training, training)];
    }

    private static string Settled(LabNamedCell cell) => cell.Options.Definition?.Text ?? cell.Options.Kind;

    private TaskOptions OptionsOf(LabNamedCell cell, int hidden, ulong seed) =>
        _options with { Cell = Settled(cell), Hidden = hidden, TrainingSeed = seed };

    private ITaskRun Begin(TaskOptions options, ThreadTeam alone, Action<string>? note) =>
        _task.Begin(options, DataFiles.Disk, new RunSettings { Threads = alone, Cells = _cells, Note = note });
}
