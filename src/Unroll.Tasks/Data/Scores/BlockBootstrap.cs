using Unroll.Core;

namespace Unroll.Tasks.Data.Scores;

//  D = √(Σ_w b_w / Σ_w n_w) − √(Σ_w a_w / Σ_w n_w)        a, b squared errors of two methods over window w, n its steps
//  replicates draw blocks of windows that follow each other, with replacement: neighboring windows err alike, and overlap where horizons do
//  Künsch 1989, "The jackknife and the bootstrap for general stationary observations"; of many series, whole series are drawn

/// <summary>An interval for the difference of two forecasts' errors on the same windows.</summary>
internal static class BlockBootstrap
{
    private const int Replicates = 1000, ManySeries = 10, FewestBlocks = 4;

    /// <summary>The sums of one window.</summary>
    /// <param name="First">Squared errors of the first method.</param>
    /// <param name="Second">Those of the second.</param>
    /// <param name="Count">How many values were measured.</param>
    internal readonly record struct Sums(double First, double Second, double Count)
    {
        public static Sums operator +(Sums a, Sums b) => new(a.First + b.First, a.Second + b.Second, a.Count + b.Count);

        public static Sums operator -(Sums a, Sums b) => new(a.First - b.First, a.Second - b.Second, a.Count - b.Count);

        internal double Difference => Math.Sqrt(Second / Count) - Math.Sqrt(First / Count);
    }

    /// <summary>The 95 % interval of RMSE(second) − RMSE(first): above 0, the first method is better.</summary>
    /// <param name="series">[series][windows], each series from old to new.</param>
    /// <param name="horizon">Steps of a window.</param>
    /// <returns>Null where there are too few windows to say.</returns>
    internal static (double Low, double High)? Interval(IReadOnlyList<Sums[]> series, int horizon)
    {
        List<Sums> blocks = [];
        int drawn;
        if (series.Count(s => s.Length > 0) >= ManySeries)
        {
            blocks.AddRange(series.Where(s => s.Length > 0).Select(s => s.Aggregate((a, b) => a + b)));
            drawn = blocks.Count;
        }
        else
        {
            int windows = series.Sum(s => s.Length), length = Math.Max(horizon, (int)Math.Ceiling(Math.Cbrt(windows)));
            foreach (Sums[] one in series) AddBlocks(blocks, one, length);
            drawn = windows / length;
        }
        if (drawn < FewestBlocks || blocks.Count < FewestBlocks) return null;
        double[] differences = new double[Replicates];
        Rng random = new Rng(0).For("block bootstrap");
        for (int r = 0; r < Replicates; r++)
        {
            Sums sum = default;
            for (int i = 0; i < drawn; i++) sum += blocks[random.Below(blocks.Count, (ulong)((long)r * drawn + i))];
            differences[r] = sum.Count > 0 ? sum.Difference : 0;
        }
        Array.Sort(differences);
        return (differences[(int)(0.025 * Replicates)], differences[(int)(0.975 * Replicates)]);
    }

    private static void AddBlocks(List<Sums> blocks, Sums[] windows, int length)
    {
        Sums sum = default;
        for (int w = 0; w < windows.Length; w++)
        {
            sum += windows[w];
            if (w >= length) sum -= windows[w - length];
            if (w >= length - 1) blocks.Add(sum);
        }
    }
}
