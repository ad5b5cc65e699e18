namespace Unroll.Cells.Definitions;

//  f = σ(W_f x + U_f h₋ + b_f)            →   a_f = W_f x + U_f h₋ + b_f      f = σ(a_f)
//  n = tanh(W_n x + U_n (r ⊙ h₋) + b_n)   →   rh = r ⊙ h₋      a_n = W_n x + U_n rh + b_n      n = tanh(a_n)
//  h = o ⊙ tanh(c)                        →   tanh_c = tanh(c)      h = o ⊙ tanh_c

/// <summary>Takes the equations of a definition apart into quantities.</summary>
internal sealed class Unfolding
{
    private const int MaxBiases = 2;
    private readonly List<CellQuantity> _quantities = [];
    private readonly Dictionary<CellExpression, string> _known = [];
    private readonly HashSet<string> _names, _usedByUnit = [], _argued = [];

    private Unfolding(CellDefinition definition)
    {
        _names = [.. definition.Assignments.Select(one => one.Name), .. definition.Parameters.Select(one => one.Name), CellWords.Input,
            .. definition.States.Select(one => one.Name)];
        foreach (CellAssignment one in definition.Assignments) FindVectorsByUnit(one.Value);
    }

    /// <summary>The quantities in the order of their computation, their stages still open.</summary>
    public static List<CellQuantity> Of(CellDefinition definition)
    {
        Unfolding unfolding = new(definition);
        foreach (CellAssignment one in definition.Assignments) unfolding.Add(one);
        return unfolding._quantities;
    }

    private void Add(CellAssignment assignment)
    {
        string name = assignment.Name;
        CellQuantity quantity = assignment.Value switch
        {
            { } value when SumOf(value).Any(one => one is { Term: ProductExpression, Negative: false }) => Argument(name, name, value),
            NormExpression norm => new(name, name, QuantityKind.Norm, norm with { Of = Leaf(norm.Of, name) }),
            FunctionExpression { Function: not CellFunction.Negate } function =>
                new(name, name, QuantityKind.Plain, function with { Of = Leaf(function.Of, name) }),
            { } value => new(name, name, QuantityKind.Plain, Inline(value, name)),
        };
        if (quantity.Kind != QuantityKind.Argument) quantity = quantity with { Rest = quantity.Value };
        Put(quantity);
    }

    // A leaf that has the value of the expression: itself, or a quantity made for it.
    private CellExpression Leaf(CellExpression value, string owner, string? name = null)
    {
        if (IsLeaf(value)) return value;
        if (SumOf(value).Any(one => one is { Term: ProductExpression, Negative: false }))
        {
            bool outermost = _argued.Add(owner);
            CellQuantity argument = Argument("", owner, value);
            return Made(argument, name ?? (outermost ? $"a_{owner}" : ProductName(argument)));
        }
        CellExpression inner;
        switch (value)
        {
            case NormExpression norm:
                norm = norm with { Of = Leaf(norm.Of, owner) };
                return Made(new("", owner, QuantityKind.Norm, norm) { Rest = norm }, name ?? $"norm_{norm.Of.LeafName ?? owner}");
            case FunctionExpression { Function: not CellFunction.Negate } function:
                function = function with { Of = Leaf(function.Of, owner) };
                return Made(new("", owner, QuantityKind.Plain, function) { Rest = function },
                    name ?? $"{CellFormatter.Word(function.Function)}_{function.Of.LeafName ?? owner}");
            default:
                inner = Inline(value, owner);
                return IsLeaf(inner) ? inner
                    : Made(new("", owner, QuantityKind.Plain, inner) { Rest = inner }, name ?? PairName(inner) ?? $"a_{owner}");
        }
    }

    // The same expression over leaves: what is not a sum, product, quotient or power becomes a quantity.
    private CellExpression Inline(CellExpression value, string owner)
    {
        if (IsLeaf(value)) return value;
        if (SumOf(value).Any(one => one is { Term: ProductExpression, Negative: false })) return Leaf(value, owner);
        return value switch
        {
            BinaryExpression { Operator: BinaryOperator.Max or BinaryOperator.Min } pick =>
                pick with { Left = Leaf(pick.Left, owner), Right = Leaf(pick.Right, owner) },
            BinaryExpression { Operator: BinaryOperator.Power or BinaryOperator.Divide } ratio =>
                ratio with { Left = Leaf(ratio.Left, owner), Right = Leaf(ratio.Right, owner) },
            BinaryExpression binary => binary with { Left = Inline(binary.Left, owner), Right = Inline(binary.Right, owner) },
            ClipExpression clip => clip with { Of = Leaf(clip.Of, owner) },
            FunctionExpression { Function: CellFunction.Negate } negative => negative with { Of = Inline(negative.Of, owner) },
            _ => Leaf(value, owner),
        };
    }

    private CellQuantity Argument(string name, string owner, CellExpression value)
    {
        List<ProductExpression> products = [];
        List<string> biases = [];
        CellExpression? rest = null, whole = null;
        foreach ((CellExpression term, bool negative) in SumOf(value))
        {
            if (!negative && term is ProductExpression product)
            {
                product = product with { Of = Source(product, owner) };
                products.Add(product);
                whole = Plus(whole, product, false);
            }
            else if (!negative && term is VectorExpression vector && biases.Count < MaxBiases && !_usedByUnit.Contains(vector.Name))
            {
                biases.Add(vector.Name);
                whole = Plus(whole, vector, false);
            }
            else
            {
                CellExpression inline = Inline(term, owner);
                rest = Plus(rest, inline, negative);
                whole = Plus(whole, inline, negative);
            }
        }
        return new(name, owner, QuantityKind.Argument, whole!) { Products = products, Biases = biases, Rest = rest };
    }

    private CellExpression Source(ProductExpression product, string owner)
    {
        if (product.Of is InputExpression or PreviousExpression or QuantityExpression) return product.Of;
        CellExpression inner = SumOf(product.Of).Any(one => one.Term is ProductExpression) ? Leaf(product.Of, owner, Lower(product.Matrix) + "_of")
            : Inline(product.Of, owner);
        if (inner is InputExpression or PreviousExpression or QuantityExpression) return inner;
        return Made(new("", owner, QuantityKind.Plain, inner) { Rest = inner }, PairName(inner) ?? $"s_{product.Matrix}");
    }

    private QuantityExpression Made(CellQuantity quantity, string name)
    {
        if (_known.TryGetValue(quantity.Value, out string? known)) return new(known);
        string free = name;
        for (int k = 2; !_names.Add(free); k++) free = $"{name}{k}";
        Put(quantity with { Name = free });
        return new(free);
    }

    private void Put(CellQuantity quantity)
    {
        _quantities.Add(quantity);
        _known.TryAdd(quantity.Value, quantity.Name);
    }

    // A vector that is more than a bias somewhere is an operand everywhere.
    private void FindVectorsByUnit(CellExpression value)
    {
        List<(CellExpression Term, bool Negative)> terms = SumOf(value);
        bool argument = terms.Any(one => one is { Term: ProductExpression, Negative: false });
        int biases = 0;
        foreach ((CellExpression term, bool negative) in terms)
        {
            if (term is VectorExpression vector)
            {
                if (!argument || negative || ++biases > MaxBiases) _usedByUnit.Add(vector.Name);
            }
            else
                foreach (CellExpression part in term.Operands) FindVectorsByUnit(part);
        }
    }

    private static CellExpression Plus(CellExpression? sum, CellExpression term, bool negative) =>
        sum is null ? negative ? new FunctionExpression(CellFunction.Negate, term) : term
        : new BinaryExpression(negative ? BinaryOperator.Subtract : BinaryOperator.Add, sum, term);

    private static List<(CellExpression Term, bool Negative)> SumOf(CellExpression value)
    {
        List<(CellExpression, bool)> terms = [];
        Collect(value, false);
        return terms;

        void Collect(CellExpression one, bool negative)
        {
            switch (one)
            {
                case BinaryExpression { Operator: BinaryOperator.Add } sum:
                    Collect(sum.Left, negative);
                    Collect(sum.Right, negative);
                    break;
                case BinaryExpression { Operator: BinaryOperator.Subtract } difference:
                    Collect(difference.Left, negative);
                    Collect(difference.Right, !negative);
                    break;
                default:
                    terms.Add((one, negative));
                    break;
            }
        }
    }

    private static bool IsLeaf(CellExpression value) => value is InputExpression or PreviousExpression or QuantityExpression or VectorExpression
        or ScalarExpression or ConstantExpression;

    // r ⊙ h₋ is rh.
    private static string? PairName(CellExpression value) => value is BinaryExpression { Operator: BinaryOperator.Multiply } pair
        && pair.Left.LeafName is { } left && pair.Right.LeafName is { } right ? left + right : null;

    private static string ProductName(CellQuantity argument) => Lower(argument.Products[0].Matrix);

    private static string Lower(string matrix) => char.ToLowerInvariant(matrix[0]) + matrix[1..];
}
