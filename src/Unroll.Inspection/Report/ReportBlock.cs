namespace Unroll.Inspection.Report;

/// <summary>What a <see cref="ReportSection"/> is made of.</summary>
public abstract record ReportBlock
{
    /// <summary>A line above the block; may be empty.</summary>
    public string Title { get; init; } = "";

    /// <summary>What to see in it, a sentence or two below the block; may be empty.</summary>
    public string Caption { get; init; } = "";

    /// <summary>Whether it takes the whole width of the page.</summary>
    public bool Wide { get; init; }
}

/// <summary>Paragraphs.</summary>
/// <param name="Paragraphs">Plain text; there is no markup in it.</param>
public sealed record TextBlock(params IReadOnlyList<string> Paragraphs) : ReportBlock
{
    /// <summary>Whether blanks and line breaks within a paragraph are shown as they are.</summary>
    public bool Verbatim { get; init; }
}

/// <summary>Whether a figure is good news.</summary>
public enum Verdict
{
    /// <summary>Neither.</summary>
    None,
    /// <summary>Better than what it is measured against.</summary>
    Good,
    /// <summary>Worse than what it is measured against.</summary>
    Bad,
}

/// <summary>One figure, large.</summary>
/// <param name="Label">What it is: <c>"RMSE, test"</c>.</param>
/// <param name="Value">The figure as it shall be read: <c>"16.2"</c>.</param>
/// <param name="Note">What it is measured against: <c>"persistence 19.1"</c>; may be empty.</param>
/// <param name="Verdict">Shown by a word and a color.</param>
public sealed record KeyFigure(string Label, string Value, string Note = "", Verdict Verdict = Verdict.None);

/// <summary>Figures in a row.</summary>
/// <param name="Figures">From left to right.</param>
public sealed record KeyFigureBlock(params IReadOnlyList<KeyFigure> Figures) : ReportBlock;

/// <summary>A table; a column whose cells are all numbers is set flush right.</summary>
/// <param name="Columns">The headings; all empty for a table without.</param>
/// <param name="Rows">Each with one cell a column; an empty cell is left empty.</param>
public sealed record TableBlock(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) : ReportBlock
{
    /// <summary>The row that is set in bold, from 0; null for none.</summary>
    public int? Highlight { get; init; }
}
