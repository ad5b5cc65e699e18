using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>The JSON of a <see cref="DataSummary"/>.</summary>
internal static class DataSummaryText
{
    internal static void Write(Utf8JsonWriter json, DataSummary summary)
    {
        json.WriteString("source", summary.Source);
        json.WriteString("step", summary.Step);
        json.WriteNumber("season", summary.Season);
        json.WriteObjects("columns", summary.Columns, Write);
        json.WriteTexts("problems", summary.Problems);
    }

    private static void Write(Utf8JsonWriter json, ColumnSummary column)
    {
        json.WriteString("series", column.Series);
        json.WriteString("column", column.Column);
        json.WriteNumber("rows", column.Rows);
        json.WriteString("first", column.First);
        json.WriteString("last", column.Last);
        json.WriteNumber("missing", column.Missing);
        json.WriteNumberOrNull("minimum", column.Minimum);
        json.WriteNumberOrNull("mean", column.Mean);
        json.WriteNumberOrNull("maximum", column.Maximum);
        json.WriteNumberOrNull("deviation", column.Deviation);
        json.WriteNumberOrNull("autocorrelation1", column.Autocorrelation1);
        json.WriteNumberOrNull("autocorrelationSeason", column.AutocorrelationSeason);
    }
}
