namespace Unroll.Tasks.Data.Baselines;

/// <summary>
/// Linear least squares in double by Householder's QR, fed row by row: only the triangle of the rows so far is kept, so that the memory does not
/// grow with the data. Golub and Van Loan, "Matrix Computations", sections 5.2 and 5.3.
/// </summary>
/// <param name="coefficients">How many unknowns; at least 1.</param>
internal sealed class LeastSquares(int coefficients)
{
    private const int Block = 128;
    private readonly int _width = coefficients + 1;                              // a row is x, then y
    private readonly double[] _rows = new double[(coefficients + 1 + Block) * (coefficients + 1)];     // the triangle on top, new rows below
    private readonly double[] _dots = new double[coefficients + 1];
    private int _pending;

    /// <summary>Adds one equation: Σ x_j β_j ≈ y.</summary>
    internal void Add(ReadOnlySpan<double> x, double y)
    {
        Span<double> row = _rows.AsSpan((_width + _pending) * _width, _width);
        x.CopyTo(row);
        row[^1] = y;
        if (++_pending == Block) Fold();
    }

    //  A tiny equation ε ‖column j‖ β_j ≈ 0 for each j makes columns that depend on each other harmless: it moves a well-posed solution by about
    //  ε² = 1e-16 times the square of the condition, and gives an ill-posed one the coefficients of least size.
    /// <summary>The coefficients that minimize the sum of squared errors of all equations added.</summary>
    internal double[] Solve()
    {
        Fold();
        double[] kept = [.. _rows];
        for (int j = 0; j < coefficients; j++)
        {
            double norm = 0;
            for (int i = 0; i <= j; i++) norm += kept[i * _width + j] * kept[i * _width + j];
            Span<double> row = _rows.AsSpan((_width + _pending) * _width, _width);
            row.Clear();
            row[j] = 1e-8 * Math.Sqrt(norm);
            if (++_pending == Block) Fold();
        }
        Fold();
        double[] solution = Back();
        kept.CopyTo(_rows, 0);                                                   // Solve may be called again after more rows
        return solution;
    }

    //  Qᵀy = (c₀ … c_n, r):   Σ e² of the first k + 1 unknowns alone = r² + Σ_{j > k} c_j²
    /// <summary>[coefficients]: the sum of squared errors that the first unknown leaves, the first two, and so on.</summary>
    internal double[] Residuals()
    {
        Fold();
        double[] left = new double[coefficients];
        double sum = Math.Pow(_rows[coefficients * _width + coefficients], 2);
        for (int j = coefficients - 1; j >= 0; j--)
        {
            left[j] = sum;
            sum += Math.Pow(_rows[j * _width + coefficients], 2);
        }
        return left;
    }

    //  R β = Qᵀy by substitution from below; a column of zeros gets the coefficient 0
    private double[] Back()
    {
        double[] beta = new double[coefficients];
        for (int i = coefficients - 1; i >= 0; i--)
        {
            double sum = _rows[i * _width + coefficients];
            for (int j = i + 1; j < coefficients; j++) sum -= _rows[i * _width + j] * beta[j];
            double pivot = _rows[i * _width + i];
            beta[i] = pivot == 0 ? 0 : sum / pivot;
        }
        return beta;
    }

    //  For each column j: reflect so that row j takes the length of (row j; new rows) and the new rows become 0.
    //  v = (r_jj − α; x), α = −sign(r_jj) √(r_jj² + ‖x‖²);   each later column c: c −= v (vᵀc) · 2 / (vᵀv)
    //  Both sums run down the rows with all later columns side by side, as they lie in memory.
    private void Fold()
    {
        Span<double> added = _rows.AsSpan(_width * _width, _pending * _width);
        for (int j = 0; j < _width; j++)
        {
            Span<double> row = _rows.AsSpan(j * _width, _width), dots = _dots.AsSpan(0, _width);
            double below = 0, top = row[j];
            for (int i = j; i < added.Length; i += _width) below += added[i] * added[i];
            if (below == 0) continue;
            double alpha = top > 0 ? -Math.Sqrt(top * top + below) : Math.Sqrt(top * top + below), v = top - alpha, scale = 2 / (v * v + below);

            for (int c = j + 1; c < _width; c++) dots[c] = v * row[c];
            for (int i = 0; i < added.Length; i += _width) AddMultiple(added[i + j], added.Slice(i, _width), dots, j + 1);
            for (int c = j + 1; c < _width; c++) dots[c] *= -scale;
            AddMultiple(v, dots, row, j + 1);
            for (int i = 0; i < added.Length; i += _width) AddMultiple(added[i + j], dots, added.Slice(i, _width), j + 1);
            row[j] = alpha;
        }
        added.Clear();
        _pending = 0;
    }

    private static void AddMultiple(double factor, ReadOnlySpan<double> x, Span<double> sum, int from)
    {
        for (int c = from; c < sum.Length; c++) sum[c] += factor * x[c];
    }
}
