using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

//  E = Wᵀ          δW = δEᵀ
//  E = W − Wᵀ      δW = δE − δEᵀ

/// <summary>A square matrix that a product uses in another form than the one in which it is stored.</summary>
/// <param name="form">The form.</param>
/// <param name="size">Rows and columns.</param>
internal sealed class FormedMatrix(MatrixForm form, int size)
{
    private readonly PinnedBuffer _values = new(ArraySize.Of(size, size));
    private PinnedBuffer[] _gradients = [new(ArraySize.Of(size, size))];

    /// <summary>E, row-major, as <see cref="Make"/> left it.</summary>
    public ReadOnlySpan<float> Values => _values.Span;

    /// <summary>δE of a shard, row-major.</summary>
    public Span<float> Gradients(int shard) => _gradients[shard].Span;

    /// <summary>Begins with δE = 0.</summary>
    /// <param name="shards">How many have sums of their own.</param>
    public void Begin(int shards)
    {
        while (_gradients.Length < shards) _gradients = [.. _gradients, new(ArraySize.Of(size, size))];
        for (int shard = 0; shard < shards; shard++) Gradients(shard).Clear();
    }

    /// <summary>Makes E of W.</summary>
    public void Make(ReadOnlySpan<float> w)
    {
        Span<float> e = _values.Span;
        for (int row = 0; row < size; row++)
            for (int column = 0; column < size; column++)
            {
                float across = w[column * size + row];
                e[row * size + column] = form == MatrixForm.Transposed ? across : w[row * size + column] - across;
            }
    }

    /// <summary>Adds a shard's δE to its δW.</summary>
    public void AddGradients(int shard, Span<float> dw)
    {
        ReadOnlySpan<float> de = Gradients(shard);
        for (int row = 0; row < size; row++)
            for (int column = 0; column < size; column++)
            {
                float across = de[column * size + row];
                dw[row * size + column] += form == MatrixForm.Transposed ? across : de[row * size + column] - across;
            }
    }
}
