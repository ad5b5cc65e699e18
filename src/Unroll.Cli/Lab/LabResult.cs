using Unroll.Inspection.Report;

namespace Unroll.Cli.Lab;

/// <summary>What an experiment found.</summary>
internal sealed record LabResult
{
    /// <summary>The heading of the page.</summary>
    public required string Title { get; init; }

    /// <summary>The question, with the numbers of the study notes' claims: one paragraph.</summary>
    public required string Asked { get; init; }

    /// <summary>The claims and whether they hold, the most important one first.</summary>
    public IReadOnlyList<LabVerdict> Verdicts { get; init; } = [];

    /// <summary>The figures, from top to bottom.</summary>
    public IReadOnlyList<LabSection> Sections { get; init; } = [];
}

/// <summary>A claim of the study notes and what was measured.</summary>
/// <param name="Notes">The number of the claim in the study notes: <c>S11</c>.</param>
/// <param name="Claim">The claim, in a few words.</param>
/// <param name="Found">What was measured: a sentence with its numbers.</param>
/// <param name="Holds">Computed from the figures; null: they do not decide it.</param>
internal sealed record LabVerdict(string Notes, string Claim, string Found, bool? Holds)
{
    /// <summary><c>holds</c>, <c>does not hold</c>, <c>not decided</c>.</summary>
    public string Word => Holds switch { true => "holds", false => "does not hold", null => "not decided" };
}

/// <summary>Related figures.</summary>
/// <param name="Heading">A few words.</param>
/// <param name="Text">What was done and how to read it; may be empty.</param>
internal sealed record LabSection(string Heading, string Text = "")
{
    /// <summary>Shown everywhere: terminal, JSON, page.</summary>
    public IReadOnlyList<LabTable> Tables { get; init; } = [];

    /// <summary>Shown on the page only.</summary>
    public IReadOnlyList<ReportBlock> Charts { get; init; } = [];
}
