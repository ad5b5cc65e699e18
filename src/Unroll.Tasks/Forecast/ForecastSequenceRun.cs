using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;

namespace Unroll.Tasks.Forecast;

/// <summary>Runs a model that was trained through whole series: from a series' first step on, with the state carried on.</summary>
internal sealed class ForecastSequenceRun
{
    private const int StepsAtOnce = 256;
    private readonly ForecastModel _model;
    private readonly ForecastSeries _series;

    internal ForecastSequenceRun(ForecastModel model, ForecastSeries series)
    {
        (_model, _series) = (model, series);
        State = model.Network.NewState(1);
    }

    /// <summary>The state after the last step that was run.</summary>
    internal State State { get; }

    /// <summary>The outputs of the steps before <paramref name="end"/>, [end − first step, outputs].</summary>
    internal float[] Run(int end, ThreadTeam threads, Workspace workspace)
    {
        int first = _model.Description.FirstStep, outputs = _model.Network.OutputSize;
        float[] result = new float[(end - first) * outputs];
        for (int from = first; from < end; from += StepsAtOnce)
        {
            int steps = Math.Min(StepsAtOnce, end - from);
            workspace.Reset();
            SequenceBatch x = workspace.Rent(_model.Runner.Layout(1, steps), _model.Description.Features);
            _series.Rows(from, steps).CopyTo(x.All);
            Cache cache = _model.Network.Forward(x, State, new Pass(workspace, threads, new Rng(0), Training: false) { InferenceOnly = true });
            cache.Output.All.CopyTo(result.AsSpan((from - first) * outputs));
            _model.Network.Last(cache, State);
        }
        return result;
    }

    /// <summary>The state of one sequence for each of many.</summary>
    internal static void Spread(State one, State many)
    {
        for (int s = 0; s < many.Sequences; s++)
        {
            one.H.CopyTo(many.H[(s * one.HiddenSize)..]);
            one.C.CopyTo(many.C[(s * one.CellSize)..]);
        }
        for (int i = 0; i < one.Children.Count; i++) Spread(one.Children[i], many.Children[i]);
    }
}
