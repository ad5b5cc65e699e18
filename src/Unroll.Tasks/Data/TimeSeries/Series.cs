namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>One time series: columns of numbers on a regular axis of times, and where each row came from.</summary>
/// <remarks>
/// Rows 0 … Length − 1 are observed. Rows Length … Length + FutureRows − 1 come after the last observed target and hold only
/// times and known inputs. Made by <see cref="TimeSeriesTable"/>.
/// </remarks>
public sealed class Series
{
    private readonly double[] _times;
    private readonly int[] _lines;

    internal Series(
        string source, string name, TimeAxis axis, double[] times, int[] lines, IReadOnlyList<Column> targets, IReadOnlyList<Column> known)
    {
        (Source, Name, Axis, _times, _lines, Targets, Known) = (source, name, axis, times, lines, targets, known);
        Length = targets[0].Values.Length;
    }

    /// <summary>The same rows with other columns.</summary>
    internal Series With(IReadOnlyList<Column> targets, IReadOnlyList<Column> known) => new(Source, Name, Axis, _times, _lines, targets, known);

    /// <summary>The file's path, as errors name it.</summary>
    public string Source { get; }

    /// <summary>The text of the group column; empty when the table is one series.</summary>
    public string Name { get; }

    /// <summary>The kind of the times and the step between rows.</summary>
    public TimeAxis Axis { get; }

    /// <summary>[Length + FutureRows]; increasing by one step of <see cref="Axis"/> (unless irregular times were kept).</summary>
    public IReadOnlyList<double> Times => _times;

    /// <summary>[Length + FutureRows]; the line of the file a row came from, 0 for a period that resampling put in.</summary>
    public IReadOnlyList<int> Lines => _lines;

    /// <summary>The columns to forecast, each [Length].</summary>
    public IReadOnlyList<Column> Targets { get; }

    /// <summary>The inputs known in the future too, each [Length + FutureRows]; may be empty.</summary>
    public IReadOnlyList<Column> Known { get; }

    /// <summary>The number of observed rows.</summary>
    public int Length { get; }

    /// <summary>The rows after the last observed target for which only known inputs are given.</summary>
    public int FutureRows => Times.Count - Length;

    /// <summary>The time of a row as a person writes it; rows beyond the last continue the axis.</summary>
    /// <param name="row">0 or more.</param>
    public string Label(int row) =>
        Axis.Format(row < Times.Count ? Times[row] : Axis.After(Times[^1], row - Times.Count + 1));

    /// <summary>How errors name a value: <c>sales.csv, line 7, column 'units'</c>, or the period where no line is.</summary>
    /// <param name="row">0 … Length + FutureRows − 1.</param>
    /// <param name="column">The column's name.</param>
    public string Where(int row, string column)
    {
        string series = Name.Length == 0 ? "" : $", series '{Name}'";
        return $"{Source}, {(Lines[row] > 0 ? $"line {Lines[row]}" : $"period {Label(row)}")}{series}, column '{column}'";
    }
}

/// <summary>A named column of a series.</summary>
/// <param name="Name">The column's name in the file.</param>
/// <param name="Values">Its numbers, one a row.</param>
/// <param name="Filled">How many of them were missing and filled in by the policy.</param>
/// <param name="Missing">How many are missing still (NaN); 0 unless missing values were kept.</param>
public sealed record Column(string Name, float[] Values, int Filled = 0, int Missing = 0);
