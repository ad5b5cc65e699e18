using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

//  forecast = w network + (1 − w) rule, w ∈ {0, 0.05, …, 1}. The best w has the least squared (absolute, where that is minimized) error over the
//  validation part; the smallest w whose error exceeds it by no more than one standard error of the difference, over the windows, is taken, because
//  the network was stopped by that part and the rule was not. Bates and Granger 1969, "The combination of forecasts"; Breiman, Friedman, Olshen and
//  Stone 1984, "Classification and Regression Trees", for the one standard error

/// <summary>Fixes how much the network counts beside the rule that its forecast is mixed with; on the validation part alone.</summary>
internal static class ForecastMixer
{
    private const int Steps = 20, MostWindows = 2000;

    /// <summary>[columns]: the weights; empty where nothing is mixed or nothing validates.</summary>
    internal static IReadOnlyList<double> Fit(ForecastModel model, IReadOnlyList<ForecastSeries> series, ThreadTeam threads)
    {
        ForecastDescription description = model.Description;
        Window[] windows = model.Windows(series, split => split.ValidationRows);
        if (description.Options.Mix == MixChoice.None || windows.Length == 0) return [];
        windows = ForecastCalibrator.Thin(windows, MostWindows);
        float[] outputs = model.Run(series, windows, threads);
        return [.. Enumerable.Range(0, description.Columns.Count).Select(c => Weight(model, series, windows, outputs, c))];
    }

    private static double Weight(ForecastModel model, IReadOnlyList<ForecastSeries> series, Window[] windows, float[] outputs, int c)
    {
        ForecastDescription description = model.Description;
        bool squares = description.Options.Loss is ForecastLoss.Mse or ForecastLoss.Gaussian or ForecastLoss.Huber;
        double[][] errors = new double[windows.Length][];                        // [windows][w]
        for (int i = 0; i < windows.Length; i++)
        {
            ForecastSeries one = series[windows[i].Series];
            int origin = windows[i].Origin;
            Outlook outlook = one.At(origin);
            double[] rule = outlook.RuleCenters(c, one.Levels[c], origin), own = errors[i] = new double[Steps + 1];
            for (int step = 1; step <= description.Horizon; step++)
            {
                if (!one.Series.IsScored(c, origin, step)) continue;
                double truth = outlook.Target(c, step, one.Levels[c][origin + step - 1]);
                double network = model.Head.Read(ForecastCalibrator.Row(outputs, i, model), (step - 1) * description.Columns.Count + c).Center;
                for (int w = 0; w <= Steps; w++)
                {
                    double error = truth - (w * network + (Steps - w) * rule[step - 1]) / Steps;
                    own[w] += squares ? error * error : Math.Abs(error);
                }
            }
        }
        double[] sums = [.. Enumerable.Range(0, Steps + 1).Select(w => errors.Sum(own => own[w]))];
        int best = Enumerable.Range(0, Steps + 1).MinBy(w => sums[w]);
        return (double)Enumerable.Range(0, best + 1).First(w => w == best || sums[w] - sums[best] <= StandardError(errors, w, best)) / Steps;
    }

    //  √(n / (n − 1) Σ (d_i − d̄)²), d_i the difference of window i: the standard error of Σ d_i
    private static double StandardError(double[][] errors, int w, int best)
    {
        double mean = errors.Average(own => own[w] - own[best]), squares = errors.Sum(own => Math.Pow(own[w] - own[best] - mean, 2));
        return errors.Length > 1 ? Math.Sqrt(squares * errors.Length / (errors.Length - 1)) : 0;
    }
}
