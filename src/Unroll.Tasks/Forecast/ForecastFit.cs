using System.Runtime.InteropServices;
using System.Text;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Forecast;

/// <summary>From options and series to a description: choices and statistics, of the training part alone.</summary>
internal static class ForecastFit
{
    private const int ManySeries = 10, LongestByRows = 64, MostEmbedded = 500;

    /// <summary>The numbers and times of each part, by which a run knows its data again.</summary>
    internal static IReadOnlyList<DataPart> Hashes(IEnumerable<Series> series, ForecastOptions options)
    {
        return PartHashes.Of(Rows(split => split.TrainRows), Rows(split => split.ValidationRows), Rows(split => split.TestRows),
            (hash, part) => Add(hash, part.Series, part.Rows, part.Series.Targets.Concat(part.Series.Known)));

        IEnumerable<(Series Series, Range Rows)> Rows(Func<Split, Range> part) => series.Select(s => (s, part(SplitOf(s, options))));
    }

    //  an error of training: (ŷ − L) / (size · scaleₕ), L a level by the transform
    /// <summary>
    /// What the validation score is a mean of, see <see cref="ITaskRun.ScoredOn"/>: the columns that are forecast, without those that are only seen,
    /// and what their errors are divided by.
    /// </summary>
    internal static string ScoredOn(ForecastDescription description, IReadOnlyList<Series> series)
    {
        ForecastOptions options = description.Options;
        Sha256 hash = new();
        foreach (Series one in series)
            Add(hash, one, SplitOf(one, options).ValidationRows, one.Targets.Take(options.Column.Count));
        foreach (ForecastColumn column in description.Columns)
        {
            hash.AppendText($"{column.Transform.Kind}");
            hash.AppendData(MemoryMarshal.AsBytes<double>([.. column.Scales]));
        }
        if (options.Scale == ScaleChoice.Window) hash.AppendText($"{options.Window}");
        foreach (SeriesScale scale in description.Scales)
            hash.AppendData(MemoryMarshal.AsBytes<double>([.. scale.Units.Take(options.Column.Count).Select(unit => unit.Size)]));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(Sha256 hash, Series series, Range rows, IEnumerable<Unroll.Tasks.Data.TimeSeries.Column> columns)
    {
        (int first, int count) = rows.GetOffsetAndLength(series.Length);
        hash.AppendText($"{series.Name}\n{count}");
        hash.AppendData(MemoryMarshal.AsBytes<double>(series.Times.Skip(first).Take(count).ToArray()));
        foreach (Unroll.Tasks.Data.TimeSeries.Column column in columns)
        {
            hash.AppendText(column.Name);
            hash.AppendData(MemoryMarshal.AsBytes(column.Values[rows]));
        }
    }

    /// <summary>The split of a series by the shares of the options; rows that only pad it count for the training part.</summary>
    internal static Split SplitOf(Series series, ForecastOptions options)
    {
        Split split = Split.ByShare(series.Length - series.Padding, options.Split[0], options.Split[1]);
        return series.Padding == 0 ? split : split with { Train = split.Train + series.Padding };
    }

    /// <summary>Makes the description; series that are too short are padded or passed over.</summary>
    /// <param name="options">The options.</param>
    /// <param name="series">The series; then those that are left.</param>
    /// <param name="note">Told what was padded or passed over; null: nobody.</param>
    /// <exception cref="UserErrorException">Every series is too short, or a value does not fit the transform.</exception>
    internal static ForecastDescription Describe(ForecastOptions options, ref IReadOnlyList<Series> series, Action<string>? note)
    {
        IReadOnlyList<Series> all = series;
        if (all.All(one => one.Length == 0)) throw new UserErrorException($"{NameOf(all[0])}: it has no rows.");
        // What a series is too short for follows from season and window, and those from the series of middle length and longer ones.
        int middle = all.Select(one => SplitOf(one, options).Train).Order().ElementAt(all.Count / 2);
        Series[] whole = [.. all.Where(one => SplitOf(one, options).Train >= middle)];
        int ofStep = all[0].Axis.Step.Season, season = options.Season ?? SeasonOf(options, whole);
        int shorter = ForecastChoices.Shorter(ofStep, season), window = options.Window ?? ForecastChoices.Window(season, middle, shorter);
        if (all.Count == 1 && SplitOf(all[0], options).Problem(window, options.Horizon, NameOf(all[0])) is { } problem)
            throw new UserErrorException(problem);
        options = options with { Season = season, Window = window, Segment = options.Segment ?? SegmentOf(options, window, shorter) };
        if (options.Window % options.Segment != 0)
            throw new OptionException("segment", $"expected a divisor of the window {window}, got {options.Segment}.");
        options = options with
        {
            Loss = options.Loss != ForecastLoss.Auto ? options.Loss : all.Count >= ManySeries ? ForecastLoss.Mae : ForecastLoss.Mse,
            Scale = options.Scale != ScaleChoice.Auto ? options.Scale
                : all.Count == 1 || options.Bptt.Count > 0 || TargetBounds.AreCounts(options.Loss) ? ScaleChoice.All
                : window >= Math.Max(8, shorter + 2) ? ScaleChoice.Window : ScaleChoice.Series,
        };
        options = options with
        {
            Embedding = options.Embedding ?? (options.Scale == ScaleChoice.All || all.Count is < 2 or > MostEmbedded ? 0
                : Math.Min(8, (all.Count + 1) / 2)),
        };
        // Those that are long enough by themselves make the description; then the others are padded to be long enough for it.
        Series[] enough = [.. whole.Where(one => SplitOf(one, options) is var split && split.Train >= window + options.Horizon)];
        ForecastDescription description = Describe(options, enough.Length > 0 ? enough : whole);
        series = SeriesPadding.ToTrain(all, options, description.FirstOrigin, shorter, note);
        if (series.Any(one => one.Padding > 0) || enough.Length < series.Count)
        {
            ForecastDescription again = Describe(options, series);
            if (again.FirstOrigin <= description.FirstOrigin) return again;
            series = SeriesPadding.ToTrain(all, options, again.FirstOrigin, shorter, null);
            return again;
        }
        return description;
    }

    private static int SegmentOf(ForecastOptions options, int window, int shorter) =>
        options.Bptt.Count == 0 && shorter > 1 && window % shorter == 0 && window >= 4 * shorter && window > LongestByRows ? shorter : 1;

    private static int SeasonOf(ForecastOptions options, IReadOnlyList<Series> series)
    {
        int shorter = series[0].Axis.Step.Season;
        if (ForecastChoices.Longer(series[0].Axis.Step) is not { } longer) return shorter;
        return ForecastChoices.Season(
            [.. series.Select(one => one.Targets[0].Values[..SplitOf(one, options).Train])], shorter, longer, options.Horizon);
    }

    private static ForecastDescription Describe(ForecastOptions options, IReadOnlyList<Series> series)
    {
        Split[] splits = [.. series.Select(s => SplitOf(s, options))];
        int columns = options.Column.Count;
        ColumnFit[] fits = [.. Enumerable.Range(0, columns).Select(c => new ColumnFit(options, series, splits, c))];
        ColumnFit[] inputs = [.. Enumerable.Range(columns, options.Input.Count).Select(i => new ColumnFit(options, series, splits, i))];
        return new ForecastDescription(
            options, series[0].Axis, [.. fits.Select(fit => fit.Column())], [.. inputs.Select(fit => fit.Values())],
            [.. Enumerable.Range(0, options.Known.Count).Select(i => Fit(series, splits, s => s.Known[i]))], null)
        {
            Scales = options.Scale == ScaleChoice.All ? []
                : [.. series.Select((one, i) => new SeriesScale(one.Name, [.. fits.Concat(inputs).Select(fit => fit.Unit(i))], []))],
        };
    }

    internal static string NameOf(Series series) => series.Name.Length == 0 ? series.Source : $"{series.Source}, series '{series.Name}'";

    private static Standardizer Fit(IReadOnlyList<Series> series, Split[] splits, Func<Series, Unroll.Tasks.Data.TimeSeries.Column> column) =>
        Standardizer.Fit(column(series[0]).Name, [.. series.Select((s, i) => new ReadOnlyMemory<double>(column(s).Values, 0, splits[i].Train))]);
}
