using System.Globalization;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>How much of what a model is asked about lies outside what it was trained on, in sentences.</summary>
internal static class BeyondTraining
{
    private const double Worth = 0.5;                       // deviations beyond the range, from which on it is worth a word

    /// <param name="description">The model's.</param>
    /// <param name="series">The question's series, with the model's columns.</param>
    /// <param name="rows">The rows of each that the model looks at.</param>
    /// <param name="note">Receives each sentence, without <c>note:</c>; null: nobody.</param>
    internal static void Say(ForecastDescription description, IReadOnlyList<Series> series, Func<Series, Range> rows, Action<string>? note)
    {
        if (note is null) return;
        bool plain = description.Scale == ScaleChoice.All;                       // else each window or series has a range of its own
        for (int c = 0; plain && c < description.Columns.Count; c++)
            Say(description.Columns[c].Input, series, rows, one => Seen(description.Columns[c], one, c), one => one.Targets[c].Values,
                description.Columns[c].Transform.Lost == 0 ? "values" : "changes", note);
        for (int i = 0; plain && i < description.Inputs.Count; i++)
            Say(description.Inputs[i], series, rows, one => one.Targets[description.Columns.Count + i].Values,
                one => one.Targets[description.Columns.Count + i].Values, "values", note);
        for (int k = 0; k < description.Known.Count; k++)
            Say(description.Known[k], series, one => rows(one).Start..one.Known[k].Values.Length, one => one.Known[k].Values,
                one => one.Known[k].Values, "values", note);
    }

    // As the network sees the column, but for the scale; the first row of changes has none.
    private static double[] Seen(ForecastColumn column, Series series, int c)
    {
        double[] levels = ForecastColumn.Levels(column.Transform, series.Targets[c].Values, row => series.Where(row, column.Name));
        return column.Transform.Lost == 0 ? levels
            : [.. levels.Select((level, row) => row == 0 ? column.Input.Mean : level - levels[row - 1])];
    }

    private static void Say(
        Standardizer scale, IReadOnlyList<Series> series, Func<Series, Range> rows, Func<Series, double[]> seen, Func<Series, double[]> read,
        string what, Action<string> note)
    {
        (double low, double high) = scale.Range;
        int outside = 0, all = 0;
        double most = 0;
        string? first = null;
        foreach (Series one in series)
        {
            double[] values = seen(one);
            (int from, int count) = rows(one).GetOffsetAndLength(values.Length);
            all += count;
            for (int row = from; row < from + count; row++)
            {
                double beyond = Math.Max(low - values[row], values[row] - high) / scale.Deviation;
                if (!(beyond > 0)) continue;
                outside++;
                most = Math.Max(most, beyond);
                first ??= string.Create(CultureInfo.InvariantCulture, $"{one.Where(row, scale.Column)} ({read(one)[row]:G6})");
            }
        }
        if (first is null || most <= Worth) return;
        string far = scale.Constant ? "where the column was constant"
            : string.Create(CultureInfo.InvariantCulture, $"this one first, by up to {most:G3} deviations");
        note(string.Create(CultureInfo.InvariantCulture, $"{first}: {outside:N0} of {all:N0} {what} ") +
            $"{(outside == 1 ? "lies" : "lie")} outside what the model was trained on, {far}; it knows nothing of such: check the unit, or train " +
            "on data that have them.");
    }
}
