using System.Text.Json;

namespace Unroll.Cli.Lab;

/// <summary>A result as members of a JSON object; numbers with all digits, null where they are not finite.</summary>
internal static class LabJson
{
    internal static void Write(Utf8JsonWriter json, string name, LabResult result, LabRun run)
    {
        json.WriteString("lab", name);
        json.WriteString("title", result.Title);
        json.WriteString("asked", result.Asked);
        json.WriteNumber("seed", run.Seed);
        json.WriteBoolean("full", run.Full);
        json.WriteStartArray("verdicts");
        foreach (LabVerdict verdict in result.Verdicts)
        {
            json.WriteStartObject();
            json.WriteString("notes", verdict.Notes);
            json.WriteString("claim", verdict.Claim);
            json.WriteString("found", verdict.Found);
            if (verdict.Holds is bool holds) json.WriteBoolean("holds", holds);
            else json.WriteNull("holds");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("tables");
        foreach (LabTable table in result.Sections.SelectMany(section => section.Tables)) Table(json, table);
        json.WriteEndArray();
    }

    private static void Table(Utf8JsonWriter json, LabTable table)
    {
        json.WriteStartObject();
        json.WriteString("name", table.Name);
        json.WriteStartArray("columns");
        foreach (string column in table.Columns) json.WriteStringValue(column);
        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (IReadOnlyList<LabCell> row in table.Rows)
        {
            json.WriteStartArray();
            foreach (LabCell cell in row)
            {
                if (cell.Number is not double number) json.WriteStringValue(cell.ToString());
                else if (double.IsFinite(number)) json.WriteNumberValue(number);
                else json.WriteNullValue();
            }
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
