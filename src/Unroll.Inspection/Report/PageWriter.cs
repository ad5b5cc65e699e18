using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Unroll.Inspection.Derivation;

namespace Unroll.Inspection.Report;

/// <summary>Turns a <see cref="ReportPage"/> into HTML.</summary>
internal sealed class PageWriter(TextWriter output)
{
    private const int MostRows = 16;                                     // of a plot of the usual height

    // Nothing may be fetched: the browser itself refuses what would leave the file.
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

    private readonly HtmlEncoder _encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public void Write(ReportPage page)
    {
        bool charts = page.Sections.Any(section => section.Blocks.Any(IsChart));
        output.Write("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
            + "content=\"width=device-width, initial-scale=1\">\n");
        output.Write($"<meta http-equiv=\"Content-Security-Policy\" content=\"{Policy}\">\n<meta name=\"color-scheme\" content=\"light "
            + $"dark\">\n<title>");
        Text(page.Title);
        output.Write("</title>\n<style>\n");
        output.Write(PageResources.Style());
        output.Write("</style>\n</head>\n<body>\n<main>\n<header>\n");
        Element("h1", page.Title);
        if (page.Subtitle.Length > 0) Element("p", page.Subtitle, "subtitle");
        output.Write("</header>\n");
        if (charts) output.Write("<noscript><p class=\"subtitle\">The charts of this page are drawn by a script in the page itself; scripts are "
            + "switched off.</p></noscript>\n");
        foreach (ReportSection section in page.Sections) Section(section);
        output.Write("<footer><p>Written by Unroll.");
        if (charts) output.Write(" Charts: Apache ECharts 6.1.0, Apache License 2.0.");
        output.Write("</p></footer>\n</main>\n");
        if (charts) Scripts();
        if (Has<PianoRollChart>(page)) Script(PageResources.Player() + PageResources.Roll());
        if (Has<LiveCellBlock>(page)) Script(PageResources.LiveCell());
        output.Write("</body>\n</html>\n");
    }

    private static bool Has<T>(ReportPage page) => page.Sections.Any(section => section.Blocks.Any(static block => block is T));

    private static bool IsChart(ReportBlock block) => block is LineChart or HeatmapChart or BarChart or ParallelChart or UnitMapsChart;

    private void Section(ReportSection section)
    {
        output.Write("<section>\n");
        if (section.Heading.Length > 0) Element("h2", section.Heading);
        output.Write("<div class=\"blocks\">\n");
        foreach (ReportBlock block in section.Blocks) Block(block);
        output.Write("</div>\n</section>\n");
    }

    private void Block(ReportBlock block)
    {
        bool wide = block.Wide || block is KeyFigureBlock or TextBlock or ListBlock or UnitMapsChart or ShadedText or SequenceLogo or PianoRollChart
            or LiveCellBlock;
        output.Write(wide ? "<figure class=\"wide\">\n" : "<figure>\n");
        if (block.Title.Length > 0) Element("h3", block.Title);
        switch (block)
        {
            case TextBlock text:
                foreach (string paragraph in text.Paragraphs) Element(text.Verbatim ? "pre" : "p", paragraph);
                break;
            case KeyFigureBlock figures: Figures(figures); break;
            case TableBlock table: Table(table); break;
            case ListBlock list: List(list); break;
            case ShadedText shaded: Shaded(shaded); break;
            case SequenceLogo logo: output.Write(LogoSvg.Write(logo)); break;
            case PianoRollChart roll: Roll(roll); break;
            case EquationsBlock equations: output.Write(EquationsHtml.Write(equations)); break;
            case LiveCellBlock live: output.Write(LiveCellHtml.Write(live)); break;
            default: Chart(block); break;
        }
        if (block.Caption.Length > 0) Element("figcaption", block.Caption);
        output.Write("</figure>\n");
    }

    private void Roll(PianoRollChart roll)
    {
        output.Write("<button type=\"button\" class=\"player\">▶ play</button>");
        output.Write($"<script type=\"application/json\">{RollSvg.Json(roll)}</script>\n<div class=\"scroll\">");
        output.Write(RollSvg.Write(roll, alone: false));
        output.Write("</div>\n");
    }

    private void Figures(KeyFigureBlock block)
    {
        output.Write("<dl class=\"figures\">\n");
        foreach (KeyFigure figure in block.Figures)
        {
            output.Write(figure.Verdict switch { Verdict.Good => "<div class=\"good\">", Verdict.Bad => "<div class=\"bad\">", _ => "<div>" });
            Element("dt", figure.Label);
            Element("dd", figure.Value);
            if (figure.Note.Length > 0) Element("dd", figure.Note, "note");
            output.Write("</div>\n");
        }
        output.Write("</dl>\n");
    }

    private void Table(TableBlock table)
    {
        bool[] numeric = [.. table.Columns.Select((_, column) => table.Rows.Count > 0
            && table.Rows.All(row => column < row.Count && IsNumber(row[column])))];
        output.Write("<div class=\"scroll\"><table>\n");
        if (table.Columns.Any(heading => heading.Length > 0))
        {
            output.Write("<thead><tr>");
            for (int i = 0; i < numeric.Length; i++) Element("th", table.Columns[i], numeric[i] ? "number" : "");
            output.Write("</tr></thead>\n");
        }
        output.Write("<tbody>\n");
        for (int r = 0; r < table.Rows.Count; r++)
        {
            IReadOnlyList<string> row = table.Rows[r];
            if (row.Count != numeric.Length) throw new ArgumentException($"table '{table.Title}' row {r}: expected {numeric.Length} cells, got "
                + $"{row.Count}");
            output.Write(r == table.Highlight ? "<tr class=\"highlight\">" : "<tr>");
            for (int i = 0; i < row.Count; i++) Element("td", row[i], numeric[i] ? "number" : "");
            output.Write("</tr>\n");
        }
        output.Write("</tbody></table></div>\n");
    }

    private void List(ListBlock list)
    {
        output.Write("<ul class=\"findings\">\n");
        foreach (ListItem item in list.Items) Element("li", item.Text, item.Verdict switch { Verdict.Good => "good", Verdict.Bad => "bad", _ => "" });
        output.Write("</ul>\n");
    }

    private void Shaded(ShadedText text)
    {
        if (text.Weights.Count != text.Words.Count)
            throw new ArgumentException($"text '{text.Title}': expected {text.Words.Count} weights, got {text.Weights.Count}");
        if (text.Notes.Count > 0 && text.Notes.Count != text.Words.Count)
            throw new ArgumentException($"text '{text.Title}': expected {text.Words.Count} notes, got {text.Notes.Count}");
        double largest = text.Full ?? text.Weights.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        output.Write(text.Spaced ? "<p class=\"shaded spaced\">" : "<p class=\"shaded\">");
        for (int i = 0; i < text.Words.Count; i++)
        {
            double share = largest > 0 && double.IsFinite(text.Weights[i]) ? Math.Clamp(text.Weights[i] / largest, 0, 1) : 0;
            output.Write(string.Create(CultureInfo.InvariantCulture, $"<span style=\"--a:{100 * share:F0}%\" title=\""));
            Text(text.Notes.Count > 0 ? text.Notes[i] : string.Create(CultureInfo.InvariantCulture, $"{i}: {text.Weights[i]:G3}"));
            output.Write("\">");
            Text(text.Words[i]);
            output.Write("</span>");
        }
        output.Write("</p>\n");
    }

    private static bool IsNumber(string cell) =>
        cell.Length == 0 || cell is "–" || double.TryParse(cell.TrimEnd('%', ' '), NumberStyles.Float | NumberStyles.AllowThousands,
            CultureInfo.InvariantCulture, out _);

    // Rows with a text of their own: more than a plot's usual height has room for make it taller.
    private static int RowsOf(ReportBlock chart) => chart switch
    {
        BarChart bars => bars.Categories.Count,
        HeatmapChart { Texts.Count: > 0 } map => map.Texts.Count,
        _ => 0,
    };

    private void Chart(ReportBlock chart)
    {
        output.Write(chart is UnitMapsChart ? "<div class=\"units\" role=\"group\" aria-label=\"" : "<div class=\"plot\" role=\"img\" aria-label=\"");
        Text(chart.Title.Length > 0 ? chart.Title : "chart");
        if (RowsOf(chart) is > MostRows and int rows) output.Write(string.Create(CultureInfo.InvariantCulture, $"\" style=\"height:{rows + 5}rem"));
        output.Write("\"></div>\n<script type=\"application/json\">");
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer)) ChartJson.Write(json, chart);
        output.Write(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        output.Write("</script>\n");
    }

    private void Scripts()
    {
        output.Write("<script>\n");
        PageResources.CopyCharts(output);
        output.Write("</script>\n");
        Script(PageResources.ChartScript());
        Script(PageResources.Script());
    }

    private void Script(string text)
    {
        output.Write("<script>\n");
        output.Write(text);
        output.Write("</script>\n");
    }

    private void Element(string name, string text, string @class = "")
    {
        output.Write(@class.Length > 0 ? $"<{name} class=\"{@class}\">" : $"<{name}>");
        Text(text);
        output.Write($"</{name}>\n");
    }

    private void Text(string text) => _encoder.Encode(output, text);
}
