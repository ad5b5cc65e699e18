namespace Unroll.Cells.Definitions;

//  f = σ(W_f x + U_f h₋ + b_f)               W_f, W_n: blocks 0, 1 of weight_ih      U_f: block 0 of weight_hh
//  n = tanh(W_n x + U_n (f ⊙ h₋) + b_n)      U_n, b_f, b_n: parameters of their own

/// <summary>A parameter as a layer stores it: <c>{name}_l{k}</c>, blocks of rows one below the other.</summary>
/// <param name="Name">The first part of its name in files: <c>weight_ih</c>, <c>U_n</c>, <c>b_f</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Blocks">The parameters of the definition that lie in it, in order; several only of matrices.</param>
public sealed record StoredParameter(string Name, ParameterKind Kind, IReadOnlyList<string> Blocks)
{
    /// <summary>
    /// What a matrix multiplies: x, a state of the step before or a quantity; its columns are as many as that is wide. Null: no matrix.
    /// </summary>
    public CellExpression? Of { get; init; }

    /// <summary>How many rows a block has, where that is not the units.</summary>
    public CellWidth? Rows { get; init; }

    /// <summary>How many columns a matrix has, where that is not the units, nor the input's features.</summary>
    public CellWidth? Columns { get; init; }

    /// <summary>[blocks · rows, columns], [rows] or [1].</summary>
    /// <param name="inputs">Features of x.</param>
    /// <param name="units">The units.</param>
    public int[] Shape(int inputs, int units) => Kind switch
    {
        ParameterKind.Scalar => [1],
        ParameterKind.Vector => [Blocks.Count * RowsOf(units)],
        _ => [Blocks.Count * RowsOf(units), Of is InputExpression ? inputs : Columns?.Of(units) ?? units],
    };

    /// <summary>Rows of a block.</summary>
    /// <param name="units">The units.</param>
    public int RowsOf(int units) => Rows?.Of(units) ?? units;
}

/// <summary>Where a parameter of a definition lies.</summary>
/// <param name="Parameter">The index of the stored parameter.</param>
/// <param name="Block">Which of its blocks.</param>
public readonly record struct ParameterPlace(int Parameter, int Block);

/// <summary>
/// Where each parameter of a definition is stored. Matrices that multiply x and nothing else lie below each other in <c>weight_ih</c>, in the order
/// of their first use, those that multiply the first state of the step before and nothing else in <c>weight_hh</c>; a matrix that is also used
/// transposed, that multiplies something else, or whose rows are not the units is stored by its own name, and so is every vector and number.
/// </summary>
public sealed class DefinedLayout
{
    /// <summary>The matrices that multiply x.</summary>
    public const string OfInput = "weight_ih";

    /// <summary>The matrices that multiply the first state of the step before.</summary>
    public const string OfState = "weight_hh";

    private readonly Dictionary<string, ParameterPlace> _places = [];

    /// <summary>A layout of one's own.</summary>
    /// <param name="stored">Every stored parameter.</param>
    public DefinedLayout(IReadOnlyList<StoredParameter> stored)
    {
        Stored = stored;
        for (int k = 0; k < stored.Count; k++)
            for (int block = 0; block < stored[k].Blocks.Count; block++) _places[stored[k].Blocks[block]] = new(k, block);
    }

    /// <summary>The layout of a definition.</summary>
    /// <param name="derivation">What was derived from the definition.</param>
    public static DefinedLayout Of(CellDerivation derivation)
    {
        CellDefinition definition = derivation.Definition;
        CellWidths widths = new(definition);
        CellExpression state = new PreviousExpression(definition.States[0].Name);
        List<string> ofInput = [], ofState = [];
        List<StoredParameter> own = [], vectors = [];
        foreach (DefinedParameter one in definition.Parameters)
        {
            if (one.Kind != ParameterKind.Matrix)
            {
                CellWidth? length = one.Kind == ParameterKind.Vector ? Declared(widths.Rows(one.Name)) : null;
                vectors.Add(new(one.Name, one.Kind, [one.Name]) { Rows = length });
                continue;
            }
            ProductExpression[] uses = [.. derivation.Quantities.SelectMany(quantity => quantity.Products).Where(use => use.Matrix == one.Name)];
            CellWidth? rows = Declared(widths.Rows(one.Name));
            bool stacked = rows is null && uses.All(use => use.Form == MatrixForm.Plain);
            if (stacked && uses.All(use => use.Of is InputExpression)) ofInput.Add(one.Name);
            else if (stacked && uses.All(use => use.Of == state)) ofState.Add(one.Name);
            else
                own.Add(new(one.Name, ParameterKind.Matrix, [one.Name])
                {
                    Of = uses[0].Of, Rows = rows, Columns = Declared(widths.Columns(one.Name)),
                });
        }
        List<StoredParameter> stored = [];
        if (ofInput.Count > 0) stored.Add(new(OfInput, ParameterKind.Matrix, ofInput) { Of = new InputExpression() });
        if (ofState.Count > 0) stored.Add(new(OfState, ParameterKind.Matrix, ofState) { Of = state, Columns = definition.States[0].Width });
        return new([.. stored, .. own, .. vectors]);

        static CellWidth? Declared(CellSize size) => size.Kind == CellSizeKind.Declared ? size.Width : null;
    }

    /// <summary>Every stored parameter: stacked matrices, other matrices, then vectors and numbers.</summary>
    public IReadOnlyList<StoredParameter> Stored { get; }

    /// <summary>The stored parameter of that name; null: there is none.</summary>
    /// <param name="stored">The first part of its name in files.</param>
    public StoredParameter? Find(string stored) => Stored.FirstOrDefault(one => one.Name == stored);

    /// <summary>Where a parameter of the definition lies.</summary>
    /// <param name="name">Its name in the equations.</param>
    /// <exception cref="KeyNotFoundException">The definition has no such parameter.</exception>
    public ParameterPlace this[string name] => _places[name];
}
