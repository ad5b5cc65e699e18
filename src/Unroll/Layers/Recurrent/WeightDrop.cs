using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Recurrent;

//  m⟨ij⟩ = 0 with probability p, else 1 / (1 − p), drawn once an update        Ũ = m ⊙ U        δU = m ⊙ δŨ

/// <summary>
/// The recurrent matrix U of a layer as one update sees it: some of its weights dropped, the same at every step and in every sequence (DropConnect on
/// the hidden-to-hidden matrix; Merity, Keskar and Socher 2017, arXiv:1708.02182). The products read the copy Ũ.
/// </summary>
/// <param name="matrix">U.</param>
/// <param name="rate">p, in (0, 1).</param>
internal sealed class WeightDrop(Parameter matrix, float rate)
{
    private readonly PinnedBuffer _mask = new(matrix.Length), _values = new(matrix.Length);
    private PinnedBuffer[] _gradients = [new(matrix.Length)];
    private ulong _drawn;
    private long _version = -1;

    /// <summary>Ũ, row-major, as <see cref="Draw"/> left it.</summary>
    public ReadOnlySpan<float> Values => _values.Span[..matrix.Length];

    /// <summary>δŨ of a shard, row-major.</summary>
    public Span<float> Gradients(int shard) => _gradients[shard].Span[..matrix.Length];

    /// <summary>Begins with δŨ = 0.</summary>
    /// <param name="shards">How many have sums of their own.</param>
    public void Begin(int shards)
    {
        while (_gradients.Length < shards) _gradients = [.. _gradients, new(matrix.Length)];
        for (int shard = 0; shard < shards; shard++) Gradients(shard).Clear();
    }

    /// <summary>Whether it drops weights of that matrix.</summary>
    public bool IsOf(Parameter other) => ReferenceEquals(matrix, other);

    /// <summary>Makes m and Ũ, unless they are there.</summary>
    /// <param name="seed">Of the draws; weight k in row-major order takes draw k.</param>
    public void Draw(ulong seed)
    {
        if (_drawn == seed && _version == matrix.Version) return;
        Span<float> mask = _mask.Span[..matrix.Length];
        new Rng(seed).Uniform(0, mask);
        Masks.Drop(mask, matrix.Values, _values.Span[..matrix.Length], rate, 1 / (1 - rate));
        (_drawn, _version) = (seed, matrix.Version);
    }

    /// <summary>δU += m ⊙ δŨ.</summary>
    /// <param name="seed">Of the draws of the forward pass.</param>
    /// <param name="sums">Whose gradients.</param>
    public void AddGradients(ulong seed, in RowSums sums)
    {
        Draw(seed);
        for (int shard = 0; shard < sums.Shards; shard++)
        {
            Elementwise.Multiply(_mask.Span[..matrix.Length], Gradients(shard));
            Elementwise.Add(Gradients(shard), sums.Gradients(matrix, shard));
        }
    }
}
