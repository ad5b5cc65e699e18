namespace Unroll.Numerics;

//  A ← A A      each element one chain of fused multiply-adds, terms ascending

/// <summary>Squares matrices of one size, at the speed of the layers' products: what finds the growth of a matrix's powers.</summary>
public sealed class SquareProduct
{
    private readonly int _n;
    private readonly Panels _panels;
    private readonly PinnedBuffer _square;

    /// <summary>Takes memory.</summary>
    /// <param name="n">Rows and columns, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public SquareProduct(int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        (_n, _panels) = (n, new Panels(1, n, n));
        _square = new PinnedBuffer(n * _panels.Sixteens * 16);
    }

    /// <summary>Replaces a matrix by its square.</summary>
    /// <param name="matrix">[n, n], row-major; overwritten.</param>
    /// <exception cref="ArgumentException">It has another size.</exception>
    public void Square(Span<float> matrix)
    {
        if (matrix.Length != _n * _n)
            throw new ArgumentException($"A matrix of [{_n}, {_n}] has {_n * _n} numbers, not {matrix.Length}.", nameof(matrix));
        int padded = _panels.Sixteens * 16;
        _panels.PackTransposed(matrix, 0, 1, _n, _n, 0, _panels.Sixteens);
        MatrixView square = _square.MatrixView(0, _n, padded, padded);
        _panels.Product(matrix, _n, ChainStart.Zero, square, 0, 0, _panels.Sixteens);
        MatrixViews.Narrow(square, matrix, _n);
    }
}
