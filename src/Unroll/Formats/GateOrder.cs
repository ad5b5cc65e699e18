using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Formats;

/// <summary>
/// Moves gate blocks between the orders in which different programs stack them.
/// Ours is PyTorch's: LSTM <c>ifgo</c>, GRU <c>rzn</c>. Other programs' are what a cell says in
/// <see cref="ICell.OtherConventions"/>, in our letters.
/// </summary>
public static class GateOrder
{
    /// <summary>Copies stacked blocks into another order. Exact.</summary>
    /// <param name="source">Stacked blocks, [gates · rowsPerGate, columns] row-major, or the bias [gates · rowsPerGate].</param>
    /// <param name="from">One letter per gate in the order of <paramref name="source"/>.</param>
    /// <param name="target">Receives the same blocks in the order <paramref name="to"/>. Overwritten; must not overlap the source.</param>
    /// <param name="to">A permutation of <paramref name="from"/>.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="to"/> does not name the same gates as <paramref name="from"/>, or the blocks do not divide evenly, or the lengths differ.
    /// </exception>
    public static void Permute(ReadOnlySpan<float> source, string from, Span<float> target, string to)
    {
        if (!from.Order().SequenceEqual(to.Order()) || from.Distinct().Count() != from.Length)
            throw new ArgumentException($"Gates '{to}' are not a reordering of '{from}'.", nameof(to));
        if (from.Length == 0 || source.Length % from.Length != 0)
            throw new ArgumentException($"{source.Length} values do not divide into the gates '{from}'.", nameof(source));
        if (target.Length != source.Length)
            throw new ArgumentException($"The target holds {target.Length} values, the source {source.Length}.", nameof(target));

        int block = source.Length / from.Length;
        for (int g = 0; g < to.Length; g++)
            source.Slice(from.IndexOf(to[g]) * block, block).CopyTo(target.Slice(g * block, block));
    }

    /// <summary>Inverts a GRU's update gate: z becomes 1 - z. Exact, since σ(-a) = 1 - σ(a): its weights and biases change sign.</summary>
    /// <param name="stacked">Stacked blocks of weights or biases; the block of gate <c>z</c> is negated in place.</param>
    /// <param name="gates">One letter per gate, <c>z</c> among them.</param>
    /// <exception cref="ArgumentException">There is no gate <c>z</c>, or the blocks do not divide evenly.</exception>
    /// <remarks>Applied twice it restores the original bits. See <see cref="UpdatePolarity"/>.</remarks>
    public static void TurnUpdateGate(Span<float> stacked, string gates)
    {
        int z = gates.IndexOf('z');
        if (z < 0) throw new ArgumentException($"There is no update gate 'z' among '{gates}'.", nameof(gates));
        if (stacked.Length % gates.Length != 0)
            throw new ArgumentException($"{stacked.Length} values do not divide into the gates '{gates}'.", nameof(stacked));

        int block = stacked.Length / gates.Length;
        foreach (ref float value in stacked.Slice(z * block, block)) value = -value;
    }

    /// <summary>Refuses weights of a GRU that resets in one place for a cell that resets in the other.</summary>
    /// <param name="file">The name of the file in errors.</param>
    /// <param name="found">Where the weights' GRU resets.</param>
    /// <param name="wanted">Where the cell resets.</param>
    /// <exception cref="UserErrorException">They differ.</exception>
    public static void RequireReset(string file, ResetPlace found, ResetPlace wanted)
    {
        if (found != wanted)
            throw new UserErrorException(
                $"'{file}' holds a GRU that resets {Words(found)}, cell '{CellOf(found)}', and cell '{CellOf(wanted)}' resets {Words(wanted)}: "
                + $"the two cannot be converted into each other; use cell '{CellOf(found)}'.");
    }

    /// <summary>The name of the cell that resets there.</summary>
    /// <param name="place">Where it resets.</param>
    public static string CellOf(ResetPlace place) => place == ResetPlace.BeforeProduct ? "gru" : "gru-after";

    private static string Words(ResetPlace place) => place == ResetPlace.BeforeProduct ? "before the product" : "after the product";
}
