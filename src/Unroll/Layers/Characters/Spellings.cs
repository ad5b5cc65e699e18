using System.Runtime.InteropServices;
using Unroll.Core;

namespace Unroll.Layers.Characters;

/// <summary>The different spellings of a batch, in the order of their first rows, and which of them each row has.</summary>
internal sealed class Spellings
{
    private int[] _first = [], _lengths = [], _rows = [], _table = [];
    private SequenceLayout?[] _single = [];
    private SequenceLayout _layout = SequenceLayout.FromLengths();

    /// <summary>A sequence of characters for each spelling.</summary>
    public SequenceLayout Layout => _layout;

    /// <summary>The first row that has a spelling.</summary>
    public int FirstRow(int spelling) => _first[spelling];

    /// <summary>The spelling of a row.</summary>
    public int OfRow(int row) => _rows[row];

    /// <summary>Finds them.</summary>
    /// <param name="x">[rows, 1 + longest]: a word's index, its characters, then 0.</param>
    /// <param name="sums">Of x: each shard has spellings of its own.</param>
    public SequenceLayout Find(in SequenceBatch x, in RowSums sums)
    {
        int rows = x.Layout.Rows, features = x.Features, found = 0;
        Reserve(rows, features);
        ReadOnlySpan<float> all = x.All;
        int mask = _table.Length - 1;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> own = all.Slice(row * features + 1, features - 1);
            int length = own.IndexOf(0f);
            if (length < 0) length = own.Length;
            own = own[..length];
            int shard = sums.ShardOfRow(row), place = (int)(Hash(own) + (uint)shard) & mask;
            while (_table[place] is > 0 and int known
                && !(sums.ShardOfRow(_first[known - 1]) == shard && Same(all, known - 1, features, own)))
                place = (place + 1) & mask;
            if (_table[place] == 0)
            {
                (_first[found], _lengths[found]) = (row, length);
                _table[place] = ++found;
            }
            _rows[row] = _table[place] - 1;
        }
        return _layout = found == 1 ? _single[_lengths[0]] ??= SequenceLayout.FromLengths(_lengths[0])
            : SequenceLayout.FromLengths(_lengths.AsSpan(0, found));
    }

    private bool Same(ReadOnlySpan<float> all, int spelling, int features, ReadOnlySpan<float> own) =>
        _lengths[spelling] == own.Length && all.Slice(_first[spelling] * features + 1, own.Length).SequenceEqual(own);

    // FNV-1a over the numbers' bits.
    private static uint Hash(ReadOnlySpan<float> own)
    {
        uint hash = 2166136261;
        foreach (uint bits in MemoryMarshal.Cast<float, uint>(own)) hash = (hash ^ (bits >> 12)) * 16777619;
        return hash ^ (hash >> 15);
    }

    private void Reserve(int rows, int features)
    {
        if (_rows.Length < rows) (_rows, _first, _lengths) = (new int[rows], new int[rows], new int[rows]);
        if (_single.Length < features) _single = new SequenceLayout?[features];
        int size = 16;
        while (size < 2 * rows) size *= 2;
        if (_table.Length < size) _table = new int[size];
        else Array.Clear(_table);
    }
}
