namespace Unroll.Cells;

/// <summary>
/// A cell that standardizes: it takes sums over all units of a row, of W_ih x and of W_hh h₋ apart. Rows may still be dealt to workers, units are
/// not.
/// </summary>
/// <remarks>
/// Products arrive bare, a slot for each gate and no bias: W_ih x from <see cref="InputInto"/> on, every recurrent product from its
/// <see cref="Product.Into"/> on. The biases are the first rows of <see cref="Tile.Extras"/>: b_ih gate by gate, b_hh gate by gate; then come the
/// rows of
/// <see cref="Parameters"/>. <see cref="ICell.ExtraRows"/> counts them all, and <see cref="ICell.AddExtraGradients"/> adds to all their gradients.
/// <see cref="TileBack.DA"/> has the gates, then a slot for each gate of each recurrent product, then one for each gate's W_ih x, then
/// <see cref="Deltas"/>. What is beyond <see cref="Tile.Hidden"/> units of a row takes no part in a sum.
/// </remarks>
public interface IRowCell : ICell
{
    /// <summary>The saved slot that receives the first gate's rows of W_ih x; the other gates' slots follow it.</summary>
    string InputInto { get; }

    /// <summary>What the cell has beside weights and biases: <c>{name}_l{k}</c> [rows · hidden].</summary>
    IReadOnlyList<CellParameter> Parameters { get; }

    /// <summary>
    /// Gradients that the cell needs again for those of its parameters, by name: the last slots of <see cref="TileBack.DA"/>. One called <c>c</c> is
    /// what h sends to c, for those who look inside.
    /// </summary>
    IReadOnlyList<string> Deltas { get; }
}

/// <summary>A parameter of a cell's own.</summary>
/// <param name="Name">The first part of its name in files: <c>gain_hh</c>.</param>
/// <param name="Rows">How many rows of H numbers.</param>
/// <param name="Initial">What every number of it begins at.</param>
/// <param name="PerGate">Whether it has a row for each gate, in their order: then it is reordered with them.</param>
public sealed record CellParameter(string Name, int Rows, float Initial = 0, bool PerGate = false);
