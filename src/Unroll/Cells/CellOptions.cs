using Unroll.Cells.Definitions;

namespace Unroll.Cells;

/// <summary>Which recurrent cell, and which of its variants: the part of a network's description that a cell is made from.</summary>
public sealed record CellOptions
{
    /// <summary>
    /// <c>lstm</c>, <c>gru</c> (reset before the product, as the notes), <c>gru-after</c> (reset after it, as PyTorch and Keras's default),
    /// <c>rnn</c>, <c>residual</c>; with layer normalization <c>lstm-ln</c>, <c>gru-ln</c>; or any other cell of the <see cref="CellCatalog"/> that
    /// is handed over.
    /// </summary>
    public string Kind { get; init; } = "lstm";

    /// <summary>
    /// The equations, of a cell that is defined by them (<see cref="CellChoice"/>): <see cref="Kind"/> is then their name, and the other options are
    /// left alone. Null: the catalog has the cell.
    /// </summary>
    public CellDefinition? Definition { get; init; }

    /// <summary>rnn: <c>tanh</c> (default) or <c>relu</c>; residual: <c>tanh</c> (default) or <c>logistic</c>. Other cells: null.</summary>
    public string? Activation { get; init; }

    /// <summary>
    /// lstm: the forget and input gates also see c₋, the output gate the new c (Gers and Schmidhuber 2000; Graves 2013; notes S28).
    /// </summary>
    public bool Peepholes { get; init; }

    /// <summary>lstm: f = 1 − i; the gates are then <c>igo</c>.</summary>
    public bool Coupled { get; init; }

    /// <summary>lstm: h = W_hr (o ⊙ tanh c) with this many rows (Sak, Senior, Beaufays 2014); null for none.</summary>
    public int? Projection { get; init; }

    /// <summary>lstm: c is clipped to ±this, its gradient zero outside; null for none.</summary>
    public float? CellClip { get; init; }

    /// <summary>
    /// Every gate's argument is clipped to ±this before its activation (ONNX <c>clip</c>), its gradient zero outside; null for none, always with
    /// layer normalization.
    /// </summary>
    public float? GateClip { get; init; }

    /// <summary><see cref="CellClip"/> as kernels take it: infinite for none.</summary>
    internal float CellLimit => CellClip ?? float.PositiveInfinity;

    /// <summary><see cref="GateClip"/> as kernels take it: infinite for none.</summary>
    internal float GateLimit => GateClip ?? float.PositiveInfinity;
}
