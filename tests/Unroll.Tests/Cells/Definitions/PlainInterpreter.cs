using Unroll.Cells.Definitions;

namespace Unroll.Tests.Cells.Definitions;

/// <summary>
/// A step of a definition in double, expression by expression as it stands there: no stages, no stacking, nothing shared with what the library makes
/// of definitions.
/// </summary>
/// <param name="cell">The definition.</param>
/// <param name="units">How many units.</param>
/// <param name="parameters">By name: a matrix row by row, a vector, one number.</param>
internal sealed class PlainInterpreter(CellDefinition cell, int units, IReadOnlyDictionary<string, double[][]> parameters)
{
    /// <summary>One step: every quantity by its name, the new states among them.</summary>
    /// <param name="x">The input.</param>
    /// <param name="before">The states before.</param>
    public Dictionary<string, double[]> Step(double[] x, IReadOnlyDictionary<string, double[]> before)
    {
        Dictionary<string, double[]> now = [];
        foreach (CellAssignment one in cell.Assignments) now[one.Name] = Value(one.Value);
        return now;

        double[] Value(CellExpression expression) => expression switch
        {
            InputExpression => x,
            PreviousExpression previous => before[previous.State],
            QuantityExpression quantity => now[quantity.Name],
            VectorExpression vector => parameters[vector.Name][0],
            ScalarExpression scalar => Filled(parameters[scalar.Name][0][0]),
            ConstantExpression constant => Filled(constant.Value),
            ProductExpression product => Product(product, Value(product.Of)),
            BinaryExpression binary => [.. Value(binary.Left).Zip(Value(binary.Right), (a, b) => Of(binary.Operator, a, b))],
            FunctionExpression function => [.. Value(function.Of).Select(a => Of(function.Function, a))],
            ClipExpression clip => [.. Value(clip.Of).Select(a => Math.Clamp(a, clip.Low, clip.High))],
            NormExpression norm => Norm(Value(norm.Of), norm.Epsilon),
            _ => throw new ArgumentOutOfRangeException(nameof(expression), expression, "only derived expressions have it"),
        };
    }

    /// <summary>The same number in every unit.</summary>
    public double[] Filled(double value) => [.. Enumerable.Repeat(value, units)];

    private double[] Product(ProductExpression product, double[] of)
    {
        double[][] m = parameters[product.Matrix];
        return [.. Enumerable.Range(0, units).Select(i => of.Select((v, j) => v * product.Form switch
        {
            MatrixForm.Plain => m[i][j],
            MatrixForm.Transposed => m[j][i],
            _ => m[i][j] - m[j][i],
        }).Sum())];
    }

    private static double[] Norm(double[] a, double epsilon)
    {
        double mean = a.Average(), variance = a.Average(one => (one - mean) * (one - mean));
        return [.. a.Select(one => (one - mean) / Math.Sqrt(variance + epsilon))];
    }

    private static double Of(BinaryOperator sign, double a, double b) => sign switch
    {
        BinaryOperator.Add => a + b,
        BinaryOperator.Subtract => a - b,
        BinaryOperator.Multiply => a * b,
        BinaryOperator.Divide => a / b,
        BinaryOperator.Power => Math.Pow(a, b),
        BinaryOperator.Max => Math.Max(a, b),
        _ => Math.Min(a, b),
    };

    private static double Of(CellFunction function, double a) => function switch
    {
        CellFunction.Negate => -a,
        CellFunction.Sigmoid => 1 / (1 + Math.Exp(-a)),
        CellFunction.Tanh => Math.Tanh(a),
        CellFunction.Relu => Math.Max(a, 0),
        CellFunction.Exp => Math.Exp(a),
        CellFunction.Log => Math.Log(a),
        CellFunction.Softplus => Math.Log(1 + Math.Exp(a)),
        CellFunction.HardSigmoid => Math.Clamp(a / 6 + 0.5, 0, 1),
        _ => Math.Sqrt(a),
    };
}
