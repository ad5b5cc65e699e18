using System.Text.Json;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>The measures of a column in one of several series.</summary>
/// <param name="Name">The series' name.</param>
/// <param name="Scores">Its measures; MASE in its own scale.</param>
/// <param name="Coverage">The share of its values inside their intervals.</param>
/// <param name="IntervalWidth">The mean width of its intervals.</param>
public sealed record SeriesReport(string Name, ForecastScores Scores, double Coverage, double IntervalWidth)
{
    /// <summary>By how much it went wrong, in a number that compares series of all sizes: MASE, else sMAPE in hundredths.</summary>
    public double Badness => Scores.Mase ?? Scores.Smape / 100;

    internal void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("series", Name);
        json.Number("rmse", Scores.Rmse);
        json.Number("mae", Scores.Mae);
        json.Number("smape", Scores.Smape);
        json.Number("mase", Scores.Mase);
        json.WriteNumber("values", Scores.Count);
        json.Number("coverage", Coverage);
        json.Number("interval_width", IntervalWidth);
    }
}
