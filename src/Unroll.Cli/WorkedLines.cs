using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Inspection.Worked;

namespace Unroll.Cli;

/// <summary>Worked values as lines and as JSON.</summary>
internal static class WorkedLines
{
    /// <summary>A section's name, then a line for each of its values.</summary>
    internal static IEnumerable<string> Of(IEnumerable<WorkedValue> values)
    {
        string section = "";
        foreach (WorkedValue value in values)
        {
            if (value.Section != section)
            {
                yield return "";
                yield return section = value.Section;
            }
            yield return $"  {TextColumns.Left(value.Name, 14)}{TextColumns.Left(value.Term, 12)}{Numbers(value)}";
        }
    }

    /// <summary>The member <c>values</c>.</summary>
    internal static void Write(Utf8JsonWriter json, IEnumerable<WorkedValue> values)
    {
        json.WriteStartArray("values");
        foreach (WorkedValue value in values)
        {
            json.WriteStartObject();
            json.WriteString("section", value.Section);
            json.WriteString("name", value.Name);
            json.WriteString("term", value.Term);
            json.WriteNumber("columns", value.Columns);
            json.WriteStartArray("values");
            foreach (double number in value.Values) json.AnyNumberValue(number);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Numbers(WorkedValue value) =>
        string.Join(" ;", value.Values.Chunk(value.Columns).Select(row => string.Concat(row.Select(Text))));

    // Five decimals, and where these say too little or too much, five digits and a power of ten. Adding zero makes a zero of a negative one.
    private static string Text(double number) => (double.IsInfinity(number) ? number > 0 ? "∞" : "-∞"
        : number != 0 && Math.Abs(number) is < 1e-4 or >= 1e4
        ? number.ToString("0.0000e-0", CultureInfo.InvariantCulture)
        : (Math.Round(number, 5) + 0.0).ToString("F5", CultureInfo.InvariantCulture)).PadLeft(11);
}
