using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Forecast;

/// <summary>From options and series to a description: choices and statistics, of the training part alone.</summary>
internal static class ForecastFit
{
    /// <summary>The numbers and times of each part, by which a run knows its data again.</summary>
    internal static IReadOnlyList<DataPart> Hashes(IEnumerable<Series> series, ForecastOptions options)
    {
        return PartHashes.Of(Rows(split => split.TrainRows), Rows(split => split.ValidationRows), Rows(split => split.TestRows), Add);

        IEnumerable<(Series Series, Range Rows)> Rows(Func<Split, Range> part) => series.Select(s => (s, part(SplitOf(s, options))));

        static void Add(IncrementalHash hash, (Series Series, Range Rows) part)
        {
            (int first, int count) = part.Rows.GetOffsetAndLength(part.Series.Length);
            hash.AppendText($"{part.Series.Name}\n{count}");
            hash.AppendData(MemoryMarshal.AsBytes<double>(part.Series.Times.Skip(first).Take(count).ToArray()));
            foreach (Unroll.Tasks.Data.TimeSeries.Column column in part.Series.Targets.Concat(part.Series.Known))
            {
                hash.AppendText(column.Name);
                hash.AppendData(MemoryMarshal.AsBytes(column.Values[part.Rows]));
            }
        }
    }

    /// <summary>The split of a series by the shares of the options.</summary>
    internal static Split SplitOf(Series series, ForecastOptions options) => Split.ByShare(series.Length, options.Split[0], options.Split[1]);

    /// <summary>Makes the description; series that are too short are passed over, and take no part in it.</summary>
    /// <param name="options">The options.</param>
    /// <param name="series">The series; then those that are left.</param>
    /// <param name="note">Told what was passed over; null: nobody.</param>
    /// <exception cref="UserErrorException">Every series is too short, or a value does not fit the transform.</exception>
    internal static ForecastDescription Describe(ForecastOptions options, ref IReadOnlyList<Series> series, Action<string>? note)
    {
        while (true)
        {
            // What a series is too short for follows from the season and the window, and those from the series that are left.
            int season = options.Season ?? series[0].Axis.Step.Season, all = series.Count;
            int window = options.Window ?? ForecastChoices.Window(season, series.Min(s => SplitOf(s, options).Train));
            series = SeriesTooShort.PassOver(series, s => SplitOf(s, options).Problem(window, options.Horizon, NameOf(s)), note);
            if (series.Count < all) continue;
            ForecastDescription description = Describe(options, series, season, window);
            int first = description.FirstOrigin;
            series = SeriesTooShort.PassOver(series, s => SplitOf(s, options) is var split && split.Train < first + options.Horizon
                ? split.Problem(first, options.Horizon, NameOf(s)) : null, note);
            if (series.Count < all) continue;
            NoteShortWindow(options, series, window, season, note);
            return description;
        }
    }

    private static ForecastDescription Describe(ForecastOptions options, IReadOnlyList<Series> series, int season, int window)
    {
        Split[] splits = [.. series.Select(s => SplitOf(s, options))];
        ForecastColumn[] columns = [.. Enumerable.Range(0, options.Column.Count).Select(c => Column(options, series, splits, c, season))];
        return new ForecastDescription(
            options with { Window = window, Season = season }, series[0].Axis, columns,
            [.. Enumerable.Range(options.Column.Count, options.Input.Count).Select(i => Fit(series, splits, s => s.Targets[i]))],
            [.. Enumerable.Range(0, options.Known.Count).Select(i => Fit(series, splits, s => s.Known[i]))], null);
    }

    // One short series among long ones makes a window that is too short for all.
    private static void NoteShortWindow(ForecastOptions options, IReadOnlyList<Series> series, int window, int season, Action<string>? note)
    {
        if (options.Window is not null || series.Count < 2) return;
        Series[] byLength = [.. series.OrderBy(s => s.Length)];
        Series shortest = byLength[0], middle = byLength[byLength.Length / 2];
        int others = ForecastChoices.Window(season, SplitOf(middle, options).Train);
        if (2 * window < others)
            note?.Invoke($"{NameOf(shortest)}: it has {shortest.Length} rows, and makes the window {window} for all series, where {others} " +
                $"would do for one of {middle.Length} rows; choose a window of {others}, which passes over what is too short for it.");
    }

    internal static string NameOf(Series series) => series.Name.Length == 0 ? series.Source : $"{series.Source}, series '{series.Name}'";

    private static Standardizer Fit(IReadOnlyList<Series> series, Split[] splits, Func<Series, Unroll.Tasks.Data.TimeSeries.Column> column) =>
        Standardizer.Fit(column(series[0]).Name, [.. series.Select((s, i) => new ReadOnlyMemory<double>(column(s).Values, 0, splits[i].Train))]);

    private static ForecastColumn Column(ForecastOptions options, IReadOnlyList<Series> series, Split[] splits, int c, int season)
    {
        ReadOnlyMemory<double>[] training = [.. series.Select((s, i) => new ReadOnlyMemory<double>(s.Targets[c].Values, 0, splits[i].Train))];
        string name = series[0].Targets[c].Name;
        Transform transform = options.Transform == TransformChoice.Auto
            ? ForecastChoices.Transform(training, season) : new Transform((TransformKind)(options.Transform - TransformChoice.None));
        double[][] levels = [.. training.Select((part, i) => ForecastColumn.Levels(transform, part.Span, row => series[i].Where(row, name)))];
        bool Scored(int i, int origin, int step) => series[i].IsScored(c, origin, step);
        AnchorKind anchor = options.Anchor == AnchorChoice.Auto
            ? ForecastChoices.Anchor(levels, season, options.Horizon, Scored) : (AnchorKind)(options.Anchor - AnchorChoice.Last);

        Standardizer level = Standardize(name, levels, 0);
        int history = Math.Max(1, Anchors.History(anchor, season));
        return new ForecastColumn(name, transform,
            transform.Lost == 0 ? level : Standardize(name, levels, 1),
            anchor is AnchorKind.Season or AnchorKind.Growth ? Standardize(name, levels, season) : null,
            anchor, level, ForecastChoices.Scales(anchor, levels, season, options.Horizon, level.Mean, history, Scored));
    }

    // Of the levels, or of their changes over some steps: those of equal steps differ by the rounding of the levels.
    private static Standardizer Standardize(string name, double[][] levels, int steps)
    {
        if (steps == 0) return Standardizer.Fit(name, [.. levels.Select(part => (ReadOnlyMemory<double>)part)]);
        ReadOnlyMemory<double>[] changes = [.. levels.Select(part => (ReadOnlyMemory<double>)Changes(part, steps))];
        double rounding = 1e-15 * levels.SelectMany(part => part).Max(Math.Abs);
        return changes.All(part => part.IsEmpty) ? Standardizer.Identity(name) : Standardizer.Fit(name, changes, rounding);
    }

    private static double[] Changes(double[] levels, int steps)
    {
        double[] changes = new double[Math.Max(0, levels.Length - steps)];
        for (int i = 0; i < changes.Length; i++) changes[i] = levels[i + steps] - levels[i];
        return changes;
    }
}
