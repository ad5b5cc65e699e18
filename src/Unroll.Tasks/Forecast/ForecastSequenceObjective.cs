using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Training;

namespace Unroll.Tasks.Forecast;

//  steps t = 0, 1, … of every series side by side; step t is row first + t, and forecasts the rows after it

/// <summary>Forecasting through whole series by truncated backpropagation, with the state carried on; a batch is the number of one update.</summary>
internal sealed class ForecastSequenceObjective : IForecastObjective
{
    private readonly ForecastModel _model;
    private readonly ForecastExamples _examples;
    private readonly TruncatedBptt _bptt;
    private readonly IReadOnlyList<TruncatedUpdate> _updates;

    internal ForecastSequenceObjective(ForecastModel model, IReadOnlyList<ForecastSeries> series)
    {
        ForecastOptions options = model.Description.Options;
        model.Network.RequireCausal("truncated backpropagation with the state carried on (bptt)");
        _model = model;
        _bptt = new TruncatedBptt(model.Network, model.Head.Loss, options.Bptt[0], options.Bptt[1], series.Count);
        _examples = new ForecastExamples(model, series);
        Data = ForecastFit.Hashes(series.Select(s => s.Series), model.Options);
        int first = model.Description.FirstStep;
        int[] lengths = [.. series.Select(s => Math.Max(0, ForecastFit.SplitOf(s.Series, options).Train - options.Horizon - first))];
        Examples = lengths.Sum();

        SequenceLayout layout = SequenceLayout.FromLengths(lengths);
        SequenceBatch x = SequenceBatch.Zeros(layout, model.Description.Features), targets = SequenceBatch.Zeros(layout, model.Description.Targets);
        for (int s = 0; s < series.Count; s++)
            for (int t = 0; t < lengths[s]; t++)
            {
                series[s].Rows(first + t, 1).CopyTo(x.Row(t, s));
                series[s].Targets(first + t + 1, targets.Row(t, s));
            }
        _updates = _bptt.UpdatesOf(x, Targets.Of(targets));
    }

    public int Examples { get; }

    public int Updates => _updates.Count;

    public ParameterStore Parameters => _model.Network.Parameters;

    public string Model => $"{_model.Network.Spec.ToJson()}\n{Notes}";

    public IReadOnlyList<DataPart> Data { get; }

    public string Notes => _model.Description.ToJson();

    public string? GatesOf(Parameter parameter) => _model.GatesOf(parameter);

    public IReadOnlyList<NamedFloats> CarriedState => _bptt.CarriedState;

    // In the order of time: there is nothing to shuffle.
    public IReadOnlyList<int[]> Batches(int epoch, Rng random) => [.. Enumerable.Range(0, Updates).Select(j => (int[])[j])];

    public IReadOnlyList<int> LengthsOf(int[] batch) => _bptt.LengthsOf(_updates[batch[0]]);

    public bool SumsByShard(int[] batch) => _bptt.SumsByShard(_updates[batch[0]]);

    // The number of the update, then those of the series.
    public int[] Part(int[] batch, IReadOnlyList<int> sequences) => [batch[0], .. sequences];

    public LossSum Accumulate(int[] batch, in Pass pass) => _bptt.Accumulate(UpdateOf(batch), pass);

    public string? LocateNonFinite(int[] batch, in Pass pass) => _bptt.LocateNonFinite(UpdateOf(batch), pass);

    private TruncatedUpdate UpdateOf(int[] batch) => batch.Length == 1 ? _updates[batch[0]] : _bptt.Part(_updates[batch[0]], batch[1..]);

    public Validation? Validate(in Pass pass) => Validate(pass, new SingleRank());

    public Validation? Validate(in Pass pass, ICollective ranks) => _examples.Validate(pass, ranks);

    public void Save(string path) => _model.Save(path);
}
