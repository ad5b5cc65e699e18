using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Training;

namespace Unroll.Tasks.Forecast;

/// <summary>A way to train a forecasting model: from windows, or through whole series.</summary>
internal interface IForecastObjective : ITrainingTask<int[]>
{
    /// <summary>Forecasts that an epoch learns from.</summary>
    int Examples { get; }

    /// <summary>Updates of an epoch.</summary>
    int Updates { get; }
}

/// <summary>The measure of a validation part, the same for every way to train.</summary>
/// <param name="model">The model.</param>
/// <param name="series">The data.</param>
internal sealed class ForecastExamples(ForecastModel model, IReadOnlyList<ForecastSeries> series)
{
    private readonly Window[] _validation = model.Windows(series, split => split.ValidationRows);

    //  score = mean loss of the validation windows;  rmse in the unit of the first column
    internal Validation? Validate(in Pass pass, ICollective ranks)
    {
        int count = _validation.Length;
        if (count == 0) return null;
        (ThreadTeam threads, Workspace workspace) = (pass.Threads, pass.Workspace);
        float[] outputs = ranks.Shared(count, (from, to) => model.Run(series, _validation[from..to], threads, workspace));
        SequenceLayout layout = SequenceLayout.Uniform(count, 1);
        SequenceBatch y = new(layout, model.Network.OutputSize, outputs), targets = SequenceBatch.Zeros(layout, model.Description.Targets);
        double squares = 0;
        long measured = 0;
        for (int i = 0; i < count; i++)
        {
            series[_validation[i].Series].Targets(_validation[i].Origin, targets.Row(0, i));
            model.AddSquaredErrors(series, _validation[i], y.Row(0, i), ref squares, ref measured);
        }
        LossSum loss = model.Head.Loss.Compute(y, Targets.Of(targets), SequenceBatch.Zeros(layout, y.Features), pass);
        return new Validation(loss.Mean, measured == 0 ? [] : [new("validation_rmse", Math.Sqrt(squares / measured))]);
    }
}
