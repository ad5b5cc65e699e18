using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers;

//  x = (a, c): the first `kept` features and the rest      y = (a, Σ_j c_j E_j), E_j row j of the table

/// <summary>
/// Passes the first features of every row on and puts the sum of table rows beside them, each weighted by one of the last features: an embedding of
/// what a row belongs to, where the last features are 1 for that and 0 otherwise. All 0, such as of something unknown, gives 0. Parameter
/// <c>weight</c> [last features, size].
/// </summary>
public sealed class TailProjection : IStepLayer
{
    private readonly Parameter _weight;

    /// <summary>Makes the layer and adds its parameter, all zero, to the store.</summary>
    /// <param name="name">For messages, and the prefix of the parameter's name.</param>
    /// <param name="store">Receives the parameter.</param>
    /// <param name="inputSize">Features of the input.</param>
    /// <param name="kept">The first of them that pass, 1 … <paramref name="inputSize"/> − 1.</param>
    /// <param name="size">Features that the rest becomes, at least 1.</param>
    /// <exception cref="UserErrorException">No feature passes, or none is left, or the size is below 1.</exception>
    public TailProjection(string name, ParameterStore store, int inputSize, int kept, int size)
    {
        if (kept < 1 || kept >= inputSize)
            throw new UserErrorException($"layer '{name}' kept: expected 1 … {inputSize - 1} of {inputSize} features, got {kept}.");
        if (size < 1) throw new UserErrorException($"layer '{name}' size: expected at least 1 feature, got {size}.");
        (Name, InputSize, Kept) = (name, inputSize, kept);
        _weight = store.Add($"{name}.weight", inputSize - kept, size);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <summary>Features that pass.</summary>
    public int Kept { get; }

    /// <inheritdoc/>
    public int OutputSize => Kept + Size;

    private int Size => _weight.Shape[1];

    /// <inheritdoc/>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        if (x.Features != InputSize)
            ShapeException.Throw(x.Features, InputSize, $"layer '{Name}' input features", $"{Kept} pass and weight is [{InputSize - Kept}, {Size}]");
        TailProjectionCache cache = pass.Workspace.Cache<TailProjectionCache>();
        (cache.Layer, cache.Input) = (this, x);
        cache.Output = pass.Workspace.Rent(x.Layout, OutputSize);
        Step(x.All, cache.Output.All);
        return cache;
    }

    //  δa = δy of the kept      δc_j = E_j · δy of the rest      δE_j += c_j δy of the rest
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        ReadOnlySpan<float> x = cache.Of<TailProjectionCache>(this, dy).Input.All, table = _weight.Values, from = dy.All;
        SequenceBatch dx = pass.Workspace.Rent(dy.Layout, InputSize);
        RowSums sums = pass.SumsOf(dy.Layout);
        for (int row = 0; row < dy.Layout.Rows; row++)
        {
            ReadOnlySpan<float> own = from.Slice(row * OutputSize, OutputSize), rest = own[Kept..];
            ReadOnlySpan<float> tail = x.Slice(row * InputSize + Kept, InputSize - Kept);
            Span<float> d = dx.All.Slice(row * InputSize, InputSize);
            Span<float> dTable = sums.GradientsOfRow(_weight, row);
            own[..Kept].CopyTo(d);
            for (int j = 0; j < tail.Length; j++)
            {
                d[Kept + j] = (float)Reduce.Dot(table.Slice(j * Size, Size), rest);
                if (tail[j] != 0) Elementwise.AddScaled(rest, tail[j], dTable.Slice(j * Size, Size));
            }
        }
        return dx;
    }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        ReadOnlySpan<float> table = _weight.Values;
        for (int row = 0; row * InputSize < x.Length; row++)
        {
            ReadOnlySpan<float> own = x.Slice(row * InputSize, InputSize);
            Span<float> to = y.Slice(row * OutputSize, OutputSize), rest = to[Kept..];
            own[..Kept].CopyTo(to);
            rest.Clear();
            for (int j = Kept; j < InputSize; j++)
                if (own[j] != 0) Elementwise.AddScaled(table.Slice((j - Kept) * Size, Size), own[j], rest);
        }
    }

    private sealed class TailProjectionCache : Cache
    {
        public SequenceBatch Input { get; set; }
    }
}
