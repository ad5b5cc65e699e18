using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>What a forecasting model knows beside its weights: all that <c>predict</c> needs. It is the task's part of the model file.</summary>
/// <param name="Options">
/// The options of the run, with everything that was chosen filled in: columns, time, window, season, segment, scale, loss.
/// </param>
/// <param name="Axis">The times and the step between rows.</param>
/// <param name="Columns">The columns that are forecast.</param>
/// <param name="Inputs">How the columns that are only seen are standardized.</param>
/// <param name="Known">How the columns known in the future are standardized.</param>
/// <param name="Calibration">How wide intervals are; null until the model is trained.</param>
public sealed record ForecastDescription(
    ForecastOptions Options,
    TimeAxis Axis,
    IReadOnlyList<ForecastColumn> Columns,
    IReadOnlyList<Standardizer> Inputs,
    IReadOnlyList<Standardizer> Known,
    IntervalCalibration? Calibration = null)
{
    /// <summary>What the task is called in the model file.</summary>
    public string Task { get; init; } = "forecast";

    /// <summary>The unit beside the numbers of each column, input and known input, in that order; empty: of none it is known.</summary>
    internal IReadOnlyList<string> Units { get; init; } = [];

    /// <summary>The days of the holiday table of <see cref="ForecastOptions.Calendar"/>, in order; empty: there is none.</summary>
    public IReadOnlyList<DateOnly> Holidays { get; init; } = [];

    /// <summary>What is kept of each series that it was trained on; empty where all have one scale.</summary>
    public IReadOnlyList<SeriesScale> Scales { get; init; } = [];

    /// <summary>[columns]: the weight of the network in its mixture with a rule, in [0, 1]; empty: there is none.</summary>
    public IReadOnlyList<double> Mixture { get; init; } = [];

    /// <summary>By which level and size inputs and targets are scaled; never <see cref="ScaleChoice.Auto"/>.</summary>
    public ScaleChoice Scale => Options.Scale == ScaleChoice.Auto ? ScaleChoice.All : Options.Scale;

    /// <summary>Rows of the window that the network reads at once.</summary>
    public int Segment => Options.Segment ?? 1;

    /// <summary>Size of the embedding of the series; 0: none.</summary>
    public int Embedding => Options.Embedding ?? 0;

    /// <summary>
    /// Features of a step of the network: those of the rows of a segment, then with an embedding one for each series, 1 for the window's own.
    /// </summary>
    public int StepFeatures => Features * Segment + (Embedding > 0 ? Scales.Count : 0);

    /// <summary>Steps of the network through a window.</summary>
    public int Steps => Window / Segment;

    /// <summary>Steps of a season within the season, such as 24 hours in 168; the season itself where there is none.</summary>
    public int ShorterSeason => ForecastChoices.Shorter(Axis.Step.Season, Season);

    /// <summary>Steps that the network sees.</summary>
    public int Window => Options.Window!.Value;

    /// <summary>Steps that are forecast at once.</summary>
    public int Horizon => Options.Horizon;

    /// <summary>Steps of a season; 1 for none.</summary>
    public int Season => Options.Season!.Value;

    /// <summary>Numbers to forecast at once: horizon × columns, step by step.</summary>
    public int Targets => Horizon * Columns.Count;

    /// <summary>
    /// Features of a step, in order: each column (and its change over a season where the anchor is seasonal), inputs, known inputs of the steps
    /// ahead.
    /// </summary>
    public int Features => Columns.Sum(c => c.Features) + Inputs.Count + Known.Count * Horizon;

    /// <summary>What is kept of a series; null: it was not trained on, or all have one scale.</summary>
    internal SeriesScale? ScaleOf(string series) => ByName.GetValueOrDefault(series);

    /// <summary>The place of a series among <see cref="Scales"/>; −1: it was not trained on, or there is no embedding.</summary>
    internal int GroupOf(string series) => Embedding > 0 ? Places.GetValueOrDefault(series, -1) : -1;

    private Dictionary<string, int> Places => field ??= Scales.Index().ToDictionary(one => one.Item.Name, one => one.Index);

    /// <summary>The weight of the network for a column; 1: no rule is mixed in.</summary>
    internal double WeightOf(int column) => Mixture.Count > 0 ? Mixture[column] : 1;

    private Dictionary<string, SeriesScale> ByName => field ??= Scales.ToDictionary(one => one.Name);

    /// <summary>Rows at the start of a series for which there are no features.</summary>
    public int Lost => Columns.Max(c => Math.Max(c.Transform.Lost, c.Seasonal is null ? 0 : Season));

    /// <summary>The row of the first step of a model that is trained through whole series.</summary>
    public int FirstStep => Math.Max(Lost, Columns.Max(c => c.History(Season)) - 1);

    /// <summary>The first row that can be forecast.</summary>
    public int FirstOrigin => Math.Max(Lost + Window, Columns.Max(c => c.History(Season)));

    /// <summary>The description as JSON.</summary>
    public string ToJson() => JsonText.Of(json => ForecastDescriptionText.Write(json, this));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The task's part of a model file.</param>
    /// <param name="where">The file, for errors.</param>
    /// <exception cref="UserErrorException">It is the description of another task, or damaged.</exception>
    public static ForecastDescription FromJson(string json, string where)
    {
        if (TaskWord.In(json) != "forecast")
            throw new UserErrorException($"'{where}' is not a forecasting model; give a model that a forecasting run wrote.");
        try
        {
            ForecastDescription read = JsonRecord.Read(json, ForecastDescriptionText.Read);
            if (read.WhatIsWrong() is { } wrong) throw new JsonException(wrong);
            return read;
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"'{where}' is a damaged forecasting model: {e.Message.TrimEnd('.')}; fetch or train it again.", e);
        }
    }

    private string? WhatIsWrong()
    {
        if (Options.Window is null || Options.Season is null || Options.Time is null || Columns.Count == 0)
            return "the window, the season, the time or the columns are missing";
        if (Columns.SelectMany(c => (Standardizer?[])[c.Input, c.Level, c.Seasonal]).Concat(Inputs).Concat(Known).Any(s =>
            !(s is null or { Deviation: > 0 })))
            return "a deviation is not above 0";
        if (Calibration?.Spreads.Any(s => !(s.Base > 0 && double.IsFinite(4 * s.Base) && double.IsFinite(s.Slope))) == true)
            return "a spread is not above 0";
        if (Columns.Any(c => c.Scales.Count != Horizon
            || c.Scales.Any(scale => !(scale > 0)))) return "a column has not one scale above 0 for each step";
        if (!Columns.Select(c => c.Name).SequenceEqual(Options.Column) || Inputs.Count != Options.Input.Count || Known.Count != Options.Known.Count)
            return "the columns are not those of the options";
        if (Embedding > 0 && Scales.Count == 0) return "it has an embedding of series, and keeps none";
        if (Segment < 1 || Window % Segment != 0) return "the window is not made of whole segments";
        if (Scales.Any(s => s.Units.Count != Columns.Count + Inputs.Count || s.Units.Any(u => !(u.Size > 0 && double.IsFinite(u.Size)
            && double.IsFinite(u.Level))))) return "a series has not one size above 0 for each column";
        if (Scales.Any(s => s.Spreads.Count > 0 && (s.Spreads.Count != Columns.Count || !s.Spreads.All(one => one > 0 && double.IsFinite(one)))))
            return "a series has not one spread above 0 for each column";
        if (Scales.DistinctBy(s => s.Name).Count() < Scales.Count) return "a series stands twice in it";
        if (Mixture.Count > 0 && (Mixture.Count != Columns.Count || Mixture.Any(weight => !(weight is >= 0 and <= 1))))
            return "a column has not one weight from 0 to 1 in the mixture";
        if (Columns.Any(c => c.Autoregression.Count > 0 ? !LevelAutoregression.IsSound(c.Autoregression) : c.Anchor == AnchorKind.Ar))
            return "a column has not the autoregression that it needs";
        if (Units.Count > 0 && Units.Count != Columns.Count + Inputs.Count + Known.Count) return "the units are not those of the columns";
        if (Calibration is not { } calibration) return null;
        return calibration.Errors.Concat(calibration.TrainingErrors).Any(e => e.Length != Targets)
            || (calibration.Spreads.Count is var n && n != 0 && n != Targets)
            ? "the calibration is not that of the columns and steps"
            : null;
    }
}

//  level L = ln y, √y, ln(1 + y) or y     relative level r = (L - level) / size     input z = (r or r - r₋, standardized)
//  target = (r - anchor) / scale          level and size: 0 and 1, or those of the series or of the window

/// <summary>One column that is forecast: the whole way from the file's numbers to the network's and back.</summary>
/// <param name="Name">The column's name in the file.</param>
/// <param name="Transform">What the network sees of it.</param>
/// <param name="Input">Standardizes the transformed values, in units of their series or window.</param>
/// <param name="Seasonal">Standardizes the change of the level over a season, a second feature; null where the anchor is not seasonal.</param>
/// <param name="Anchor">The simple forecast whose error the network learns.</param>
/// <param name="Level">Mean and deviation of the relative levels of the training part.</param>
/// <param name="Scales">[horizon]: the root mean square of the anchor's error over the training part, for each step; above 0.</param>
public sealed record ForecastColumn(
    string Name, Transform Transform, Standardizer Input, Standardizer? Seasonal,
    AnchorKind Anchor, Standardizer Level, IReadOnlyList<double> Scales)
{
    /// <summary>The constant and the coefficients of an autoregression of relative levels, the last level's first; empty: there is none.</summary>
    public IReadOnlyList<double> Autoregression { get; init; } = [];

    /// <summary>Features of a step that come of this column.</summary>
    public int Features => Seasonal is null ? 1 : 2;

    /// <summary>How many levels before the first step to forecast anchor and rule look at.</summary>
    internal int History(int season) => Math.Max(Anchors.History(Anchor, season), Autoregression.Count - 1);

    /// <summary>The levels of a series' column.</summary>
    /// <exception cref="UserErrorException">A value has no level by the transform.</exception>
    internal static double[] Levels(Transform transform, ReadOnlySpan<double> values, Func<int, string> where)
    {
        double[] levels = new double[values.Length];
        (double least, bool itself) = transform.Domain;
        for (int row = 0; row < levels.Length; row++)
        {
            if (!(itself ? values[row] >= least : values[row] > least))
                throw new UserErrorException($"{where(row)}: expected a value {(itself ? "of at least" : "above")} {least} because of the " +
                    $"transform '{transform.Word}', found {values[row]:G7}; choose the transform none or difference" +
                    $"{(least == 0 && !itself && values[row] == 0 ? ", or sqrt or log1p, which take 0" : "")}.");
            levels[row] = transform.Level(values[row]);
        }
        return levels;
    }

    /// <summary>The value in the file's numbers.</summary>
    internal double FromLevel(double level) => Transform.Value(level);
}
