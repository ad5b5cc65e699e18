using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>One series as a network sees it: its levels, and a row of features for each of its rows.</summary>
internal sealed class ForecastSeries
{
    private readonly ForecastDescription _description;
    private readonly SeriesScale? _own;                     // what the model keeps of it
    private readonly LevelUnit[]? _units;                   // of each column, then of each input; null: each window's own
    private readonly float[] _features;                     // [rows, features]; empty where each window has its own

    internal ForecastSeries(ForecastDescription description, Series series)
    {
        (_description, Series, Group) = (description, series, description.GroupOf(series.Name));
        Levels = [.. description.Columns.Select((column, c) =>
            ForecastColumn.Levels(column.Transform, series.Targets[c].Values, row => series.Where(row, column.Name)))];
        int columns = description.Columns.Count + description.Inputs.Count, n = description.Features;
        _own = description.ScaleOf(series.Name);
        _units = description.Scale == ScaleChoice.All ? [.. Enumerable.Repeat(LevelUnit.Plain, columns)]
            : description.Scale == ScaleChoice.Series && _own is not null ? [.. _own.Units] : null;
        _features = _units is null ? [] : new float[series.Length * n];
        if (_units is null) return;
        for (int row = description.Lost; row < series.Length; row++) Features(Levels, 0, row, _units, _features.AsSpan(row * n, n));
    }

    internal Series Series { get; }

    /// <summary>Its place among the series that the model knows; −1: it does not, or has no embedding of them.</summary>
    internal int Group { get; }

    /// <summary>[columns][rows].</summary>
    internal double[][] Levels { get; }

    /// <summary>The features of some rows of a model without scales of windows, [length, features].</summary>
    internal ReadOnlySpan<float> Rows(int start, int length) =>
        _features.AsSpan(start * _description.Features, length * _description.Features);

    /// <summary>Writes the features of a window, [rows, features].</summary>
    /// <param name="start">Its first row.</param>
    /// <param name="features">Overwritten; as long as the window.</param>
    internal void WindowRows(int start, Span<float> features)
    {
        if (_units is not null) _features.AsSpan(start * _description.Features, features.Length).CopyTo(features);
        else WindowRows(Levels, 0, start, features);
    }

    /// <summary>The same, given the levels up to its end: those of this series, or those of a path that goes on from it.</summary>
    /// <param name="levels">[columns][rows from <paramref name="first"/> on].</param>
    /// <param name="first">The row of the series that the levels begin with.</param>
    /// <param name="start">The window's first row.</param>
    /// <param name="features">Overwritten; as long as the window.</param>
    internal void WindowRows(double[][] levels, int first, int start, Span<float> features)
    {
        int n = _description.Features, rows = features.Length / n;
        LevelUnit[] units = Units(levels, first, start + rows);
        for (int t = 0; t < rows; t++) Features(levels, first, start + t, units, features.Slice(t * n, n));
    }

    /// <summary>Writes the features of a row of a model without scales of windows, given the levels up to it.</summary>
    internal void Features(double[][] levels, int first, int row, Span<float> features) => Features(levels, first, row, _units!, features);

    // A known input of a row that the data does not have counts as its mean; RequireKnown refuses to forecast from it.
    private void Features(double[][] levels, int first, int row, ReadOnlySpan<LevelUnit> units, Span<float> features)
    {
        int at = 0, now = row - first;
        for (int c = 0; c < levels.Length; c++)
        {
            ForecastColumn column = _description.Columns[c];
            double[] level = levels[c];
            LevelUnit unit = units[c];
            double value = column.Transform.Lost == 0 ? unit.Relative(level[now]) : (level[now] - level[now - 1]) / unit.Size;
            features[at++] = column.Input.Apply(value);
            if (column.Seasonal is not { } seasonal) continue;
            features[at++] = seasonal.Apply((level[now] - level[now - _description.Season]) / unit.Size);
        }
        for (int i = 0; i < _description.Inputs.Count; i++)
            features[at++] = _description.Inputs[i].Apply(units[levels.Length + i].Relative(Series.Targets[levels.Length + i].Values[row]));
        for (int k = 0; k < _description.Known.Count; k++)
            for (int ahead = 1; ahead <= _description.Horizon; ahead++)
            {
                double[] known = Series.Known[k].Values;
                features[at++] = row + ahead < known.Length ? _description.Known[k].Apply(known[row + ahead]) : 0;
            }
    }

    /// <summary>The unit of each column, then of each input, at an origin.</summary>
    /// <param name="levels">[columns][rows from <paramref name="first"/> on].</param>
    /// <param name="first">The row of the series that the levels begin with.</param>
    /// <param name="origin">The row of the series that is the first to forecast.</param>
    internal LevelUnit[] Units(double[][] levels, int first, int origin)
    {
        if (_units is not null) return _units;
        LevelUnit[] units = new LevelUnit[levels.Length + _description.Inputs.Count];
        for (int c = 0; c < units.Length; c++)
        {
            bool input = c >= levels.Length;
            double[] values = input ? Series.Targets[c].Values : levels[c];
            int end = input ? Math.Min(origin, values.Length) : origin - first, rows = Math.Min(end, _description.Window);
            units[c] = LevelUnit.Of(values.AsSpan(end - rows, rows), _description.ShorterSeason, _own?.Units[c]);
        }
        return units;
    }

    /// <summary>What is known at an origin of the series itself.</summary>
    internal Outlook At(int origin) => At(Levels, 0, origin);

    /// <summary>What is known at an origin, given the levels before it.</summary>
    /// <param name="levels">[columns][rows from <paramref name="first"/> on].</param>
    /// <param name="first">The row of the series that the levels begin with.</param>
    /// <param name="origin">The row of the series that is the first to forecast.</param>
    internal Outlook At(double[][] levels, int first, int origin) =>
        new(_description, Units(levels, first, origin), levels, origin - first, _own?.Spreads ?? []);

    /// <summary>Writes what the network should say for a window: [horizon × columns], step by step; NaN where nothing was measured.</summary>
    internal void Targets(int origin, Span<float> targets)
    {
        int at = 0;
        Outlook outlook = At(origin);
        for (int step = 1; step <= _description.Horizon; step++)
            for (int c = 0; c < Levels.Length; c++)
                targets[at++] = Series.IsScored(c, origin, step) ? (float)outlook.Target(c, step, Levels[c][origin + step - 1]) : float.NaN;
    }

    /// <summary>Checks that known inputs are there for a forecast: the network sees those of all steps that it forecasts at once.</summary>
    /// <param name="horizon">Steps to forecast.</param>
    /// <exception cref="UserErrorException">They end too early.</exception>
    internal void RequireKnown(int horizon)
    {
        int own = _description.Horizon, blocks = (horizon + own - 1) / own, steps = blocks * own, found = Series.FutureRows,
            possible = found / own * own;
        if (_description.Known.Count == 0 || found >= steps) return;
        string why = blocks == 1 ? "" : $", {blocks} times {own} because {horizon} is more than it forecasts at once";
        string advice = possible > 0
            ? $"add {steps - found} more, or choose a horizon of at most {possible}"
            : $"add {steps - found} more: a shorter horizon needs as many";
        throw new UserErrorException($"{ForecastFit.NameOf(Series)}: for a horizon of {horizon} the model, which forecasts {own} " +
            $"step{(own == 1 ? "" : "s")} at once, needs column '{_description.Known[0].Column}' in {steps} row{(steps == 1 ? "" : "s")} " +
            $"without targets after {Series.Label(Series.Length - 1)}{why}, found {found}; {advice}.");
    }

    /// <summary>The windows of a part that can be forecast, and measured in one step at least.</summary>
    internal IEnumerable<Window> Windows(int index, Range part) =>
        Window.Over(index, Series.Length, part, _description.Window, _description.Horizon)
            .Where(w => w.Origin >= _description.FirstOrigin && w.Origin > Series.Padding && Enumerable.Range(1, w.Horizon).Any(step =>
                Enumerable.Range(0, Levels.Length).Any(c => Series.IsScored(c, w.Origin, step))));
}
