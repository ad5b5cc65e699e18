using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Training;

//  ema    a⟨t⟩ = a⟨t-1⟩ + (1 − d⟨t⟩) (w⟨t⟩ − a⟨t-1⟩),  d⟨t⟩ = min(d, (1 + t) / (10 + t)),  a⟨0⟩ = w⟨0⟩
//  asgd   a⟨t⟩ = a⟨t-1⟩ + (w⟨t⟩ − a⟨t-1⟩) / (t + 1), t from the trigger on
//  last   a = Σ w(end of epoch e) / k over the last k epochs, or as many as there are

/// <summary>The average of a run's weights, and the exchange of weights and average for as long as the average is measured.</summary>
internal sealed class WeightAverage(Averaging options, int length)
{
    private readonly float[] _mean = new float[length], _live = new float[length];
    private readonly float[][] _ends = options.Kind != AveragingKind.Last ? [] :
    [.. Enumerable.Range(0, options.Epochs).Select(_ => new float[length])];

    /// <summary>What a checkpoint keeps.</summary>
    public IReadOnlyList<NamedFloats> Floats =>
        [new("mean", _mean), .. _ends.Select((end, i) => new NamedFloats($"end.{i}", end))];

    /// <summary>Takes the weights after a step.</summary>
    public AveragingState AfterStep(AveragingState state, ReadOnlySpan<float> weights)
    {
        if (options.Kind == AveragingKind.Last) return state;
        if (options.Kind == AveragingKind.Asgd && state.Count == 0 && state.Stall.Waited < options.Wait) return state;
        double t = state.Count, share = options.Kind == AveragingKind.Asgd ? 1 / (t + 1) : 1 - Math.Min(options.Decay, (1 + t) / (10 + t));
        if (state.Count == 0) weights.CopyTo(_mean);
        else Elementwise.Approach(weights, (float)share, _mean);
        return state with { Count = state.Count + 1 };
    }

    /// <summary>Takes the weights at the end of an epoch, before they are validated.</summary>
    public AveragingState AfterEpoch(AveragingState state, ReadOnlySpan<float> weights)
    {
        if (options.Kind != AveragingKind.Last) return state;
        weights.CopyTo(_ends[state.Count % _ends.Length]);
        int there = (int)Math.Min(state.Count + 1, _ends.Length);
        _mean.AsSpan().Clear();
        for (int i = 0; i < there; i++) Elementwise.Add(_ends[i], _mean);
        Elementwise.Scale(_mean, 1f / there);
        return state with { Count = state.Count + 1 };
    }

    /// <summary>Takes an epoch's score.</summary>
    public AveragingState AfterScore(AveragingState state, double score) =>
        options.Kind != AveragingKind.Asgd || state.Count > 0 ? state
            : state with { Stall = new EarlyStopping { Patience = options.Wait }.Next(state.Stall, score) };

    /// <summary>Puts the average in the place of the weights, if there is one; <see cref="PutBack"/> undoes it.</summary>
    public void Show(AveragingState state, ParameterStore parameters)
    {
        if (state.Count == 0) return;
        parameters.Values.CopyTo(_live);
        using Edit edit = parameters.Edit();
        _mean.CopyTo(edit.Values);
    }

    /// <summary>Puts the weights back that <see cref="Show"/> replaced.</summary>
    public void PutBack(AveragingState state, ParameterStore parameters)
    {
        if (state.Count == 0) return;
        using Edit edit = parameters.Edit();
        _live.CopyTo(edit.Values);
    }
}
