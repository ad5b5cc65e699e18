using Unroll.Inspection.Report;

namespace Unroll.Inspection.Derivation;

/// <summary>The page of a definition: numbers that can be changed, the equations, and the derivation of every term.</summary>
public static class DerivationPage
{
    /// <summary>The page; see <see cref="ReportPage.Save"/>.</summary>
    /// <param name="numbers">The definition in numbers, with which the page begins.</param>
    public static ReportPage Of(CellNumbers numbers)
    {
        PrintedDerivation printed = PrintedDerivation.Of(numbers.Derivation);
        return new ReportPage
        {
            Title = numbers.Derivation.Definition.Name,
            Subtitle = string.Join(" ", numbers.Derivation.Definition.Comments.Select(line => line.EndsWith('.') ? line : line + ".")),
            Sections =
            [
                Section(printed.Sections[0]),
                new ReportSection("The same in numbers",
                    new TextBlock("Change a number, or choose one and move it: every value and every term follows. The loss is L = Σ ½ y², "
                        + "half the sum of the squares of the output, over the steps that count; below each number stands its gradient."),
                    new LiveCellBlock(numbers)),
                .. printed.Sections.Skip(1).Select(Section),
                new ReportSection("LaTeX", new TextBlock(string.Join('\n', DerivationText.Latex(numbers.Derivation))) { Verbatim = true }),
            ],
        };
    }

    private static ReportSection Section(PrintedSection section) =>
        new(Capital(section.Heading), [.. Explanation(section), new EquationsBlock(section) { Wide = true }]);

    private static IEnumerable<ReportBlock> Explanation(PrintedSection section) =>
        section.Explanation.Length > 0 ? [new TextBlock(Capital(section.Explanation) + ".")] : [];

    private static string Capital(string text) => char.IsAsciiLetter(text[0]) ? char.ToUpperInvariant(text[0]) + text[1..] : text;
}
