using System.Text;
using Unroll.Files;

namespace Unroll.Inspection.Report;

/// <summary>
/// A report as one HTML file that needs nothing else: style, data and the chart library (Apache ECharts) lie in it, and it asks the network for
/// nothing. Legible on a phone, in the dark and on paper.
/// </summary>
public sealed record ReportPage
{
    /// <summary>The heading, and the browser's title.</summary>
    public required string Title { get; init; }

    /// <summary>One line below the heading; may be empty.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>From top to bottom.</summary>
    public IReadOnlyList<ReportSection> Sections { get; init; } = [];

    /// <summary>Writes the page. All text is escaped; numbers that are not finite leave a gap in a chart.</summary>
    /// <param name="output">Receives HTML, about 1.1 MB where the page has a chart, else a few kB. Not closed.</param>
    /// <exception cref="ArgumentException">The lengths within a chart or a table do not fit each other.</exception>
    public void Write(TextWriter output) => new PageWriter(output).Write(this);

    /// <summary>Writes the page as UTF-8, in one step: a reader sees the old file or the new one, never half of either.</summary>
    /// <param name="path">The file, usually <c>report.html</c>.</param>
    /// <exception cref="Core.UserErrorException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream =>
    {
        using StreamWriter writer = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        Write(writer);
    });
}

/// <summary>A part of a <see cref="ReportPage"/> below a heading of its own.</summary>
/// <param name="Heading">A few words; may be empty for what stands at the top.</param>
/// <param name="Blocks">Charts stand side by side where the screen is wide enough, unless a block is <see cref="ReportBlock.Wide"/>.</param>
public sealed record ReportSection(string Heading, params IReadOnlyList<ReportBlock> Blocks);
