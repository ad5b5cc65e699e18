using Unroll.Cells.Definitions;
using static Unroll.Cells.Definitions.BinaryOperator;

namespace Unroll.Inspection.Derivation;

/// <summary>Writes expressions with as few parentheses as can be read without doubt.</summary>
/// <param name="notation">In which vocabulary.</param>
internal sealed class FormulaWriter(Notation notation)
{
    // How tightly what has been written holds together; what holds less than its place asks for stands in parentheses.
    private const int Sum = 1, Term = 2, Product = 3, Power = 4, Atom = 5;

    public static FormulaWriter Unicode { get; } = new(UnicodeNotation.Instance);

    public static FormulaWriter Latex { get; } = new(LatexNotation.Instance);

    public static FormulaWriter Html { get; } = new(HtmlNotation.Instance);

    /// <summary>The expression.</summary>
    public string Write(CellExpression value) => Write(value, next: false, Sum);

    private string Write(CellExpression value, bool next, int place)
    {
        (string text, int held) = Written(value, next);
        return held < place ? notation.Parentheses(text) : text;
    }

    private (string Text, int Held) Written(CellExpression value, bool next)
    {
        ReadAt now = next ? ReadAt.After : ReadAt.Now;
        switch (value)
        {
            case NextStepExpression later: return Written(later.Of, next: true);
            case InputExpression: return (notation.Name("x", now), Atom);
            case PreviousExpression previous: return (notation.Name(previous.State, next ? ReadAt.Now : ReadAt.Before), Atom);
            case QuantityExpression quantity: return (notation.Name(quantity.Name, now), Atom);
            case FixedExpression one: return (notation.Name(one.Name, ReadAt.Always), Atom);
            case DeltaExpression delta: return (notation.Delta(notation.Name(delta.Quantity, now)), Atom);
            case VectorExpression vector: return (notation.Name(vector.Name, ReadAt.Always), Atom);
            case ScalarExpression scalar: return (notation.Name(scalar.Name, ReadAt.Always), Atom);
            case MatrixExpression matrix: return (notation.Name(matrix.Name, ReadAt.Always), Atom);
            case ConstantExpression constant: return (notation.Number(constant.Value), constant.Value < 0 ? Sum : Atom);
            case GradientExpression gradient: return (notation.Delta(Write(gradient.Of, next, Atom)), Atom);
            case OwnLossExpression loss: return (notation.OwnLoss(Write(loss.Of, next, Atom)), Term);
            case OuterExpression outer:
                return (Write(outer.Left, next, Atom) + notation.Apart + notation.Transposed(Write(outer.Right, next, Atom)), Product);
            case UnitSumExpression sum: return (notation.UnitSum(Write(sum.Of, next, Term)), Sum);
            case ProductExpression product: return (Matrix(product) + notation.Apart + Write(product.Of, next, Power), Product);
            case BinaryExpression binary: return Binary(binary, next);
            case FunctionExpression { Function: CellFunction.Negate } negative:
                return (notation.Minus.Trim() + Write(negative.Of, next, Term), Sum);
            case FunctionExpression { Function: CellFunction.SquareRoot } root: return (notation.SquareRoot(Write(root.Of, next, Sum)), Atom);
            case FunctionExpression function: return (notation.Call(CellText.Word(function.Function), Write(function.Of, next, Sum)), Atom);
            case ClipExpression clip:
                return (notation.Call("clip", Write(clip.Of, next, Sum), notation.Number(clip.Low), notation.Number(clip.High)), Atom);
            case NormExpression norm: return (notation.Call("norm", Write(norm.Of, next, Sum)), Atom);
            case AboveExpression above: return (notation.Above(Write(above.Left, next, Sum), Write(above.Right, next, Sum), above.OrEqual), Atom);
            case NormGradientExpression gradient: return (NormGradient(gradient, next), Term);
            default: throw new ArgumentOutOfRangeException(nameof(value), value, null);
        }
    }

    private (string Text, int Held) Binary(BinaryExpression binary, bool next)
    {
        (CellExpression left, CellExpression right) = (binary.Left, binary.Right);
        switch (binary.Operator)
        {
            case Add:
                int begin = right is ConstantExpression or FunctionExpression ? Term : Sum;                  // a + (−b)
                return (Write(left, next, Sum) + notation.Plus + Write(right, next, begin), Sum);
            case Subtract: return (Write(left, next, Sum) + notation.Minus + Write(right, next, Term), Sum);
            // a number stands beside what it multiplies
            case Multiply when IsNumber(left) && right is not ConstantExpression:
                return Begun(left, Product, notation.Apart + Write(right, next, Term));
            case Multiply: return Begun(left, Term, notation.Times + Write(right, next, Term));
            case Divide when notation.DrawsFractions: return (notation.Quotient(Write(left, next, Sum), Write(right, next, Sum)), Product);
            case Divide: return (notation.Quotient(Write(left, next, left is ProductExpression ? Power : Term), Write(right, next, Power)), Term);
            case BinaryOperator.Power: return (notation.Power(Write(left, next, Atom), ((ConstantExpression)right).Value), Power);
            case Max: return (notation.Call("max", Write(left, next, Sum), Write(right, next, Sum)), Atom);
            default: return (notation.Call("min", Write(left, next, Sum), Write(right, next, Sum)), Atom);
        }

        // A sign in front is that of all that follows; a matrix in front would seem to multiply it all.
        (string Text, int Held) Begun(CellExpression first, int place, string rest) =>
            first is FunctionExpression { Function: CellFunction.Negate } or ConstantExpression { Value: < 0 }
                ? (Write(first, next, Sum) + rest, Sum)
                : (Write(first, next, first is ProductExpression ? Power : place) + rest, Term);
    }

    private string Matrix(ProductExpression product)
    {
        string name = notation.Name(product.Matrix, ReadAt.Always);
        return product.Form switch
        {
            MatrixForm.Plain => name,
            MatrixForm.Transposed => notation.Transposed(name),
            _ => notation.Parentheses(name + notation.Minus + notation.Transposed(name)),
        };
    }

    //  ρ (δ − mean(δ) − p ⊙ mean(δ ⊙ p))
    private string NormGradient(NormGradientExpression gradient, bool next)
    {
        string delta = Write(gradient.Delta, next, Atom), normalized = notation.Name(gradient.Normalized, next ? ReadAt.After : ReadAt.Now);
        return notation.Name(DeviationOf(gradient.Normalized), next ? ReadAt.After : ReadAt.Now) + notation.Apart + notation.Parentheses(
            delta + notation.Minus + notation.Call("mean", delta) + notation.Minus + normalized + notation.Times
            + notation.Call("mean", delta + notation.Times + normalized));
    }

    /// <summary>What one over the deviation of a row is called that a quantity standardizes.</summary>
    public static string DeviationOf(string normalized) => "ρ_" + normalized;

    private static bool IsNumber(CellExpression value) => value is ConstantExpression or ScalarExpression
        || value is BinaryExpression { Operator: Multiply } product && IsNumber(product.Left) && IsNumber(product.Right);
}
