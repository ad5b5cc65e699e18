using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.LinearChain;

//  ψₜ(j) = e^(zₜ(j) − max zₜ)      A(i, j) = e^transitions(i, j)
//  α₁(j) = e^start(j) ψ₁(j)        αₜ(j) = ψₜ(j) Σᵢ αₜ₋₁(i) A(i, j)
//  β_T(j) = e^end(j)               βₜ(i) = Σⱼ A(i, j) ψₜ₊₁(j) βₜ₊₁(j)
//  Z = Σⱼ α_T(j) e^end(j)          p(yₜ = j) = αₜ(j) βₜ(j) / Z          p(yₜ₋₁ = i, yₜ = j) = αₜ₋₁(i) A(i, j) ψₜ(j) βₜ(j) / Z

/// <summary>All paths of one sequence: steps × classes, in numbers that cannot underflow.</summary>
internal sealed class CrfLattice
{
    private WideNumber[] _transitions = [], _start = [], _end = [], _psi = [], _alpha = [], _beta = [], _next = [], _pairs = [];
    private WideNumber _all;
    private int _classes, _steps;
    private bool _isNaN;

    /// <summary>Takes the layer's weights as they are now.</summary>
    public void Refresh(Crf layer)
    {
        (_classes, _isNaN) = (layer.InputSize, false);
        _transitions = Exponentials(layer.Transitions.Values, _transitions);
        _start = Exponentials(layer.Start.Values, _start);
        _end = Exponentials(layer.End.Values, _end);
    }

    /// <summary>ln Z of a sequence, the scores' own maxima included; 0 for no steps. NaN where a number is.</summary>
    public double Forward(in SequenceBatch scores, int sequence)
    {
        _steps = scores.Layout.Lengths[sequence];
        _all = WideNumber.One;
        if (_steps == 0) return 0;
        Reserve();
        double maxima = 0;
        for (int t = 0; t < _steps; t++)
        {
            ReadOnlySpan<float> z = scores.Row(t, sequence);
            float max = Max(z);
            if (!float.IsFinite(max)) return double.NaN;
            maxima += max;
            Span<WideNumber> psi = _psi.AsSpan(t * _classes, _classes);
            for (int j = 0; j < _classes; j++) psi[j] = WideNumber.Exp((double)z[j] - max);
            if (t == 0)
                for (int j = 0; j < _classes; j++) _alpha[j] = _start[j] * psi[j];
            else Alpha(t, psi);
        }
        _all = default;
        for (int j = 0; j < _classes; j++) _all += _alpha[(_steps - 1) * _classes + j] * _end[j];
        return _isNaN ? double.NaN : _all.Ln() + maxima;
    }

    /// <summary>p(yₜ = j) of the sequence of <see cref="Forward"/>, [steps, classes], overwritten.</summary>
    public void Marginals(Span<float> probabilities)
    {
        for (int t = _steps - 1; t >= 0; t--)
        {
            Beta(t);
            Span<float> own = probabilities.Slice(t * _classes, _classes);
            for (int j = 0; j < _classes; j++) own[j] = Share(t, j);
        }
    }

    //  ∂(−score + ln Z)/∂zₜ(j) = p(yₜ = j) − [yₜ = j], and so for each pair, the first and the last
    /// <summary>The gradient of the loss of the sequence of <see cref="Forward"/>.</summary>
    /// <param name="dScores">Its rows are overwritten.</param>
    /// <param name="sequence">In the caller's order.</param>
    /// <param name="labels">[steps].</param>
    /// <param name="gradients">[classes · classes + 2 · classes]: of transitions, start and end; overwritten.</param>
    public void Backward(in SequenceBatch dScores, int sequence, ReadOnlySpan<int> labels, Span<double> gradients)
    {
        int k = _classes, pairs = k * k;
        gradients.Clear();
        Array.Clear(_pairs, 0, pairs);
        for (int t = _steps - 1; t >= 0; t--)
        {
            Beta(t);
            Span<float> dz = dScores.Row(t, sequence);
            for (int j = 0; j < k; j++) dz[j] = Share(t, j);
            if (t == 0)
                for (int j = 0; j < k; j++) gradients[pairs + j] = dz[j];
            if (t == _steps - 1)
                for (int j = 0; j < k; j++) gradients[pairs + k + j] = dz[j];
            dz[labels[t]] -= 1;
            if (t > 0) Pairs(t);
        }
        for (int i = 0; i < pairs; i++) gradients[i] = WideNumber.Share(_pairs[i], _transitions[i], _all);
        for (int t = 1; t < _steps; t++) gradients[labels[t - 1] * k + labels[t]]--;
        gradients[pairs + labels[0]]--;
        gradients[pairs + k + labels[^1]]--;
    }

    private float Share(int t, int j) => (float)WideNumber.Share(_alpha[t * _classes + j], _beta[j], _all);

    private void Alpha(int t, ReadOnlySpan<WideNumber> psi)
    {
        ReadOnlySpan<WideNumber> before = _alpha.AsSpan((t - 1) * _classes, _classes);
        Span<WideNumber> now = _alpha.AsSpan(t * _classes, _classes);
        now.Clear();
        for (int i = 0; i < _classes; i++)
        {
            ReadOnlySpan<WideNumber> row = _transitions.AsSpan(i * _classes, _classes);
            for (int j = 0; j < row.Length; j++) now[j] += before[i] * row[j];
        }
        for (int j = 0; j < _classes; j++) now[j] *= psi[j];
    }

    // β of step t from that of step t + 1, which it leaves in _next, times ψ of that step.
    private void Beta(int t)
    {
        if (t == _steps - 1)
        {
            _end.AsSpan(0, _classes).CopyTo(_beta);
            return;
        }
        (_beta, _next) = (_next, _beta);
        for (int j = 0; j < _classes; j++) _next[j] *= _psi[(t + 1) * _classes + j];
        for (int i = 0; i < _classes; i++)
        {
            ReadOnlySpan<WideNumber> row = _transitions.AsSpan(i * _classes, _classes);
            WideNumber sum = default;
            for (int j = 0; j < row.Length; j++) sum += row[j] * _next[j];
            _beta[i] = sum;
        }
    }

    // Adds αₜ₋₁(i) ψₜ(j) βₜ(j); A(i, j) / Z is the same for all steps.
    private void Pairs(int t)
    {
        ReadOnlySpan<WideNumber> before = _alpha.AsSpan((t - 1) * _classes, _classes);
        Span<WideNumber> now = _next.AsSpan(0, _classes);
        for (int j = 0; j < now.Length; j++) now[j] = _psi[t * _classes + j] * _beta[j];
        for (int i = 0; i < _classes; i++)
        {
            Span<WideNumber> row = _pairs.AsSpan(i * _classes, _classes);
            for (int j = 0; j < row.Length; j++) row[j] += before[i] * now[j];
        }
    }

    private WideNumber[] Exponentials(ReadOnlySpan<float> scores, WideNumber[] into)
    {
        if (into.Length < scores.Length) into = new WideNumber[scores.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]) || scores[i] == float.PositiveInfinity) _isNaN = true;
            else into[i] = WideNumber.Exp(scores[i]);
        }
        return into;
    }

    private void Reserve()
    {
        int cells = ArraySize.Of(_steps, _classes);
        if (_psi.Length < cells) (_psi, _alpha) = (new WideNumber[cells], new WideNumber[cells]);
        if (_beta.Length < _classes) (_beta, _next) = (new WideNumber[_classes], new WideNumber[_classes]);
        if (_pairs.Length < _classes * _classes) _pairs = new WideNumber[_classes * _classes];
    }

    // NaN where one is.
    private static float Max(ReadOnlySpan<float> z)
    {
        float max = float.NegativeInfinity;
        foreach (float one in z)
        {
            if (float.IsNaN(one)) return float.NaN;
            max = Math.Max(max, one);
        }
        return max;
    }
}
