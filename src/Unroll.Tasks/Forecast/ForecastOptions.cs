using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>What the network sees of a column; see <see cref="TransformKind"/>.</summary>
public enum TransformChoice
{
    /// <summary>Chosen from the training part.</summary>
    Auto,

    /// <inheritdoc cref="TransformKind.None"/>
    None,

    /// <inheritdoc cref="TransformKind.Log"/>
    Log,

    /// <inheritdoc cref="TransformKind.Difference"/>
    Difference,

    /// <inheritdoc cref="TransformKind.LogDifference"/>
    LogDifference,

    /// <inheritdoc cref="TransformKind.Sqrt"/>
    Sqrt,

    /// <inheritdoc cref="TransformKind.Log1p"/>
    Log1p,
}

/// <summary>The simple forecast whose error the network learns; see <see cref="AnchorKind"/>.</summary>
public enum AnchorChoice
{
    /// <summary>The one with the smallest error on the training part.</summary>
    Auto,

    /// <inheritdoc cref="AnchorKind.Last"/>
    Last,

    /// <inheritdoc cref="AnchorKind.Season"/>
    Season,

    /// <inheritdoc cref="AnchorKind.Growth"/>
    Growth,

    /// <inheritdoc cref="AnchorKind.Mean"/>
    Mean,

    /// <inheritdoc cref="AnchorKind.Ar"/>
    Ar,
}

/// <summary>By which level and size the network's inputs and targets are scaled.</summary>
public enum ScaleChoice
{
    /// <summary>One scale for one series; the window's for several, or each series' own where the window is short.</summary>
    Auto,

    /// <summary>Those of the training parts of all series together.</summary>
    All,

    /// <summary>Those of each series' training part; of a series that was not trained on, those of its window.</summary>
    Series,

    /// <summary>Those of each window.</summary>
    Window,
}

/// <summary>What the network's forecast is mixed with, by a weight that the validation part fixes.</summary>
public enum MixChoice
{
    /// <summary>With the autoregression where it can be fitted, else with the anchor.</summary>
    Auto,

    /// <summary>With nothing.</summary>
    None,

    /// <summary>With the anchor: the network's correction is weakened.</summary>
    Anchor,

    /// <summary>With an autoregression.</summary>
    Ar,
}

/// <summary>What a forecasting model minimizes.</summary>
public enum ForecastLoss
{
    /// <summary>The squared error: the forecast is a mean.</summary>
    Mse,

    /// <summary>The absolute error: the forecast is a median.</summary>
    Mae,

    /// <summary>Squared for small errors, absolute for large ones.</summary>
    Huber,

    /// <summary>The likelihood of a normal distribution; the network also says how sure it is.</summary>
    Gaussian,

    /// <summary>The pinball loss of the median and of the two ends of the interval.</summary>
    Quantile,

    /// <summary>The pinball loss of the quantiles 0.1 … 0.9 and of the two ends of the interval.</summary>
    Quantiles,

    /// <summary>The likelihood of Student's t distribution with five degrees of freedom: as the normal one, with heavy tails.</summary>
    StudentT,

    /// <summary>The likelihood of counts whose variance is their mean.</summary>
    Poisson,

    /// <summary>The likelihood of counts whose variance exceeds their mean.</summary>
    NegativeBinomial,

    /// <summary>The absolute error for ten series and more, which outliers of single series would lead otherwise; else the squared error.</summary>
    Auto,
}

/// <summary>Everything that decides a forecasting run: data, model, training.</summary>
/// <remarks>
/// <c>Auto</c>, null and an empty list mean "chosen from the training part"; what was chosen stands in the <see cref="ForecastDescription"/>.
/// <see cref="TaskOptions.Data"/> names one table: a CSV file, <c>sunspots</c> or <c>airline</c>; series in memory are handed over instead.
/// </remarks>
public sealed record ForecastOptions : TaskOptions
{
    /// <summary>The defaults: monthly sunspots, one month ahead.</summary>
    public ForecastOptions() =>
        (Data, Split, Cell, Hidden, LearningRate, Pooling) = (["sunspots"], [0.6, 0.2], "gru", 32, 5e-3, PoolingKind.Last);

    /// <summary>The columns to forecast; empty: every column of numbers without another role.</summary>
    public IReadOnlyList<string> Column { get; init; } = [];

    /// <summary>Columns that the network sees but does not forecast, known up to the present only.</summary>
    public IReadOnlyList<string> Input { get; init; } = [];

    /// <summary>Columns that are known in the future too; of series in memory all that are given as known, where this is empty.</summary>
    public IReadOnlyList<string> Known { get; init; } = [];

    /// <summary>Inputs made of the times of rows: <c>weekday</c>, <c>month</c>, <c>hour</c>, <c>holidays:FILE</c>; known in the future too.</summary>
    public IReadOnlyList<string> Calendar { get; init; } = [];

    /// <summary>The time column; null: guessed where no column is named, else rows are one step apart; <c>none</c>: they are.</summary>
    public string? Time { get; init; }

    /// <summary>How times are written, as in <see cref="SeriesOptions.TimeFormat"/>; null: the whole column says it.</summary>
    public string? TimeFormat { get; init; }

    /// <summary>The column that tells series apart; null: one series.</summary>
    public string? Group { get; init; }

    /// <summary>Null: irregular times are an error; <c>auto</c>: resampled to the commonest step; else a period such as <c>1day</c>.</summary>
    public string? Resample { get; init; }

    /// <summary>What to do about missing values; they cannot be kept.</summary>
    public MissingValues Missing { get; init; }

    /// <summary>Words that mean a missing value, such as <c>-999</c>, beside those that always do.</summary>
    public IReadOnlyList<string> MissingWords { get; init; } = [];

    /// <summary>What the network sees of a column.</summary>
    public TransformChoice Transform { get; init; }

    /// <summary>The simple forecast whose error the network learns.</summary>
    public AnchorChoice Anchor { get; init; }

    /// <summary>By which level and size inputs and targets are scaled.</summary>
    public ScaleChoice Scale { get; init; }

    /// <summary>What the network's forecast is mixed with.</summary>
    public MixChoice Mix { get; init; }

    /// <summary>
    /// Size of an embedding of the series that a window is of, 0 … 1,000, 0: none; null: up to 8 for 2 to 500 series with scales of their own.
    /// </summary>
    public int? Embedding { get; init; }

    /// <summary>
    /// Rows of the window that the network reads at once, a divisor of the window; null: a short season's where the window has four and more, else 1.
    /// </summary>
    public int? Segment { get; init; }

    /// <summary>
    /// Steps of a season, 1 … 100,000; null: guessed from the step of the times, for hours and days one of two (24 or 168, 7 or 365); 1: none.
    /// </summary>
    public int? Season { get; init; }

    /// <summary>Steps that the network sees, 1 … 100,000; null: two seasons, fewer where the training part is short.</summary>
    public int? Window { get; init; }

    /// <summary>Steps that are forecast at once, 1 … 10,000.</summary>
    public int Horizon { get; init; } = 1;

    /// <summary>What is minimized.</summary>
    public ForecastLoss Loss { get; init; } = ForecastLoss.Auto;

    /// <summary>The least value that can be; null: none is known, and 0 of counts.</summary>
    public double? Min { get; init; }

    /// <summary>The greatest value that can be; null: none is known.</summary>
    public double? Max { get; init; }

    /// <summary>The share of future values that an interval should hold, in [0.01, 0.99].</summary>
    public double Interval { get; init; } = 0.9;

    /// <summary>k1, k2 of truncated backpropagation through whole series: an update every k1 steps, through k2 of them; empty: windows.</summary>
    public IReadOnlyList<int> Bptt { get; init; } = [];

    /// <summary>Every option, a line each.</summary>
    public static OptionTable<ForecastOptions> Table { get; } = new OptionTable<ForecastOptions>()
        .Strings("data", "NAME|FILE|-", "sunspots (default), airline, a CSV file, or - for standard input",
            o => o.Data, (o, v) => o with { Data = v }).NotSwept(Unswept.Data)
        .Strings("column", "Y[,Z…]", "columns to forecast (default: all columns of numbers)",
            o => o.Column, (o, v) => o with { Column = v }).OfModel().NotSwept(Unswept.Data)
        .Strings("input", "A[,B…]", "columns that are seen but not forecast", o => o.Input, (o, v) => o with { Input = v }).OfModel()
        .Strings("known", "A[,B…]", "columns that are known in the future too", o => o.Known, (o, v) => o with { Known = v }).OfModel()
        .Strings("calendar", "WORD[,…]", "inputs made of the times: weekday, month, hour, holidays:FILE (a table with a column of days)",
            o => o.Calendar, (o, v) => o with { Calendar = v }, CalendarInputs.Wrong).OfModel().MayBeAbsent()
        .String("time", "COLUMN", "the time column (default: the first column of dates; 'none': rows are evenly spaced)",
            o => o.Time, (o, v) => o with { Time = v }).NotSwept(Unswept.Data)
        .String("time-format", "FORMAT", "how times are written: dmy, mdy, ymd, excel, epoch-ms …, or a pattern such as dd.MM.yyyy",
            o => o.TimeFormat, (o, v) => o with { TimeFormat = v }, TimeForm.Wrong).NotSwept(Unswept.Data)
        .String("group", "COLUMN", "the column that tells series apart", o => o.Group, (o, v) => o with { Group = v }).NotSwept(Unswept.Data)
        .String("resample", "PERIOD", "put irregular times on a grid, such as 1day (without a period: the commonest step)",
            o => o.Resample, (o, v) => o with { Resample = v }).Alone("auto").NotSwept(Unswept.Data)
        .Choice("missing", "what to do about missing values", o => o.Missing, (o, v) => o with { Missing = v }, ["error", "carry", "interpolate"])
            .NotSwept(Unswept.Data)
        .Strings("missing-values", "A[,B…]", "further words that mean a missing value, such as -999",
            o => o.MissingWords, (o, v) => o with { MissingWords = v }).MayBeAbsent().NotSwept(Unswept.Data)
        .Include(TaskOptionLines.Shares)
        .Choice("transform", "what the network sees of a column", o => o.Transform, (o, v) => o with { Transform = v }).OfModel()
            .NotSwept(Unswept.Measure)
        .Choice("anchor", "the simple forecast that the network corrects", o => o.Anchor, (o, v) => o with { Anchor = v }).OfModel()
            .NotSwept(Unswept.Measure)
        .Choice("scale", "by which level and size inputs and targets are scaled", o => o.Scale, (o, v) => o with { Scale = v })
            .OfModel().MayBeAbsent().NotSwept(Unswept.Measure)
        .Choice("mix", "what the network's forecast is mixed with, by a weight that the validation part fixes",
            o => o.Mix, (o, v) => o with { Mix = v }).OfModel().MayBeAbsent().NotSwept(Unswept.Afterwards)
        .Int("embedding", "N", "size of an embedding of the series that a window is of, 0: none (default: up to 8 for 2 to 500 series)",
            o => o.Embedding, (o, v) => o with { Embedding = v }, 0, 1000).OfModel().MayBeAbsent()
        .Int("segment", "N", "rows of the window that the network reads at once (default: a short season's in a long window, else 1)",
            o => o.Segment, (o, v) => o with { Segment = v }, 1, 100_000).OfModel().MayBeAbsent()
        .Int("season", "N", "steps of a season (default: guessed from the times)",
            o => o.Season, (o, v) => o with { Season = v }, 1, 100_000).OfModel()
        .Int("window", "N", "steps that the network sees (default: two seasons, fewer for short data)",
            o => o.Window, (o, v) => o with { Window = v }, 1, 100_000).OfModel()
        .Int("horizon", "N", "steps that are forecast at once", o => o.Horizon, (o, v) => o with { Horizon = v }, 1, 10_000).OfModel()
            .NotSwept(Unswept.Measure)
        .Choice("loss", "what is minimized", o => o.Loss, (o, v) => o with { Loss = v }).OfModel().NotSwept(Unswept.Measure)
        .Double("min", "the least value that can be, such as 0: forecasts and intervals keep to it",
            o => o.Min, (o, v) => o with { Min = v }).OfModel().NotSwept(Unswept.Measure)
        .Double("max", "the greatest value that can be", o => o.Max, (o, v) => o with { Max = v }).OfModel().NotSwept(Unswept.Measure)
        .Double("interval", "share of values that an interval should hold", o => o.Interval, (o, v) => o with { Interval = v }, 0.01, 0.99).OfModel()
            .NotSwept(Unswept.Measure)
        .Ints("bptt", "K1,K2", "train through whole series: an update every K1 steps, through K2 steps", o => o.Bptt, (o, v) => o with { Bptt = v },
            WrongTruncation).OfModel()
        .Include(TaskOptionLines.Network)
        .Include(TaskOptionLines.Learning)
        .Together(o => o.Valid.Count > 0 || o.Test.Count > 0 || o.Fold is not null || o.Folds > 0 || o.CrossValidate
            ? "split: the parts of a series follow each other in time; leave valid, test and folds out, and give the shares with split." : null)
        .Together(o => o.Min >= o.Max ? $"min: expected less than max {o.Max}, got {o.Min}." : null)
        .Together(o => o.Missing == MissingValues.Keep
            ? "missing: expected error, carry or interpolate: a network cannot learn from what is not there." : null)
        .Together(o => o.Scale is ScaleChoice.Series or ScaleChoice.Window && o.Bptt.Count > 0
            ? "scale: trained through whole series (bptt), a series has one scale from its first row on; expected all, or leave bptt out." : null)
        .Together(o => o.Embedding > 0 && (o.Bptt.Count > 0 || o.Scale == ScaleChoice.All)
            ? "embedding: series are told apart where they have scales of their own; expected 0, or a scale of series or windows." : null)
        .Together(o => o.Segment > 1 && o.Bptt.Count > 0
            ? "segment: trained through whole series (bptt), every row is a step; expected 1, or leave bptt out." : null)
        .Together(o => o is { Segment: { } segment, Window: { } window } && window % segment != 0
            ? $"segment: expected a divisor of the window {window}, got {segment}." : null)
        .Together(o => o.Pooling == PoolingKind.None
            ? "pooling: a forecast is made of one row; expected last, mean, max, attention, center or flatten." : null)
        .Together(o => o.Pooling != PoolingKind.Last && o.Bptt.Count > 0
            ? "pooling: trained through whole series (bptt), every step is the last one; expected last, or leave bptt out." : null);

    private static string? WrongTruncation(IReadOnlyList<int> value) =>
        value.Count == 0 || (value.Count == 2 && value[0] >= 1 && value[1] >= value[0])
            ? null
            : "expected k1,k2 with 1 ≤ k1 ≤ k2, such as 16,48 (an update every k1 steps, through k2 steps), " +
                $"got {string.Join(',', value)}.";
}
