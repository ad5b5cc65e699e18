using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Forecast;

//  steps 1 … horizon          the network's own forecast and its calibrated interval
//  steps beyond               paths: each forecasts a horizon, adds an error vector drawn from the calibration, takes the sum for the truth,
//                             and goes on;
//                             forecast and interval are the median and the tails of all paths

/// <summary>Forecasts the steps after the end of the data.</summary>
internal sealed class ForecastPaths
{
    private const int Usual = 400;
    private readonly ForecastModel _model;
    private readonly ForecastSeries _series;
    private readonly ThreadTeam _threads;
    private readonly int _count;
    private readonly State?[] _states;                      // of the paths in each member, where the model carries its state on
    private readonly int _first;                            // the row of the series that the paths' levels begin with

    internal ForecastPaths(ForecastModel model, Series series, ThreadTeam threads, int count = Usual)
    {
        (_count, _states) = (count, new State?[model.Members.Count]);
        (_model, _series, _threads) = (model, new ForecastSeries(model.Description, series), threads);
        _first = Math.Max(0, series.Length - model.Description.FirstOrigin - 1);
    }

    /// <summary>What a series lacks for a forecast, in a sentence; null: nothing.</summary>
    internal static string? Problem(ForecastDescription description, Series series) => series.Length >= description.FirstOrigin ? null
        : $"{ForecastFit.NameOf(series)}: a forecast needs the last {description.FirstOrigin} rows (window {description.Window}), found " +
            $"{series.Length}; give more of the data.";

    private ForecastDescription Description => _model.Description;

    /// <summary>The steps 1 … <paramref name="horizon"/>, each with all columns.</summary>
    internal List<ForecastPoint> Forecast(int horizon)
    {
        int own = Math.Min(horizon, Description.Horizon);
        _series.RequireKnown(horizon);
        int length = _series.Series.Length;
        float[] outputs = _model.Run([_series], [new Window(0, length - Description.Window, Description.Window, Description.Horizon)], _threads);
        List<ForecastPoint> points = [.. _model.Points(_series, outputs, own)];
        if (horizon > own) AddBeyond(points, own + 1, horizon);
        return points;
    }

    /// <summary>The paths themselves, each step with all columns.</summary>
    internal List<ForecastPath> Sample(int horizon)
    {
        _series.RequireKnown(horizon);
        RefuseBeyond(horizon);
        double[][][] paths = Simulate(horizon);
        List<ForecastPath> all = [];
        int known = _series.Series.Length - _first;
        bool counts = TargetBounds.AreCounts(Description.Options.Loss);
        for (int step = 1; step <= horizon; step++)
            for (int c = 0; c < Description.Columns.Count; c++)
            {
                IEnumerable<double> values = paths.Select(path => _model.FromLevel(c, path[c][known + step - 1]));
                all.Add(new ForecastPath(_series.Series.Name, Description.Columns[c].Name, step,
                    _series.Series.Label(_series.Series.Length + step - 1), [.. counts ? values.Select(value => Math.Round(value)) : values]));
            }
        return all;
    }

    private void RefuseBeyond(int horizon)
    {
        if (horizon > Description.Horizon && Description.Inputs.Count > 0)
            throw new UserErrorException($"horizon {horizon}: the model forecasts {Description.Horizon} steps at once, and to go on from its own " +
                $"forecasts it would need column '{Description.Inputs[0].Column}', which it sees but does not forecast; choose a horizon up to " +
                $"{Description.Horizon}, or train with a longer one.");
        if (Description.Calibration is not { Errors.Count: > 0 })
            throw new UserErrorException($"horizon {horizon}: this model's training has not ended, so that it forecasts " +
                $"{Description.Horizon} steps at most, and draws no paths.");
    }

    private void AddBeyond(List<ForecastPoint> points, int from, int horizon)
    {
        RefuseBeyond(horizon);
        double[][][] paths = Simulate(horizon);
        double tail = (1 - Description.Options.Interval) / 2;
        double[] sorted = new double[_count];
        int known = _series.Series.Length - _first;
        Outlook outlook = _series.At(_series.Series.Length);
        double[] size = [.. Enumerable.Range(0, Description.Columns.Count).Select(c => outlook.Unit(c).Size)];
        for (int step = from; step <= horizon; step++)
            for (int c = 0; c < Description.Columns.Count; c++)
            {
                for (int p = 0; p < _count; p++) sorted[p] = paths[p][c][known + step - 1];
                Array.Sort(sorted);
                double At(double share) => _model.FromLevel(c, Quantile(sorted, share));
                points.Add(_model.Point(_series.Series, c, step, size[c], (At(0.5), At(tail), At(1 - tail))));
            }
    }

    // [paths][columns][rows from _first on, then the steps]
    private double[][][] Simulate(int horizon)
    {
        int blocks = (horizon + Description.Horizon - 1) / Description.Horizon, known = _series.Series.Length - _first;
        double[][][] paths = new double[_count][][];
        for (int p = 0; p < _count; p++)
            paths[p] = Array.ConvertAll(_series.Levels, levels =>
            {
                double[] own = new double[known + blocks * Description.Horizon];
                levels.AsSpan(_first).CopyTo(own);
                return own;
            });
        Rng random = new Rng(Description.Options.Seed).For("paths");
        for (int b = 0; b < blocks; b++) AddBlock(paths, known + b * Description.Horizon, random.At((ulong)b));
        return paths;
    }

    private void AddBlock(double[][][] paths, int origin, Rng random)
    {
        int window = Description.Window, outputs = _model.Network.OutputSize;
        int Fill(int p, Span<float> features)
        {
            _series.WindowRows(paths[p], _first, _first + origin - window, features);
            return _series.Group;
        }

        float[] all = _model.ThroughSeries ? Go(paths, origin) : _model.RunWindows(_count, Fill, _threads, new Workspace());
        IReadOnlyList<float[]> errors = [.. Description.Calibration!.Errors, .. Description.Calibration.TrainingErrors];
        for (int p = 0; p < _count; p++)
        {
            int drawn = random.Below(errors.Count, (ulong)p);
            Outlook outlook = _series.At(paths[p], _first, _first + origin);
            for (int step = 1; step <= Description.Horizon; step++)
                for (int c = 0; c < Description.Columns.Count; c++)
                {
                    (double center, double down, double up) = _model.ReadTarget(outlook, step, c, all.AsSpan(p * outputs, outputs));
                    float u = Measured(errors, drawn, (step - 1) * Description.Columns.Count + c);
                    paths[p][c][origin + step - 1] = Bounded(c, outlook.Level(c, step, center + u * (u < 0 ? down : up)));
                }
        }
    }

    // Levels that are values keep to their bounds on the way; those of other transforms do so by the transform, or at the end.
    private double Bounded(int c, double level) => Description.Columns[c].Transform.Kind is TransformKind.None or TransformKind.Difference
        ? TargetBounds.Within(Description.Options, level) : level;

    // Of the vector that was drawn; where that step was not measured, of the next one in which it was.
    private static float Measured(IReadOnlyList<float[]> errors, int drawn, int target)
    {
        for (int i = 0; i < errors.Count; i++)
            if (errors[(drawn + i) % errors.Count][target] is var u && !float.IsNaN(u)) return u;
        return 0;
    }

    // The outputs of the step before the origin, [paths, outputs], of a model that carries its state on: the observed steps once, the paths' own
    // each.
    private float[] Go(double[][][] paths, int origin) =>
        Ensemble.Mean([.. _model.Members.Select((member, k) => Go(member, ref _states[k], paths, origin))]);

    private float[] Go(ForecastModel model, ref State? state, double[][][] paths, int origin)
    {
        int features = Description.Features, outputs = model.Network.OutputSize, length = _series.Series.Length;
        float[] x = new float[_count * features], y = new float[_count * outputs];
        if (state is null)
        {
            ForecastSequenceRun run = new(model, _series);
            ReadOnlySpan<float> last = run.Run(length, _threads, new Workspace()).AsSpan(^outputs..);
            for (int p = 0; p < _count; p++) last.CopyTo(y.AsSpan(p * outputs));
            ForecastSequenceRun.Spread(run.State, state = model.Network.NewState(_count));
        }
        for (int row = Math.Max(length, _first + origin - Description.Horizon); row < _first + origin; row++)
        {
            for (int p = 0; p < _count; p++) _series.Features(paths[p], _first, row, x.AsSpan(p * features, features));
            model.Network.Step(x, state, y);
        }
        return y;
    }

    private static double Quantile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
