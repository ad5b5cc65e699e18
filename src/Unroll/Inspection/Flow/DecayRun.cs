using Unroll.Cells;
using Unroll.Layers;

namespace Unroll.Inspection.Flow;

/// <summary>The products of a <see cref="Decay"/>, step by step.</summary>
internal sealed class DecayRun
{
    private const int MostPoints = 24;
    private const double MostProducts = 8e9;                             // multiplications: a fifth of a second
    private readonly RecurrentLayer _layer;
    private readonly RecurrentCache _cache;
    private readonly StateJacobian _whole;
    private readonly StateJacobian? _unsaturated;
    private readonly StepBack _direct;
    private readonly double[] _logDirect;

    public DecayRun(RecurrentLayer layer, RecurrentCache cache)
    {
        (_layer, _cache) = (layer, cache);
        _whole = new StateJacobian(layer, cache, layer.Cell);
        _unsaturated = UnsaturatedCell.Of(layer.Cell) is UnsaturatedCell cell ? new StateJacobian(layer, cache, cell) : null;
        _direct = new StepBack(layer, cache, rows: 1, layer.Cell);
        _logDirect = new double[layer.HiddenSize];
    }

    /// <summary>How many steps of a layer can be gone back without waiting.</summary>
    public static int Affordable(RecurrentLayer layer)
    {
        double state = layer.OutputSize + (layer.Cell.HasCellState ? layer.HiddenSize : 0);
        return (int)Math.Clamp(MostProducts / (state * layer.Weights.HiddenToHidden.Length), 8, int.MaxValue);
    }

    public Decay Run(int from, int to)
    {
        int steps = Math.Abs(to - from), back = _layer.Reverse ? 1 : -1;
        List<DecayPoint> curve = [];
        for (int d = 1; d <= steps; d++)
        {
            int t = to + (d - 1) * back;
            _whole.Back(t);
            _unsaturated?.Back(t);
            Direct(t);
            // Evenly spaced, the whole way among them.
            if (d * MostPoints / steps > (d - 1) * MostPoints / steps)
                curve.Add(new DecayPoint(d, _whole.LogNorm(), _unsaturated?.LogNorm(), _logDirect.Max()));
        }
        return new Decay(_layer.Weights.Place, _layer.Cell.Name, from, to, curve, _whole.LogRadius(), Matrices());
    }

    // The factor of each unit: of c, or of h where there is no c, with nothing by any product. An LSTM's is f alone, without its peepholes.
    private void Direct(int t)
    {
        ICell cell = _layer.Cell;
        ReadOnlySpan<float> factor;
        if (cell is LstmCell) factor = _cache.Saved("f").Row(t);
        else
        {
            _direct.Clear();
            (cell.HasCellState ? _direct.DC : _direct.DH).Row(0).Fill(1);
            for (int stage = cell.Stages - 1; stage >= 0; stage--) _direct.Stage(stage, t);
            factor = (cell.HasCellState ? _direct.DC : _direct.DHPrev).Row(0);
        }
        for (int u = 0; u < _logDirect.Length; u++) _logDirect[u] += Math.Log(Math.Abs(factor[u]));
    }

    private RecurrentMatrix[] Matrices()
    {
        int hidden = _layer.HiddenSize, state = _layer.OutputSize, size = Math.Max(hidden, state);
        return [.. _layer.Cell.Gates.Select((gate, g) =>
        {
            float[] values = new float[size * size];                     // a projected state is narrower: zeros change no norm
            ReadOnlySpan<float> w = _layer.Weights.HiddenToHidden.Values.Slice(g * hidden * state, hidden * state);
            for (int row = 0; row < hidden; row++) w.Slice(row * state, state).CopyTo(values.AsSpan(row * size));
            SquareMatrix matrix = new(values, size);
            return new RecurrentMatrix(gate, matrix.Norm(), hidden == state ? matrix.SpectralRadius() : null);
        })];
    }
}
