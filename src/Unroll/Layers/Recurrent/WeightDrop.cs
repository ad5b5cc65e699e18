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
    private readonly PinnedBuffer _mask = new(matrix.Length), _values = new(matrix.Length), _gradients = new(matrix.Length);
    private ulong _drawn;
    private long _version = -1;

    /// <summary>Ũ, row-major, as <see cref="Draw"/> left it.</summary>
    public ReadOnlySpan<float> Values => _values.Span[..matrix.Length];

    /// <summary>δŨ, row-major.</summary>
    public Span<float> Gradients => _gradients.Span[..matrix.Length];

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
    public void AddGradients(ulong seed)
    {
        Draw(seed);
        Elementwise.Multiply(_mask.Span[..matrix.Length], Gradients);
        Elementwise.Add(Gradients, matrix.Gradients);
    }
}
