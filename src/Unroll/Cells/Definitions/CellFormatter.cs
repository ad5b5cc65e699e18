using System.Globalization;
using System.Text;

namespace Unroll.Cells.Definitions;

/// <summary>Writes a definition as its canonical text: in Unicode, with as few parentheses as say the same.</summary>
internal static class CellFormatter
{
    // How tightly an expression holds together: what is looser than its place asks for gets parentheses.
    private const int SumLevel = 1, TermLevel = 2, SignLevel = 3, ProductLevel = 4, PowerLevel = 5, PrimaryLevel = 6;

    /// <summary>The whole text, with a line break at the end of each line.</summary>
    public static string Text(CellDefinition d)
    {
        StringBuilder text = new();
        foreach (string comment in d.Comments) Line(text, $"# {comment}");
        Line(text, $"cell {d.Name}");
        foreach (DefinedParameter p in d.Parameters.Where(IsDeclared))
            Line(text, $"{(p.Kind == ParameterKind.Scalar ? "scalar" : "vector")} {p.Name}{(p.Start is null ? "" : $" = {Start(p.Start)}")}");
        foreach (CellState s in d.States.Where(state => state.Width is not null)) Line(text, $"width {s.Name} = {Width(s.Width!.Value)}");
        foreach (CellState s in d.States.Where(state => state.Initial != 0)) Line(text, $"initial {s.Name} = {Number(s.Initial)}");
        bool says = d.Output != CellChecker.UsualOutput || d.States.All(state => state.Name != d.Output);
        foreach (CellAssignment a in d.Assignments)
            Line(text, $"{(says && a.Name == d.Output ? "out " : "")}{a.Name} = {Of(a.Value)}");
        foreach (DefinedRole r in d.Roles)
            Line(text, $"{r.Name}: {r.Called}{(r.Role == GateRole.Other ? "" : $", {CellWords.Roles.First(one => one.Role == r.Role).Word}")}");
        foreach (DefinedParameter p in d.Parameters.Where(one => one.Start is not null && !IsDeclared(one)))
            Line(text, $"{p.Name} = {Start(p.Start!)}");
        return text.ToString();
    }

    /// <summary>An expression. What only derived ones have is written as δh, [a > b] and norm′.</summary>
    public static string Of(CellExpression expression)
    {
        StringBuilder text = new();
        Write(text, expression, SumLevel);
        return text.ToString();
    }

    /// <summary>A number that reads back as the same: <c>0.5</c>, <c>1e-5</c>, <c>−2</c>.</summary>
    public static string Number(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture).Replace('-', '−');
        int e = text.IndexOf('E', StringComparison.Ordinal);
        if (e < 0) return text;
        int exponent = int.Parse(text[(e + 1)..].Replace('−', '-'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{text[..e]}e{exponent}");
    }

    /// <summary>The same of single precision: <c>0.1</c>, not its digits in double.</summary>
    public static string Number(float value) => Number(double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    /// <summary>How a parameter begins.</summary>
    public static string Start(ParameterStart start) => start.Rule switch
    {
        ParameterRule.Constant => Number(start.Value),
        ParameterRule.Uniform => $"uniform({Number(start.Value)})",
        ParameterRule.Normal => $"normal({Number(start.Value)})",
        ParameterRule.Orthogonal => start.Value == 1 ? "orthogonal" : $"orthogonal({Number(start.Value)})",
        _ => start.Value == 1 ? "identity" : $"identity({Number(start.Value)})",
    };

    /// <summary>A width.</summary>
    public static string Width(CellWidth width) =>
        (width.Fixed > 0 ? "" : "units / ") + (width.Fixed > 0 ? width.Fixed : width.Divisor).ToString(CultureInfo.InvariantCulture);

    /// <summary>A sign between two operands.</summary>
    public static string Sign(BinaryOperator sign) => sign switch
    {
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "−",
        BinaryOperator.Multiply => "⊙",
        BinaryOperator.Divide => "/",
        BinaryOperator.Power => "^",
        BinaryOperator.Max => "max",
        _ => "min",
    };

    /// <summary>A function as it is written.</summary>
    public static string Word(CellFunction function) =>
        function == CellFunction.Negate ? "−" : CellWords.Functions.First(one => one.Function == function).Word;

    /// <summary>A matrix as it is used.</summary>
    public static string Matrix(ProductExpression product) => product.Form switch
    {
        MatrixForm.Plain => product.Matrix,
        MatrixForm.Transposed => product.Matrix + CellWords.Transposed,
        _ => $"({product.Matrix} − {product.Matrix}{CellWords.Transposed})",
    };

    private static bool IsDeclared(DefinedParameter p) =>
        p.Kind == ParameterKind.Scalar || p.Kind == ParameterKind.Vector && !CellWords.IsVector(p.Name);

    // A line break of its own on every system: the text is hashed and compared.
    private static void Line(StringBuilder text, string line) => text.Append(line.TrimEnd()).Append('\n');

    private static int Level(CellExpression expression) => expression switch
    {
        BinaryExpression { Operator: BinaryOperator.Add or BinaryOperator.Subtract } => SumLevel,
        BinaryExpression { Operator: BinaryOperator.Multiply or BinaryOperator.Divide } => TermLevel,
        BinaryExpression { Operator: BinaryOperator.Power } => PowerLevel,
        FunctionExpression { Function: CellFunction.Negate } => SignLevel,
        ConstantExpression constant when double.IsNegative(constant.Value) => SignLevel,
        ProductExpression => ProductLevel,
        _ => PrimaryLevel,
    };

    private static void Write(StringBuilder text, CellExpression expression, int least)
    {
        bool within = Level(expression) < least;
        if (within) text.Append('(');
        switch (expression)
        {
            case InputExpression: text.Append(CellWords.Input); break;
            case PreviousExpression previous: text.Append(previous.State).Append(CellWords.Before); break;
            case QuantityExpression quantity: text.Append(quantity.Name); break;
            case VectorExpression vector: text.Append(vector.Name); break;
            case ScalarExpression scalar: text.Append(scalar.Name); break;
            case ConstantExpression constant: text.Append(Number(constant.Value)); break;
            case ProductExpression product:
                text.Append(Matrix(product)).Append(' ');
                Write(text, product.Of, PowerLevel);
                break;
            case BinaryExpression binary: WriteBinary(text, binary); break;
            case FunctionExpression { Function: CellFunction.Negate } negated:
                text.Append('−');
                Write(text, negated.Of, negated.Of is ConstantExpression ? PrimaryLevel + 1 : ProductLevel);
                break;
            case FunctionExpression function: Call(text, Word(function.Function), function.Of); break;
            case ClipExpression clip: Call(text, "clip", clip.Of, Number(clip.Low), Number(clip.High)); break;
            case NormExpression { Epsilon: NormExpression.UsualEpsilon } norm: Call(text, "norm", norm.Of); break;
            case NormExpression norm: Call(text, "norm", norm.Of, Number(norm.Epsilon)); break;
            case DeltaExpression delta: text.Append('δ').Append(delta.Quantity); break;
            case AboveExpression above:
                text.Append('[').Append(Of(above.Left)).Append(above.OrEqual ? " ≥ " : " > ").Append(Of(above.Right)).Append(']');
                break;
            case NormGradientExpression gradient: Call(text, "norm′", gradient.Delta, gradient.Normalized); break;
        }
        if (within) text.Append(')');
    }

    private static void WriteBinary(StringBuilder text, BinaryExpression binary)
    {
        switch (binary.Operator)
        {
            case BinaryOperator.Max or BinaryOperator.Min: Call(text, Sign(binary.Operator), binary.Left, Of(binary.Right)); break;
            case BinaryOperator.Power:
                Write(text, binary.Left, PrimaryLevel);
                text.Append('^');
                Write(text, binary.Right, PrimaryLevel);
                break;
            default:
                bool isSum = Level(binary) == SumLevel;
                Write(text, binary.Left, isSum ? SumLevel : TermLevel);
                text.Append(' ').Append(Sign(binary.Operator)).Append(' ');
                Write(text, binary.Right, isSum && !BeginsWithSign(binary.Right) ? TermLevel : ProductLevel);
                break;
        }
    }

    // a + (−b ⊙ c): no sign stands beside another
    private static bool BeginsWithSign(CellExpression expression) =>
        Level(expression) == SignLevel || Level(expression) == TermLevel && expression is BinaryExpression binary && BeginsWithSign(binary.Left);

    private static void Call(StringBuilder text, string word, CellExpression first, params ReadOnlySpan<string> others)
    {
        text.Append(word).Append('(');
        Write(text, first, SumLevel);
        foreach (string other in others) text.Append(", ").Append(other);
        text.Append(')');
    }
}
