namespace Unroll.Numerics;

/// <summary>
/// Which sixteens of columns lie side by side, term by term, so that a single row is multiplied by memory in order: 16 units of each of several
/// gates, or up to 64 units of one gate.
/// </summary>
/// <param name="Gates">g, 1 … <see cref="MostSixteens"/>.</param>
/// <param name="Blocks">Blocks of 16 units.</param>
internal readonly record struct PanelOrder(int Gates, int Blocks)
{
    /// <summary>Sixteens of a panel at most: what a row is multiplied by at once.</summary>
    public const int MostSixteens = 4;

    /// <summary>
    /// Where a block of units lies: sixteens of all panels before its own, sixteens before it in its panel, and sixteens of the panel.
    /// </summary>
    public (int Before, int Within, int Sixteens) Of(int block)
    {
        if (Gates > 1) return (block * Gates, 0, Gates);
        int within = block % MostSixteens;
        return (block - within, within, Math.Min(MostSixteens, Blocks - (block - within)));
    }

    /// <summary>How many blocks from one on, and before another, lie in its panel.</summary>
    public int BlocksFrom(int block, int to) => Gates > 1 ? 1 : Math.Min(to - block, MostSixteens - block % MostSixteens);
}
