using Unroll.Core;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>Rows on their way to series, wherever they came from: a table, or objects in memory.</summary>
/// <param name="Source">What errors call the data.</param>
/// <param name="Kind">What the times are.</param>
/// <param name="Times">[rows].</param>
/// <param name="Places">[rows]: where each stands in its source.</param>
/// <param name="Groups">The rows of each series, in the order of their first rows.</param>
/// <param name="Targets">[columns][rows]; NaN is missing.</param>
/// <param name="Known">[columns][rows].</param>
internal sealed record SeriesRows(
    string Source, TimeKind Kind, double[] Times, RowPlaces Places, IReadOnlyList<(string Name, int[] Rows)> Groups, double[][] Targets,
    double[][] Known)
{
    /// <summary>Groups, times, resampling, missing values, in that order.</summary>
    /// <exception cref="UserErrorException">Times are repeated or irregular, or values are missing, and the options do not say otherwise.</exception>
    internal IReadOnlyList<Series> ToSeries(SeriesOptions options)
    {
        TimeAxis axis = StepInference.Infer(Kind, [.. Groups.Select(g => Array.ConvertAll(g.Rows, r => Times[r]))]);
        if (options.Period is { } period) axis = WithPeriod(axis, period, options);
        List<Series> series = [];
        foreach ((string name, int[] rows) in Groups)
        {
            RowSet set = RowSet.Of(rows, this);
            if (options.Irregular == IrregularTimes.Resample) set = Resampling.Apply(set, axis, Source);
            else if (options.Irregular == IrregularTimes.Error && Regularity.Problem(set, axis, Source, options.Time) is { } problem)
                throw new UserErrorException(problem);
            series.Add(set.ToSeries(Source, name, axis, options));
        }
        return series;
    }

    private static TimeAxis WithPeriod(TimeAxis axis, TimeStep period, SeriesOptions options)
    {
        if (options.Irregular != IrregularTimes.Resample)
            throw new UserErrorException($"A period ({period}) is given without resampling; choose to resample.");
        bool fits = axis.Kind switch
        {
            TimeKind.Row => false,
            TimeKind.Number => period.Unit == TimeUnit.Number,
            TimeKind.Month => period.Unit == TimeUnit.Month,
            _ => period.Unit != TimeUnit.Number,
        };
        if (!fits)
            throw new UserErrorException(
                $"Resampling to {period} does not fit the times, which are {Describe(axis.Kind)}; choose a period in their unit.");
        return axis with { Step = period, MonthDay = period.Unit == TimeUnit.Month && axis.Kind != TimeKind.Month ? 1 : 0 };
    }

    private static string Describe(TimeKind kind) => kind switch
    {
        TimeKind.Row => "row numbers (name a time column)",
        TimeKind.Number => "plain numbers",
        TimeKind.Month => "months",
        _ => "dates",
    };
}

/// <summary>Where rows stand in their source: lines of a file, or places in memory.</summary>
/// <param name="Lines">[rows]: the line in a file, or the place from 0 and 1 more; 0 for a period that resampling put in.</param>
/// <param name="InMemory">Which of the two.</param>
internal sealed record RowPlaces(int[] Lines, bool InMemory)
{
    /// <summary><c>line 7</c>, or <c>row 5</c>, counted from 0 as a program counts.</summary>
    internal string Of(int row) => InMemory ? $"row {Lines[row] - 1}" : $"line {Lines[row]}";

    internal RowPlaces With(int[] lines) => new(lines, InMemory);
}
