using System.Text.Json;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

/// <summary>What <c>info</c> and a server say of a forecasting model: how far it sees, and what its rows are.</summary>
internal static class ForecastAbout
{
    /// <summary>Writes the members.</summary>
    /// <param name="json">An object that has been started.</param>
    /// <param name="description">The model's.</param>
    public static void Write(Utf8JsonWriter json, ForecastDescription description)
    {
        json.WriteNumber("window", description.Window);
        json.WriteNumber("horizon", description.Horizon);
        json.WriteNumber("season", description.Season);
        json.WriteNumber("rows_needed", description.FirstOrigin);
        json.Texts("columns", [.. description.Options.Column]);
        json.Texts("inputs", [.. description.Options.Input]);
        json.Texts("known", CalendarInputs.Given(description.Options.Known));
        json.WriteStartArray("ranges");
        foreach (ForecastColumn column in description.Columns) Range(json, description, column);
        json.WriteEndArray();
    }

    // Least and greatest value of a column's training part; null where its levels are not values by themselves.
    private static void Range(Utf8JsonWriter json, ForecastDescription description, ForecastColumn column)
    {
        if (description.Scales.Count > 0 || column.Transform.Lost > 0 || column.Input is not { Minimum: double least, Maximum: double most })
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartArray();
        json.WriteNumberValue(column.FromLevel(least));
        json.WriteNumberValue(column.FromLevel(most));
        json.WriteEndArray();
    }
}
