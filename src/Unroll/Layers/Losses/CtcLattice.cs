using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

//  states   0  1  2  3  4 … 2L        blank l₁ blank l₂ blank … l_L blank
//  y_t(s)   the probability that step t gives to the label of state s
//  α₀(0) = y₀(0)   α₀(1) = y₀(1)      αₜ(s) = yₜ(s) (αₜ₋₁(s) + αₜ₋₁(s − 1) + αₜ₋₁(s − 2)):  the last only over a blank between unequal labels
//  β_T−1(2L) = β_T−1(2L − 1) = 1      βₜ(s) = Σ over the s′ that s leads to of yₜ₊₁(s′) βₜ₊₁(s′)
//  p = α_T−1(2L) + α_T−1(2L − 1)      γₜ(s) = αₜ(s) βₜ(s) / p,  the share of the paths that are in s at t

/// <summary>All alignments of one sequence's labels to its steps: states × steps, in numbers that cannot underflow.</summary>
internal sealed class CtcLattice
{
    private WideNumber[] _emissions = [], _alpha = [], _beta = [], _next = [];
    private int _steps, _states, _labels;

    /// <summary>
    /// p(labels): for no steps it is 1 if there are no labels, else 0. NaN where a logit is.
    /// </summary>
    /// <param name="logits">Scores before the softmax.</param>
    /// <param name="sequence">In the caller's order.</param>
    /// <param name="labels">1 … classes − 1.</param>
    /// <param name="probabilities">
    /// The shape of the logits: the rows of the sequence receive their softmax. Or one row, written again and again.
    /// </param>
    /// <param name="isNaN">Whether a logit is NaN; the number is then without meaning.</param>
    public WideNumber Forward(in SequenceBatch logits, int sequence, ReadOnlySpan<int> labels, Span<float> probabilities, out bool isNaN)
    {
        (_steps, _labels, _states, isNaN) = (logits.Layout.Lengths[sequence], labels.Length, 2 * labels.Length + 1, false);
        if (_steps == 0) return _labels == 0 ? WideNumber.One : default;
        Reserve();
        int classes = logits.Features;
        bool oneRow = probabilities.Length == classes;
        for (int t = 0; t < _steps; t++)
        {
            int row = logits.Layout.Row(t, sequence);
            Span<float> p = oneRow ? probabilities : probabilities.Slice(row * classes, classes);
            isNaN |= !Emit(logits.All.Slice(row * classes, classes), labels, p, _emissions.AsSpan(t * (_labels + 1), _labels + 1));
        }
        if (isNaN) return default;
        for (int t = 0; t < _steps; t++) Alpha(t, labels);
        ReadOnlySpan<WideNumber> last = _alpha.AsSpan((_steps - 1) * _states, _states);
        return _labels == 0 ? last[0] : last[^1] + last[^2];
    }

    //  ∂(−ln p)/∂z_t,k = softmax(z_t)_k − Σ over the states s of label k of γₜ(s)
    /// <summary>Takes the shares of the paths from the probabilities that <see cref="Forward"/> wrote.</summary>
    public void Backward(in SequenceBatch dLogits, int sequence, ReadOnlySpan<int> labels, WideNumber p)
    {
        int classes = dLogits.Features;
        for (int t = _steps - 1; t >= 0; t--)
        {
            Beta(t, labels);
            Span<float> dz = dLogits.All.Slice(dLogits.Layout.Row(t, sequence) * classes, classes);
            ReadOnlySpan<WideNumber> alpha = _alpha.AsSpan(t * _states, _states);
            double blank = 0;
            for (int s = 0; s < _states; s += 2) blank += WideNumber.Share(alpha[s], _beta[s], p);
            dz[CtcLoss.Blank] -= (float)blank;
            for (int s = 1; s < _states; s += 2) dz[labels[s / 2]] -= (float)WideNumber.Share(alpha[s], _beta[s], p);
        }
    }

    private void Reserve()
    {
        int emissions = ArraySize.Of(_steps, _labels + 1), states = ArraySize.Of(_steps, _states);
        if (_emissions.Length < emissions) _emissions = new WideNumber[emissions];
        if (_alpha.Length < states) _alpha = new WideNumber[states];
        if (_beta.Length < _states) (_beta, _next) = (new WideNumber[_states], new WideNumber[_states]);
    }

    //  yₖ = e^(zₖ − max z) / Σ e^(z − max z), the exponent in double, so that what a float cannot hold is kept
    private static bool Emit(ReadOnlySpan<float> z, ReadOnlySpan<int> labels, Span<float> p, Span<WideNumber> y)
    {
        double sum = Softmax.Exponentials(z, p, out float max);
        if (double.IsNaN(sum)) return false;
        Elementwise.Scale(p, (float)(1 / sum));
        WideNumber perSum = WideNumber.Of(1 / sum);
        y[0] = Exponential(z[CtcLoss.Blank], max) * perSum;
        for (int i = 0; i < labels.Length; i++) y[i + 1] = Exponential(z[labels[i]], max) * perSum;
        return true;
    }

    private static WideNumber Exponential(float z, float max) => z == max ? WideNumber.One : WideNumber.Exp((double)z - max);

    private WideNumber Emission(int t, int s) => _emissions[t * (_labels + 1) + (s % 2 == 0 ? 0 : s / 2 + 1)];

    // Whether a path may go from state s − 2 to s.
    private static bool Skips(int s, ReadOnlySpan<int> labels) => s % 2 == 1 && s >= 3 && labels[s / 2] != labels[s / 2 - 1];

    // Only states that can be reached from the beginning and from which the end can be reached.
    private (int From, int To) Band(int t) => (Math.Max(0, _states - 2 * (_steps - t)), Math.Min(_states, 2 * (t + 1)));

    private void Alpha(int t, ReadOnlySpan<int> labels)
    {
        Span<WideNumber> now = _alpha.AsSpan(t * _states, _states);
        now.Clear();
        (int from, int to) = Band(t);
        if (t == 0)
        {
            for (int s = from; s < to; s++) now[s] = Emission(0, s);
            return;
        }
        ReadOnlySpan<WideNumber> before = _alpha.AsSpan((t - 1) * _states, _states);
        for (int s = from; s < to; s++)
        {
            WideNumber sum = before[s];
            if (s > 0) sum += before[s - 1];
            if (Skips(s, labels)) sum += before[s - 2];
            now[s] = sum * Emission(t, s);
        }
    }

    private void Beta(int t, ReadOnlySpan<int> labels)
    {
        (_beta, _next) = (_next, _beta);
        Span<WideNumber> now = _beta.AsSpan(0, _states), after = _next.AsSpan(0, _states);
        now.Clear();
        if (t == _steps - 1)
        {
            now[^1] = WideNumber.One;
            if (_states > 1) now[^2] = WideNumber.One;
            return;
        }
        (int from, int to) = Band(t + 1);
        for (int s = from; s < to; s++) after[s] *= Emission(t + 1, s);
        (from, to) = Band(t);
        for (int s = from; s < to; s++)
        {
            WideNumber sum = after[s];
            if (s + 1 < _states) sum += after[s + 1];
            if (s + 2 < _states && Skips(s + 2, labels)) sum += after[s + 2];
            now[s] = sum;
        }
    }
}
