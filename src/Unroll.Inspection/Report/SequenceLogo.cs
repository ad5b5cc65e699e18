using System.Globalization;
using System.Text;

namespace Unroll.Inspection.Report;

/// <summary>
/// Letters stacked at each position (Schneider and Stephens 1990, "Sequence logos: a new way to display consensus sequences"): what is positive
/// stands above the line, the largest on top, what is negative hangs below it. Drawn as SVG, without a script.
/// </summary>
/// <param name="Letters">What the columns of <paramref name="Heights"/> stand for, of A, C, G and T.</param>
/// <param name="Heights">[positions][letters]; what is not finite is left out.</param>
public sealed record SequenceLogo(string Letters, IReadOnlyList<IReadOnlyList<double>> Heights) : ReportBlock
{
    /// <summary>The number of the first position.</summary>
    public int First { get; init; } = 1;

    /// <summary>The largest height that is drawn, either way; null: that of the highest stack.</summary>
    public double? Full { get; init; }

    /// <summary>The height that gives every stack of several logos its room, so that they can be drawn to one scale.</summary>
    /// <param name="heights">The heights of all of them.</param>
    public static double FullOf(IEnumerable<IReadOnlyList<double>> heights) => LogoSvg.FullOf(heights);
}

/// <summary>Turns a <see cref="SequenceLogo"/> into SVG.</summary>
internal static class LogoSvg
{
    private const double Column = 16, Above = 110, Below = 50, Left = 44, Foot = 20;

    // Each letter fills the unit square, y up; an inner outline is a hole.
    private static string Outline(char letter) => letter switch
    {
        'A' => "M0 0L.37 1L.63 1L1 0L.79 0L.71 .25L.29 .25L.21 0ZM.35 .42L.65 .42L.5 .85Z",
        'C' => "M1 .34A.5 .5 0 1 0 1 .66L.79 .6A.29 .33 0 1 1 .79 .4Z",
        'G' => "M1 .34A.5 .5 0 1 0 1 .66L.79 .62A.29 .33 0 1 1 .79 .36L.79 .4L.55 .4L.55 .54L1 .54L1 .05L.86 .05Z",
        'T' => "M.4 0L.6 0L.6 .83L1 .83L1 1L0 1L0 .83L.4 .83Z",
        _ => throw new ArgumentException($"logo: expected the letters A, C, G and T, got '{letter}'"),
    };

    // A green, C blue, G ochre, T red: the colors of sequencers.
    private static string Color(char letter) => letter switch { 'A' => "--s3", 'C' => "--s1", 'G' => "--s8", _ => "--bad" };

    public static string Write(SequenceLogo logo)
    {
        foreach (IReadOnlyList<double> row in logo.Heights)
            if (row.Count != logo.Letters.Length)
                throw new ArgumentException($"logo '{logo.Title}': expected {logo.Letters.Length} heights at each position, got {row.Count}");
        double full = logo.Full ?? FullOf(logo.Heights), unit = full > 0 ? Above / full : 0;
        double width = Left + Column * logo.Heights.Count + 6;
        StringBuilder svg = new();
        svg.Append(Format($"<svg class=\"logo\" viewBox=\"0 0 {width:F0} {Above + Below + Foot + 8:F0}\" role=\"img\">\n"));
        svg.Append(Format($"<g transform=\"translate({Left:F0} {Above + 6:F0})\">\n"));
        for (int t = 0; t < logo.Heights.Count; t++) Stack(svg, logo, t, unit);
        svg.Append(Format($"<path class=\"line\" d=\"M0 0H{Column * logo.Heights.Count:F0}M-4 {-Above:F0}V{Below:F0}\"/>\n"));
        svg.Append(Format($"<text class=\"end\" x=\"-7\" y=\"{4 - Above:F0}\">{full:G2}</text><text class=\"end\" x=\"-7\" y=\"4\">0</text>\n"));
        for (int t = 0; t < logo.Heights.Count; t++)
            if ((t + logo.First) % 5 == 0) svg.Append(Format($"<text x=\"{(t + 0.5) * Column:F1}\" y=\"{Below + 14:F0}\">{t + logo.First}</text>"));
        return svg.Append("\n</g></svg>\n").ToString();
    }

    /// <summary>The height at the top that gives every stack its room: there is less below the line than above it.</summary>
    public static double FullOf(IEnumerable<IReadOnlyList<double>> heights) =>
        heights.Select(row => Math.Max(Sum(row, 1), Sum(row, -1) * Above / Below)).DefaultIfEmpty(0).Max();

    // The smallest next to the line, so that the largest letter stands out at the end.
    private static void Stack(StringBuilder svg, SequenceLogo logo, int t, double unit)
    {
        (char Letter, double Height)[] stack =
            [.. logo.Letters.Zip(logo.Heights[t]).Where(one => double.IsFinite(one.Second) && one.Second != 0).OrderBy(one => Math.Abs(one.Second))];
        if (stack.Length == 0) return;
        string heights = string.Join(", ", stack.Reverse().Select(one => Format($"{one.Letter} {one.Height:+0.000;-0.000}")));
        svg.Append(Format($"<g><title>{t + logo.First}: {heights}</title>"));
        double top = 0, bottom = 0;
        foreach ((char letter, double height) in stack)
        {
            double tall = Math.Abs(height) * unit, above = height > 0 ? top += tall : bottom;
            if (height < 0) bottom -= tall;
            if (tall >= 0.4)
                svg.Append(Format($"<path fill=\"var({Color(letter)})\" fill-rule=\"evenodd\" ") +
                    Format($"transform=\"translate({t * Column + 1:F0} {-(height > 0 ? above - tall : bottom):F2}) ") +
                    Format($"scale({Column - 2:F0} {-tall:F2})\" d=\"{Outline(letter)}\"/>"));
        }
        svg.Append("</g>\n");
    }

    private static double Sum(IReadOnlyList<double> row, int sign) => row.Where(height => double.IsFinite(height) && height * sign > 0).Sum(Math.Abs);

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
