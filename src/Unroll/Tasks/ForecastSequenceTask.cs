using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Training;

namespace Unroll.Tasks;

//  steps t = 0, 1, … of every series side by side; step t is row first + t, and forecasts the rows after it
//  update j    losses of the steps j k1 … (j+1) k1 − 1, gradients through the steps from start(j) = max(0, (j+1) k1 − k2) on
//              begins with the state that update j−1 left for start(j), made by the weights of then
//  so update j runs in two pieces, cut at start(j+1), where it leaves the state for the next; the gradient goes through the cut
//  Williams and Peng 1990, "An efficient gradient-based algorithm for on-line training of recurrent network trajectories"

/// <summary>Forecasting through whole series by truncated backpropagation, with the state carried on; a batch is the number of one update.</summary>
internal sealed class ForecastSequenceTask : IForecastTask
{
    private readonly ForecastModel _model;
    private readonly IReadOnlyList<ForecastSeries> _series;
    private readonly ForecastExamples _examples;
    private readonly int[] _lengths;                        // steps of each series
    private readonly int _k1, _k2;
    private readonly string _data;
    private readonly State _carried, _cut, _dCut;
    private Piece? _first, _second;                         // of the last update

    internal ForecastSequenceTask(ForecastModel model, IReadOnlyList<ForecastSeries> series)
    {
        model.Network.RequireCausal("truncated backpropagation with the state carried on (--bptt)");
        ForecastOptions options = model.Description.Options;
        (_model, _series, _k1, _k2) = (model, series, options.Bptt[0], options.Bptt[1]);
        _examples = new ForecastExamples(model, series);
        _data = ForecastFit.DataSha256(series.Select(s => s.Series));
        _lengths = [.. series.Select(s => ForecastFit.SplitOf(s.Series, options).Train - options.Horizon - First)];
        (_carried, _cut, _dCut) = (model.Network.NewState(series.Count), model.Network.NewState(series.Count), model.Network.NewState(series.Count));
    }

    public int Examples => _lengths.Sum();

    public int Updates => (_lengths.Max() + _k1 - 1) / _k1;

    public ParameterStore Parameters => _model.Network.Parameters;

    // With the data, so that a run is not resumed with some that changed: not even those that validate alone.
    public string Model => $"data sha256 {_data}\n{_model.Network.Spec.ToJson()}\n{Notes}";

    public string Notes => _model.Description.ToJson();

    public string? GatesOf(Parameter parameter) => _model.GatesOf(parameter);

    public IReadOnlyList<NamedFloats> Carried => [.. Floats(_carried)];

    // In the order of time: there is nothing to shuffle.
    public IReadOnlyList<int[]> Batches(int epoch, Rng random) => [.. Enumerable.Range(0, Updates).Select(j => (int[])[j])];

    public LossSum Accumulate(int[] batch, in Pass pass)
    {
        int update = batch[0], from = update * _k1, end = Math.Min(from + _k1, _lengths.Max());
        if (update == 0) _carried.CopyFrom(_model.Network.NewState(_series.Count));
        int start = Start(update), cut = Math.Min(Start(update + 1), end);

        Piece? first = cut > start ? Forward(start, cut, from, start > 0 ? _carried : null, pass) : null, second = null;
        if (first is not null) _model.Network.Last(first.Cache, _cut);
        else _cut.CopyFrom(_carried);
        if (end > cut) second = Forward(cut, end, from, cut > 0 ? _cut : null, pass);

        if (second is not null) _model.Network.Backward(second.DOutputs, null, second.Cache, _dCut, pass);
        if (first is not null) _model.Network.Backward(first.DOutputs, second is null ? null : _dCut, first.Cache, null, pass);
        _carried.CopyFrom(_cut);
        (_first, _second) = (first, second);
        return (first?.Loss ?? default) + (second?.Loss ?? default);
    }

    public string? LocateNonFinite(int[] batch, in Pass pass) => Forward(_first) ?? Forward(_second) ?? Back(_second, null, pass)
        ?? Back(_first, _second is null ? null : _dCut, pass);

    public Validation? Validate(in Pass pass) => _examples.Validate(pass);

    public void Save(string path) => _model.Save(path);

    private int First => _model.Description.FirstStep;

    private int Start(int update) => Math.Max(0, (update + 1) * _k1 - _k2);

    private string? Forward(Piece? piece) => piece is null ? null : NonFinitePlace.Forward(_model.Network, piece.X, piece.Cache);

    private string? Back(Piece? piece, State? dLast, in Pass pass) =>
        piece is null ? null : NonFinitePlace.Backward(_model.Network, piece.DOutputs, dLast, piece.Cache, pass);

    private sealed record Piece(SequenceBatch X, Cache Cache, LossSum Loss, SequenceBatch DOutputs);

    // Steps start … end − 1, with the losses of those from `from` on; without a state from the layers' own first, which may be learnt.
    private Piece Forward(int start, int end, int from, State? state, in Pass pass)
    {
        SequenceLayout layout = SequenceLayout.FromLengths(Array.ConvertAll(_lengths, length => Math.Clamp(length - start, 0, end - start)));
        SequenceBatch x = pass.Workspace.Rent(layout, _model.Description.Features), targets = pass.Workspace.Rent(layout, _model.Description.Targets);
        float[] weights = new float[layout.Rows];
        for (int s = 0; s < _series.Count; s++)
            for (int t = 0; t < layout.Lengths[s]; t++)
            {
                int row = First + start + t;
                _series[s].Rows(row, 1).CopyTo(x.Row(t, s));
                if (start + t < from) continue;
                weights[layout.Row(t, s)] = 1;
                _series[s].Targets(row + 1, targets.Row(t, s));
            }
        Cache cache = _model.Network.Forward(x, state, pass);
        SequenceBatch dy = pass.Workspace.Rent(layout, cache.Output.Features);
        LossSum loss = _model.Head.Loss.Compute(cache.Output, new Targets { Values = targets, RowWeights = weights }, dy, pass);
        return new Piece(x, cache, loss, dy);
    }

    private static IEnumerable<NamedFloats> Floats(State state, string path = "state")
    {
        if (state.HiddenSize > 0) yield return new NamedFloats($"{path}.h", state.HMemory);
        if (state.CellSize > 0) yield return new NamedFloats($"{path}.c", state.CMemory);
        for (int i = 0; i < state.Children.Count; i++)
            foreach (NamedFloats floats in Floats(state.Children[i], $"{path}.{i}")) yield return floats;
    }
}
