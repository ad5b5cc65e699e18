using System.Runtime.CompilerServices;
using Unroll.Numerics;

namespace Unroll.Cells.Definitions;

/// <summary>
/// A cell that its equations define: slots, products and statements follow from the <see cref="CellDerivation"/>. Immutable; any number of layers may
/// share it.
/// </summary>
public sealed class DefinedCell : IPlannedCell, IUnsaturated
{
    private readonly CellProgram _program;
    private readonly DefinedStage[] _forward, _backward, _unsaturated;

    internal DefinedCell(CellDefinition definition) : this(definition, StatementShapes.All) { }

    /// <summary>The same by some of the shapes only: whatever they are, the bits are the same.</summary>
    internal DefinedCell(CellDefinition definition, IReadOnlyList<StatementShape> shapes)
    {
        Definition = definition;
        Derivation = CellDerivation.Of(definition);
        NarrowStates.Check(Derivation);
        _program = CellProgram.Of(Derivation);
        (_forward, _backward, _unsaturated) = (Stages(_program.Forward), Stages(_program.Backward), Stages(_program.BackwardUnsaturated));

        DefinedStage[] Stages(IReadOnlyList<IReadOnlyList<CellStatement>> stages) => [.. stages.Select(one => new DefinedStage(one, shapes))];
    }

    /// <summary>The equations.</summary>
    public CellDefinition Definition { get; }

    /// <summary>What follows from them.</summary>
    public CellDerivation Derivation { get; }

    /// <summary>Where its parameters lie.</summary>
    public DefinedLayout Layout => _program.Layout;

    /// <summary>How the engine runs them.</summary>
    internal CellProgram Program => _program;

    /// <inheritdoc/>
    public StepPlan Plan => _program.Plan;

    /// <inheritdoc/>
    public string Name => Definition.Name;

    /// <summary>None: its arguments are those of the plan.</summary>
    public string Gates => "";

    /// <inheritdoc/>
    public bool HasCellState => Plan.States.Count > 1;

    /// <inheritdoc/>
    public IReadOnlyList<string> Saved => _program.Saved;

    /// <summary>None: its products are those of the plan.</summary>
    public IReadOnlyList<Product> Products => [];

    int ICell.Stages => _forward.Length;

    /// <inheritdoc/>
    public int ExtraRows => _program.Extras.Count;

    /// <inheritdoc/>
    public CellDescription Description => field ??= DefinedDescription.Of(Derivation, Saved);

    /// <inheritdoc/>
    public void Forward(int stage, in Tile s) => _forward[stage].Run(s);

    /// <inheritdoc/>
    public void Backward(int stage, in TileBack s) => _backward[stage].Run(s);

    /// <inheritdoc/>
    public void BackwardUnsaturated(int stage, in TileBack s) => _unsaturated[stage].Run(s);

    //  δp += Σ_rows δ(p of the row)
    /// <inheritdoc/>
    public void AddExtraGradients(in UnitRange s)
    {
        for (int row = 0; row < _program.Extras.Count; row++)
            MatrixViews.AddRowSums(s.DA(_program.Extras[row].Delta), s.DExtra(row).Row(0));
    }
}

/// <summary>The statements of a stage, and where their rows are found in a tile.</summary>
internal sealed class DefinedStage
{
    private readonly StatementList _list;
    private readonly PlaceOfRows[] _places;

    /// <summary>Compiles a stage.</summary>
    public DefinedStage(IReadOnlyList<CellStatement> statements, IReadOnlyList<StatementShape> shapes)
    {
        (_list, IReadOnlyList<Operand> views) = StatementCompiler.Compile(statements, shapes);
        _places = [.. views.Select(Place)];
    }

    /// <summary>Runs it forward.</summary>
    [SkipLocalsInit]
    public void Run(in Tile s)
    {
        if (_list.Steps.Count == 0) return;
        Span<SideBySide> kinds = stackalloc SideBySide[TilePart.Kinds];
        s.Places(kinds);
        _list.Run(kinds, _places, s.Rows, s.Units, s.Valid);
    }

    /// <summary>Runs it backward.</summary>
    [SkipLocalsInit]
    public void Run(in TileBack s)
    {
        if (_list.Steps.Count == 0) return;
        Span<SideBySide> kinds = stackalloc SideBySide[TilePart.Kinds];
        s.Places(kinds);
        _list.Run(kinds, _places, s.Rows, s.Units, s.Valid);
    }

    private static PlaceOfRows Place(Operand operand)
    {
        (RowKind kind, int index) = operand.Kind switch
        {
            OperandKind.Saved => (RowKind.Saved, operand.Index),
            OperandKind.Before => Of(RowKind.StateBefore, RowKind.FurtherBefore),
            OperandKind.After => Of(RowKind.State, RowKind.Further),
            OperandKind.Input => (RowKind.Input, 0),
            OperandKind.Extra => (RowKind.Extra, operand.Index),
            OperandKind.Delta => (RowKind.Delta, operand.Index),
            OperandKind.DeltaState => Of(RowKind.DeltaState, RowKind.DeltaFurther),
            OperandKind.DeltaBefore => (RowKind.DeltaBefore, 0),
            OperandKind.Source => (RowKind.Source, operand.Index),
            _ => throw new InvalidOperationException($"a tile has no {operand.Kind}"),
        };
        return new((int)kind, index);

        (RowKind, int) Of(RowKind first, RowKind further) => operand.Index == 0 ? (first, 0) : (further, operand.Index - 1);
    }
}
