using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

//  v = [x⟨0⟩; x⟨1⟩; …; 0]      with pairs: [v; x⟨0⟩ ⊗ x⟨1⟩; x⟨1⟩ ⊗ x⟨2⟩; …; 0]        y = z + W v

/// <summary>
/// A linear path around a network (wide and deep: Cheng et al. 2016, arXiv:1606.07792): to the scores z that the layers below give for a sequence it
/// adds a weight for every feature at every place, and for every product of the features of two neighboring steps. Of bases these are the position
/// weight matrix and its dinucleotides. Parameter <c>weight</c> [outputs, places], which begins at zero; places as v has them.
/// </summary>
/// <remarks>Above a pooling. Of a sequence shorter than the number of steps the rest is 0; a longer one is refused.</remarks>
public sealed class WidePath : IFromInput
{
    private readonly Parameter _weight;
    private readonly int _steps;
    private readonly bool _pairs;

    /// <summary>Makes the layer and adds its parameter, zero, to the store.</summary>
    /// <param name="name">For messages, and the prefix of its parameter's name.</param>
    /// <param name="store">Receives the parameter.</param>
    /// <param name="scores">Features of the layer below, and of the output.</param>
    /// <param name="source">Features of a step of the network's input.</param>
    /// <param name="steps">Steps of a sequence at most, at least 1.</param>
    /// <param name="pairs">Whether neighboring steps count together too.</param>
    /// <exception cref="UserErrorException">There are no steps, or too many weights for an array.</exception>
    public WidePath(string name, ParameterStore store, int scores, int source, int steps, bool pairs)
    {
        long places = (long)steps * source + (pairs ? (steps - 1L) * source * source : 0);
        if (steps < 1 || places * scores > Array.MaxLength)
            throw new UserErrorException($"layer '{name}' steps: expected at least 1, and no more weights than an array holds, got {steps}.");
        (Name, InputSize, SourceSize, _steps, _pairs) = (name, scores, source, steps, pairs);
        _weight = store.Add($"{name}.weight", scores, (int)places);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize => InputSize;

    /// <inheritdoc/>
    public int SourceSize { get; }

    private int Places => _weight.Shape[1];

    /// <summary>Needs the network's input.</summary>
    /// <exception cref="InvalidOperationException">Always: a stack calls the other one.</exception>
    public Cache Forward(in SequenceBatch x, in Pass pass) => throw Alone();

    /// <summary>Needs the network's input.</summary>
    /// <exception cref="InvalidOperationException">Always: a stack calls the other one.</exception>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass) => throw Alone();

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The features or the sequences do not fit, or a sequence is too long.</exception>
    public Cache Forward(in SequenceBatch x, in SequenceBatch source, in Pass pass)
    {
        if (x.Features != InputSize) ShapeException.Throw(x.Features, InputSize, $"layer '{Name}' input features", "it adds to that many scores");
        if (source.Features != SourceSize)
            ShapeException.Throw(source.Features, SourceSize, $"layer '{Name}' features of the network's input",
                $"weight is [{InputSize}, {Places}]");
        if (source.Layout.Steps > _steps)
            ShapeException.Throw(source.Layout.Steps, _steps, $"layer '{Name}' input steps", "it has a place for that many and no more");
        WideCache cache = pass.Workspace.Cache<WideCache>();
        (cache.Layer, cache.Source) = (this, source);
        cache.Output = pass.Workspace.Rent(x.Layout, InputSize);
        x.All.CopyTo(cache.Output.All);
        cache.Seen = pass.Workspace.Rent(x.Layout, Places);
        for (int s = 0; s < x.Layout.Sequences; s++)
        {
            if (x.Layout.Lengths[s] == 0) continue;
            Span<float> seen = cache.Seen.Row(0, s), y = cache.Output.Row(0, s);
            See(source, s, seen);
            for (int k = 0; k < y.Length; k++) y[k] += (float)Reduce.Dot(_weight.Values.Slice(k * Places, Places), seen);
        }
        return cache;
    }

    //  δz = δy      δW += δy vᵀ      δv = Wᵀ δy      δx⟨t⟩ = the part of δv at t, + for a pair p: δp x⟨t+1⟩, δpᵀ x⟨t−1⟩
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass, out SequenceBatch dSource)
    {
        WideCache own = cache.Of<WideCache>(this, dy);
        dSource = pass.Workspace.Rent(own.Source.Layout, SourceSize);
        dSource.All.Clear();
        Span<float> dv = pass.Workspace.Rent(Places).Span[..Places];
        RowSums sums = pass.SumsOf(dy.Layout);
        for (int s = 0; s < dy.Layout.Sequences; s++)
        {
            if (dy.Layout.Lengths[s] == 0) continue;
            dv.Clear();
            ReadOnlySpan<float> d = dy.Row(0, s);
            Span<float> dWeight = sums.GradientsOfSequence(_weight, s);
            for (int k = 0; k < d.Length; k++)
            {
                Elementwise.AddScaled(own.Seen.Row(0, s), d[k], dWeight.Slice(k * Places, Places));
                Elementwise.AddScaled(_weight.Values.Slice(k * Places, Places), d[k], dv);
            }
            Back(own.Source, s, dv, dSource);
        }
        return dy;
    }

    private void See(in SequenceBatch source, int s, Span<float> seen)
    {
        seen.Clear();
        int length = source.Layout.Lengths[s], n = SourceSize;
        for (int t = 0; t < length; t++) source.Row(t, s).CopyTo(seen[(t * n)..]);
        for (int t = 0; _pairs && t + 1 < length; t++)
        {
            ReadOnlySpan<float> a = source.Row(t, s), b = source.Row(t + 1, s);
            Span<float> pair = seen.Slice((_steps + t * n) * n, n * n);
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++) pair[i * n + j] = a[i] * b[j];
        }
    }

    private void Back(in SequenceBatch source, int s, ReadOnlySpan<float> dv, in SequenceBatch dSource)
    {
        int length = source.Layout.Lengths[s], n = SourceSize;
        for (int t = 0; t < length; t++) Elementwise.Add(dv.Slice(t * n, n), dSource.Row(t, s));
        for (int t = 0; _pairs && t + 1 < length; t++)
        {
            ReadOnlySpan<float> a = source.Row(t, s), b = source.Row(t + 1, s), pair = dv.Slice((_steps + t * n) * n, n * n);
            Span<float> da = dSource.Row(t, s), db = dSource.Row(t + 1, s);
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++)
                {
                    da[i] += pair[i * n + j] * b[j];
                    db[j] += pair[i * n + j] * a[i];
                }
        }
    }

    private InvalidOperationException Alone() => new($"layer '{Name}' adds what the network's input says, so that it works in a stack alone.");

    private sealed class WideCache : Cache
    {
        public SequenceBatch Source { get; set; }

        public SequenceBatch Seen { get; set; }
    }
}
