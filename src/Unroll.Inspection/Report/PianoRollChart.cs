using System.Globalization;
using System.Text;

namespace Unroll.Inspection.Report;

/// <summary>A note of a <see cref="PianoRollChart"/>.</summary>
/// <param name="Pitch">MIDI's number, 0 … 127.</param>
/// <param name="Start">When it begins, in quarter notes.</param>
/// <param name="Duration">How long it sounds, in quarter notes.</param>
/// <param name="Velocity">How loud, 1 … 127.</param>
/// <param name="Voice">Which voice it is of, from 0, for its color; −1: none.</param>
public readonly record struct RollNote(int Pitch, double Start, double Duration, int Velocity, int Voice);

/// <summary>
/// Notes over time, drawn as SVG, with a button that plays them: the page's own script makes the sound by the browser's Web Audio, and nothing is
/// fetched.
/// </summary>
/// <param name="Notes">At least none.</param>
/// <param name="QuartersPerMinute">The tempo it is played in.</param>
public sealed record PianoRollChart(IReadOnlyList<RollNote> Notes, double QuartersPerMinute = 120) : ReportBlock
{
    /// <summary>The drawing alone as an SVG file: keys on the left, a line for each bar of four quarter notes.</summary>
    public string ToSvg() => RollSvg.Write(this, alone: true);
}

/// <summary>Turns a <see cref="PianoRollChart"/> into SVG.</summary>
internal static class RollSvg
{
    private const double Row = 9, Quarter = 16, Left = 44, Top = 6, Foot = 20;
    private const int Margin = 2, BarsBetweenNumbers = 4;
    private static readonly string[] s_names = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
    private static readonly string[] s_colors = ["#1f5fa8", "#c2571a", "#3a7d44", "#7a4ea3", "#b03052", "#6b757d", "#12858a", "#8a6d1f"];

    public static string Write(PianoRollChart chart, bool alone)
    {
        int low = chart.Notes.Select(note => note.Pitch).DefaultIfEmpty(60).Min() - Margin;
        int high = chart.Notes.Select(note => note.Pitch).DefaultIfEmpty(60).Max() + Margin;
        double length = Math.Max(4, chart.Notes.Select(note => note.Start + note.Duration).DefaultIfEmpty(4).Max());
        double width = Left + length * Quarter + 8, height = Top + (high - low + 1) * Row + Foot;
        StringBuilder svg = new();
        svg.Append(Format($"<svg class=\"roll\" viewBox=\"0 0 {width:F0} {height:F0}\" role=\"img\""));
        svg.Append(alone ? Format($" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:F0}\" height=\"{height:F0}\">\n{Style}") : ">\n");
        if (alone) svg.Append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
        for (int pitch = low; pitch <= high; pitch++)
        {
            double y = Top + (high - pitch) * Row;
            if (pitch % 12 is 1 or 3 or 6 or 8 or 10)
                svg.Append(Format($"<rect class=\"black\" x=\"{Left}\" y=\"{y}\" width=\"{length * Quarter}\" height=\"{Row}\"/>"));
            if (pitch % 12 == 0 || pitch % 12 == 7)
                svg.Append(Format($"<text class=\"end\" x=\"{Left - 5}\" y=\"{y + Row - 1}\">{s_names[pitch % 12]}{pitch / 12 - 1}</text>"));
        }
        svg.Append('\n');
        for (int bar = 0; bar * 4 <= length; bar++)
        {
            double x = Left + bar * 4 * Quarter;
            svg.Append(Format($"<path class=\"bar\" d=\"M{x} {Top}V{height - Foot}\"/>"));
            if (bar % BarsBetweenNumbers == 0 && bar * 4 < length) svg.Append(Format($"<text x=\"{x}\" y=\"{height - 6}\">{bar + 1}</text>"));
        }
        svg.Append('\n');
        foreach (RollNote note in chart.Notes)
        {
            string color = note.Voice < 0 ? s_colors[0] : s_colors[note.Voice % s_colors.Length];
            svg.Append(Format($"<rect class=\"note\" fill=\"{(alone ? color : $"var(--s{Math.Max(0, note.Voice) % 8 + 1})")}\" ") +
                Format($"x=\"{Left + note.Start * Quarter + 0.5:F2}\" y=\"{Top + (high - note.Pitch) * Row + 0.5:F1}\" ") +
                Format($"width=\"{Math.Max(1, note.Duration * Quarter - 1):F2}\" height=\"{Row - 1}\" rx=\"1.5\">") +
                Format($"<title>{s_names[note.Pitch % 12]}{note.Pitch / 12 - 1}, quarter {note.Start:0.##}, ") +
                Format($"{note.Duration:0.##} long</title></rect>\n"));
        }
        svg.Append(Format($"<path class=\"now\" d=\"M0 {Top}V{height - Foot}\" data-left=\"{Left}\" data-quarter=\"{Quarter}\" ") +
            "visibility=\"hidden\"/>");
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>What the page's script plays: tempo, then pitch, begin, length and loudness of each note.</summary>
    public static string Json(PianoRollChart chart) => Format($"{{\"tempo\":{chart.QuartersPerMinute},\"notes\":[") + string.Join(',',
        chart.Notes.Select(note => Format($"[{note.Pitch},{note.Start:0.####},{note.Duration:0.####},{note.Velocity}]"))) + "]}";

    private const string Style = "<style>.paper{fill:#fff}.black{fill:#f1f2f3}.bar{stroke:#d4d8db;fill:none}" +
        "text{font:9px sans-serif;fill:#5c6670;text-anchor:middle}.end{text-anchor:end}</style>\n";

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
