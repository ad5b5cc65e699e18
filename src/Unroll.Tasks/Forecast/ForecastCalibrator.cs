using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>Fits the intervals of a trained model: spreads on the training part, conformal ends on the validation part.</summary>
internal static class ForecastCalibrator
{
    internal static IntervalCalibration Fit(ForecastModel model, IReadOnlyList<ForecastSeries> series, ThreadTeam threads)
    {
        Window[] training = Thin(model.Windows(series, split => split.TrainRows), 4000),
            validation = model.Windows(series, split => split.ValidationRows);
        string part = validation.Length > 0 ? "validation" : "training";
        IReadOnlyList<SpreadLine> spreads = model.Head.HasSpread ? [] : Spreads(model, series, training, threads);
        model.Description = model.Description with { Calibration = new IntervalCalibration(part, [], [], spreads) };
        float[][] ErrorsOf(Window[] windows) => Errors(model, series, Thin(windows, IntervalCalibration.MaxWindows), threads);
        bool few = validation.Length is > 0 and < IntervalCalibration.FewWindows;
        return new IntervalCalibration(part, ErrorsOf(validation.Length > 0 ? validation : training), few ? ErrorsOf(training) : [], spreads);
    }

    private static SpreadLine[] Spreads(ForecastModel model, IReadOnlyList<ForecastSeries> series, Window[] windows, ThreadTeam threads)
    {
        ForecastDescription description = model.Description;
        float[] outputs = model.Run(series, windows, threads);
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
                double forecast = model.LevelAt(one, one.Levels, c, windows[i].Origin, step, model.Head.Read(Row(outputs, i, model), target).Center);
                level.Add((forecast - column.Level.Mean) / column.Level.Deviation);
                size.Add(Math.Abs(one.Levels[c][windows[i].Origin + step - 1] - forecast) / column.Scales[step - 1]);
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
            errors[i] = new float[truth.Length];
            for (int target = 0; target < truth.Length; target++)
            {
                (double center, double down, double up) = model.ReadTarget(
                    one, one.Levels, windows[i].Origin, target / description.Columns.Count + 1, target % description.Columns.Count,
                        Row(outputs, i, model));
                double error = truth[target] - center;
                errors[i][target] = (float)(error / (error < 0 ? down : up));
            }
        }
        return errors;
    }

    internal static ReadOnlySpan<float> Row(float[] outputs, int window, ForecastModel model) =>
        outputs.AsSpan(window * model.Network.OutputSize, model.Network.OutputSize);

    // At most so many of them, evenly taken.
    private static Window[] Thin(Window[] windows, int most)
    {
        if (windows.Length <= most) return windows;
        Window[] kept = new Window[most];
        for (int i = 0; i < most; i++) kept[i] = windows[(int)((long)i * windows.Length / most)];
        return kept;
    }
}
