using Unroll.Core;
using Unroll.Data;
using Unroll.Formats;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>Forecasting from windows, as the training loop sees it: a batch is the numbers of some training windows.</summary>
internal sealed class ForecastTask : ITrainingTask<int[]>
{
    private readonly ForecastModel _model;
    private readonly IReadOnlyList<ForecastSeries> _series;
    private readonly Window[] _training, _validation;
    private readonly int _batch;
    private long[] _ids = [];

    internal ForecastTask(ForecastModel model, IReadOnlyList<ForecastSeries> series)
    {
        (_model, _series, _batch) = (model, series, model.Description.Options.Batch);
        _training = model.Windows(series, split => split.TrainRows);
        _validation = model.Windows(series, split => split.ValidationRows);
    }

    /// <summary>The windows that are trained on.</summary>
    internal int Windows => _training.Length;

    public ParameterStore Parameters => _model.Network.Parameters;

    public string Model => _model.Network.Spec.ToJson();

    public string Notes => _model.Description.ToJson();

    public string? GatesOf(Parameter parameter) => _model.GatesOf(parameter);

    public IReadOnlyList<int[]> Batches(int epoch, Rng random)
    {
        int[] order = new int[_training.Length];
        random.Permute(order);
        return [.. order.Chunk(_batch)];
    }

    public LossSum Accumulate(int[] batch, in Pass pass)
    {
        if (_ids.Length < batch.Length) _ids = new long[batch.Length];
        for (int s = 0; s < batch.Length; s++) _ids[s] = batch[s];
        Pass own = pass with { SequenceIds = _ids.AsMemory(0, batch.Length) };
        SequenceBatch x = Inputs(_training, batch, own);
        Cache cache = _model.Network.Forward(x, null, own);
        (LossSum loss, SequenceBatch dy) = Loss(cache.Output, _training, batch, own);
        _model.Network.Backward(dy, cache, own);
        return loss;
    }

    //  score = mean loss of the validation windows;  rmse in the unit of the first column
    public Validation? Validate(in Pass pass)
    {
        if (_validation.Length == 0) return null;
        LossSum loss = default;
        double squares = 0;
        int[] all = [.. Enumerable.Range(0, _validation.Length)];
        foreach (int[] batch in all.Chunk(256))
        {
            pass.Workspace.Reset();
            SequenceBatch y = _model.Network.Forward(Inputs(_validation, batch, pass), null, pass).Output;
            loss += Loss(y, _validation, batch, pass).Loss;
            for (int s = 0; s < batch.Length; s++) squares += _model.SquaredError(_series, _validation[batch[s]], y.Row(0, s));
        }
        return new Validation(loss.Mean, [new("validation_rmse", Math.Sqrt(squares / ((long)_validation.Length * _model.Description.Horizon)))]);
    }

    public void Save(string path) => _model.Save(path);

    private SequenceBatch Inputs(Window[] windows, int[] batch, in Pass pass)
    {
        int steps = _model.Description.Window, features = _model.Description.Features;
        SequenceBatch x = pass.Workspace.Rent(_model.Runner.Layout(batch.Length, steps), features);
        for (int s = 0; s < batch.Length; s++)
        {
            Window window = windows[batch[s]];
            ReadOnlySpan<float> rows = _series[window.Series].Rows(window.Start, steps);
            for (int t = 0; t < steps; t++) rows.Slice(t * features, features).CopyTo(x.Row(t, s));
        }
        return x;
    }

    private (LossSum Loss, SequenceBatch DOutputs) Loss(SequenceBatch outputs, Window[] windows, int[] batch, in Pass pass)
    {
        SequenceBatch targets = pass.Workspace.Rent(outputs.Layout, _model.Description.Targets), dy = pass.Workspace.Rent(outputs.Layout, outputs.Features);
        for (int s = 0; s < batch.Length; s++) _series[windows[batch[s]].Series].Targets(windows[batch[s]].Origin, targets.Row(0, s));
        return (_model.Head.Loss.Compute(outputs, Targets.Of(targets), dy, pass), dy);
    }
}
