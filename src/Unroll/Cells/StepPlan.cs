namespace Unroll.Cells;

//  for each stage:   arguments += Σ W source      then the cell's Forward
//  back:             the cell's Backward, then    δsource += Σ Wᵀ δargument

/// <summary>
/// What a step of a cell multiplies, keeps and hands on, as data: the recurrent layer carries it out without knowing the cell. Of most cells it
/// follows from their gates and <see cref="ICell.Products"/>; an <see cref="IPlannedCell"/> gives its own.
/// </summary>
public sealed record StepPlan
{
    /// <summary>What is carried from step to step: the layer's output first (its width is the layer's output size), then the others.</summary>
    public required IReadOnlyList<PlannedState> States { get; init; }

    /// <summary>The matrices, in the order in which they are stored: before the vectors, but for <see cref="PlannedMatrix.StoredAfter"/>.</summary>
    public required IReadOnlyList<PlannedMatrix> Matrices { get; init; }

    /// <summary>The vectors, in the order in which they are stored, after the matrices.</summary>
    public required IReadOnlyList<PlannedVector> Vectors { get; init; }

    /// <summary>What receives sums of products.</summary>
    public required IReadOnlyList<PlannedArgument> Arguments { get; init; }

    /// <summary>The products; those of a chain in the order in which they are summed.</summary>
    public required IReadOnlyList<PlannedProduct> Products { get; init; }

    /// <summary>
    /// The saved slots and the states of this step that products multiply: <see cref="TileBack.DSource"/> has one matrix for each. Not x, nor states
    /// of the step before, whose gradients the layer adds to where they go.
    /// </summary>
    public required IReadOnlyList<ProductSource> Sources { get; init; }

    /// <summary>Slots of δ in all: of arguments, of vectors, and whatever the cell keeps from stage to stage.</summary>
    public required int Deltas { get; init; }

    /// <summary>Whether the cell takes sums over a row, so that its units cannot be dealt to workers.</summary>
    public bool NeedsWholeRows { get; init; }

    /// <summary>Whether the cell uses x unit by unit: the input then has as many features as there are units.</summary>
    public bool ReadsInput { get; init; }

    /// <summary>The slot of δ of that use; −1: there is none.</summary>
    public int InputDelta { get; init; } = -1;

    /// <summary>
    /// Names of the slots of δ, for those who look inside; where there are none, those of the arguments' saved slots, else <c>δ{slot}</c>.
    /// </summary>
    public IReadOnlyList<string> DeltaNames { get; init; } = [];

    /// <summary>Whether the layer makes the first state itself: a projection.</summary>
    internal bool Projects => Arguments.Any(argument => argument.Slot < 0);

    /// <summary>The plan of a cell: its own, or what follows from its gates and products.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="projection">The width of the first state where a product makes it; null for the units. A planned cell says it itself.</param>
    public static StepPlan Of(ICell cell, int? projection) => cell is IPlannedCell planned ? planned.Plan : DerivedPlan.Of(cell, projection);
}

/// <summary>A state.</summary>
/// <param name="Name">Its name; a first state that is learned is the parameter <c>{name}0_l{k}</c>.</param>
/// <param name="Width">Its width in a layer of so many units; null: the units. At most the units.</param>
/// <param name="Initial">Its first value where the layer has none of its own.</param>
public sealed record PlannedState(string Name, Func<int, int>? Width = null, float Initial = 0);

/// <summary>Of what a product's terms are.</summary>
public enum SourceKind
{
    /// <summary>x.</summary>
    Input,
    /// <summary>A state of the step before.</summary>
    Before,
    /// <summary>A state of this step.</summary>
    After,
    /// <summary>A saved slot that an earlier stage has filled.</summary>
    Saved,
}

/// <summary>What a product multiplies.</summary>
/// <param name="Kind">Of what kind.</param>
/// <param name="Index">Which state, or which saved slot.</param>
public readonly record struct ProductSource(SourceKind Kind, int Index = 0);

/// <summary>A matrix: <c>{name}_l{k}</c> [blocks · units, the source's width].</summary>
/// <param name="Name">The first part of its name in files: <c>weight_hh</c>.</param>
/// <param name="Blocks">How many blocks of units its rows are.</param>
/// <param name="Of">What it multiplies, for its width.</param>
public sealed record PlannedMatrix(string Name, int Blocks, ProductSource Of)
{
    /// <summary>How many vectors are stored before it: PyTorch has <c>weight_hr</c> after the biases.</summary>
    public int StoredAfter { get; init; }
}

/// <summary>A vector, or a number: <c>{name}_l{k}</c> [rows · units] or [1].</summary>
/// <param name="Name">The first part of its name in files: <c>bias_ih</c>.</param>
/// <param name="Rows">How many rows of units.</param>
/// <param name="Initial">What every number begins at where nothing else is said.</param>
public sealed record PlannedVector(string Name, int Rows, float Initial = 0)
{
    /// <summary>Whether it is a single number; the cell sees a row that is filled with it.</summary>
    public bool IsScalar { get; init; }

    /// <summary>Whether its shape is [rows, units].</summary>
    public bool IsTable { get; init; }

    /// <summary>Whether the cell sees its rows as <see cref="Tile.Extras"/> and adds to their gradients itself.</summary>
    public bool IsExtra { get; init; }
}

/// <summary>What a chain of products is summed into.</summary>
/// <param name="Slot">The saved slot; −1: the new first state itself, where nothing is done with it (a projection).</param>
/// <param name="Delta">The slot of its δ; −1: δ of the first state.</param>
/// <param name="Biases">What the chain begins with: vector and row of each, rounded once where there are two; none: zero.</param>
public sealed record PlannedArgument(int Slot, int Delta, params IReadOnlyList<(int Vector, int Row)> Biases);

/// <summary>Some blocks of a matrix times a source, summed into as many arguments, whose slots and δ follow each other.</summary>
/// <param name="Matrix">Which matrix.</param>
/// <param name="Block">The first of its blocks.</param>
/// <param name="Argument">The first of the arguments.</param>
/// <param name="Count">How many: 1 to 4.</param>
/// <param name="Of">What is multiplied.</param>
/// <param name="Stage">The stage that needs it, or an earlier one in which the source is ready.</param>
public sealed record PlannedProduct(int Matrix, int Block, int Argument, int Count, ProductSource Of, int Stage)
{
    /// <summary>How the matrix is used; other than plain it is square and has one block.</summary>
    public Definitions.MatrixForm Form { get; init; }
}

/// <summary>A cell that says itself what its steps multiply, keep and hand on.</summary>
public interface IPlannedCell : ICell
{
    /// <summary>The plan.</summary>
    StepPlan Plan { get; }
}
