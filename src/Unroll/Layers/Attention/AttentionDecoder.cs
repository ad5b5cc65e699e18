using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.Attention;

//  xₜ = [E yₜ₋₁; h̃ₜ₋₁]      hₜ = cells(xₜ, hₜ₋₁)      cₜ = attention(hₜ, memory)      h̃ₜ = tanh(W [cₜ; hₜ])      zₜ = W_o h̃ₜ + b

/// <summary>
/// A recurrent decoder that attends to an encoder's output at every step and may be fed what it attended to (Luong, Pham, Manning 2015). Its output
/// is the attentional state h̃; <see cref="Output"/> makes scores of symbols of it.
/// </summary>
/// <remarks>
/// Parameters <c>{name}.embedding.weight</c> (none where the table is another layer's), <c>{name}.weight_ih_l{k}</c> … of the layers,
/// <c>{name}.attention.…</c>, <c>{name}.combine.weight</c> [size, memory + size], <c>{name}.output.weight</c> and <c>.bias</c>. Derivation:
/// docs/gradients/attention.md.
/// </remarks>
public sealed class AttentionDecoder
{
    private readonly RecurrentLayer[] _layers;

    /// <summary>Makes the layer and adds its parameters, all zero, to the store.</summary>
    /// <param name="name">For messages, and the prefix of its parameters' names.</param>
    /// <param name="store">Receives the parameters.</param>
    /// <param name="options">What it is made of.</param>
    /// <param name="memorySize">Features of the encoder's output.</param>
    /// <param name="cells">The cells that the options may name; null: the built-in ones.</param>
    /// <param name="table">A table of another layer of the store to use as its own, [vocabulary, embedding]; null: one of its own.</param>
    /// <exception cref="UserErrorException">A size or a choice is impossible.</exception>
    public AttentionDecoder(
        string name, ParameterStore store, DecoderOptions options, int memorySize, CellCatalog? cells = null, Parameter? table = null)
    {
        if (options.Vocabulary < 1 || options.Embedding < 1)
            throw new UserErrorException(
                $"layer '{name}' sizes: expected at least 1, got {options.Vocabulary} symbols of {options.Embedding} features.");
        if (options.Layers is < 1 or > SizeLimits.Layers)
            throw new UserErrorException($"layer '{name}' layers: expected 1 to {SizeLimits.Layers}, got {options.Layers}.");
        (Name, Options) = (name, options);
        if (table is not null && !table.Shape.SequenceEqual([options.Vocabulary, options.Embedding]))
            throw new UserErrorException($"layer '{name}' table: expected [{options.Vocabulary}, {options.Embedding}], got {table}.");
        Table = table ?? store.Add($"{name}.embedding.weight", options.Vocabulary, options.Embedding);
        IPlannedCell? planned = (cells ?? CellCatalog.BuiltIn).Make(options.Cell) as IPlannedCell;
        Size = options.Cell.Projection ?? planned?.Plan.States[0].Width?.Invoke(options.Hidden) ?? options.Hidden;
        _layers = new RecurrentLayer[options.Layers];
        for (int k = 0, inputs = options.Embedding + (options.InputFeeding ? Size : 0); k < _layers.Length; k++, inputs = Size)
            _layers[k] = new RecurrentLayer($"{name}.{k}", store, options.Cell, inputs, options.Hidden, prefix: $"{name}.", index: k, cells: cells);
        StateSize = _layers.Sum(layer => layer.OutputSize + layer.CellSize);
        Attention = new Attention($"{name}.attention", store, options.Score, Size, memorySize, options.Hidden);
        Combine = new RowProduct($"{name}.combine", store, memorySize + Size, Size, bias: false);
        Output = new Dense($"{name}.output", store, Size, options.Vocabulary);
        StepSize = (long)Combine.Inputs * Combine.Outputs
            + _layers.Sum(layer => layer.Weights.Work);
    }

    /// <summary>As in its parameters' names.</summary>
    public string Name { get; }

    /// <summary>What it is made of.</summary>
    public DecoderOptions Options { get; }

    /// <summary>Its recurrent layers, from the lowest.</summary>
    public IReadOnlyList<RecurrentLayer> Layers => _layers;

    /// <summary>Its attention.</summary>
    public Attention Attention { get; }

    /// <summary>From attentional states to scores of symbols.</summary>
    public Dense Output { get; }

    /// <summary>Features of h, and of an attentional state.</summary>
    public int Size { get; }

    /// <summary>Floats of the initial states of one sequence: of each layer h, then its further states.</summary>
    public int StateSize { get; }

    internal Parameter Table { get; }

    internal RowProduct Combine { get; }

    /// <summary>Multiply-adds of a step of one sequence, but for its attention and its scores.</summary>
    internal long StepSize { get; }

    /// <summary>All steps of a batch.</summary>
    /// <param name="symbols">
    /// The symbol before each step, packed by <paramref name="layout"/>: the beginning, then the true symbols (teacher forcing).
    /// </param>
    /// <param name="layout">The steps; as many sequences as the memory.</param>
    /// <param name="first">[B, <see cref="StateSize"/>] in the caller's order, one step a sequence; null: zero.</param>
    /// <param name="memory">[rows, memory size]: the encoder's output.</param>
    /// <param name="pass">Workspace, threads, random draws.</param>
    /// <param name="sampled">
    /// In training the probability that a step after the first is given the symbol that the step before it scores highest instead (scheduled
    /// sampling; Bengio, Vinyals, Jaitly, Shazeer 2015). No gradient goes through the choice.
    /// </param>
    /// <exception cref="ShapeException">Features, rows or numbers of sequences do not fit.</exception>
    /// <exception cref="UserErrorException">A symbol is outside the vocabulary: the message names the sequence and the step.</exception>
    public DecoderCache Forward(
        ReadOnlyMemory<int> symbols, SequenceLayout layout, SequenceBatch? first, in SequenceBatch memory, in Pass pass, float sampled = 0)
    {
        CheckSymbols(symbols.Span, layout);
        if (first is { } given && given.Features != StateSize)
            ShapeException.Throw(given.Features, StateSize, $"layer '{Name}' first states", "its layers have that many floats");
        if (first is { } one && (one.Layout.Steps > 1 || one.Layout.Rows != layout.Sequences))
            ShapeException.Throw(one.Layout.Rows, layout.Sequences, $"layer '{Name}' first states", "each sequence has one");
        DecoderCache cache = pass.Workspace.Cache<DecoderCache>();
        cache.Begin(this, symbols.Span, layout, first, memory, pass);
        pass.Workspace.Cache<DecoderForward>().Run(this, cache, pass.Training ? sampled : 0, pass);
        return cache;
    }

    /// <summary>Adds to the parameters' gradients, those of <see cref="Output"/> apart; leaves the cache intact.</summary>
    /// <param name="dOutput">[rows, size]: ∂L/∂(attentional states).</param>
    /// <param name="cache">What <see cref="Forward"/> returned.</param>
    /// <param name="pass">The same pass as forward's.</param>
    /// <returns>∂L/∂memory, and ∂L/∂(initial states) with one step for each sequence.</returns>
    /// <exception cref="ShapeException">The gradient has not the shape of the output.</exception>
    public (SequenceBatch DMemory, SequenceBatch DFirst) Backward(in SequenceBatch dOutput, DecoderCache cache, in Pass pass)
    {
        if (dOutput.Features != Size || !dOutput.Layout.IsLike(cache.Output.Layout))
            throw new ShapeException($"layer '{Name}' output gradient: expected the shape of its output, [{cache.Output.Layout.Rows}, {Size}], "
                + $"got [{dOutput.Layout.Rows}, {dOutput.Features}].");
        return pass.Workspace.Cache<DecoderBackward>().Run(this, cache, dOutput, pass);
    }

    private void CheckSymbols(ReadOnlySpan<int> symbols, SequenceLayout layout)
    {
        if (symbols.Length != layout.Rows)
            ShapeException.Throw(symbols.Length, layout.Rows, $"layer '{Name}' symbols", "the layout has that many rows");
        for (int row = 0; row < symbols.Length; row++)
            if ((uint)symbols[row] >= (uint)Options.Vocabulary)
                throw new UserErrorException($"layer '{Name}' symbol of {RowName.Of(layout, row)}: expected 0 … {Options.Vocabulary - 1} because the "
                    + $"vocabulary has {Options.Vocabulary} entries, got {symbols[row]}.");
    }
}
