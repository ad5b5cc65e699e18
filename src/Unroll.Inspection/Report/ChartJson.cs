using System.Globalization;
using System.Text.Json;

namespace Unroll.Inspection.Report;

/// <summary>
/// A chart as the JSON that <c>report.js</c> reads. The writer escapes &lt;, &gt; and &amp;, so that no text can end the script it lies in.
/// </summary>
internal static class ChartJson
{
    /// <summary>A heat map of more cells than this is drawn as one image.</summary>
    internal const int MaxShapes = 10_000;

    public static void Write(Utf8JsonWriter json, ReportBlock chart)
    {
        json.WriteStartObject();
        switch (chart)
        {
            case LineChart lines: WriteLines(json, lines); break;
            case HeatmapChart heatmap: WriteHeatmap(json, heatmap); break;
            case BarChart bars: WriteBars(json, bars); break;
            case ParallelChart parallel: WriteParallel(json, parallel); break;
            case UnitMapsChart maps: WriteUnits(json, maps); break;
            default: throw new ArgumentException($"a block of type {chart.GetType().Name} is no chart", nameof(chart));
        }
        json.WriteEndObject();
    }

    private static void WriteLines(Utf8JsonWriter json, LineChart chart)
    {
        json.WriteString("kind", "lines");
        json.WriteString("xName", chart.XName);
        json.WriteString("yName", chart.YName);
        json.WriteBoolean("log", chart.Logarithmic);
        json.WriteBoolean("fromZero", chart.FromZero);
        WriteTexts(json, "x", chart.X);
        json.WriteStartArray("lines");
        foreach (Line line in chart.Lines)
        {
            json.WriteStartObject();
            json.WriteString("name", line.Name);
            json.WriteString("stroke", line.Stroke switch { Stroke.Dashed => "dashed", Stroke.Points => "points", _ => "solid" });
            WriteNumbers(json, "values", line.Values, chart.X.Count, $"line '{line.Name}'", onlyPositive: chart.Logarithmic);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("bands");
        foreach (Band band in chart.Bands)
        {
            json.WriteStartObject();
            json.WriteString("name", band.Name);
            WriteNumbers(json, "lower", band.Lower, chart.X.Count, $"band '{band.Name}'");
            WriteNumbers(json, "upper", band.Upper, chart.X.Count, $"band '{band.Name}'");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteMarks(json, chart.Marks, chart.X.Count);
    }

    private static void WriteMarks(Utf8JsonWriter json, IReadOnlyList<Mark> marks, int count)
    {
        json.WriteStartArray("marks");
        foreach (Mark mark in marks)
        {
            if ((uint)mark.Index >= (uint)count)
                throw new ArgumentException($"mark '{mark.Label}': expected an index below {count}, got {mark.Index}");
            json.WriteStartObject();
            json.WriteNumber("index", mark.Index);
            json.WriteString("label", mark.Label);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteHeatmap(Utf8JsonWriter json, HeatmapChart chart)
    {
        if (chart.Values.Count != chart.Rows.Count) throw Misfit($"heat map '{chart.Title}' rows", chart.Rows.Count, chart.Values.Count);
        double[] finite = [.. chart.Values.SelectMany(row => row).Where(double.IsFinite)];
        double min = chart.Minimum ?? (finite.Length > 0 ? finite.Min() : 0), max = chart.Maximum ?? (finite.Length > 0 ? finite.Max() : 1);
        json.WriteString("kind", "heatmap");
        json.WriteString("xName", chart.XName);
        json.WriteString("yName", chart.YName);
        json.WriteBoolean("diverging", chart.Diverging);
        json.WritePropertyName("min");
        WriteNumber(json, min);
        json.WritePropertyName("max");
        WriteNumber(json, max > min ? max : min + 1);
        WriteTexts(json, "columns", chart.Columns);
        WriteTexts(json, "rows", chart.Rows);
        WriteMarks(json, chart.Marks, chart.Columns.Count);
        if (chart.Texts.Count > 0) WriteTexts(json, chart.Texts, chart.Rows.Count);
        foreach (IReadOnlyList<double> row in chart.Values)
            if (row.Count != chart.Columns.Count) throw Misfit($"heat map '{chart.Title}' columns", chart.Columns.Count, row.Count);
        if (chart.Columns.Count * (long)chart.Rows.Count > MaxShapes)
        {
            WritePacked(json, min, max, chart.Values.SelectMany(row => row));
            return;
        }
        json.WriteStartArray("values");
        foreach (IReadOnlyList<double> row in chart.Values)
        {
            json.WriteStartArray();
            foreach (double value in row) WriteNumber(json, value);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, IReadOnlyList<IReadOnlyList<string>> texts, int rows)
    {
        if (texts.Count != rows) throw Misfit("texts of a heat map", rows, texts.Count);
        json.WriteStartArray("texts");
        foreach (IReadOnlyList<string> row in texts)
        {
            json.WriteStartArray();
            foreach (string text in row) json.WriteStringValue(text);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteUnits(Utf8JsonWriter json, UnitMapsChart chart)
    {
        json.WriteString("kind", "units");
        WriteTexts(json, "columns", chart.Steps);
        json.WriteString("xName", chart.XName);
        json.WriteStartArray("maps");
        foreach (UnitMap map in chart.Maps)
        {
            if (map.Values.Count != chart.Steps.Count) throw Misfit($"map '{map.Name}' steps", chart.Steps.Count, map.Values.Count);
            int units = map.Order.Count;
            json.WriteStartObject();
            json.WriteString("name", map.Name);
            json.WriteString("title", map.Title);
            json.WriteBoolean("diverging", map.Minimum < 0);
            json.WriteBoolean("bounded", map.IsBounded);
            json.WritePropertyName("min");
            WriteNumber(json, map.Minimum);
            json.WritePropertyName("max");
            WriteNumber(json, map.Maximum);
            json.WriteStartArray("order");
            foreach (int unit in map.Order) json.WriteNumberValue(unit);
            json.WriteEndArray();
            WritePacked(json, map.Minimum, map.Maximum, map.Values.SelectMany(step => step.Length == units
                ? step.Select(value => (double)value) : throw Misfit($"map '{map.Name}' units", units, step.Length)));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    // Sixteen bits a number, little-endian, in base 64: k stands for minimum + k (maximum − minimum) ÷ 65534, and 65535 for a gap.
    private static void WritePacked(Utf8JsonWriter json, double minimum, double maximum, IEnumerable<double> numbers)
    {
        const int gap = ushort.MaxValue, largest = gap - 1;
        List<byte> bytes = [];
        foreach (double number in numbers)
        {
            int k = double.IsFinite(number) ? (int)Math.Round(Math.Clamp((number - minimum) / (maximum - minimum), 0, 1) * largest) : gap;
            bytes.Add((byte)k);
            bytes.Add((byte)(k >> 8));
        }
        json.WriteBase64String("packed", bytes.ToArray());
    }

    private static void WriteBars(Utf8JsonWriter json, BarChart chart)
    {
        json.WriteString("kind", "bars");
        json.WriteString("valueName", chart.ValueName);
        if (chart.Highlight is int highlight) json.WriteNumber("highlight", highlight);
        WriteTexts(json, "categories", chart.Categories);
        json.WriteStartArray("groups");
        foreach (Bars bars in chart.Groups)
        {
            json.WriteStartObject();
            json.WriteString("name", bars.Name);
            WriteNumbers(json, "values", bars.Values, chart.Categories.Count, $"bars '{bars.Name}'");
            if (bars.Intervals.Count > 0)
            {
                WriteNumbers(json, "low", [.. bars.Intervals.Select(one => one.Low)], chart.Categories.Count, $"intervals of '{bars.Name}'");
                WriteNumbers(json, "high", [.. bars.Intervals.Select(one => one.High)], chart.Categories.Count, $"intervals of '{bars.Name}'");
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteParallel(Utf8JsonWriter json, ParallelChart chart)
    {
        if (chart.Rows.Count != chart.Names.Count) throw Misfit($"parallel coordinates '{chart.Title}'", chart.Names.Count, chart.Rows.Count);
        json.WriteString("kind", "parallel");
        if (chart.Highlight is int highlight) json.WriteNumber("highlight", highlight);
        json.WriteStartArray("axes");
        foreach (ParallelAxis axis in chart.Axes)
        {
            json.WriteStartObject();
            json.WriteString("name", axis.Name);
            json.WriteBoolean("log", axis.Logarithmic);
            if (axis.Categories.Count > 0) WriteTexts(json, "categories", axis.Categories);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteTexts(json, "names", chart.Names);
        json.WriteStartArray("rows");
        foreach (IReadOnlyList<double> row in chart.Rows)
        {
            if (row.Count != chart.Axes.Count) throw Misfit($"a line of '{chart.Title}'", chart.Axes.Count, row.Count);
            json.WriteStartArray();
            foreach (double value in row) WriteNumber(json, value);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<double> numbers, int expected, string what,
        bool onlyPositive = false)
    {
        if (numbers.Count != expected) throw Misfit(what, expected, numbers.Count);
        json.WriteStartArray(name);
        foreach (double number in numbers) WriteNumber(json, onlyPositive && number <= 0 ? double.NaN : number);
        json.WriteEndArray();
    }

    // Seven digits are more than a chart can show, and half the length of all seventeen.
    private static void WriteNumber(Utf8JsonWriter json, double number)
    {
        if (double.IsFinite(number)) json.WriteRawValue(number.ToString("G7", CultureInfo.InvariantCulture));
        else json.WriteNullValue();
    }

    private static ArgumentException Misfit(string what, int expected, int actual) => new($"{what}: expected {expected} values, got {actual}");
}
