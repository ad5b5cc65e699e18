namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>The rows of one series on the way from their source: still with gaps, NaNs and future rows.</summary>
internal sealed record RowSet(double[] Times, RowPlaces Places, double[][] Targets, double[][] Known)
{
    /// <summary>How many rows the source had, where these are periods of a grid.</summary>
    internal int? RowsRead { get; init; }

    internal static RowSet Of(int[] rows, SeriesRows all) => new(
        Array.ConvertAll(rows, r => all.Times[r]),
        all.Places.With(Array.ConvertAll(rows, r => all.Places.Lines[r])),
        Array.ConvertAll(all.Targets, c => Array.ConvertAll(rows, r => c[r])),
        Array.ConvertAll(all.Known, c => Array.ConvertAll(rows, r => c[r])));

    /// <summary>Cuts off the future rows, applies the policy for missing values, and makes the series.</summary>
    internal Series ToSeries(string source, string name, TimeAxis axis, SeriesOptions options)
    {
        int length = Times.Length - FutureRows();
        Column[] targets = [.. options.Targets.Zip(Targets, (column, values) => new Column(column, values[..length]))];
        Column[] known = [.. options.Known.Zip(Known, (column, values) => new Column(column, values))];
        return Filling.Apply(new Series(source, name, axis, Times, Places, targets, known) { RowsRead = RowsRead ?? Times.Length }, options.Missing);
    }

    // With known inputs, the rows at the end without any target are the future that the inputs are given for.
    private int FutureRows()
    {
        int future = 0;
        if (Known.Length == 0) return 0;
        while (future < Times.Length - 1 && Targets.All(t => double.IsNaN(t[^(future + 1)]))) future++;
        return future;
    }
}
