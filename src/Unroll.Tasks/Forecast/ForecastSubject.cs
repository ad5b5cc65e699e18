using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers.Losses;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tasks.Forecast;

/// <summary>
/// A sequence of a forecasting model to inspect: a window of the test part, or the beginning of a series where the model runs through all of it.
/// </summary>
/// <param name="model">The model.</param>
internal sealed class ForecastSubject(ForecastModel model)
{
    private const int MaxSteps = 512;                      // of a whole series
    private readonly ForecastDescription _description = model.Description;

    internal InspectionSubject Of(string? data, int sequence, DataFiles files)
    {
        string name = data ?? ForecastData.NameOf(_description.Options.Data);
        ForecastSeries[] series = [.. model.ReadData(name, files).Select(s => new ForecastSeries(_description, s))];
        if (model.ThroughSeries)
        {
            ForecastSeries one = series[Checked(sequence, series.Length, "series")];
            int steps = Math.Min(MaxSteps, one.Series.Length - _description.Horizon - _description.FirstStep);
            if (steps < 1)
                throw new UserErrorException($"{ForecastFit.NameOf(one.Series)}: it has {one.Series.Length} rows, too few for one forecast.");
            return Make($"{name}, from {one.Series.Label(_description.FirstStep)} on", one, _description.FirstStep, steps, firstTarget: 0);
        }
        Window[] test = model.Windows(series, split => split.TestRows), windows = test.Length > 0 ? test
            : model.Windows(series, split => ..split.Length);
        Window window = windows[Checked(sequence, windows.Length, "windows")];
        ForecastSeries own = series[window.Series];
        string where = own.Series.Name.Length == 0 ? "" : $"{own.Series.Name}, ";
        return Make($"{name}, {where}window that ends in {own.Series.Label(window.Origin - 1)}", own, window.Start, _description.Steps,
            _description.Steps - 1);
    }

    /// <summary>The window at the end of a series, whose targets nobody knows yet.</summary>
    internal InspectionSubject OfLast(ForecastSeries series)
    {
        int start = series.Series.Length - (_description.Known.Count > 0 ? _description.Horizon : 0) - _description.Window;
        return Make("the last window", series, start, _description.Steps, _description.Steps - 1, known: false);
    }

    // Steps are segments of rows from `start` on; those from `firstTarget` on have an output each.
    private InspectionSubject Make(string title, ForecastSeries series, int start, int steps, int firstTarget, bool known = true)
    {
        int segment = _description.Segment, next = start + (firstTarget + 1) * segment;
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.Uniform(1, steps), model.Network.InputSize);
        if (model.ThroughSeries) series.Rows(start, steps).CopyTo(x.All);
        else
        {
            float[] features = new float[steps * model.Runner.Kept];
            series.WindowRows(start, features);
            ForecastNetwork.Spread(features, series.Group, x, 0, steps);
        }
        int outputs = steps - firstTarget;
        SequenceBatch targets = SequenceBatch.Zeros(SequenceLayout.Uniform(1, outputs), _description.Targets);
        for (int i = 0; known && i < outputs; i++) series.Targets(next + i, targets.Row(i, 0));
        return new InspectionSubject(title, model.Network, x,
            [.. Enumerable.Range(1, steps).Select(t => series.Series.Label(start + t * segment - 1))], model.Head.Loss,
            Targets.Of(targets))
        {
            TargetLabels = known ? [.. Enumerable.Range(next, outputs).Select(series.Series.Label)] : [],
            OutputNames = OutputNames(),
            InputNames = InputNames(),
        };
    }

    private static int Checked(int sequence, int count, string what) => sequence >= 0 && sequence < count
        ? sequence
        : throw new UserErrorException($"sequence: expected 0 … {count - 1} because the data have {count} {what}, got {sequence}.");

    private string[] OutputNames()
    {
        string[] targets = [.. Enumerable.Range(1, _description.Horizon).SelectMany(step =>
            _description.Columns.Select(c => _description.Horizon == 1 ? c.Name : $"{c.Name} +{step}"))];
        return model.Network.OutputSize == targets.Length ? targets : [];   // a loss with several outputs a target has no names for them
    }

    // Of a segment its rows follow each other, the last one without a mark.
    private string[] InputNames()
    {
        string[] names = RowNames();
        return [.. Enumerable.Range(1 - _description.Segment, _description.Segment).SelectMany(before =>
            names.Select(name => before == 0 ? name : $"{name} {before}")),
            .. (_description.Embedding > 0 ? _description.Scales.Select(scale => $"series {scale.Name}") : [])];
    }

    private string[] RowNames() =>
    [
        .. _description.Columns.SelectMany(c => c.Seasonal is null ? (string[])[c.Name] : [c.Name, $"{c.Name}, change over a season"]),
        .. _description.Inputs.Select(i => i.Column),
        .. _description.Known.SelectMany(k => Enumerable.Range(1, _description.Horizon).Select(ahead => $"{k.Column} +{ahead}")),
    ];
}
