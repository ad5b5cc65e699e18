using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>One series as a network sees it: its levels, and a row of features for each of its rows.</summary>
internal sealed class ForecastSeries
{
    private readonly ForecastDescription _description;
    private readonly float[] _features;                     // [rows, features]

    internal ForecastSeries(ForecastDescription description, Series series)
    {
        (_description, Series) = (description, series);
        Levels = [.. description.Columns.Select((column, c) =>
            ForecastColumn.Levels(column.Transform, series.Targets[c].Values, row => series.Where(row, column.Name)))];
        _features = new float[series.Length * description.Features];
        int n = description.Features;
        for (int row = description.Lost; row < series.Length; row++) Features(Levels, 0, row, _features.AsSpan(row * n, n));
    }

    internal Series Series { get; }

    /// <summary>[columns][rows].</summary>
    internal double[][] Levels { get; }

    /// <summary>The features of some rows, [length, features].</summary>
    internal ReadOnlySpan<float> Rows(int start, int length) =>
        _features.AsSpan(start * _description.Features, length * _description.Features);

    /// <summary>Writes the features of a row, given the levels up to it: those of this series, or those of a path that goes on from it.</summary>
    /// <param name="levels">[columns][rows from <paramref name="first"/> on].</param>
    /// <param name="first">The row of the series that the levels begin with.</param>
    /// <param name="row">The row.</param>
    /// <param name="features">[features]; overwritten.</param>
    /// <remarks>
    /// A known input of a row that the data does not have counts as its mean; <see cref="RequireKnown"/> refuses to forecast from it.
    /// </remarks>
    internal void Features(double[][] levels, int first, int row, Span<float> features)
    {
        int at = 0, now = row - first;
        for (int c = 0; c < levels.Length; c++)
        {
            ForecastColumn column = _description.Columns[c];
            double[] level = levels[c];
            double value = column.Transform.Lost == 0 ? level[now] : level[now] - level[now - 1];
            features[at++] = column.Input.Apply(value);
            if (column.Seasonal is not { } seasonal) continue;
            features[at++] = seasonal.Apply(level[now] - level[now - _description.Season]);
        }
        for (int i = 0; i < _description.Inputs.Count; i++)
            features[at++] = _description.Inputs[i].Apply(Series.Targets[levels.Length + i].Values[row]);
        for (int k = 0; k < _description.Known.Count; k++)
            for (int ahead = 1; ahead <= _description.Horizon; ahead++)
            {
                double[] known = Series.Known[k].Values;
                features[at++] = row + ahead < known.Length ? _description.Known[k].Apply(known[row + ahead]) : 0;
            }
    }

    /// <summary>Writes what the network should say for a window: [horizon × columns], step by step; NaN where nothing was measured.</summary>
    internal void Targets(int origin, Span<float> targets)
    {
        int at = 0;
        for (int step = 1; step <= _description.Horizon; step++)
            for (int c = 0; c < Levels.Length; c++)
                targets[at++] = !Series.IsScored(c, origin, step) ? float.NaN
                    : (float)((Levels[c][origin + step - 1] - Anchor(Levels, c, origin, step)) / _description.Columns[c].Scales[step - 1]);
    }

    /// <summary>The anchor of a column and step, given the levels before the origin.</summary>
    internal double Anchor(double[][] levels, int c, int origin, int step)
    {
        ForecastColumn column = _description.Columns[c];
        return Anchors.Value(column.Anchor, levels[c], origin, step, _description.Season, column.Level.Mean);
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
            .Where(w => w.Origin >= _description.FirstOrigin && Enumerable.Range(1, w.Horizon).Any(step =>
                Enumerable.Range(0, Levels.Length).Any(c => Series.IsScored(c, w.Origin, step))));
}
