using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Training;

//  before     RMS⟨i⟩ = √(mean of g⟨i⟩² over stretches of the training part)        RMS_norm = RMS ÷ mean RMS
//  a step     θ ← θ − η g ÷ (RMS + ε) + λ RMS_norm ⊙ (θ_g − θ)        λ RMS_norm at most 1;  ε = mean RMS
//  source: Krause, Kahembwe, Murray and Renals 2018, arXiv:1709.07432, equation 6; ε is theirs to choose, and is taken relative to the gradients here

/// <summary>
/// Dynamic evaluation: a trained model learns on from each stretch of a text once it has been predicted, by a step of gradient descent whose elements
/// are scaled by the size that their gradients had in training, and is drawn back to the weights it was trained to.
/// </summary>
public sealed class DynamicEvaluation
{
    private readonly ParameterStore _parameters;
    private readonly float[] _start, _scale, _pull;
    private readonly double[] _squares;
    private int _observed;
    private bool _begun;

    /// <summary>Prepares the weights of a model; those that they have now are θ_g, to which they are drawn back.</summary>
    /// <param name="parameters">The weights; those of a copy of the model, because steps change them.</param>
    public DynamicEvaluation(ParameterStore parameters)
    {
        _parameters = parameters;
        _start = parameters.Values.ToArray();
        (_scale, _pull, _squares) = (new float[_start.Length], new float[_start.Length], new double[_start.Length]);
    }

    /// <summary>Takes the store's gradients, of a stretch of the training part, for their size.</summary>
    /// <param name="count">Losses that they are the sum of, at least 1.</param>
    public void Observe(long count)
    {
        double share = 1.0 / count;
        ReadOnlySpan<float> gradients = _parameters.Gradients;
        for (int i = 0; i < gradients.Length; i++)
        {
            double g = gradients[i] * share;
            _squares[i] += g * g;
        }
        _observed++;
    }

    /// <summary>Puts the weights back to those of the beginning, and makes the scale of what was observed.</summary>
    /// <exception cref="InvalidOperationException">Nothing was observed.</exception>
    public void Begin()
    {
        if (_observed == 0) throw new InvalidOperationException("dynamic evaluation: no gradients of the training part were observed");
        if (!_begun) Scale();
        _begun = true;
        using Edit weights = _parameters.Edit();
        _start.CopyTo(weights.Values);
    }

    /// <summary>Takes a step with the store's gradients.</summary>
    /// <param name="count">Losses that they are the sum of, at least 1.</param>
    /// <param name="rate">η.</param>
    /// <param name="decay">λ, at least 0.</param>
    public void Step(long count, double rate, double decay)
    {
        if (!_begun) throw new InvalidOperationException("dynamic evaluation: it has not begun");
        using Edit weights = _parameters.Edit();
        OptimizerKernels.Dynamic(weights.Values, _parameters.Gradients, _start, _scale, _pull, (float)(rate / count), (float)decay);
    }

    private void Scale()
    {
        double mean = 0;
        foreach (double square in _squares) mean += Math.Sqrt(square / _observed);
        mean = Math.Max(mean / _squares.Length, double.Epsilon);
        for (int i = 0; i < _squares.Length; i++)
        {
            double rms = Math.Sqrt(_squares[i] / _observed);
            (_scale[i], _pull[i]) = ((float)(1 / (rms + mean)), (float)(rms / mean));
        }
    }
}
