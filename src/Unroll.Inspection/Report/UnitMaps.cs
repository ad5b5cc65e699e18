namespace Unroll.Inspection.Report;

/// <summary>Heat maps of the same units and steps side by side; clicking a unit shows all its curves.</summary>
/// <param name="Steps">The labels of the horizontal axis.</param>
/// <param name="Maps">One for each gate, state and output.</param>
public sealed record UnitMapsChart(IReadOnlyList<string> Steps, params IReadOnlyList<UnitMap> Maps) : ReportBlock
{
    /// <summary>What the horizontal axis shows.</summary>
    public string XName { get; init; } = "";
}

/// <summary>One gate, state or output of a <see cref="UnitMapsChart"/>.</summary>
/// <param name="Name">A short name, the same for the curve: <c>f</c>.</param>
/// <param name="Values">[steps][units]; what is not finite is left empty.</param>
/// <param name="Order">Every unit once: the rows from top to bottom.</param>
public sealed record UnitMap(string Name, IReadOnlyList<float[]> Values, IReadOnlyList<int> Order)
{
    /// <summary>Above the map.</summary>
    public string Title { get; init; } = "";

    /// <summary>The value of the first color; below 0, colors part from the middle.</summary>
    public double Minimum { get; init; }

    /// <summary>The value of the last color, above <see cref="Minimum"/>.</summary>
    public double Maximum { get; init; } = 1;

    /// <summary>Whether the values have bounds, as a gate's: bounded curves share one axis, the others another.</summary>
    public bool IsBounded { get; init; } = true;
}

/// <summary>A text whose words or characters are shaded by a weight each.</summary>
/// <param name="Words">In the order of the text.</param>
/// <param name="Weights">One for each, at least 0; the largest has the full color.</param>
public sealed record ShadedText(IReadOnlyList<string> Words, IReadOnlyList<double> Weights) : ReportBlock
{
    /// <summary>Whether there is a space between two of them: words, not characters.</summary>
    public bool Spaced { get; init; }

    /// <summary>Shown where a pointer rests on a word, one for each; empty: the weights are.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The weight of the full color; null: the largest one.</summary>
    public double? Full { get; init; }
}

/// <summary>Sentences, one below the other.</summary>
/// <param name="Items">From top to bottom.</param>
public sealed record ListBlock(params IReadOnlyList<ListItem> Items) : ReportBlock;

/// <summary>One sentence of a <see cref="ListBlock"/>.</summary>
/// <param name="Text">Plain text.</param>
/// <param name="Verdict">Shown by a color.</param>
public sealed record ListItem(string Text, Verdict Verdict = Verdict.None);
