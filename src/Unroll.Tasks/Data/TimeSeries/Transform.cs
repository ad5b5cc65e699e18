using Unroll.Core;
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
}

/// <summary>A transform of one column; part of a forecasting model's description.</summary>
/// <param name="Kind">Which transform.</param>
public sealed record Transform(TransformKind Kind)
{
    /// <summary>How many rows at the start have no transformed value: 1 for differences, else 0.</summary>
    public int Lost => Kind is TransformKind.Difference or TransformKind.LogDifference ? 1 : 0;

    /// <summary>The transform by the word of the command line: <c>none</c>, <c>log</c>, <c>difference</c>, <c>log-difference</c>.</summary>
    /// <param name="word">What was typed.</param>
    /// <exception cref="UserErrorException">It is no such word.</exception>
    public static Transform Parse(string word) => new(word switch
    {
        "none" => TransformKind.None,
        "log" => TransformKind.Log,
        "difference" => TransformKind.Difference,
        "log-difference" => TransformKind.LogDifference,
        _ => throw new UserErrorException($"There is no transform '{Table.Shorten(word)}'" +
            $"{(NearestName.Of(word, Words) is { } near ? $" (did you mean '{near}'?)" : "")}; there are: {string.Join(", ", Words)}."),
    });

    /// <summary>The word that <see cref="Parse"/> reads.</summary>
    public string Word => Words[(int)Kind];

    /// <summary>The words, in the order of <see cref="TransformKind"/>.</summary>
    public static IReadOnlyList<string> Words { get; } = ["none", "log", "difference", "log-difference"];
}
