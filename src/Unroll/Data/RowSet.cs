using Unroll.Core;

namespace Unroll.Data;

/// <summary>The rows of one series on their way from the table: still with gaps, NaNs and future rows.</summary>
internal sealed record RowSet(double[] Times, int[] Lines, float[][] Targets, float[][] Known)
{
    internal static RowSet Of(int[] rows, double[] times, Table table, float[][] targets, float[][] known) => new(
        Array.ConvertAll(rows, r => times[r]),
        Array.ConvertAll(rows, table.Line),
        Array.ConvertAll(targets, c => Array.ConvertAll(rows, r => c[r])),
        Array.ConvertAll(known, c => Array.ConvertAll(rows, r => c[r])));

    /// <summary>Cuts off the future rows, applies the policy for missing values, and makes the series.</summary>
    internal Series ToSeries(string source, string name, TimeAxis axis, SeriesOptions options)
    {
        int length = Times.Length - FutureRows();
        Series bare = new(source, name, axis, Times, Lines, [new Column("", new float[length])], []);      // lends its way to name a row
        Column[] targets = new Column[Targets.Length], known = new Column[Known.Length];
        for (int i = 0; i < targets.Length; i++) targets[i] = Filling.Apply(options.Targets[i], Targets[i][..length], options.Missing, bare);
        for (int i = 0; i < known.Length; i++) known[i] = Filling.Apply(options.Known[i], Known[i], options.Missing, bare);
        return new Series(source, name, axis, Times, Lines, targets, known);
    }

    // With known inputs, the rows at the end without any target are the future that the inputs are given for.
    private int FutureRows()
    {
        int future = 0;
        if (Known.Length == 0) return 0;
        while (future < Times.Length - 1 && Targets.All(t => float.IsNaN(t[^(future + 1)]))) future++;
        return future;
    }
}
