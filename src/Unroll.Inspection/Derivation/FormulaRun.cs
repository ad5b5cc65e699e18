using Unroll.Cells.Definitions;
using Unroll.Inspection.Textbook;

namespace Unroll.Inspection.Derivation;

/// <summary>
/// The printed equations in numbers, all steps forward and back: what is computed is what is printed. A vector of one number stands for one of equal
/// numbers.
/// </summary>
internal sealed class FormulaRun
{
    private readonly CellDerivation _derivation;
    private readonly DefinedWidths _widths;
    private readonly int _units;
    private readonly Dictionary<string, NumbersParameter> _parameters;
    private readonly IReadOnlyList<double[]> _x;
    private readonly Dictionary<string, double[]>[] _values, _deltas;

    public FormulaRun(CellDerivation derivation, int units, IReadOnlyList<double[]> x, IReadOnlyList<NumbersParameter> parameters)
    {
        (_derivation, _widths, _units, _x) = (derivation, DefinedWidths.Of(derivation), units, x);
        _parameters = parameters.ToDictionary(one => one.Name);
        _values = [.. x.Select(_ => new Dictionary<string, double[]>())];
        _deltas = [.. x.Select(_ => new Dictionary<string, double[]>())];
        for (int t = 0; t < x.Count; t++)
            foreach (CellQuantity one in derivation.Quantities) _values[t][one.Name] = Spread(Value(one.Value, t), WidthOf(one.Name));
    }

    //  L = Σ ½ y²
    /// <summary>The loss: half the sum of the squares of the output.</summary>
    public double Loss => _values.Sum(step => step[_derivation.Definition.Output].Sum(y => y * y / 2));

    /// <summary>The number of units of a quantity.</summary>
    public int WidthOf(string quantity) => _widths.Of(quantity)?.Of(_units) ?? _units;

    /// <summary>A state of the step before.</summary>
    public double[] Before(CellState state, int t) => t > 0 ? _values[t - 1][state.Name] : Spread([state.Initial], WidthOf(state.Name));

    /// <summary>A quantity.</summary>
    public double[] Value(string quantity, int t) => _values[t][quantity];

    /// <summary>The terms of a gradient, one below the other; their sum is kept for the equations that follow. Steps are asked for last first.</summary>
    /// <param name="equation">The equation.</param>
    /// <param name="t">The step.</param>
    /// <param name="width">How many numbers it has.</param>
    public double[][] Terms(PrintedEquation equation, int t, int width)
    {
        double[][] terms = [.. equation.Terms.Select(term => Term(term, t, width))];
        if (equation.Left is DeltaExpression delta) _deltas[t][delta.Quantity] = Sum(terms, width);
        return terms;
    }

    /// <summary>The sum of vectors.</summary>
    public static double[] Sum(IEnumerable<double[]> terms, int width)
    {
        double[] sum = new double[width];
        foreach (double[] term in terms)
            for (int i = 0; i < width; i++) sum[i] += term[i];
        return sum;
    }

    private double[] Term(PrintedTerm term, int t, int width)
    {
        if (term.Value is NextStepExpression && t == _x.Count - 1) return new double[width];
        double[] value = Spread(Value(term.Value, t), width);
        return term.IsNegative ? [.. value.Select(a => -a)] : value;
    }

    private double[] Value(CellExpression value, int t)
    {
        switch (value)
        {
            case ConstantExpression constant: return [constant.Value];
            case InputExpression: return _x[t];
            case QuantityExpression quantity: return _values[t][quantity.Name];
            case DeltaExpression delta: return _deltas[t][delta.Quantity];
            case VectorExpression vector: return [.. _parameters[vector.Name].Values];
            case ScalarExpression scalar: return [.. _parameters[scalar.Name].Values];
            case PreviousExpression previous: return Before(_derivation.Definition.States.Single(state => state.Name == previous.State), t);
            case NextStepExpression later: return Value(later.Of, t + 1);
            case OwnLossExpression loss: return Value(loss.Of, t);                              // of ½ y²: y
            case UnitSumExpression sum: return [Value(sum.Of, t).Sum()];
            case OuterExpression outer: return [.. Value(outer.Left, t).SelectMany(a => Value(outer.Right, t).Select(b => a * b))];
            case ProductExpression product: return Product(product, Value(product.Of, t));
            case FunctionExpression function: return [.. Value(function.Of, t).Select(a => Of(function.Function, a))];
            case ClipExpression clip: return [.. Value(clip.Of, t).Select(a => Math.Clamp(a, clip.Low, clip.High))];
            case BinaryExpression binary: return Zip(Value(binary.Left, t), Value(binary.Right, t), (a, b) => Of(binary.Operator, a, b));
            case AboveExpression above:
                return Zip(Value(above.Left, t), Value(above.Right, t), (a, b) => a > b || above.OrEqual && a == b ? 1 : 0);
            case NormExpression norm:
                double[] p = Value(norm.Of, t);
                double mean = p.Average(), scale = Scale(p, norm.Epsilon);
                return [.. p.Select(a => scale * (a - mean))];
            case NormGradientExpression gradient:
                NormExpression of = (NormExpression)_derivation[gradient.Normalized].Value;
                double[] d = Value(gradient.Delta, t), normal = _values[t][gradient.Normalized];
                double rho = Scale(Value(of.Of, t), of.Epsilon), meanOfD = d.Average(), along = Zip(d, normal, (a, b) => a * b).Average();
                return Zip(d, normal, (a, b) => rho * (a - meanOfD - b * along));
            default: throw new ArgumentOutOfRangeException(nameof(value), value, null);
        }
    }

    //  1 / √(mean (p − mean p)² + ε)
    private static double Scale(double[] p, double epsilon)
    {
        double mean = p.Average();
        return 1 / Math.Sqrt(p.Average(a => (a - mean) * (a - mean)) + epsilon);
    }

    private double[] Product(ProductExpression product, double[] of)
    {
        NumbersParameter matrix = _parameters[product.Matrix];
        return product.Form switch
        {
            MatrixForm.Plain => Times(matrix, of),
            MatrixForm.Transposed => TransposedTimes(matrix, of),
            _ => Zip(Times(matrix, of), TransposedTimes(matrix, of), (a, b) => a - b),
        };
    }

    private static double[] Times(NumbersParameter matrix, double[] of)
    {
        double[] result = new double[matrix.Rows];
        for (int i = 0; i < matrix.Values.Count; i++) result[i / matrix.Columns] += matrix.Values[i] * of[i % matrix.Columns];
        return result;
    }

    private static double[] TransposedTimes(NumbersParameter matrix, double[] of)
    {
        double[] result = new double[matrix.Columns];
        for (int i = 0; i < matrix.Values.Count; i++) result[i % matrix.Columns] += matrix.Values[i] * of[i / matrix.Columns];
        return result;
    }

    private static double[] Zip(double[] a, double[] b, Func<double, double, double> f)
    {
        double[] result = new double[Math.Max(a.Length, b.Length)];
        for (int i = 0; i < result.Length; i++) result[i] = f(a[i % a.Length], b[i % b.Length]);
        return result;
    }

    private static double[] Spread(double[] value, int width)
    {
        if (value.Length == width) return value;
        double[] spread = new double[width];
        Array.Fill(spread, value[0]);
        return spread;
    }

    private static double Of(CellFunction function, double a) => function switch
    {
        CellFunction.Negate => -a,
        CellFunction.Sigmoid => Functions.Sigmoid(a),
        CellFunction.Tanh => Math.Tanh(a),
        CellFunction.Relu => Math.Max(a, 0),
        CellFunction.Exp => Math.Exp(a),
        CellFunction.Log => Math.Log(a),
        CellFunction.Softplus => Functions.Softplus(a),
        CellFunction.HardSigmoid => Math.Clamp(a / 6 + 0.5, 0, 1),
        CellFunction.SquareRoot => Math.Sqrt(a),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, null),
    };

    private static double Of(BinaryOperator sign, double a, double b) => sign switch
    {
        BinaryOperator.Add => a + b,
        BinaryOperator.Subtract => a - b,
        BinaryOperator.Multiply => a * b,
        BinaryOperator.Divide => a / b,
        BinaryOperator.Power => Math.Pow(a, b),
        BinaryOperator.Max => a >= b ? a : b,
        _ => a <= b ? a : b,
    };
}
