using System.Text.Json;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;

namespace Unroll.Cli;

/// <summary>Members of the JSON that commands print; what is not finite or not defined is null.</summary>
internal static class JsonMembers
{
    internal static void Number(this Utf8JsonWriter json, string name, double? value)
    {
        if (value is double number && double.IsFinite(number)) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }

    /// <summary>An object as it is, but on this one line.</summary>
    internal static void Raw(this Utf8JsonWriter json, string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        document.RootElement.WriteTo(json);
    }

    /// <summary>The measures of the first column at the top, those of all in <c>columns</c>.</summary>
    internal static void Report(this Utf8JsonWriter json, ForecastReport report)
    {
        Column(json, report.Columns[0]);
        json.Number("interval", report.Interval);
        json.WriteNumber("test_windows", report.Windows);
        json.WriteString("test_from", report.From);
        json.WriteString("test_to", report.To);
        json.WriteStartArray("columns");
        foreach (ColumnReport column in report.Columns)
        {
            json.WriteStartObject();
            json.WriteString("column", column.Column);
            Column(json, column);
            json.WriteStartArray("rmse_by_step");
            foreach (double rmse in column.RmseByStep)
                if (double.IsFinite(rmse)) json.WriteNumberValue(rmse);
                else json.WriteNullValue();
            json.WriteEndArray();
            json.WriteStartArray("worse_than");
            foreach (BaselineReport baseline in column.Baselines)
                if (!(column.Model.Rmse < baseline.Scores.Rmse)) json.WriteStringValue(baseline.Name);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Column(Utf8JsonWriter json, ColumnReport column)
    {
        json.Number("rmse", column.Model.Rmse);
        json.Number("persistence_rmse", column.RmseOf("persistence"));
        json.Number("seasonal_naive_rmse", column.RmseOf("seasonal-naive"));
        json.Number("ar_rmse", column.RmseOf("autoregression"));
        json.Number("mae", column.Model.Mae);
        json.Number("smape", column.Model.Smape);
        json.Number("mase", column.Model.Mase);
        json.Number("coverage", column.Coverage);
        json.Number("interval_width", column.IntervalWidth);
    }
}
