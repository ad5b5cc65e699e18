using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers;

/// <summary>
/// A row of a table for each index (study notes, S14): what a product of the table with a one-hot vector gives, without the product. The input is the
/// index as a float, exact up to 2²⁴; the gradient is dense.
/// </summary>
public sealed class Embedding : IStepLayer
{
    private const int LargestVocabulary = 1 << 24;
    private readonly Parameter _weight;

    /// <summary>Makes the layer and its parameter <c>{name}.weight</c> [vocabulary, size].</summary>
    /// <param name="name">For messages, and the prefix of the parameter's name.</param>
    /// <param name="store">Receives the parameter.</param>
    /// <param name="vocabulary">How many indices there are, 1 … 2²⁴.</param>
    /// <param name="size">Features of the output, at least 1.</param>
    /// <exception cref="UserErrorException">The vocabulary or the size is outside.</exception>
    public Embedding(string name, ParameterStore store, int vocabulary, int size)
    {
        if (vocabulary is < 1 or > LargestVocabulary)
            throw new UserErrorException($"layer '{name}' vocabulary: expected 1 … {LargestVocabulary} "
                + $"because an index is a float, got {vocabulary}.");
        if (size < 1) throw new UserErrorException($"layer '{name}' size: expected at least 1 feature, got {size}.");
        Name = name;
        _weight = store.Add($"{name}.weight", vocabulary, size);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>1: the index.</summary>
    public int InputSize => 1;

    /// <inheritdoc/>
    public int OutputSize => _weight.Shape[1];

    /// <summary>The table, for the layer that is tied to it.</summary>
    internal Parameter Weight => _weight;

    /// <summary>
    /// Probability that a row of the table is dropped for a training update, wherever its index stands, in [0, 1); the others are divided by 1 − rate
    /// (Gal and Ghahramani 2016, arXiv:1512.05287). What is tied to the table has all rows.
    /// </summary>
    /// <exception cref="UserErrorException">The rate is outside.</exception>
    public float Dropout
    {
        get;
        init => field = value >= 0 && value < 1
            ? value
            : throw new UserErrorException($"layer '{Name}' dropout: expected a rate of at least 0 and below 1 "
                + $"because it is a probability, got {value}.");
    }

    /// <summary>How many indices there are.</summary>
    public int Vocabulary => _weight.Shape[0];

    //  y = E[x];  with dropout m[x] E[x], m[k] = 0 with probability rate, else 1 / (1 − rate), drawn once an update
    /// <inheritdoc/>
    /// <exception cref="UserErrorException">An index is not 0 … vocabulary − 1: the message names the sequence and the step.</exception>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        if (x.Features != 1) ShapeException.Throw(x.Features, 1, $"layer '{Name}' input features", "a step of an embedding's input is one index");
        EmbeddingCache cache = pass.Workspace.Cache<EmbeddingCache>();
        cache.Layer = this;
        cache.Output = pass.Workspace.Rent(x.Layout, OutputSize);
        cache.Begin(x.Layout.Rows);
        cache.Drop = pass.Training && Dropout > 0 ? (pass.OfUpdate ?? pass.Random).For(Name) : null;
        ReadOnlySpan<float> indices = x.All, table = _weight.Values;
        Span<float> y = cache.Output.All;
        for (int row = 0; row < indices.Length; row++)
        {
            if (!IsIndex(indices[row])) ThrowIndex(RowName.Of(x.Layout, row), indices[row]);
            int index = cache.Indices[row] = (int)indices[row];
            table.Slice(index * OutputSize, OutputSize).CopyTo(y[(row * OutputSize)..]);
            if (cache.Drop is { } draws) Mask(draws, index, y.Slice(row * OutputSize, OutputSize));
        }
        return cache;
    }

    //  δE[x] += δy (with dropout m[x] δy), row by row in packed order        δx = 0: an index has no gradient
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        EmbeddingCache own = cache.Of<EmbeddingCache>(this, dy);
        ReadOnlySpan<int> indices = own.Indices.AsSpan(0, dy.Layout.Rows);
        SequenceBatch masked = dy;
        if (own.Drop is { } draws)
        {
            masked = pass.Workspace.Rent(dy.Layout, OutputSize);
            dy.All.CopyTo(masked.All);
            for (int row = 0; row < indices.Length; row++) Mask(draws, indices[row], masked.All.Slice(row * OutputSize, OutputSize));
        }
        TableGradients.Add(indices, masked, _weight, pass);              // by one worker: two took longer, each with half of the columns
        SequenceBatch dx = pass.Workspace.Rent(dy.Layout, 1);
        dx.All.Clear();
        return dx;
    }

    /// <inheritdoc/>
    /// <exception cref="UserErrorException">An index is not 0 … vocabulary − 1.</exception>
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int row = 0; row < x.Length; row++)
        {
            if (!IsIndex(x[row])) ThrowIndex($"sequence {row}", x[row]);
            _weight.Values.Slice((int)x[row] * OutputSize, OutputSize).CopyTo(y[(row * OutputSize)..]);
        }
    }

    private void Mask(Rng draws, int index, Span<float> row)
    {
        if (draws.Uniform((ulong)index) < Dropout) row.Clear();
        else Elementwise.Scale(row, 1 / (1 - Dropout));
    }

    private bool IsIndex(float x) => x >= 0 && x < Vocabulary && x == (int)x;

    private void ThrowIndex(string where, float found) =>
        throw new UserErrorException(
            $"layer '{Name}' index of {where}: expected a whole number 0 … {Vocabulary - 1} "
                + $"because the vocabulary has {Vocabulary} entries, got {found}.");
}

internal sealed class EmbeddingCache : Cache
{
    public int[] Indices { get; private set; } = [];

    /// <summary>The draws of the rows that were dropped; null: none were.</summary>
    public Rng? Drop { get; set; }

    public void Begin(int rows)
    {
        if (Indices.Length < rows) Indices = new int[rows];
    }
}
