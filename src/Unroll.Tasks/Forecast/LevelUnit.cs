namespace Unroll.Tasks.Forecast;

//  relative level r = (L − level) / size
//  window of n rows, lag d:   level = mean of the rows      size = mean |L_t − L_{t−d}| + 0.1 mean |L_t − level|
//  d: the season where the rows hold more than one, else 1 (the scale of MASE, Hyndman and Koehler 2006); a tenth of the deviation, so that a
//  series which repeats itself exactly has a size too. Salinas et al. 2017, arXiv:1704.04110, scale each series by its mean.

/// <summary>Where a column's levels lie and how far they swing: in these units a small series and a large one look alike.</summary>
/// <param name="Level">The level that counts as 0.</param>
/// <param name="Size">What counts as 1; above 0.</param>
public readonly record struct LevelUnit(double Level, double Size)
{
    private const double OfDeviation = 0.1, LeastOfLevel = 1e-3, LeastOfSeries = 0.1;

    /// <summary>The unit of levels as they are.</summary>
    public static LevelUnit Plain { get; } = new(0, 1);

    internal double Relative(double level) => (level - Level) / Size;

    internal double ToLevel(double relative) => Level + relative * Size;

    /// <summary>The unit of some rows.</summary>
    /// <param name="rows">At least one.</param>
    /// <param name="season">The steps of the shortest season; 1: none.</param>
    /// <param name="series">The unit of the whole series, whose tenth is the least size; null: it is not known.</param>
    internal static LevelUnit Of(ReadOnlySpan<double> rows, int season, LevelUnit? series = null)
    {
        int lag = rows.Length > season + 1 ? season : 1;
        double level = 0, swing = 0, change = 0;
        foreach (double row in rows) level += row;
        level /= rows.Length;
        foreach (double row in rows) swing += Math.Abs(row - level);
        for (int t = lag; t < rows.Length; t++) change += Math.Abs(rows[t] - rows[t - lag]);
        double size = change / Math.Max(1, rows.Length - lag) + OfDeviation * swing / rows.Length;
        size = Math.Max(size, series is { } whole ? LeastOfSeries * whole.Size : LeastOfLevel * Math.Abs(level));
        return new LevelUnit(level, size > 0 && double.IsFinite(size) ? size : 1);
    }
}

/// <summary>What a model keeps of a series that it was trained on.</summary>
/// <param name="Name">The series' name.</param>
/// <param name="Units">The unit of the training part of each column, then of each input.</param>
/// <param name="Spreads">
/// [columns]: how large its errors are, in units of those of all series, so that its intervals are its own; empty until the model is trained.
/// </param>
public sealed record SeriesScale(string Name, IReadOnlyList<LevelUnit> Units, IReadOnlyList<double> Spreads);
