using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>What is done to a target column before it is standardized.</summary>
public enum TransformKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>z_t = ln y_t; for values above 0 whose swings grow with their level.</summary>
    Log,

    /// <summary>z_t = y_t − y₋; for a level that wanders.</summary>
    Difference,

    /// <summary>z_t = ln y_t − ln y₋: growth rates.</summary>
    LogDifference,

    /// <summary>z_t = √y_t; for counts and other values of at least 0 whose swings grow with the root of their level.</summary>
    Sqrt,

    /// <summary>z_t = ln(1 + y_t); a logarithm for values of at least 0 that reach it.</summary>
    Log1p,
}

/// <summary>A transform of one column; part of a forecasting model's description.</summary>
/// <param name="Kind">Which transform.</param>
public sealed record Transform(TransformKind Kind)
{
    /// <summary>How many rows at the start have no transformed value: 1 for differences, else 0.</summary>
    public int Lost => Kind is TransformKind.Difference or TransformKind.LogDifference ? 1 : 0;

    /// <summary>The transform by the word of the command line: <c>none</c>, <c>log</c>, <c>difference</c>, <c>log-difference</c>,
    /// <c>sqrt</c>, <c>log1p</c>.</summary>
    /// <param name="word">What was typed.</param>
    /// <exception cref="UserErrorException">It is no such word.</exception>
    public static Transform Parse(string word) => new(word switch
    {
        "none" => TransformKind.None,
        "log" => TransformKind.Log,
        "difference" => TransformKind.Difference,
        "log-difference" => TransformKind.LogDifference,
        "sqrt" => TransformKind.Sqrt,
        "log1p" => TransformKind.Log1p,
        _ => throw new UserErrorException($"There is no transform '{Table.Shorten(word)}'" +
            $"{(NearestName.Of(word, Words) is { } near ? $" (did you mean '{near}'?)" : "")}; there are: {string.Join(", ", Words)}."),
    });

    /// <summary>The word that <see cref="Parse"/> reads.</summary>
    public string Word => Words[(int)Kind];

    //  none, difference  y        log, log-difference  ln y        sqrt  √y        log1p  ln(1 + y)
    /// <summary>The least value that has a level, and whether that value itself has one.</summary>
    internal (double Least, bool Itself) Domain => Kind switch
    {
        TransformKind.Log or TransformKind.LogDifference => (0, false),
        TransformKind.Sqrt => (0, true),
        TransformKind.Log1p => (-1, false),
        _ => (double.NegativeInfinity, false),
    };

    /// <summary>The level of a value: before differences, where there are some.</summary>
    /// <param name="value">Within <see cref="Domain"/>.</param>
    internal double Level(double value) => Kind switch
    {
        TransformKind.Log or TransformKind.LogDifference => Logarithm.Ln(value),
        TransformKind.Sqrt => Math.Sqrt(value),
        TransformKind.Log1p => Logarithm.Ln(1 + value),
        _ => value,
    };

    /// <summary>The value of a level; a root below 0 is none, and counts as 0.</summary>
    internal double Value(double level) => Kind switch
    {
        TransformKind.Log or TransformKind.LogDifference => Math.Exp(level),
        TransformKind.Sqrt => level > 0 ? level * level : 0,
        TransformKind.Log1p => Math.Exp(level) - 1,
        _ => level,
    };

    /// <summary>How much the value changes with the level, at a value.</summary>
    internal double Slope(double value) => Kind switch
    {
        TransformKind.Log or TransformKind.LogDifference => value,
        TransformKind.Sqrt => 2 * Math.Sqrt(Math.Max(value, 0)),
        TransformKind.Log1p => 1 + value,
        _ => 1,
    };

    /// <summary>
    /// How much the mean of values exceeds the value of their mean level, for levels of a variance: half of the curvature times it, by
    /// Taylor's expansion. Of plain values 0; of logarithms 0 too, since models of earlier builds forecast medians.
    /// </summary>
    /// <param name="value">The value of the mean level.</param>
    /// <param name="variance">Of the levels.</param>
    internal double MeanAbove(double value, double variance) => Kind switch
    {
        TransformKind.Sqrt => variance,
        TransformKind.Log1p => (1 + value) * variance / 2,
        _ => 0,
    };

    /// <summary>The words, in the order of <see cref="TransformKind"/>.</summary>
    public static IReadOnlyList<string> Words { get; } = ["none", "log", "difference", "log-difference", "sqrt", "log1p"];
}
