using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>Fits the intervals of a trained model: spreads on the training part, conformal ends on the validation part.</summary>
internal static class ForecastCalibrator
{
    private const int TrainingWindows = 4000, PriorWindows = 5;

    /// <summary>The description with intervals: those of all series together, and each series' own width where it has a scale.</summary>
    /// <param name="model">Trained, and its mixture fixed.</param>
    /// <param name="data">What it was trained on.</param>
    /// <param name="threads">The threads.</param>
    internal static ForecastDescription Fit(ForecastModel model, IReadOnlyList<Series> data, ThreadTeam threads)
    {
        IReadOnlyList<ForecastSeries> series = SeriesOf(model, data);
        Window[] training = Thin(model.Windows(series, split => split.TrainRows), TrainingWindows),
            validation = model.Windows(series, split => split.ValidationRows);
        string part = validation.Length > 0 ? "validation" : "training";
        IReadOnlyList<SpreadLine> spreads = model.Head.HasSpread ? [] : Spreads(model, series, training, threads);
        model.Description = model.Description with { Calibration = new IntervalCalibration(part, [], [], spreads) };
        if (model.Description.Scales.Count > 0)
        {
            model.Description = model.Description with { Scales = OfSeries(model, series, training, threads) };
            series = SeriesOf(model, data);
        }
        float[][] ErrorsOf(Window[] windows) => Errors(model, series, Thin(windows, IntervalCalibration.MaxWindows), threads);
        bool few = validation.Length is > 0 and < IntervalCalibration.FewWindows;
        return model.Description with
        {
            Calibration = new IntervalCalibration(
                part, ErrorsOf(validation.Length > 0 ? validation : training), few ? ErrorsOf(training) : [], spreads),
        };
    }

    private static IReadOnlyList<ForecastSeries> SeriesOf(ForecastModel model, IReadOnlyList<Series> data) =>
        [.. data.Select(one => new ForecastSeries(model.Description, one))];

    //  q = (n a + k) / (n + k), a = mean |u| of the n windows of the series, in units of that of all series, k = 5 windows as all series have them
    private static IReadOnlyList<SeriesScale> OfSeries(
        ForecastModel model, IReadOnlyList<ForecastSeries> series, Window[] training, ThreadTeam threads)
    {
        int columns = model.Description.Columns.Count;
        float[][] errors = Errors(model, series, training, threads);
        double[,] sums = new double[series.Count, columns], counts = new double[series.Count, columns];
        double[] sum = new double[columns], count = new double[columns];
        for (int i = 0; i < training.Length; i++)
            for (int target = 0; target < errors[i].Length; target++)
            {
                if (float.IsNaN(errors[i][target])) continue;
                (int one, int c) = (training[i].Series, target % columns);
                (sums[one, c], counts[one, c]) = (sums[one, c] + Math.Abs(errors[i][target]), counts[one, c] + 1);
                (sum[c], count[c]) = (sum[c] + Math.Abs(errors[i][target]), count[c] + 1);
            }
        double Spread(int one, int c)
        {
            if (!(sum[c] > 0) || counts[one, c] == 0) return 1;
            double windows = counts[one, c] / model.Description.Horizon, ratio = sums[one, c] / counts[one, c] / (sum[c] / count[c]);
            return Math.Max((windows * ratio + PriorWindows) / (windows + PriorWindows), 1e-3);
        }
        return [.. model.Description.Scales.Select(scale =>
        {
            int one = Enumerable.Range(0, series.Count).FirstOrDefault(i => series[i].Series.Name == scale.Name, -1);
            return one < 0 ? scale : scale with { Spreads = [.. Enumerable.Range(0, columns).Select(c => Spread(one, c))] };
        })];
    }

    private static SpreadLine[] Spreads(ForecastModel model, IReadOnlyList<ForecastSeries> series, Window[] windows, ThreadTeam threads)
    {
        ForecastDescription description = model.Description;
        float[] outputs = model.Run(series, windows, threads);
        Outlook[] outlooks = [.. windows.Select(window => series[window.Series].At(window.Origin))];
        SpreadLine[] lines = new SpreadLine[description.Targets];
        for (int target = 0; target < lines.Length; target++)
        {
            (int step, int c) = (target / description.Columns.Count + 1, target % description.Columns.Count);
            ForecastColumn column = description.Columns[c];
            List<double> level = [], size = [];
            for (int i = 0; i < windows.Length; i++)
            {
                ForecastSeries one = series[windows[i].Series];
                if (!one.Series.IsScored(c, windows[i].Origin, step)) continue;
                double center = outlooks[i].Mixed(c, step, model.Head.Read(Row(outputs, i, model), target).Center);
                level.Add((outlooks[i].Relative(c, step, center) - column.Level.Mean) / column.Level.Deviation);
                size.Add(Math.Abs(outlooks[i].Target(c, step, one.Levels[c][windows[i].Origin + step - 1]) - center));
            }
            lines[target] = SpreadLine.Fit([.. level], [.. size]);
        }
        return lines;
    }

    private static float[][] Errors(ForecastModel model, IReadOnlyList<ForecastSeries> series, Window[] windows, ThreadTeam threads)
    {
        ForecastDescription description = model.Description;
        float[] outputs = model.Run(series, windows, threads);
        float[][] errors = new float[windows.Length][];
        float[] truth = new float[description.Targets];
        for (int i = 0; i < errors.Length; i++)
        {
            ForecastSeries one = series[windows[i].Series];
            one.Targets(windows[i].Origin, truth);
            Outlook outlook = one.At(windows[i].Origin);
            errors[i] = new float[truth.Length];
            for (int target = 0; target < truth.Length; target++)
            {
                (double center, double down, double up) = model.ReadTarget(
                    outlook, target / description.Columns.Count + 1, target % description.Columns.Count, Row(outputs, i, model));
                double error = truth[target] - center;
                errors[i][target] = (float)(error / (error < 0 ? down : up));
            }
        }
        return errors;
    }

    internal static ReadOnlySpan<float> Row(float[] outputs, int window, ForecastModel model) =>
        outputs.AsSpan(window * model.Network.OutputSize, model.Network.OutputSize);

    // At most so many of them, evenly taken.
    internal static Window[] Thin(Window[] windows, int most)
    {
        if (windows.Length <= most) return windows;
        Window[] kept = new Window[most];
        for (int i = 0; i < most; i++) kept[i] = windows[(int)((long)i * windows.Length / most)];
        return kept;
    }
}
