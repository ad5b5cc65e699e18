namespace Unroll.Inspection.Report;

/// <summary>How a line is drawn.</summary>
public enum Stroke
{
    /// <summary>Solid.</summary>
    Solid,
    /// <summary>Dashed, for comparisons.</summary>
    Dashed,
    /// <summary>Points without a line.</summary>
    Points,
}

/// <summary>One line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Values">One value for each of <see cref="LineChart.X"/>; what is not finite leaves a gap.</param>
/// <param name="Stroke">How it is drawn.</param>
public sealed record Line(string Name, IReadOnlyList<double> Values, Stroke Stroke = Stroke.Solid);

/// <summary>A shaded band of a <see cref="LineChart"/>, such as a prediction interval.</summary>
/// <param name="Name">In the legend: <c>"90 % interval"</c>.</param>
/// <param name="Lower">One value for each of <see cref="LineChart.X"/>; what is not finite leaves a gap.</param>
/// <param name="Upper">As <paramref name="Lower"/>.</param>
public sealed record Band(string Name, IReadOnlyList<double> Lower, IReadOnlyList<double> Upper);

/// <summary>A vertical mark of a <see cref="LineChart"/> or a <see cref="HeatmapChart"/>.</summary>
/// <param name="Index">Where, as an index into <see cref="LineChart.X"/> or <see cref="HeatmapChart.Columns"/>.</param>
/// <param name="Label">A word or two.</param>
public sealed record Mark(int Index, string Label);

/// <summary>Lines over one axis, with bands behind them.</summary>
/// <param name="X">The labels of the horizontal axis: epochs, dates, steps.</param>
/// <param name="Lines">Drawn in this order, the first on top.</param>
public sealed record LineChart(IReadOnlyList<string> X, params IReadOnlyList<Line> Lines) : ReportBlock
{
    /// <summary>What the horizontal axis shows.</summary>
    public string XName { get; init; } = "";

    /// <summary>What the vertical axis shows, with its unit.</summary>
    public string YName { get; init; } = "";

    /// <summary>Whether the vertical axis is logarithmic; values that are not positive then leave a gap.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Whether the vertical axis begins at zero even where the values are far from it.</summary>
    public bool FromZero { get; init; }

    /// <summary>Behind the lines, widest first.</summary>
    public IReadOnlyList<Band> Bands { get; init; } = [];

    /// <summary>Vertical marks.</summary>
    public IReadOnlyList<Mark> Marks { get; init; } = [];
}

/// <summary>A matrix as colors, such as a gate over units and steps.</summary>
/// <param name="Columns">Labels from left to right.</param>
/// <param name="Rows">Labels from top to bottom.</param>
/// <param name="Values">[rows][columns]; what is not finite is left empty.</param>
public sealed record HeatmapChart(IReadOnlyList<string> Columns, IReadOnlyList<string> Rows, IReadOnlyList<IReadOnlyList<double>> Values)
    : ReportBlock
{
    /// <summary>What the horizontal axis shows.</summary>
    public string XName { get; init; } = "";

    /// <summary>What the vertical axis shows.</summary>
    public string YName { get; init; } = "";

    /// <summary>The value of the first color; null: the smallest value there is.</summary>
    public double? Minimum { get; init; }

    /// <summary>The value of the last color; null: the largest value there is.</summary>
    public double? Maximum { get; init; }

    /// <summary>Vertical marks, their indices into <see cref="Columns"/>.</summary>
    public IReadOnlyList<Mark> Marks { get; init; } = [];

    /// <summary>What stands in each cell, [rows][columns]; empty: nothing does.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Texts { get; init; } = [];

    /// <summary>Whether the values have a middle (two colors away from it, as for −1 … 1) or only grow (one color).</summary>
    public bool Diverging { get; init; }
}

/// <summary>One group of bars of a <see cref="BarChart"/>.</summary>
/// <param name="Name">In the legend; shown where there are several groups.</param>
/// <param name="Values">One for each category; what is not finite has no bar.</param>
public sealed record Bars(string Name, params IReadOnlyList<double> Values)
{
    /// <summary>An interval for each value, drawn as a line across the end of its bar; empty: none is known.</summary>
    public IReadOnlyList<(double Low, double High)> Intervals { get; init; } = [];
}

/// <summary>One axis of a <see cref="ParallelChart"/>.</summary>
/// <param name="Name">Above it.</param>
public sealed record ParallelAxis(string Name)
{
    /// <summary>The words on it, from bottom to top: values are then their numbers, from 0; empty: it is an axis of numbers.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Whether it is logarithmic; its values are then positive.</summary>
    public bool Logarithmic { get; init; }
}

/// <summary>Parallel coordinates: a line across several axes for each of many things (Inselberg 1985), colored by the last axis.</summary>
/// <param name="Axes">From left to right.</param>
/// <param name="Names">What each line is called.</param>
/// <param name="Rows">A value on each axis for each of <paramref name="Names"/>; all are finite.</param>
public sealed record ParallelChart(IReadOnlyList<ParallelAxis> Axes, IReadOnlyList<string> Names,
    IReadOnlyList<IReadOnlyList<double>> Rows) : ReportBlock
{
    /// <summary>The line that is set off by its width, from 0; null for none.</summary>
    public int? Highlight { get; init; }
}

/// <summary>Horizontal bars from zero, with their values beside them.</summary>
/// <param name="Categories">From top to bottom.</param>
/// <param name="Groups">Usually one.</param>
public sealed record BarChart(IReadOnlyList<string> Categories, params IReadOnlyList<Bars> Groups) : ReportBlock
{
    /// <summary>What the bars measure, with its unit.</summary>
    public string ValueName { get; init; } = "";

    /// <summary>The category that is set off by color when there is one group, from 0; null for none.</summary>
    public int? Highlight { get; init; }
}
