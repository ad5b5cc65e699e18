using System.Globalization;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Lab.Compare;

/// <summary>Forecasting a table's first column, as <c>unroll train forecast</c> does it.</summary>
internal sealed class ForecastComparison : IComparison
{
    private readonly ForecastOptions _options;
    private readonly NetworkSpec _spec;
    private readonly CellCatalog? _cells;

    /// <summary>Reads the data once, to know its columns.</summary>
    /// <exception cref="UserErrorException">The data or the options will not do.</exception>
    internal ForecastComparison(ForecastOptions options, CellCatalog? cells = null)
    {
        if (options.Data is [DataFiles.StandardInput])
            throw new UserErrorException("--data: expected a data set or a file because it is read once for each training, got '-' "
                + "(standard input).");
        _cells = cells;
        using ThreadTeam alone = new(1);
        ForecastRun one = Begin(options, alone);
        (_options, _spec, Title) = (options, one.Model.Network.Spec, $"forecast, {Path.GetFileName(options.Data[0])}");
        ForecastDescription description = one.Model.Description;
        string column = description.Columns[0].Name;
        Measure = $"RMSE of {column}";
        Training = string.Create(CultureInfo.InvariantCulture,
            $"{one.Examples} windows of {description.Window} steps for training, batches of {options.Batch}, Adam at "
                + $"{options.LearningRate}, schedule {options.Schedule.ToString().ToLowerInvariant()}, ")
            + string.Create(CultureInfo.InvariantCulture, $"{one.Epochs} epochs at most; the weights are those of the best epoch "
            + $"on the validation part");
        ColumnReport report = (one.Finish() ?? throw new UserErrorException($"{options.Data[0]}: there is no test part to compare on; leave "
            + $"one with --split.")).Columns[0];
        Baselines = [.. report.Baselines.Select(baseline => (baseline.Name, baseline.Scores.Rmse)).OrderBy(baseline => baseline.Rmse)];
    }

    public string Title { get; }

    public string Measure { get; }

    public IReadOnlyList<(string Name, double Value)> Baselines { get; }

    public string Training { get; }

    public NetworkSpec Network(LabNamedCell cell, int hidden) => _spec with
    {
        Layers = [.. _spec.Layers.Select(layer =>
            layer is RecurrentSpec recurrent ? recurrent with { Cell = cell.Options, Hidden = hidden } : layer)],
    };

    public ComparedTraining Begin(LabNamedCell cell, int hidden, ulong seed, ThreadTeam alone)
    {
        string settled = cell.Options.Definition?.Text ?? cell.Options.Kind;
        ForecastRun training = Begin(_options with { Cell = settled, Hidden = hidden, Seed = seed }, alone);
        return new ComparedTraining(training.Loop.Run(), () => training.Loop.State, () => training.Finish()!.Columns[0].Model.Rmse);
    }

    private ForecastRun Begin(ForecastOptions options, ThreadTeam alone) =>
        ForecastRun.Begin(options, DataFiles.Disk, new RunSettings { Threads = alone, Cells = _cells });
}
