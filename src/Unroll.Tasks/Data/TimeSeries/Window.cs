namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>
/// One example of a series for direct multi-step forecasting: the inputs are its rows Start … Start + Length − 1, the targets the Horizon rows after
/// them.
/// </summary>
/// <param name="Series">The index of the series.</param>
/// <param name="Start">The first input row.</param>
/// <param name="Length">Input rows; at least 1.</param>
/// <param name="Horizon">Target rows; at least 1.</param>
public readonly record struct Window(int Series, int Start, int Length, int Horizon)
{
    /// <summary>The first target row; all rows before it are known when the forecast is made.</summary>
    public int Origin => Start + Length;

    /// <summary>The input rows.</summary>
    public Range Inputs => Start..Origin;

    /// <summary>The target rows.</summary>
    public Range Targets => Origin..(Origin + Horizon);

    /// <summary>All examples whose targets lie in <paramref name="part"/>, from old to new; their inputs may lie before it.</summary>
    /// <param name="series">The index of the series.</param>
    /// <param name="rows">The rows of the series.</param>
    /// <param name="part">The rows that targets may come from.</param>
    /// <param name="length">Input rows of an example; at least 1.</param>
    /// <param name="horizon">Target rows of an example; at least 1.</param>
    /// <param name="stride">Rows from one example to the next; the horizon gives forecasts that do not overlap.</param>
    /// <returns>The examples; none when the part is too short.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A length is below 1.</exception>
    public static IReadOnlyList<Window> Over(int series, int rows, Range part, int length, int horizon, int stride = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        (int from, int count) = part.GetOffsetAndLength(rows);
        List<Window> windows = [];
        for (int origin = Math.Max(from, length); origin + horizon <= from + count; origin += stride)
            windows.Add(new Window(series, origin - length, length, horizon));
        return windows;
    }
}
