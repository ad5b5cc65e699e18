using Unroll.Cells;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Inspection.Flow;

//  J = ∂s⟨to⟩/∂s⟨k⟩,  s = h, or h over c (and what else is carried)      going back a step, every row of J is multiplied by that step's Jacobian

/// <summary>The Jacobian of a layer's state by its own state some steps before, all rows side by side, for as many steps as are asked for.</summary>
internal sealed class StateJacobian
{
    private const float TooSmall = 1e-12f, TooLarge = 1e12f;
    private readonly StepBack _back;
    private readonly int _state, _units, _further;
    private readonly SquareMatrix _matrix;
    private double _log;

    public StateJacobian(RecurrentLayer layer, RecurrentCache cache, ICell cell)
    {
        (_state, _units, _further) = (layer.OutputSize, layer.HiddenSize, layer.Plan.States.Count - 1);
        Size = _state + _further * _units;
        _back = new StepBack(layer, cache, Size, cell);
        _matrix = new SquareMatrix(new float[Size * Size], Size);
        _back.Clear();
        for (int row = 0; row < _state; row++) _back.DH.Row(row)[row] = 1;
        for (int k = 0; k < _further; k++)
            for (int u = 0; u < _units; u++) _back.DState(1 + k).Row(_state + k * _units + u)[u] = 1;
    }

    /// <summary>Rows and columns.</summary>
    public int Size { get; }

    /// <summary>Goes back over step <paramref name="t"/>.</summary>
    public void Back(int t)
    {
        _back.Run(t);
        for (int row = 0; row < Size; row++) _back.DHPrev.Row(row).CopyTo(_back.DH.Row(row));
        float largest = 0;
        for (int row = 0; row < Size; row++)
        {
            foreach (float value in _back.DH.Row(row)) largest = Math.Max(largest, Math.Abs(value));
            if (_further > 0)
                foreach (float value in _back.DC.Row(row)) largest = Math.Max(largest, Math.Abs(value));
        }
        if (largest is 0 or > TooSmall and < TooLarge || !float.IsFinite(largest)) return;
        _log += Math.Log(largest);
        for (int row = 0; row < Size; row++)
        {
            foreach (ref float value in _back.DH.Row(row)) value /= largest;
            if (_further > 0)
                foreach (ref float value in _back.DC.Row(row)) value /= largest;
        }
    }

    /// <summary>The natural logarithm of the largest singular value; −∞ for zero.</summary>
    public double LogNorm() => Math.Log(Matrix().Norm()) + _log;

    /// <summary>The natural logarithm of the spectral radius; −∞ for zero.</summary>
    public double LogRadius() => Math.Log(Matrix().SpectralRadius()) + _log;

    private SquareMatrix Matrix()
    {
        for (int row = 0; row < Size; row++)
        {
            Span<float> to = _matrix.Row(row);
            _back.DH.Row(row)[.._state].CopyTo(to);
            for (int k = 0; k < _further; k++) _back.DState(1 + k).Row(row)[.._units].CopyTo(to[(_state + k * _units)..]);
        }
        return _matrix;
    }
}
