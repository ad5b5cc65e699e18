using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

//  u⟨t⟩ = [x⟨t−c⟩; …; x⟨t−c+n−1⟩],  c = ⌊n ÷ 2⌋, zeros outside the sequence        z⟨t⟩ = W u⟨t⟩ + b        y⟨t⟩ = max(0, z⟨t⟩)

/// <summary>
/// Filters over n neighboring steps, the same at every step, and a rectifier: what a motif is to a sequence of nucleotides (DanQ, Quang and Xie 2016,
/// doi:10.1093/nar/gkw226, puts it below an LSTM). As many steps come out as go in. Parameters <c>weight</c> [filters, n · inputs], step after step,
/// and <c>bias</c> [filters].
/// </summary>
/// <remarks>It looks ahead by n − 1 − ⌊n ÷ 2⌋ steps and needs whole sequences.</remarks>
public sealed class Convolution : ILayer
{
    private readonly Dense _filters;

    /// <summary>Makes the layer and adds its parameters, all zero, to the store.</summary>
    /// <param name="name">For messages, and the prefix of its parameters' names.</param>
    /// <param name="store">Receives the parameters.</param>
    /// <param name="inputs">Features of the input, at least 1.</param>
    /// <param name="filters">Features of the output, at least 1.</param>
    /// <param name="width">n, at least 1.</param>
    /// <exception cref="UserErrorException">A size is below 1, or they are too large for an array.</exception>
    public Convolution(string name, ParameterStore store, int inputs, int filters, int width)
    {
        if (width < 1 || (long)width * inputs > int.MaxValue)
            throw new UserErrorException($"layer '{name}' width: expected at least 1, and no more than an array holds, got {width}.");
        (Name, InputSize, Width) = (name, inputs, width);
        _filters = new Dense(name, store, width * inputs, filters);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize => _filters.OutputSize;

    /// <summary>n: the steps that a filter sees.</summary>
    public int Width { get; }

    private int Before => Width / 2;

    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        if (x.Features != InputSize)
            ShapeException.Throw(x.Features, InputSize, $"layer '{Name}' input features", $"filters have {Width} · {InputSize} weights");
        ConvolutionCache cache = pass.Workspace.Cache<ConvolutionCache>();
        cache.Layer = this;
        SequenceBatch seen = pass.Workspace.Rent(x.Layout, Width * InputSize);
        for (int s = 0; s < x.Layout.Sequences; s++)
            for (int t = 0; t < x.Layout.Lengths[s]; t++)
            {
                Span<float> row = seen.Row(t, s);
                for (int k = 0; k < Width; k++)
                {
                    Span<float> place = row.Slice(k * InputSize, InputSize);
                    if (t + k - Before is >= 0 and int at && at < x.Layout.Lengths[s]) x.Row(at, s).CopyTo(place);
                    else place.Clear();
                }
            }
        cache.Filtered = _filters.Forward(seen, pass);
        cache.Output = pass.Workspace.Rent(x.Layout, OutputSize);
        Rectify(cache.Filtered.Output.All, cache.Filtered.Output.All, cache.Output.All);
        return cache;
    }

    //  δz⟨t⟩ = δy⟨t⟩ where z⟨t⟩ > 0, else 0      δW += Σₜ δz⟨t⟩ u⟨t⟩ᵀ      δb += Σₜ δz⟨t⟩      δu⟨t⟩ = Wᵀ δz⟨t⟩
    //  δx⟨t⟩ = Σ_k of δu⟨t + c − k⟩ the part k
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        ConvolutionCache own = cache.Of<ConvolutionCache>(this, dy);
        SequenceBatch dz = pass.Workspace.Rent(dy.Layout, OutputSize);
        Rectify(own.Filtered.Output.All, dy.All, dz.All);
        SequenceBatch seen = _filters.Backward(dz, own.Filtered, pass), dx = pass.Workspace.Rent(dy.Layout, InputSize);
        dx.All.Clear();
        for (int s = 0; s < dy.Layout.Sequences; s++)
            for (int t = 0; t < dy.Layout.Lengths[s]; t++)
                for (int k = 0; k < Width; k++)
                    if (t + Before - k is >= 0 and int from && from < dy.Layout.Lengths[s])
                        Elementwise.Add(seen.Row(from, s).Slice(k * InputSize, InputSize), dx.Row(t, s));
        return dx;
    }

    // What stands where z is above 0; a NaN goes through, so that it is found.
    private static void Rectify(ReadOnlySpan<float> z, ReadOnlySpan<float> values, Span<float> into)
    {
        for (int i = 0; i < into.Length; i++) into[i] = z[i] <= 0 ? 0 : values[i];
    }

    private sealed class ConvolutionCache : Cache
    {
        public Cache Filtered { get; set; } = null!;
    }
}
