using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>The choices and statistics of one column, of the training parts of all series.</summary>
internal sealed class ColumnFit
{
    private const int MostOrigins = 20_000, MostWindows = 2_000;
    private readonly ForecastOptions _options;
    private readonly IReadOnlyList<Series> _series;
    private readonly int _column, _season, _shorter;
    private readonly string _name;
    private readonly Transform _transform;
    private readonly double[][] _levels;                    // of each training part
    private readonly LevelUnit[] _units;                    // of each series

    /// <param name="options">The options, with season, window and scale.</param>
    /// <param name="series">The series.</param>
    /// <param name="splits">Their splits.</param>
    /// <param name="column">One of the columns; those after the ones that are forecast are only seen, and not transformed.</param>
    internal ColumnFit(ForecastOptions options, IReadOnlyList<Series> series, Split[] splits, int column)
    {
        (_options, _series, _column, _season) = (options, series, column, options.Season!.Value);
        _shorter = ForecastChoices.Shorter(series[0].Axis.Step.Season, _season);
        _name = series[0].Targets[column].Name;
        ReadOnlyMemory<double>[] training = [.. series.Select((s, i) => new ReadOnlyMemory<double>(s.Targets[column].Values, 0, splits[i].Train))];
        _transform = new Transform(TransformKind.None);
        if (column < options.Column.Count)
            _transform = options.Transform == TransformChoice.Auto ? ForecastChoices.Transform(training, _season)
                : new Transform((TransformKind)(options.Transform - TransformChoice.None));
        _levels = [.. training.Select((part, i) => ForecastColumn.Levels(_transform, part.Span, row => series[i].Where(row, _name)))];
        _units = [.. _levels.Select((part, i) => options.Scale == ScaleChoice.All ? LevelUnit.Plain
            : LevelUnit.Of(part.AsSpan(series[i].Padding), _shorter))];
    }

    /// <summary>The unit of a series' training part.</summary>
    internal LevelUnit Unit(int series) => _units[series];

    /// <summary>How the column is standardized as an input.</summary>
    internal Standardizer Values() => Standardize(0);

    /// <summary>The column as one that is forecast.</summary>
    internal ForecastColumn Column()
    {
        double[][] relative = _options.Scale == ScaleChoice.All ? _levels
            : [.. _levels.Select((part, i) => Array.ConvertAll(part, _units[i].Relative))];
        AnchorKind anchor = _options.Anchor == AnchorChoice.Auto
            ? ForecastChoices.Anchor(relative, _season, _options.Horizon, Scored) : (AnchorKind)(_options.Anchor - AnchorChoice.Last);
        Standardizer level = Standardize(0);
        double[] autoregression = [];
        if (anchor == AnchorKind.Ar || _options.Mix is MixChoice.Ar or MixChoice.Auto)
            autoregression = LevelAutoregression.Fit(_levels, UnitAt, LevelAutoregression.Orders(_season, _shorter, LongestOrder(anchor)),
                PerWindow ? _options.Window!.Value : 0, 2 * _season + 1, Scored) ?? [];
        if (anchor == AnchorKind.Ar && autoregression.Length == 0)
            throw new Core.UserErrorException($"{ForecastFit.NameOf(_series[0])}: column '{_name}': too few rows to fit an autoregression " +
                "to; choose another anchor, or give more data.");
        Standardizer? seasonal = anchor is AnchorKind.Season or AnchorKind.Growth ? Standardize(_season) : null;
        ForecastColumn column = new(_name, _transform, _transform.Lost == 0 ? level : Standardize(1), seasonal, anchor, level,
            [.. Enumerable.Repeat(1.0, _options.Horizon)])
        {
            Autoregression = autoregression,
        };
        bool plain = _options.Scale == ScaleChoice.All && anchor != AnchorKind.Ar;
        return column with
        {
            Scales = plain ? ForecastChoices.Scales(anchor, _levels, _season, _options.Horizon, level.Mean,
                Math.Max(1, Anchors.History(anchor, _season)), Scored) : Scales(column),
        };
    }

    // Of several series as many rows as a forecast looks at in any case, so that none becomes too short by it; of one what its rows can bear.
    private int LongestOrder(AnchorKind anchor)
    {
        int lost = anchor is AnchorKind.Season or AnchorKind.Growth ? _season : _transform.Lost, rows = lost + _options.Window!.Value;
        return _series.Count == 1 || _options.Anchor == AnchorChoice.Ar ? Math.Max(rows, Math.Max(2 * _season + 1, Math.Min(3 * _season, 64))) : rows;
    }

    private bool PerWindow => _options.Scale == ScaleChoice.Window;

    private bool Scored(int i, int origin, int step) => _series[i].IsScored(_column, origin, step);

    private LevelUnit UnitAt(int i, int origin)
    {
        if (!PerWindow) return _units[i];
        int rows = Math.Min(origin, _options.Window!.Value);
        return LevelUnit.Of(_levels[i].AsSpan(origin - rows, rows), _shorter, _units[i]);
    }

    //  √ mean ((L − anchor) / size)² for each step; 1 where it is 0
    private double[] Scales(ForecastColumn column)
    {
        int horizon = _options.Horizon, from = Math.Max(PerWindow ? _options.Window!.Value : 1, Math.Max(1, column.History(_season)));
        long all = _levels.Sum(part => (long)Math.Max(0, part.Length - from - horizon + 1));
        int stride = (int)(all / MostOrigins) + 1;
        double[] squares = new double[horizon], anchors = new double[horizon];
        long[] counts = new long[horizon];
        for (int i = 0; i < _levels.Length; i++)
            for (int origin = from; origin + horizon <= _levels[i].Length; origin += stride)
            {
                LevelUnit unit = UnitAt(i, origin);
                Outlook.Anchors(column, _levels[i], origin, unit, _season, anchors);
                for (int step = 1; step <= horizon; step++)
                {
                    if (!Scored(i, origin, step)) continue;
                    double error = unit.Relative(_levels[i][origin + step - 1]) - anchors[step - 1];
                    squares[step - 1] += error * error;
                    counts[step - 1]++;
                }
            }
        return [.. squares.Zip(counts, (sum, count) => sum > 0 ? Math.Sqrt(sum / count) : 1)];
    }

    // Of the relative levels, or of their changes over some steps: those of equal steps differ by the rounding of the levels.
    private Standardizer Standardize(int steps)
    {
        ReadOnlyMemory<double>[] parts = PerWindow ? Windows(steps)
            : [.. _levels.Select((part, i) => (ReadOnlyMemory<double>)Relative(part, steps, part.Length, _units[i]))];
        if (steps == 0) return Standardizer.Fit(_name, parts);
        double rounding = 1e-15 * _levels.Max(part => part.Max(Math.Abs)) / (_options.Scale == ScaleChoice.All ? 1 : _units.Min(unit => unit.Size));
        return parts.All(part => part.IsEmpty) ? Standardizer.Identity(_name) : Standardizer.Fit(_name, parts, rounding);
    }

    // Those of some windows, each in its own unit.
    private ReadOnlyMemory<double>[] Windows(int steps)
    {
        int window = _options.Window!.Value;
        int stride = (int)(_levels.Sum(part => (long)Math.Max(0, part.Length - window + 1)) / MostWindows) + 1;
        List<ReadOnlyMemory<double>> parts = [];
        for (int i = 0; i < _levels.Length; i++)
            for (int origin = Math.Min(window + steps, _levels[i].Length); origin <= _levels[i].Length; origin += stride)
                parts.Add(Relative(_levels[i].AsSpan(Math.Max(0, origin - window - steps), Math.Min(origin, window + steps)), steps,
                    Math.Min(origin, window + steps), UnitAt(i, origin)));
        return [.. parts];
    }

    private static double[] Relative(ReadOnlySpan<double> levels, int steps, int rows, LevelUnit unit)
    {
        double[] relative = new double[Math.Max(0, rows - steps)];
        for (int t = 0; t < relative.Length; t++)
            relative[t] = steps == 0 ? unit.Relative(levels[t]) : (levels[t + steps] - levels[t]) / unit.Size;
        return relative;
    }
}
