using static Unroll.Cells.Definitions.BinaryOperator;

namespace Unroll.Cells.Definitions;

//  (a + b)′ = a′ + b′      (a ⊙ b)′ = a′ ⊙ b + a ⊙ b′      (a / b)′ = a′ / b − q ⊙ b′ / b      (aⁿ)′ = n aⁿ⁻¹ a′
//  σ′ = q ⊙ (1 − q)      tanh′ = 1 − q²      relu′ = [q > 0]      exp′ = q      ln′ = 1 / a      softplus′ = σ(a)      √′ = ½ / q

/// <summary>The derivative of a quantity by one of the leaves of its value, simplified, by the quantity's own value q wherever that serves.</summary>
internal static class Derivative
{
    private static readonly ConstantExpression s_zero = new(0), s_one = new(1);

    /// <summary>∂q/∂leaf, unit by unit; null where it is zero.</summary>
    /// <param name="quantity">q: plain, or an argument, of which the products and biases do not count.</param>
    /// <param name="leaf">The leaf.</param>
    /// <param name="unsaturated">Whether every slope is taken at its largest: σ′ = ¼, tanh′ = 1, relu′ = 1, clips open.</param>
    public static CellExpression? Of(CellQuantity quantity, CellExpression leaf, bool unsaturated = false)
    {
        if (quantity.Rest is null) return null;
        bool whole = quantity.Kind == QuantityKind.Plain;
        CellExpression found = By(quantity.Rest, leaf, whole ? new QuantityExpression(quantity.Name) : null, unsaturated);
        return found is ConstantExpression { Value: 0 } ? null : found;
    }

    /// <summary>δ ⊙ factor, the factors one after another.</summary>
    /// <param name="delta">δ.</param>
    /// <param name="factor">What it is multiplied by.</param>
    public static CellExpression Times(CellExpression delta, CellExpression factor) => factor switch
    {
        ConstantExpression { Value: 1 } => delta,
        ConstantExpression { Value: -1 } => Minus(delta),
        FunctionExpression { Function: CellFunction.Negate } negative => Minus(Times(delta, negative.Of)),
        BinaryExpression { Operator: Multiply } product => Times(Times(delta, product.Left), product.Right),
        BinaryExpression { Operator: Divide, Left: ConstantExpression { Value: 1 } } inverse => new BinaryExpression(Divide, delta, inverse.Right),
        _ => new BinaryExpression(Multiply, delta, factor),
    };

    // Of a part of a value; own: the quantity itself where the part is all of it.
    private static CellExpression By(CellExpression value, CellExpression leaf, QuantityExpression? own, bool unsaturated)
    {
        if (value == leaf) return s_one;
        switch (value)
        {
            case BinaryExpression { Operator: Add } sum:
                return Plus(By(sum.Left, leaf, null, unsaturated), By(sum.Right, leaf, null, unsaturated));
            case BinaryExpression { Operator: Subtract } difference:
                return Plus(By(difference.Left, leaf, null, unsaturated), Minus(By(difference.Right, leaf, null, unsaturated)));
            case BinaryExpression { Operator: Multiply } product:
                return Plus(Product(By(product.Left, leaf, null, unsaturated), product.Right),
                    Product(By(product.Right, leaf, null, unsaturated), product.Left));
            case BinaryExpression { Operator: Divide } ratio:
                CellExpression numerator = By(ratio.Left, leaf, null, unsaturated), denominator = By(ratio.Right, leaf, null, unsaturated);
                return Plus(Ratio(numerator, ratio.Right), Minus(Ratio(Product(denominator, own ?? value), ratio.Right)));
            case BinaryExpression { Operator: Power, Right: ConstantExpression exponent } power:
                double less = exponent.Value - 1;
                CellExpression inner = less == 0 ? s_one : less == 1 ? power.Left
                    : new BinaryExpression(Power, power.Left, new ConstantExpression(less));
                return Product(By(power.Left, leaf, null, unsaturated), Product(new ConstantExpression(exponent.Value), inner));
            case BinaryExpression { Operator: Max } max:
                return Plus(Product(By(max.Left, leaf, null, unsaturated), new AboveExpression(max.Left, max.Right, OrEqual: true)),
                    Product(By(max.Right, leaf, null, unsaturated), new AboveExpression(max.Right, max.Left, OrEqual: false)));
            case BinaryExpression { Operator: Min } min:
                return Plus(Product(By(min.Left, leaf, null, unsaturated), new AboveExpression(min.Right, min.Left, OrEqual: true)),
                    Product(By(min.Right, leaf, null, unsaturated), new AboveExpression(min.Left, min.Right, OrEqual: false)));
            case ClipExpression clip:
                return Product(By(clip.Of, leaf, null, unsaturated), unsaturated ? s_one : new BinaryExpression(Multiply,
                    new AboveExpression(clip.Of, new ConstantExpression(clip.Low), OrEqual: false),
                    new AboveExpression(new ConstantExpression(clip.High), clip.Of, OrEqual: false)));
            case FunctionExpression { Function: CellFunction.Negate } negative:
                return Minus(By(negative.Of, leaf, null, unsaturated));
            case FunctionExpression function:
                return Product(By(function.Of, leaf, null, unsaturated), Slope(function, own ?? value, unsaturated));
            default:
                return s_zero;
        }
    }

    private static CellExpression Slope(FunctionExpression function, CellExpression q, bool unsaturated) => function.Function switch
    {
        CellFunction.Sigmoid when unsaturated => new ConstantExpression(0.25),
        CellFunction.HardSigmoid when unsaturated => new ConstantExpression(1.0 / 6),
        CellFunction.Tanh or CellFunction.Relu or CellFunction.Softplus when unsaturated => s_one,
        CellFunction.Sigmoid => new BinaryExpression(Multiply, q, new BinaryExpression(Subtract, s_one, q)),
        CellFunction.Tanh => new BinaryExpression(Subtract, s_one, new BinaryExpression(Power, q, new ConstantExpression(2))),
        CellFunction.Relu => new AboveExpression(q, s_zero, OrEqual: false),
        CellFunction.Exp => q,
        CellFunction.Log => new BinaryExpression(Divide, s_one, function.Of),
        CellFunction.Softplus => new FunctionExpression(CellFunction.Sigmoid, function.Of),
        CellFunction.HardSigmoid => new BinaryExpression(Divide, new BinaryExpression(Multiply,
            new AboveExpression(q, s_zero, OrEqual: false), new AboveExpression(s_one, q, OrEqual: false)), new ConstantExpression(6)),
        CellFunction.SquareRoot => new BinaryExpression(Divide, new ConstantExpression(0.5), q),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function.Function, null),
    };

    /// <summary>a + b.</summary>
    public static CellExpression Plus(CellExpression a, CellExpression b) => (a, b) switch
    {
        (ConstantExpression { Value: 0 }, _) => b,
        (_, ConstantExpression { Value: 0 }) => a,
        (ConstantExpression x, ConstantExpression y) => new ConstantExpression(x.Value + y.Value),
        (_, FunctionExpression { Function: CellFunction.Negate } negative) => new BinaryExpression(Subtract, a, negative.Of),
        (FunctionExpression { Function: CellFunction.Negate } negative, _) => new BinaryExpression(Subtract, b, negative.Of),
        (ConstantExpression { Value: < 0 } x, _) => new BinaryExpression(Subtract, b, new ConstantExpression(-x.Value)),
        _ => new BinaryExpression(Add, a, b),
    };

    /// <summary>−a.</summary>
    public static CellExpression Minus(CellExpression a) => a switch
    {
        ConstantExpression constant => new ConstantExpression(-constant.Value),
        FunctionExpression { Function: CellFunction.Negate } negative => negative.Of,
        BinaryExpression { Operator: Subtract } difference => new BinaryExpression(Subtract, difference.Right, difference.Left),
        _ => new FunctionExpression(CellFunction.Negate, a),
    };

    // a ⊙ b, the derivative of the inner part first.
    private static CellExpression Product(CellExpression a, CellExpression b) => (a, b) switch
    {
        (ConstantExpression { Value: 0 }, _) or (_, ConstantExpression { Value: 0 }) => s_zero,
        (ConstantExpression { Value: 1 }, _) => b,
        (_, ConstantExpression { Value: 1 }) => a,
        (ConstantExpression x, ConstantExpression y) => new ConstantExpression(x.Value * y.Value),
        (ConstantExpression { Value: -1 }, _) => Minus(b),
        (_, ConstantExpression { Value: -1 }) => Minus(a),
        (FunctionExpression { Function: CellFunction.Negate } negative, _) => Minus(Product(negative.Of, b)),
        (_, FunctionExpression { Function: CellFunction.Negate } negative) => Minus(Product(a, negative.Of)),
        _ => new BinaryExpression(Multiply, a, b),
    };

    private static CellExpression Ratio(CellExpression a, CellExpression b) => a switch
    {
        ConstantExpression { Value: 0 } => a,
        FunctionExpression { Function: CellFunction.Negate } negative => Minus(Ratio(negative.Of, b)),
        _ => new BinaryExpression(Divide, a, b),
    };
}
