using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Unroll.Cells.Definitions;

namespace Unroll.Inspection.Derivation;

/// <summary>A live cell as HTML: fields for every number, tables of values and terms, and as JSON what the page's script computes with.</summary>
internal sealed class LiveCellHtml
{
    private static readonly HtmlEncoder s_encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly CellNumbers _numbers;
    private readonly CellDerivation _derivation;
    private readonly int _width;
    private readonly StringBuilder _html = new();

    private LiveCellHtml(CellNumbers numbers)
    {
        (_numbers, _derivation) = (numbers, numbers.Derivation);
        _width = Math.Max(numbers.Forward.Max(row => row.Steps[0].Count), numbers.Backward.Max(row => row.Steps[0].Count));
    }

    public static string Write(LiveCellBlock block) => new LiveCellHtml(block.Numbers).Write();

    private string Write()
    {
        _html.Append("<div class=\"live\">\n<script type=\"application/json\">").Append(LiveCellJson.Text(_numbers)).Append("</script>\n");
        _html.Append("<p class=\"warning\" hidden>The script of this page computes other numbers than the program that wrote it. "
            + "Do not trust what it shows; please report it.</p>\n");
        string none = _numbers.NotFinite?.Sentence ?? "";
        _html.Append($"<p class=\"warning none\"{(none.Length > 0 ? "" : " hidden")}>{s_encoder.Encode(none)}</p>\n");
        Nudge();
        _html.Append("<div class=\"numbers\">\n");
        for (int t = 0; t < _numbers.X.Count; t++)
            Fields($"x⟨{t + 1}⟩", HtmlNotation.Instance.Name("x", ReadAt.Always) + $"⟨{t + 1}⟩", $"data-x=\"{t}\"", _numbers.X[t], 1,
                _numbers.Backward[^1].Steps[t]);
        foreach ((NumbersParameter one, NumbersParameter gradient) in _numbers.Parameters.Zip(_numbers.Gradients))
            Fields(one.Name, HtmlNotation.Instance.Name(one.Name, ReadAt.Always), $"data-p=\"{s_encoder.Encode(one.Name)}\"", one.Values, one.Columns,
                gradient.Values);
        _html.Append("</div>\n");
        Table("ahead", "forward", _numbers.Forward.Select(row => (row, Shown(row))), counts: false);
        Table("behind", "backward: every term of every gradient", _numbers.Backward.Select(row => (row, Shown(row))), counts: true);
        return _html.Append("</div>\n").ToString();
    }

    private void Nudge() => _html.Append(
        "<div class=\"nudge\"><b class=\"name\"></b> <input type=\"range\" aria-label=\"the chosen number\"> "
        + "<span>its gradient by the terms <b class=\"terms\"></b></span> <span>by a difference of the loss <b class=\"difference\"></b></span> "
        + "<span>L = <b class=\"loss\"></b></span> <button type=\"button\" class=\"reset\">as at first</button></div>\n");

    // A field, and below it the gradient of its number.
    private void Fields(string plain, string name, string data, IReadOnlyList<double> values, int columns, IReadOnlyList<double> gradients)
    {
        _html.Append($"<fieldset><legend>{name}</legend><table><tbody>\n");
        for (int i = 0; i < values.Count; i++)
        {
            if (i % columns == 0) _html.Append("<tr>");
            string title = columns > 1 ? $"{plain}[{i / columns + 1}, {i % columns + 1}]" : values.Count > 1 ? $"{plain}[{i + 1}]" : plain;
            _html.Append($"<td><input type=\"number\" step=\"any\" value=\"{Written(values[i])}\" ")
                .Append($"title=\"{s_encoder.Encode(title)}\" {data} data-i=\"{i}\"><span>{Number(gradients[i])}</span></td>");
            if (i % columns == columns - 1) _html.Append("</tr>\n");
        }
        _html.Append("</tbody></table></fieldset>\n");
    }

    private static string Shown(NumbersRow row)
    {
        bool delta = row.Name.StartsWith('δ'), before = row.Name.EndsWith('₋');
        string name = row.Name[(delta ? 1 : 0)..(before ? ^1 : ^0)];
        return (delta ? "δ" : "") + HtmlNotation.Instance.Name(name, before ? ReadAt.Before : ReadAt.Now);
    }

    private void Table(string @class, string heading, IEnumerable<(NumbersRow Row, string Name)> rows, bool counts)
    {
        _html.Append($"<h3>{heading}</h3>\n<div class=\"scroll\"><table class=\"values {@class}\"><thead><tr><th></th><th></th>");
        for (int t = 0; t < _numbers.X.Count; t++) _html.Append($"<th colspan=\"{_width}\">step {t + 1}</th>");
        _html.Append("</tr>");
        if (counts)
        {
            _html.Append("<tr class=\"counts\"><th></th><th></th>");
            for (int t = 0; t < _numbers.X.Count; t++)
                _html.Append($"<th colspan=\"{_width}\"><label><input type=\"checkbox\" checked> loss here</label></th>");
            _html.Append("</tr>");
        }
        _html.Append("</thead><tbody>\n");
        string before = "";
        foreach ((NumbersRow row, string name) in rows)
        {
            _html.Append(row.Path == NumbersRow.Sum ? "<tr data-row class=\"sum\">" : "<tr data-row>");
            _html.Append($"<td>{(row.Name == before ? "" : name)}</td><td class=\"note\">{s_encoder.Encode(row.Path)}</td>");
            before = row.Name;
            foreach (IReadOnlyList<double> step in row.Steps)
                for (int u = 0; u < _width; u++)
                    _html.Append($"<td{(u < step.Count ? " class=\"v\"" : "")}>{(u < step.Count ? Number(step[u]) : "")}</td>");
            _html.Append("</tr>\n");
        }
        _html.Append("</tbody></table></div>\n");
    }

    // As the script of the page writes them: four decimals, and where these say too little or too much, three digits and a power of ten.
    internal static string Number(double value) => double.IsNaN(value) ? "NaN" : double.IsInfinity(value) ? value > 0 ? "∞" : "−∞"
        : (IsPlain(value) ? (Math.Round(value, 4) + 0.0).ToString("F4", CultureInfo.InvariantCulture)
            : value.ToString("0.00e+0", CultureInfo.InvariantCulture)).Replace('-', '−');

    // In a field, where the same numbers have a power of ten: all digits that there are.
    private static string Written(double value)
    {
        if (IsPlain(value)) return value.ToString("R", CultureInfo.InvariantCulture);
        for (int digits = 0; ; digits++)
            if (value.ToString($"0.{new string('#', digits)}e+0", CultureInfo.InvariantCulture) is var text
                && (digits >= 17 || double.Parse(text, CultureInfo.InvariantCulture) == value)) return text;
    }

    private static bool IsPlain(double value) => value == 0 || Math.Abs(value) is >= 1e-3 and < 1e4;
}
