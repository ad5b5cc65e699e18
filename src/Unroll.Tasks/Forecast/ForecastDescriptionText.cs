using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>The JSON of a <see cref="ForecastDescription"/>: what is written and, below it, read.</summary>
internal static class ForecastDescriptionText
{
    internal static void Write(Utf8JsonWriter json, ForecastDescription description)
    {
        json.WriteObject("options", description.Options, ForecastOptions.Table.Write);
        json.WriteObject("axis", description.Axis, ScalingText.Write);
        json.WriteObjects("columns", description.Columns, Write);
        json.WriteObjects("inputs", description.Inputs, ScalingText.Write);
        json.WriteObjects("known", description.Known, ScalingText.Write);
        if (description.Units.Count > 0)
        {
            json.WriteStartArray("units");
            foreach (string unit in description.Units) json.WriteStringValue(unit);
            json.WriteEndArray();
        }
        if (description.Holidays.Count > 0)
        {
            json.WriteStartArray("holidays");
            foreach (DateOnly day in description.Holidays) json.WriteStringValue(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            json.WriteEndArray();
        }
        if (description.Scales.Count > 0) json.WriteObjects("series", description.Scales, Write);
        if (description.Mixture.Count > 0) json.WriteNumbers("mixture", description.Mixture);
        if (description.Calibration is { } calibration) json.WriteObject("calibration", calibration, Write);
        json.WriteString("task", description.Task);
    }

    internal static ForecastDescription Read(JsonRecord json) => new(
        ForecastOptions.Table.Read(json.Element("options"), new ForecastOptions()),
        json.Object("axis", ScalingText.ReadAxis),
        json.Objects("columns", ReadColumn),
        json.Objects("inputs", ScalingText.ReadStandardizer),
        json.Objects("known", ScalingText.ReadStandardizer),
        json.ObjectOrNull("calibration", ReadCalibration))
    {
        Task = json.Text("task"),
        Units = json.Absent("units") ? [] : json.Texts("units"),
        Holidays = json.Absent("holidays") ? [] : [.. json.Texts("holidays").Select(DayOf)],
        Scales = json.Absent("series") ? [] : json.Objects("series", ReadSeries),
        Mixture = json.Absent("mixture") ? [] : json.Reals("mixture"),
    };

    private static DateOnly DayOf(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day)
            ? day : throw new JsonException($"expected a day, found '{text}'");

    private static void Write(Utf8JsonWriter json, ForecastColumn column)
    {
        json.WriteString("name", column.Name);
        json.WriteObject("transform", column.Transform, ScalingText.Write);
        json.WriteObject("input", column.Input, ScalingText.Write);
        if (column.Seasonal is { } seasonal) json.WriteObject("seasonal", seasonal, ScalingText.Write);
        else json.WriteNull("seasonal");
        json.WriteString("anchor", column.Anchor.ToString());
        json.WriteObject("level", column.Level, ScalingText.Write);
        json.WriteNumbers("scales", column.Scales);
        if (column.Autoregression.Count > 0) json.WriteNumbers("autoregression", column.Autoregression);
    }

    private static void Write(Utf8JsonWriter json, SeriesScale series)
    {
        json.WriteString("name", series.Name);
        json.WriteNumbers("levels", [.. series.Units.Select(unit => unit.Level)]);
        json.WriteNumbers("sizes", [.. series.Units.Select(unit => unit.Size)]);
        if (series.Spreads.Count > 0) json.WriteNumbers("spreads", series.Spreads);
    }

    private static SeriesScale ReadSeries(JsonRecord json)
    {
        IReadOnlyList<double> levels = json.Reals("levels"), sizes = json.Reals("sizes");
        if (levels.Count != sizes.Count) throw new JsonException("a series has not one size for each level");
        return new SeriesScale(json.Text("name"), [.. levels.Zip(sizes, (level, size) => new LevelUnit(level, size))],
            json.Absent("spreads") ? [] : json.Reals("spreads"));
    }

    private static ForecastColumn ReadColumn(JsonRecord json) => new(
        json.Text("name"),
        json.Object("transform", ScalingText.ReadTransform),
        json.Object("input", ScalingText.ReadStandardizer),
        json.Absent("seasonal") ? throw json.Missing("seasonal") : json.ObjectOrNull("seasonal", ScalingText.ReadStandardizer),
        json.Choice<AnchorKind>("anchor"),
        json.Object("level", ScalingText.ReadStandardizer),
        json.Reals("scales"))
    {
        Autoregression = json.Absent("autoregression") ? [] : json.Reals("autoregression"),
    };

    private static void Write(Utf8JsonWriter json, IntervalCalibration calibration)
    {
        json.WriteString("part", calibration.Part);
        json.WriteRows("errors", calibration.Errors);
        json.WriteRows("training-errors", calibration.TrainingErrors);
        json.WriteObjects("spreads", calibration.Spreads, Write);
    }

    private static IntervalCalibration ReadCalibration(JsonRecord json) =>
        new(json.Text("part"), json.Rows("errors"), json.Rows("training-errors"), json.Objects("spreads", ReadSpread));

    private static void Write(Utf8JsonWriter json, SpreadLine line)
    {
        json.WriteNumber("base", line.Base);
        json.WriteNumber("slope", line.Slope);
    }

    private static SpreadLine ReadSpread(JsonRecord json) => new(json.Real("base"), json.Real("slope"));
}
