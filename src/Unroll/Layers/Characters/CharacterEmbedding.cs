using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers.Pooling;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Layers.Characters;

/// <summary>
/// A word as its row of a table beside what two recurrent layers read in its characters, one from each end: so that a word that was never seen has
/// its spelling. A step of the input is the word's index and then the indices of its characters, 0 after the last.
/// </summary>
/// <remarks>
/// Each different spelling of a batch is read once, in the order of its first row, and its gradients are added over its rows in packed order; in
/// float32 an index is exact up to 2²⁴. Parameters: <c>weight</c> [vocabulary, size], <c>characters.weight</c> [characters, character size], and
/// those of the recurrent layers as <c>spelling.weight_ih_l0</c>, <c>spelling.weight_ih_l0_reverse</c> … Source: Lample, Ballesteros, Subramanian,
/// Kawakami, Dyer 2016 (arXiv:1603.01360). Derivation: docs/gradients/characters.md.
/// </remarks>
public sealed class CharacterEmbedding : ILayer
{
    private readonly Embedding _words, _characters;
    private readonly Bidirectional _spelling;
    private readonly LastStates _ends;
    private readonly int _longest;

    /// <summary>Makes the layer and adds its parameters, all zero, to the store.</summary>
    /// <param name="name">For messages, and the prefix of its parameters' names.</param>
    /// <param name="store">Receives the parameters.</param>
    /// <param name="sizes">How many words and characters there are, and their features.</param>
    /// <param name="cell">The cell that reads the characters.</param>
    /// <param name="cells">The cells that <paramref name="cell"/> may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">A size or the cell is impossible.</exception>
    public CharacterEmbedding(string name, ParameterStore store, CharacterSizes sizes, CellOptions cell, CellCatalog? cells = null)
    {
        if (sizes.Longest is < 1 or > SizeLimits.Features - 1)
            throw new UserErrorException(
                $"layer '{name}' longest: expected 1 to {SizeLimits.Features - 1} characters of a word, got {sizes.Longest}.");
        (Name, _longest) = (name, sizes.Longest);
        _words = new Embedding(name, store, sizes.Vocabulary, sizes.Size);
        _characters = new Embedding($"{name}.characters", store, sizes.Characters, sizes.CharacterSize);
        RecurrentLayer Make(bool reverse) => new(reverse ? $"{name}.spelling.reverse" : $"{name}.spelling", store, cell, sizes.CharacterSize,
            sizes.Hidden, reverse, prefix: $"{name}.spelling.", cells: cells);
        _spelling = new Bidirectional($"{name}.spelling", Make(reverse: false), Make(reverse: true), Merge.Concatenate);
        _ends = new LastStates($"{name}.ends", _spelling.OutputSize);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>1 and the characters of the longest word: indices, as floats.</summary>
    public int InputSize => 1 + _longest;

    /// <summary>Features of a word and the final states of both directions.</summary>
    public int OutputSize => _words.OutputSize + _ends.OutputSize;

    /// <summary>What reads the characters.</summary>
    public Bidirectional Spelling => _spelling;

    //  y⟨t⟩ = [E[word⟨t⟩]; →h of its last character; ←h of its first]        a word without characters has zeros for them
    /// <inheritdoc/>
    /// <exception cref="UserErrorException">An index is outside its table.</exception>
    public Cache Forward(in SequenceBatch x, in Pass pass)
    {
        if (x.Features != InputSize)
            ShapeException.Throw(x.Features, InputSize, $"layer '{Name}' input features", "a step is a word's index and those of its characters");
        CharacterCache cache = pass.Workspace.Cache<CharacterCache>();
        cache.Layer = this;
        SequenceBatch words = pass.Workspace.Rent(x.Layout, 1);
        for (int row = 0; row < x.Layout.Rows; row++) words.All[row] = x.All[row * InputSize];
        cache.Words = _words.Forward(words, pass);
        SequenceLayout layout = cache.Spellings.Find(x, pass.SumsOf(x.Layout));
        SequenceBatch characters = pass.Workspace.Rent(layout, 1);
        for (int word = 0; word < layout.Sequences; word++)
        {
            ReadOnlySpan<float> own = x.All.Slice(cache.Spellings.FirstRow(word) * InputSize + 1, _longest);
            for (int t = 0; t < layout.Lengths[word]; t++) characters.Row(t, word)[0] = own[t];
        }
        cache.Characters = _characters.Forward(characters, pass);
        cache.Spelling = _spelling.Forward(cache.Characters.Output, pass);
        cache.Ends = _ends.Forward(cache.Spelling.Output, pass);
        cache.Output = pass.Workspace.Rent(x.Layout, OutputSize);
        Join(cache);
        return cache;
    }

    private void Join(CharacterCache cache)
    {
        Span<float> y = cache.Output.All;
        ReadOnlySpan<float> words = cache.Words.Output.All;
        int size = _words.OutputSize;
        for (int row = 0; row < cache.Output.Layout.Rows; row++)
        {
            Span<float> own = y.Slice(row * OutputSize, OutputSize);
            words.Slice(row * size, size).CopyTo(own);
            int word = cache.Spellings.OfRow(row);
            if (cache.Spellings.Layout.Lengths[word] == 0) own[size..].Clear();
            else cache.Ends.Output.Row(0, word).CopyTo(own[size..]);
        }
    }

    //  δE[word⟨t⟩] += the upper part of δy⟨t⟩        a spelling's δ is the sum of the lower parts over its rows
    //  δx = 0: an index has no gradient
    /// <inheritdoc/>
    public SequenceBatch Backward(in SequenceBatch dy, Cache cache, in Pass pass)
    {
        CharacterCache own = cache.Of<CharacterCache>(this, dy);
        int size = _words.OutputSize;
        SequenceBatch dWords = pass.Workspace.Rent(dy.Layout, size), dEnds = pass.Workspace.Rent(own.Ends.Output.Layout, _ends.OutputSize);
        dEnds.All.Clear();
        for (int row = 0; row < dy.Layout.Rows; row++)
        {
            ReadOnlySpan<float> d = dy.All.Slice(row * OutputSize, OutputSize);
            d[..size].CopyTo(dWords.All[(row * size)..]);
            int word = own.Spellings.OfRow(row);
            if (own.Spellings.Layout.Lengths[word] > 0) Elementwise.AddScaled(d[size..], 1, dEnds.Row(0, word));
        }
        _words.Backward(dWords, own.Words, pass);
        Pass ofSpellings = OfSpellings(own, pass);
        SequenceBatch dSpelling = _spelling.Backward(_ends.Backward(dEnds, own.Ends, ofSpellings), own.Spelling, ofSpellings);
        _characters.Backward(dSpelling, own.Characters, ofSpellings);
        SequenceBatch dx = pass.Workspace.Rent(dy.Layout, InputSize);
        dx.All.Clear();
        return dx;
    }

    // A spelling is of the shard of its first row, which is that of all its rows.
    private static Pass OfSpellings(CharacterCache cache, in Pass pass)
    {
        if (!pass.HasShards) return pass;
        SequenceLayout layout = cache.Output.Layout;
        int[] ofRow = new int[layout.Rows];
        for (int s = 0; s < layout.Sequences; s++)
            for (int t = 0; t < layout.Lengths[s]; t++) ofRow[layout.Row(t, s)] = s;
        return pass.For([.. Enumerable.Range(0, cache.Spellings.Layout.Sequences).Select(word => ofRow[cache.Spellings.FirstRow(word)])]);
    }

    /// <summary>
    /// The layer on some rows: same bits as <see cref="Forward"/>; of one row at a time nothing is allocated once its length was seen.
    /// </summary>
    /// <param name="x">[rows, input size].</param>
    /// <param name="y">[rows, output size], overwritten.</param>
    /// <param name="scratch">Of the caller alone.</param>
    internal void Step(ReadOnlySpan<float> x, Span<float> y, CharacterScratch scratch)
    {
        Pass pass = scratch.Begin(x.Length / InputSize, InputSize, out SequenceBatch rows);
        x.CopyTo(rows.All);
        Forward(rows, pass).Output.All.CopyTo(y);
    }

    private sealed class CharacterCache : Cache
    {
        public Spellings Spellings { get; } = new();
        public Cache Words { get; set; } = null!;
        public Cache Characters { get; set; } = null!;
        public Cache Spelling { get; set; } = null!;
        public Cache Ends { get; set; } = null!;
    }
}

/// <summary>The sizes of a <see cref="CharacterEmbedding"/>.</summary>
/// <param name="Vocabulary">How many words there are.</param>
/// <param name="Size">Features of a word.</param>
/// <param name="Characters">How many characters there are, 0 for none among them.</param>
/// <param name="CharacterSize">Features of a character.</param>
/// <param name="Hidden">Units of each direction that reads the characters.</param>
/// <param name="Longest">Characters of a word at most.</param>
public readonly record struct CharacterSizes(int Vocabulary, int Size, int Characters, int CharacterSize, int Hidden, int Longest);
