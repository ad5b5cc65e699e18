using Unroll.Core;

namespace Unroll.Inspection.Textbook;

/// <summary>
/// Doubles in rows and columns, row-major, plain loops: <c>A * B</c> and <c>W * x</c> are matrix products, <see cref="Times"/> is A ⊙ B.
/// May be a view into a longer array (one gate's rows of PyTorch's stacked weights): what is written through it is seen there.
/// </summary>
public sealed class Matrix
{
    private readonly double[] _values;
    private readonly int _offset;

    /// <summary>Zeros.</summary>
    /// <param name="rows">At least 0.</param>
    /// <param name="columns">At least 0.</param>
    public Matrix(int rows, int columns) : this(new double[rows * columns], 0, rows, columns) { }

    /// <summary>Part of an array, not copied.</summary>
    /// <param name="values">The array.</param>
    /// <param name="offset">Where element [0, 0] lies in it.</param>
    /// <param name="rows">At least 0.</param>
    /// <param name="columns">At least 0.</param>
    /// <exception cref="ShapeException">The array is too short.</exception>
    public Matrix(double[] values, int offset, int rows, int columns)
    {
        if (values.Length < offset + rows * columns)
            ShapeException.Throw(values.Length, offset + rows * columns, "matrix values", $"it is [{rows}, {columns}] from {offset} on");
        (_values, _offset, Rows, Columns) = (values, offset, rows, columns);
    }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The number of columns.</summary>
    public int Columns { get; }

    /// <summary>One element.</summary>
    public double this[int row, int column]
    {
        get => _values[_offset + row * Columns + column];
        set => _values[_offset + row * Columns + column] = value;
    }

    /// <summary>Wᵀ, a copy.</summary>
    public Matrix T => Build(Columns, Rows, (row, column) => this[column, row]);

    /// <summary>W x.</summary>
    public static Vector operator *(Matrix w, Vector x)
    {
        if (x.Count != w.Columns) ShapeException.Throw(x.Count, w.Columns, "vector", $"the matrix it meets is [{w.Rows}, {w.Columns}]");
        Vector y = Vector.Zeros(w.Rows);
        for (int row = 0; row < w.Rows; row++)
        {
            double sum = 0;
            for (int column = 0; column < w.Columns; column++) sum += w[row, column] * x[column];
            y[row] = sum;
        }
        return y;
    }

    /// <summary>A B.</summary>
    public static Matrix operator *(Matrix a, Matrix b)
    {
        if (b.Rows != a.Columns) ShapeException.Throw(b.Rows, a.Columns, "matrix rows", $"the matrix before it is [{a.Rows}, {a.Columns}]");
        Matrix c = new(a.Rows, b.Columns);
        for (int row = 0; row < a.Rows; row++)
            for (int column = 0; column < b.Columns; column++)
                for (int k = 0; k < a.Columns; k++)
                    c[row, column] += a[row, k] * b[k, column];
        return c;
    }

    /// <summary>A + B; a B of one column is added to every column of A, as NumPy does with a bias (n, 1).</summary>
    public static Matrix operator +(Matrix a, Matrix b) => a.Combine(b, (x, y) => x + y);

    /// <summary>A − B, with one column as for <c>+</c>.</summary>
    public static Matrix operator -(Matrix a, Matrix b) => a.Combine(b, (x, y) => x - y);

    /// <summary>s − A for every element, as in 1 − Γu.</summary>
    public static Matrix operator -(double s, Matrix a) => a.Map(x => s - x);

    /// <summary>A ⊙ B.</summary>
    public Matrix Times(Matrix b) => Combine(b, (x, y) => x * y);

    /// <summary>A new matrix of f(element).</summary>
    public Matrix Map(Func<double, double> f) => Build(Rows, Columns, (row, column) => f(this[row, column]));

    /// <summary>The sum of every row, as a column: db = Σ dz over the batch.</summary>
    public Matrix SumOfColumns()
    {
        Matrix sum = new(Rows, 1);
        for (int row = 0; row < Rows; row++)
            for (int column = 0; column < Columns; column++)
                sum[row, 0] += this[row, column];
        return sum;
    }

    /// <summary>[this; below]: one on top of the other.</summary>
    public Matrix Above(Matrix below) =>
        Build(Rows + below.Rows, Columns, (row, column) => row < Rows ? this[row, column] : below[row - Rows, column]);

    /// <summary>A copy of the columns [start, start + count): W[:, 1:n_h] of the notes.</summary>
    public Matrix ColumnsFrom(int start, int count) => Build(Rows, count, (row, column) => this[row, start + column]);

    /// <summary>A copy of the rows [start, start + count).</summary>
    public Matrix RowsFrom(int start, int count) => Build(count, Columns, (row, column) => this[start + row, column]);

    /// <summary>Adds <paramref name="other"/> to the elements of this matrix.</summary>
    public void Add(Matrix other)
    {
        for (int row = 0; row < Rows; row++)
            for (int column = 0; column < Columns; column++)
                this[row, column] += other[row, column];
    }

    /// <summary>Adds a bᵀ to the elements of this matrix.</summary>
    public void AddOuter(Vector a, Vector b)
    {
        for (int row = 0; row < Rows; row++)
            for (int column = 0; column < Columns; column++)
                this[row, column] += a[row] * b[column];
    }

    private Matrix Combine(Matrix b, Func<double, double, double> f)
    {
        if (b.Rows != Rows) ShapeException.Throw(b.Rows, Rows, "matrix rows", $"the matrix it meets is [{Rows}, {Columns}]");
        if (b.Columns != Columns && b.Columns != 1)
            ShapeException.Throw(b.Columns, Columns, "matrix columns", $"the matrix it meets is [{Rows}, {Columns}]");
        return Build(Rows, Columns, (row, column) => f(this[row, column], b[row, b.Columns == 1 ? 0 : column]));
    }

    private static Matrix Build(int rows, int columns, Func<int, int, double> element)
    {
        Matrix result = new(rows, columns);
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
                result[row, column] = element(row, column);
        return result;
    }
}
