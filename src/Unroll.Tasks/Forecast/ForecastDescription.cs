using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>What a forecasting model knows beside its weights: all that <c>predict</c> needs. It is the task's part of the model file.</summary>
/// <param name="Options">The options of the run, with everything that was chosen filled in: columns, time, window, season.</param>
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

    /// <summary>Rows at the start of a series for which there are no features.</summary>
    public int Lost => Columns.Max(c => Math.Max(c.Transform.Lost, c.Seasonal is null ? 0 : Season));

    /// <summary>The row of the first step of a model that is trained through whole series.</summary>
    public int FirstStep => Math.Max(Lost, Columns.Max(c => Anchors.History(c.Anchor, Season)) - 1);

    /// <summary>The first row that can be forecast.</summary>
    public int FirstOrigin => Math.Max(Lost + Window, Columns.Max(c => Anchors.History(c.Anchor, Season)));

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
        if (Units.Count > 0 && Units.Count != Columns.Count + Inputs.Count + Known.Count) return "the units are not those of the columns";
        if (Calibration is not { } calibration) return null;
        return calibration.Errors.Concat(calibration.TrainingErrors).Any(e => e.Length != Targets)
            || (calibration.Spreads.Count is var n && n != 0 && n != Targets)
            ? "the calibration is not that of the columns and steps"
            : null;
    }
}

//  level L = ln y or y        input z = (L or L - L₋, standardized)        target = (L - anchor) / scale

/// <summary>One column that is forecast: the whole way from the file's numbers to the network's and back.</summary>
/// <param name="Name">The column's name in the file.</param>
/// <param name="Transform">What the network sees of it.</param>
/// <param name="Input">Standardizes the transformed values.</param>
/// <param name="Seasonal">Standardizes the change of the level over a season, a second feature; null where the anchor is not seasonal.</param>
/// <param name="Anchor">The simple forecast whose error the network learns.</param>
/// <param name="Level">Mean and deviation of the levels of the training part.</param>
/// <param name="Scales">[horizon]: the root mean square of the anchor's error over the training part, for each step; above 0.</param>
public sealed record ForecastColumn(
    string Name, Transform Transform, Standardizer Input, Standardizer? Seasonal,
    AnchorKind Anchor, Standardizer Level, IReadOnlyList<double> Scales)
{
    /// <summary>Features of a step that come of this column.</summary>
    public int Features => Seasonal is null ? 1 : 2;

    internal bool Logarithmic => IsLogarithmic(Transform);

    internal static bool IsLogarithmic(Transform transform) => transform.Kind is TransformKind.Log or TransformKind.LogDifference;

    /// <summary>The levels of a series' column.</summary>
    /// <exception cref="UserErrorException">A value is not above 0 and its logarithm is asked for.</exception>
    internal static double[] Levels(Transform transform, ReadOnlySpan<double> values, Func<int, string> where)
    {
        double[] levels = new double[values.Length];
        bool logarithmic = IsLogarithmic(transform);
        for (int row = 0; row < levels.Length; row++)
        {
            if (logarithmic && !(values[row] > 0))
                throw new UserErrorException($"{where(row)}: expected a value above 0 because of the transform '{transform.Word}', " +
                    $"found {values[row]:G7}; choose the transform none or difference.");
            levels[row] = logarithmic ? Logarithm.Ln(values[row]) : values[row];
        }
        return levels;
    }

    /// <summary>The value in the file's numbers.</summary>
    internal double FromLevel(double level) => Logarithmic ? Math.Exp(level) : level;
}
