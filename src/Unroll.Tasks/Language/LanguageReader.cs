using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tasks.Language;

/// <summary>
/// One network that reads a text stretch by stretch, with the state carried on; where it learns on, it is a copy, and learns from a stretch after it
/// was read.
/// </summary>
internal sealed class LanguageReader
{
    private const int ObservedStretches = 500;                         // of the training part, for the size of its gradients
    private readonly LanguageModel _model;
    private readonly Network _network;
    private readonly DynamicEvaluation? _dynamic;
    private readonly State _state;
    private readonly ThreadTeam _threads;
    private readonly Workspace _workspace = new();
    private readonly int _top;
    private SequenceBatch _scores, _hidden;

    /// <param name="model">The model, of one member.</param>
    /// <param name="threads">The threads.</param>
    /// <param name="training">The training part, numbered; null: it does not learn on.</param>
    /// <param name="steps">Symbols of a stretch that it learns from.</param>
    internal LanguageReader(LanguageModel model, ThreadTeam threads, int[]? training = null, int steps = 0)
    {
        (_model, _network, _threads) = (model, model.Network, threads);
        if (training is not null)
        {
            _network = Network.Build(model.Network.Spec, model.Network.Cells);
            using (Edit edit = _network.Parameters.Edit()) model.Network.Parameters.Values.CopyTo(edit.Values);
            _dynamic = new DynamicEvaluation(_network.Parameters);
        }
        _state = _network.NewState(1);
        _top = Enumerable.Range(0, _network.All.Count).Last(layer => _network.All[layer] is IRecurrentLayer);
        if (training is not null) Observe(training, steps);
    }

    /// <summary>Features of a state.</summary>
    internal int Features => _network.All[_top].OutputSize;

    /// <summary>The scores of the next symbol after step t of the stretch.</summary>
    internal ReadOnlySpan<float> Scores(int t) => _scores.Row(t, 0);

    /// <summary>The output of the last recurrent layer at step t of the stretch.</summary>
    internal ReadOnlySpan<float> Hidden(int t) => _hidden.Row(t, 0);

    /// <summary>Begins a text.</summary>
    internal void Begin()
    {
        _network.Layers.SetFirst(_state);
        _dynamic?.Begin();
    }

    /// <summary>Reads up to the symbol before each of <paramref name="count"/> symbols, and learns from these where it learns on.</summary>
    /// <param name="symbols">The text, numbered.</param>
    /// <param name="from">The first of the symbols to be predicted.</param>
    /// <param name="count">How many.</param>
    /// <param name="rate">η of learning on.</param>
    /// <param name="decay">λ of learning on.</param>
    internal void Read(int[] symbols, int from, int count, double rate = 0, double decay = 0)
    {
        Cache cache = Forward(symbols, from, count);
        if (_dynamic is null || rate == 0) return;
        LossSum loss = Backward(cache, symbols, from, count);
        _dynamic.Step(loss.Count, rate, decay);
    }

    private Cache Forward(int[] symbols, int from, int count)
    {
        _workspace.Reset();
        SequenceBatch x = _workspace.Rent(SequenceLayout.Uniform(1, count), 1);
        for (int t = 0; t < count; t++) x.All[t] = from + t == 0 ? _model.Description.Start : symbols[from + t - 1];
        Pass pass = new(_workspace, _threads, new Rng(0), Training: false) { InferenceOnly = _dynamic is null };
        Cache cache = _network.Forward(x, _state, pass);
        (_scores, _hidden) = (cache.Output, _network.Part(cache, _top).Output);
        _network.Last(cache, _state);
        return cache;
    }

    private LossSum Backward(Cache cache, int[] symbols, int from, int count)
    {
        Pass pass = new(_workspace, _threads, new Rng(0), Training: false);
        SequenceBatch dy = _workspace.Rent(cache.Output.Layout, cache.Output.Features);
        LossSum loss = new SoftmaxCrossEntropy().Compute(cache.Output, Targets.Of(symbols[from..(from + count)]), dy, pass);
        _network.Parameters.ClearGradients();
        _network.Backward(dy, cache, pass);
        return loss;
    }

    private void Observe(int[] training, int steps)
    {
        int stretches = Math.Min(ObservedStretches, training.Length / steps);
        if (stretches == 0)
            throw new UserErrorException($"dynamic: the training part has {training.Length} symbols, fewer than the {steps} of a stretch.");
        _network.Layers.SetFirst(_state);
        for (int i = 0; i < stretches; i++) _dynamic!.Observe(Backward(Forward(training, i * steps, steps), training, i * steps, steps).Count);
    }
}
