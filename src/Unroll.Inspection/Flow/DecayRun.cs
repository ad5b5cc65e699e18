using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Inspection.Flow;

/// <summary>The products of a <see cref="Decay"/>, step by step; the whole and the unsaturated one side by side.</summary>
internal sealed class DecayRun : IWork
{
    private const int MaxPoints = 24;
    private const double MaxProducts = 8e9;                             // multiplications: a fifth of a second
    private readonly RecurrentLayer _layer;
    private readonly RecurrentCache _cache;
    private readonly ThreadTeam _threads;
    private readonly StateJacobian[] _products;
    private readonly List<double>[] _logNorms;
    private readonly StepBack _direct;
    private readonly double[] _logDirect;
    private int _to, _steps, _workers;

    public DecayRun(RecurrentLayer layer, RecurrentCache cache, ThreadTeam threads)
    {
        (_layer, _cache, _threads) = (layer, cache, threads);
        ICell[] cells = UnsaturatedCell.Of(layer.Cell) is UnsaturatedCell cell ? [layer.Cell, cell] : [layer.Cell];
        _products = [.. cells.Select(c => new StateJacobian(layer, cache, c))];
        _logNorms = [.. cells.Select(_ => new List<double>())];
        _direct = new StepBack(layer, cache, rows: 1, layer.Cell, threads);
        _logDirect = new double[layer.HiddenSize * (layer.Cell is DefinedCell ? layer.Plan.States.Count : 1)];
    }

    /// <summary>How many steps of a layer can be gone back without waiting.</summary>
    public static int Affordable(RecurrentLayer layer)
    {
        return (int)Math.Clamp(MaxProducts / (StateSize(layer) * Recurrent(layer)), 8, int.MaxValue);
    }

    private static double StateSize(RecurrentLayer layer) => layer.OutputSize + (layer.Plan.States.Count - 1) * (double)layer.HiddenSize;

    // Weights that a step back multiplies by.
    private static double Recurrent(RecurrentLayer layer) => layer.Cell is not IPlannedCell ? layer.HiddenToHidden.Length
        : Math.Max(1, layer.Plan.Matrices.Zip(layer.Parameters).Where(pair => pair.First.Of.Kind != SourceKind.Input)
            .Sum(pair => (double)pair.Second.Length));

    public Decay Run(int from, int to)
    {
        (_to, _steps) = (to, Math.Abs(to - from));
        _workers = _threads.WorkersFor((long)(_steps * StateSize(_layer) * Recurrent(_layer)));
        _threads.Run(this, _workers);
        List<DecayPoint> curve = [];
        for (int d = 1; d <= _steps; d++)
        {
            Direct(StepAt(d));
            if (!IsPoint(d)) continue;
            int point = curve.Count;
            curve.Add(new DecayPoint(d, _logNorms[0][point], _products.Length > 1 ? _logNorms[1][point] : null, _logDirect.Max()));
        }
        return new Decay(_layer.Place, _layer.Cell.Name, from, to, curve, _products[0].LogRadius(), Matrices());
    }

    public void Run(int worker)
    {
        for (int product = worker; product < _products.Length; product += _workers)
            for (int d = 1; d <= _steps; d++)
            {
                _products[product].Back(StepAt(d));
                if (IsPoint(d)) _logNorms[product].Add(_products[product].LogNorm());
            }
    }

    private int StepAt(int d) => _to + (d - 1) * (_layer.Reverse ? 1 : -1);

    // Evenly spaced, the whole way among them.
    private bool IsPoint(int d) => (long)d * MaxPoints / _steps > (long)(d - 1) * MaxPoints / _steps;

    // The factor of each unit: of c, or of h where there is no c, with nothing by any product. Of a c whose keeper is known it is that alone,
    // without peepholes.
    private void Direct(int t)
    {
        ICell cell = _layer.Cell;
        if (cell is DefinedCell)
        {
            for (int state = 0; state < _layer.Plan.States.Count; state++) Direct(t, state);
            return;
        }
        ReadOnlySpan<float> factor;
        if (cell.HasCellState && cell.Description.Keeper is { Role: GateRole.Keeps } keeper) factor = _cache.Saved(keeper.Name).Row(t);
        else
        {
            _direct.Clear();
            (cell.HasCellState ? _direct.DC : _direct.DH).Row(0).Fill(1);
            for (int stage = cell.Stages - 1; stage >= 0; stage--) _direct.Stage(stage, t);
            factor = (cell.HasCellState ? _direct.DC : _direct.DHPrev).Row(0);
        }
        for (int u = 0; u < _logDirect.Length; u++) _logDirect[u] += Math.Log(Math.Abs(factor[u]));
    }

    // Of a defined cell every state has a way of its own.
    private void Direct(int t, int state)
    {
        int units = _layer.HiddenSize;
        _direct.Clear();
        Span<float> one = _direct.DState(state).Row(0)[..(state == 0 ? _layer.OutputSize : units)];
        one.Fill(1);
        for (int stage = _layer.Cell.Stages - 1; stage >= 0; stage--) _direct.Stage(stage, t);
        ReadOnlySpan<float> factor = state == 0 ? _direct.DHPrev.Row(0) : one;
        for (int u = 0; u < Math.Min(units, factor.Length); u++) _logDirect[state * units + u] += Math.Log(Math.Abs(factor[u]));
    }

    private RecurrentMatrix[] Matrices()
    {
        if (_layer.Cell is DefinedCell cell) return Matrices(cell);
        int hidden = _layer.HiddenSize, state = _layer.OutputSize, size = Math.Max(hidden, state);
        return [.. _layer.Cell.Gates.Select((gate, g) =>
        {
            float[] values = new float[size * size];                     // a projected state is narrower: zeros change no norm
            ReadOnlySpan<float> w = _layer.HiddenToHidden.Values.Slice(g * hidden * state, hidden * state);
            for (int row = 0; row < hidden; row++) w.Slice(row * state, state).CopyTo(values.AsSpan(row * size));
            SquareMatrix matrix = new(values, size);
            return new RecurrentMatrix($"{gate}", matrix.Norm(), hidden == state ? matrix.SpectralRadius() : null);
        })];
    }

    // Those that multiply a state of the step before, as they are used.
    private RecurrentMatrix[] Matrices(DefinedCell cell)
    {
        List<RecurrentMatrix> found = [];
        int hidden = _layer.HiddenSize;
        foreach (MatrixGradient one in cell.Derivation.Matrices)
        {
            if (one.Terms.FirstOrDefault(term => term.Source is PreviousExpression) is not { } use) continue;
            ParameterPlace place = cell.Layout[one.Name];
            Parameter stored = _layer.Parameters[place.Parameter];
            int rows = stored.Shape[0] / cell.Layout.Stored[place.Parameter].Blocks.Count, columns = stored.Shape[1], size = Math.Max(rows, columns);
            ReadOnlySpan<float> block = stored.Values.Slice(place.Block * rows * columns, rows * columns);
            float[] values = new float[size * size];
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++)
                {
                    float value = block[row * columns + column];
                    if (use.Form == MatrixForm.Transposed) values[column * size + row] = value;
                    else values[row * size + column] += value;
                    if (use.Form == MatrixForm.Antisymmetric) values[column * size + row] -= value;
                }
            SquareMatrix matrix = new(values, size);
            found.Add(new RecurrentMatrix(one.Name, matrix.Norm(), rows == columns ? matrix.SpectralRadius() : null));
        }
        return [.. found];
    }
}
