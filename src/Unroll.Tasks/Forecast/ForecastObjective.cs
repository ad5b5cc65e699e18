using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Training;

namespace Unroll.Tasks.Forecast;

/// <summary>Forecasting from windows, as the training loop sees it: a batch is the numbers of some training windows.</summary>
internal sealed class ForecastObjective : IForecastObjective
{
    private readonly ForecastModel _model;
    private readonly IReadOnlyList<ForecastSeries> _series;
    private readonly ForecastExamples _examples;
    private readonly Window[] _training;
    private readonly int _batch;
    private const int Unknown = 10;
    private long[] _ids = [];
    private float[] _features = [];
    private (SequenceBatch X, Cache Cache, SequenceBatch DOutputs)? _last;

    internal ForecastObjective(ForecastModel model, IReadOnlyList<ForecastSeries> series)
    {
        (_model, _series, _batch) = (model, series, model.Description.Options.Batch);
        (_training, _examples) = (model.Windows(series, split => split.TrainRows), new ForecastExamples(model, series));
        Data = ForecastFit.Hashes(series.Select(s => s.Series), model.Options);
    }

    public int Examples => _training.Length;

    public int Updates => (_training.Length + _batch - 1) / _batch;

    public ParameterStore Parameters => _model.Network.Parameters;

    public string Model => $"{_model.Network.Spec.ToJson()}\n{Notes}";

    public IReadOnlyList<DataPart> Data { get; }

    public string Notes => _model.Description.ToJson();

    public string? GatesOf(Parameter parameter) => _model.GatesOf(parameter);

    public IReadOnlyList<int[]> Batches(int epoch, Rng random)
    {
        int[] order = new int[_training.Length];
        random.Permute(order);
        return [.. order.Chunk(_batch)];
    }

    // Windows are of one length.
    public IReadOnlyList<int> LengthsOf(int[] batch) => Array.ConvertAll(batch, _ => 1);

    public bool SumsByShard(int[] batch) => true;

    public int[] Part(int[] batch, IReadOnlyList<int> sequences) => [.. sequences.Select(s => batch[s])];

    public LossSum Accumulate(int[] batch, in Pass pass)
    {
        if (_ids.Length < batch.Length) _ids = new long[batch.Length];
        for (int s = 0; s < batch.Length; s++) _ids[s] = batch[s];
        Pass own = pass with { SequenceIds = _ids.AsMemory(0, batch.Length) };

        SequenceBatch x = Inputs(batch, own);
        Cache cache = _model.Network.Forward(x, null, own);
        SequenceBatch y = cache.Output, targets = own.Workspace.Rent(y.Layout, _model.Description.Targets),
            dy = own.Workspace.Rent(y.Layout, y.Features);
        for (int s = 0; s < batch.Length; s++) _series[_training[batch[s]].Series].Targets(_training[batch[s]].Origin, targets.Row(0, s));
        LossSum loss = _model.Head.Loss.Compute(y, Targets.Of(targets), dy, own);
        _model.Network.Backward(dy, cache, own);
        _last = (x, cache, dy);
        return loss;
    }

    public string? LocateNonFinite(int[] batch, in Pass pass) => _last is not var (x, cache, dy)
        ? null
        : NonFinitePlace.Forward(_model.Network, x, cache) ?? NonFinitePlace.Backward(_model.Network, dy, null, cache, pass);

    public Validation? Validate(in Pass pass) => Validate(pass, new SingleRank());

    public Validation? Validate(in Pass pass, ICollective ranks) => _examples.Validate(pass, ranks);

    public void Save(string path) => _model.Save(path);

    private SequenceBatch Inputs(int[] batch, in Pass pass)
    {
        int steps = _model.Description.Steps, inputs = _model.Network.InputSize;
        if (_features.Length == 0) _features = new float[steps * _model.Runner.Kept];
        Rng unknown = pass.Random.For("unknown series");
        SequenceBatch x = pass.Workspace.Rent(_model.Runner.Layout(batch.Length, steps), inputs);
        for (int s = 0; s < batch.Length; s++)
        {
            Window window = _training[batch[s]];
            _series[window.Series].WindowRows(window.Start, _features);
            // One in ten windows is taken for one of an unknown series, so that the network can do without.
            int group = unknown.Below(Unknown, (ulong)batch[s]) == 0 ? -1 : _series[window.Series].Group;
            ForecastNetwork.Spread(_features, group, x, s, steps);
        }
        return x;
    }
}
