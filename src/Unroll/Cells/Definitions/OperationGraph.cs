using Unroll.Numerics;

namespace Unroll.Cells.Definitions;

/// <summary>A value of lowered equations: an operation on others, a number, or what a matrix has at the start. Equal values are one object.</summary>
internal sealed class OperationNode(int id, Operation operation, IReadOnlyList<OperationNode> of)
{
    /// <summary>In the order of creation.</summary>
    public int Id { get; } = id;

    /// <summary>What makes it.</summary>
    public Operation Operation { get; } = operation;

    /// <summary>Of what.</summary>
    public IReadOnlyList<OperationNode> Of { get; } = of;

    /// <summary>The matrix that holds it at the start; −1: none does.</summary>
    public int View { get; init; } = -1;

    /// <summary>The number that it is; null: it is none.</summary>
    public float? Number { get; init; }

    /// <summary>ε of a norm.</summary>
    public double Epsilon { get; init; }

    /// <summary>The matrix that receives ρ of a norm.</summary>
    public int Scale { get; init; } = -1;

    /// <summary>Whether it is in memory from the start.</summary>
    public bool IsLeaf => Of.Count == 0;
}

//  p ⊙ q + r ⊙ s → fma(p, q, r ⊙ s)      x + a ⊙ b → fma(a, b, x)      x − a ⊙ b → fma(−a, b, x)      a ⊙ b − x → fma(a, b, −x)
//  a ⊙ (b ⊙ c) → (a ⊙ b) ⊙ c             (−a) ⊙ b → −(a ⊙ b)           x + (y + z) → (x + y) + z, x no product
//  a² → a ⊙ a                            a³ → (a ⊙ a) ⊙ a

/// <summary>
/// Equations as operations, each rounded once: the one place that says which products and sums are one fused multiply-add. It looks at one equation
/// at a time and knows nothing of statements, so that neither their selection nor what else uses a value changes a bit.
/// </summary>
internal sealed class OperationGraph
{
    private readonly Dictionary<(Operation, int, int, int, int, int, int, double), OperationNode> _known = [];

    /// <summary>What a matrix holds at the start.</summary>
    public OperationNode View(int view) => Make(Operation.Operand, [], view: view);

    /// <summary>A number.</summary>
    public OperationNode Constant(double value) =>
        Make(value == 1 ? Operation.One : Operation.Operand, [], number: (float)value);

    /// <summary>A standardized row.</summary>
    /// <param name="of">The row.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="scale">The matrix that receives ρ.</param>
    public OperationNode Norm(OperationNode of, double epsilon, int scale) => Make(Operation.Norm, [of], epsilon: epsilon, scale: scale);

    /// <summary>The gradient through a standardized row.</summary>
    public OperationNode NormBack(OperationNode delta, OperationNode normalized, OperationNode scale) =>
        Make(Operation.NormBack, [delta, normalized, scale]);

    /// <summary>The value of an expression.</summary>
    /// <param name="expression">The expression, over operands and constants.</param>
    /// <param name="leaf">The values of the operands.</param>
    public OperationNode Lower(CellExpression expression, Func<Operand, OperationNode> leaf)
    {
        OperationNode Of(CellExpression e) => Lower(e, leaf);
        return expression switch
        {
            ConstantExpression c => Constant(c.Value),
            BinaryExpression { Operator: BinaryOperator.Power, Right: ConstantExpression k } b => Power(Of(b.Left), k.Value),
            BinaryExpression
            {
                Operator: BinaryOperator.Add, Right: BinaryExpression { Operator: BinaryOperator.Add or BinaryOperator.Subtract } r,
            } b when Of(b.Left) is var left && Factors(left) is null => Binary(r.Operator, Lower(b with { Right = r.Left }, leaf), Of(r.Right)),
            BinaryExpression b => Binary(b.Operator, Of(b.Left), Of(b.Right)),
            FunctionExpression f => Function(f.Function, Of(f.Of)),
            ClipExpression c => Make(Operation.Clip, [Of(c.Of), Constant(c.Low), Constant(c.High)]),
            AboveExpression a => Make(a.OrEqual ? Operation.NotBelow : Operation.Above, [Of(a.Left), Of(a.Right)]),
            OperandExpression operand => leaf(operand.At),
            _ => throw new ArgumentException($"no operation does {expression.GetType().Name}", nameof(expression)),
        };
    }

    /// <summary>a + b, fused where one is a product.</summary>
    public OperationNode Sum(OperationNode a, OperationNode b)
    {
        if (Factors(a) is var (p, q)) return Make(Operation.MultiplyAdd, [p, q, b]);
        if (Factors(b) is var (r, s)) return Make(Operation.MultiplyAdd, [r, s, a]);
        if (b.Operation == Operation.Negate) return Make(Operation.Subtract, [a, b.Of[0]]);
        return a.Operation == Operation.Negate ? Make(Operation.Subtract, [b, a.Of[0]]) : Make(Operation.Add, [a, b]);
    }

    private OperationNode Difference(OperationNode a, OperationNode b) =>
        Factors(a) is null && Factors(b) is null && b.Operation != Operation.Negate ? Make(Operation.Subtract, [a, b]) : Sum(a, Negative(b));

    // The factors of a product, also of one that is negated: −(a ⊙ b) is (−a) ⊙ b.
    private (OperationNode, OperationNode)? Factors(OperationNode a) => a switch
    {
        { Operation: Operation.Multiply } => (a.Of[0], a.Of[1]),
        { Operation: Operation.Negate } when a.Of[0].Operation == Operation.Multiply => (Negative(a.Of[0].Of[0]), a.Of[0].Of[1]),
        _ => null,
    };

    private OperationNode Negative(OperationNode a) => a switch
    {
        { Operation: Operation.Negate } => a.Of[0],
        { Number: { } value } => Constant(-value),
        _ => Make(Operation.Negate, [a]),
    };

    private OperationNode Product(OperationNode a, OperationNode b)
    {
        if (a.Operation == Operation.Negate) return Negative(Product(a.Of[0], b));
        if (b.Operation == Operation.Negate) return Negative(Product(a, b.Of[0]));
        return b.Operation == Operation.Multiply ? Product(Product(a, b.Of[0]), b.Of[1]) : Make(Operation.Multiply, [a, b]);
    }

    private OperationNode Binary(BinaryOperator what, OperationNode a, OperationNode b) => what switch
    {
        BinaryOperator.Add => Sum(a, b),
        BinaryOperator.Subtract => Difference(a, b),
        BinaryOperator.Multiply => Product(a, b),
        BinaryOperator.Divide => Make(Operation.Divide, [a, b]),
        BinaryOperator.Max => Make(Operation.Max, [a, b]),
        BinaryOperator.Min => Make(Operation.Min, [a, b]),
        _ => throw new ArgumentException("a power needs a constant exponent", nameof(what)),
    };

    private OperationNode Function(CellFunction what, OperationNode a) => what == CellFunction.Negate ? Negative(a) : Make(what switch
    {
        CellFunction.Sigmoid => Operation.Sigmoid,
        CellFunction.Tanh => Operation.Tanh,
        CellFunction.Relu => Operation.Relu,
        CellFunction.Exp => Operation.Exp,
        CellFunction.Log => Operation.Log,
        CellFunction.Softplus => Operation.Softplus,
        CellFunction.HardSigmoid => Operation.HardSigmoid,
        CellFunction.SquareRoot => Operation.SquareRoot,
        _ => throw new ArgumentOutOfRangeException(nameof(what)),
    }, [a]);

    //  aⁿ by products from the left, a^(n + ½) = aⁿ √a, a⁻ᵏ = 1 / aᵏ, else e^(k ln a)
    private OperationNode Power(OperationNode a, double k)
    {
        if (k < 0) return Make(Operation.Divide, [Constant(1), Power(a, -k)]);
        double whole = Math.Floor(k);
        if (whole > 16 || (k != whole && k != whole + 0.5))
            return Function(CellFunction.Exp, Product(Constant(k), Function(CellFunction.Log, a)));
        OperationNode? power = null;
        for (int i = 0; i < whole; i++) power = power is null ? a : Make(Operation.Multiply, [power, a]);
        if (k == whole) return power ?? Constant(1);
        OperationNode root = Function(CellFunction.SquareRoot, a);
        return power is null ? root : Make(Operation.Multiply, [power, root]);
    }

    private OperationNode Make(Operation operation, OperationNode[] of, int view = -1, float? number = null, double epsilon = 0, int scale = -1)
    {
        int At(int k) => k < of.Length ? of[k].Id : -1;
        int bits = number is { } value ? BitConverter.SingleToInt32Bits(value) : int.MaxValue;
        var key = (operation, At(0), At(1), At(2), view, scale, bits, epsilon);
        if (!_known.TryGetValue(key, out OperationNode? node))
        {
            node = new OperationNode(_known.Count, operation, of) { View = view, Number = number, Epsilon = epsilon, Scale = scale };
            _known.Add(key, node);
        }
        return node;
    }
}
