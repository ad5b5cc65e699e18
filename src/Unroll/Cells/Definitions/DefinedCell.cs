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
    private readonly Operand[] _views;

    /// <summary>Compiles a stage.</summary>
    public DefinedStage(IReadOnlyList<CellStatement> statements, IReadOnlyList<StatementShape> shapes)
    {
        (_list, IReadOnlyList<Operand> views) = StatementCompiler.Compile(statements, shapes);
        _views = [.. views];
    }

    /// <summary>Runs it forward.</summary>
    [SkipLocalsInit]
    public void Run(in Tile s)
    {
        if (_list.Steps.Count == 0) return;
        Span<MatrixView> views = stackalloc MatrixView[_views.Length];
        for (int k = 0; k < _views.Length; k++) views[k] = View(s, _views[k]);
        _list.Run(views, s.Rows, s.Saved(0).Columns, s.Valid);
    }

    /// <summary>Runs it backward.</summary>
    [SkipLocalsInit]
    public void Run(in TileBack s)
    {
        if (_list.Steps.Count == 0) return;
        Tile forward = s.Forward;
        Span<MatrixView> views = stackalloc MatrixView[_views.Length];
        for (int k = 0; k < _views.Length; k++)
        {
            int at = _views[k].Index;
            views[k] = _views[k].Kind switch
            {
                OperandKind.Delta => s.DA(at),
                OperandKind.DeltaState => s.DState(at),
                OperandKind.DeltaBefore => s.DHPrev,
                OperandKind.Source => s.DSource(at),
                _ => View(forward, _views[k]),
            };
        }
        _list.Run(views, s.Rows, s.Saved(0).Columns, s.Valid);
    }

    // What both passes read: all that forward had.
    private static MatrixView View(in Tile s, Operand operand) => operand.Kind switch
    {
        OperandKind.Saved => s.Saved(operand.Index),
        OperandKind.Before => s.StatePrev(operand.Index),
        OperandKind.After => s.State(operand.Index),
        OperandKind.Input => s.Input,
        OperandKind.Extra => s.Extra(operand.Index).Repeated(s.Rows),
        _ => throw new InvalidOperationException($"the pass has no {operand.Kind}"),
    };
}
