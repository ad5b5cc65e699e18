namespace Unroll.Cells.Definitions;

/// <summary>A term of a gradient: what reaches it through one quantity that reads it.</summary>
/// <param name="Through">The quantity that reads it.</param>
/// <param name="Value">
/// The term, over δ of that quantity, values of the step and parameters; of what a matrix multiplies it is the transposed product with δ of the
/// argument.
/// </param>
public sealed record GradientTerm(string Through, CellExpression Value)
{
    /// <summary>Whether it is a product with a matrix, which the recurrent layer computes.</summary>
    public bool IsProduct => Value is ProductExpression or FunctionExpression { Function: CellFunction.Negate, Of: ProductExpression };
}

/// <summary>The gradient of a quantity, a state of the step before, the input or a vector: the sum of its terms.</summary>
/// <param name="Of">What it is the gradient of.</param>
/// <param name="Terms">The terms that arise within the step, in the order of the computation backward.</param>
public sealed record DerivedGradient(CellExpression Of, IReadOnlyList<GradientTerm> Terms)
{
    /// <summary>Whether more arrives from outside: from the layer's output, or from the step after.</summary>
    public bool Arrives { get; init; }
}

//  δW += δargument sourceᵀ      Aᵀ: its transpose      A − Aᵀ: both, the second subtracted

/// <summary>A term of a matrix's gradient.</summary>
/// <param name="Argument">The argument whose δ it is.</param>
/// <param name="Source">What the matrix multiplied.</param>
/// <param name="Form">How the matrix was used.</param>
public sealed record MatrixTerm(string Argument, CellExpression Source, MatrixForm Form);

/// <summary>The gradient of a matrix.</summary>
/// <param name="Name">The matrix.</param>
/// <param name="Terms">A term for each product.</param>
public sealed record MatrixGradient(string Name, IReadOnlyList<MatrixTerm> Terms);

/// <summary>
/// What follows from a definition by the chain rule: the quantities of a step in the order of their computation, and the gradient of each, of the
/// states of the step before, of x and of every parameter as a sum of named terms. The engine's backward pass, the textbook and the printed
/// derivation are all made of it.
/// </summary>
public sealed class CellDerivation
{
    private readonly Dictionary<string, CellQuantity> _byName;
    private readonly bool _unsaturated;

    private CellDerivation(CellDefinition definition, bool unsaturated)
    {
        _unsaturated = unsaturated;
        Definition = definition;
        List<CellQuantity> quantities = Staged(Unfolding.Of(definition));
        _byName = quantities.ToDictionary(one => one.Name);
        Quantities = quantities;
        Stages = 1 + quantities.Max(one => one.Stage);
        Gradients = [.. Enumerable.Reverse(quantities).Select(one => Gradient(new QuantityExpression(one.Name), Arrives(one.Name)))];
        Before = [.. definition.States.Select(state => Gradient(new PreviousExpression(state.Name), arrives: false))];
        Input = Gradient(new InputExpression(), arrives: false);
        Vectors =
        [
            .. definition.Parameters.Where(one => one.Kind != ParameterKind.Matrix).Select(one =>
                Gradient(one.Kind == ParameterKind.Scalar ? new ScalarExpression(one.Name) : new VectorExpression(one.Name), arrives: false)),
        ];
        Matrices =
        [
            .. definition.Parameters.Where(one => one.Kind == ParameterKind.Matrix).Select(one => new MatrixGradient(one.Name,
            [
                .. from quantity in Enumerable.Reverse(quantities)
                   from product in quantity.Products
                   where product.Matrix == one.Name
                   select new MatrixTerm(quantity.Name, product.Of, product.Form),
            ])),
        ];
    }

    /// <summary>Derives.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="unsaturated">
    /// Whether every slope of an activation is taken at its largest, clips open: held against the real derivation it tells what saturation does.
    /// </param>
    public static CellDerivation Of(CellDefinition definition, bool unsaturated = false) => new(definition, unsaturated);

    /// <summary>What it is derived from.</summary>
    public CellDefinition Definition { get; }

    /// <summary>The quantities of a step, in the order of their computation.</summary>
    public IReadOnlyList<CellQuantity> Quantities { get; }

    /// <summary>How many stages a step has: within one nothing waits for a product.</summary>
    public int Stages { get; }

    /// <summary>δ of every quantity, in the order of the computation backward: each uses only those before it.</summary>
    public IReadOnlyList<DerivedGradient> Gradients { get; }

    /// <summary>What the step contributes to δ of the states of the step before, in the order of the states.</summary>
    public IReadOnlyList<DerivedGradient> Before { get; }

    /// <summary>What it contributes to δx.</summary>
    public DerivedGradient Input { get; }

    /// <summary>What it adds to the gradients of vectors and numbers, in their order; of a number the sum over the units.</summary>
    public IReadOnlyList<DerivedGradient> Vectors { get; }

    /// <summary>What it adds to the gradients of matrices, in their order.</summary>
    public IReadOnlyList<MatrixGradient> Matrices { get; }

    /// <summary>The quantity of that name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public CellQuantity this[string name] => _byName[name];

    /// <summary>The quantity of that name; null: there is none.</summary>
    /// <param name="name">The name.</param>
    public CellQuantity? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>
    /// ∂(new state)/∂(state of the step before) on the direct path, unit by unit: f of c = f ⊙ c₋ + i ⊙ g; null: the new state does not read it.
    /// </summary>
    /// <param name="state">The state's name.</param>
    public CellExpression? KeepPath(string state) => Derivative.Of(this[state], new PreviousExpression(state), _unsaturated);

    //  c = f ⊙ c₋ + …: f keeps      h = (1 − z) ⊙ h₋ + …: z forgets

    /// <summary>What a quantity does to a state of the step before by the equations themselves; null: neither keeps nor forgets.</summary>
    /// <param name="quantity">Its name.</param>
    /// <param name="state">To that state; null: to any.</param>
    internal GateRole? KeepsBy(string quantity, string? state = null)
    {
        QuantityExpression gate = new(quantity);
        CellExpression rest = new BinaryExpression(BinaryOperator.Subtract, new ConstantExpression(1), gate);
        CellExpression?[] paths = [.. Definition.States.Where(one => state is null || one.Name == state).Select(one => KeepPath(one.Name))];
        return paths.Contains(gate) ? GateRole.Keeps : paths.Contains(rest) ? GateRole.Forgets : null;
    }

    /// <summary>Whether δ of a quantity has a part from outside the step: it is the output, or a state.</summary>
    /// <param name="name">The quantity.</param>
    public bool Arrives(string name) => name == Definition.Output || Definition.States.Any(state => state.Name == name);

    // Every reader of it, last first.
    private DerivedGradient Gradient(CellExpression of, bool arrives)
    {
        List<GradientTerm> terms = [];
        foreach (CellQuantity reader in Enumerable.Reverse(Quantities))
        {
            DeltaExpression delta = new(reader.Name);
            if (reader is { Kind: QuantityKind.Norm, Value: NormExpression norm })
            {
                if (norm.Of == of) terms.Add(new(reader.Name, new NormGradientExpression(delta, reader.Name)));
                continue;
            }
            if (of is VectorExpression vector)
                foreach (string bias in reader.Biases)
                    if (bias == vector.Name) terms.Add(new(reader.Name, delta));
            if (Derivative.Of(reader, of, _unsaturated) is { } factor) terms.Add(new(reader.Name, Derivative.Times(delta, factor)));
            foreach (ProductExpression product in reader.Products)
                if (product.Of == of) terms.Add(new(reader.Name, Transposed(product, delta)));
        }
        return new(of, terms) { Arrives = arrives };
    }

    private static CellExpression Transposed(ProductExpression product, DeltaExpression delta) => product.Form switch
    {
        MatrixForm.Plain => new ProductExpression(product.Matrix, delta, MatrixForm.Transposed),
        MatrixForm.Transposed => new ProductExpression(product.Matrix, delta),
        _ => new FunctionExpression(CellFunction.Negate, new ProductExpression(product.Matrix, delta, MatrixForm.Antisymmetric)),
    };

    private List<CellQuantity> Staged(List<CellQuantity> quantities)
    {
        Dictionary<string, int> stage = [], back = [];
        foreach (CellQuantity one in quantities)
        {
            int own = one.ReadByUnit.Select(name => stage[name]).DefaultIfEmpty(0).Max();
            foreach (ProductExpression product in one.Products)
                if (product.Of is QuantityExpression source) own = Math.Max(own, stage[source.Name] + 1);
            stage[one.Name] = own;
        }
        int last = stage.Values.Max();
        foreach (CellQuantity one in quantities) back[one.Name] = last;
        foreach (CellQuantity reader in Enumerable.Reverse(quantities))
        {
            foreach (string read in reader.ReadByUnit) back[read] = Math.Min(back[read], back[reader.Name]);
            foreach (ProductExpression product in reader.Products)
                if (product.Of is QuantityExpression source) back[source.Name] = Math.Min(back[source.Name], stage[source.Name]);
        }
        return [.. quantities.Select(one => one with { Stage = stage[one.Name], BackStage = back[one.Name] })];
    }
}
