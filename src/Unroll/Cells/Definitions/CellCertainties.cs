using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>Refuses what is no number in every step: what constants alone make, as in √(−1), 1 / (1 − 1) or 1e-30².</summary>
/// <param name="source">Where the equations stand.</param>
internal sealed class CellCertainties(CellSource source)
{
    private readonly Dictionary<string, double> _values = [];

    /// <summary>Checks an equation; those of the quantities that it reads were checked before.</summary>
    /// <param name="assignment">The equation.</param>
    /// <exception cref="UserErrorException">A part of it is certainly no finite float, or a division by 0.</exception>
    public void Check(CellAssignment assignment)
    {
        foreach (CellExpression one in assignment.Value.All())
        {
            if (one is BinaryExpression { Operator: BinaryOperator.Divide } ratio && Of(ratio.Right) == 0)
                throw source.Error(ratio.Place, $"a division by '{ratio.Right}', which is 0; expected another number; write it.", assignment.Name);
            if (Of(one) is { } value && !CellLimits.IsFloat(value))
                throw source.Error(one.Place, $"'{one}' is {Said(value)}; expected a number that a float can hold; change it.", assignment.Name);
        }
        if (Of(assignment.Value) is { } known) _values[assignment.Name] = known;
    }

    private static string Said(double value) => double.IsNaN(value) ? "no number" : Math.Abs(value) > 1 ? "too large for a float" : "too small for a float";

    // Null: not the same in every step.
    private double? Of(CellExpression expression) => expression switch
    {
        ConstantExpression constant => constant.Value,
        QuantityExpression quantity => _values.TryGetValue(quantity.Name, out double value) ? value : null,
        BinaryExpression binary when Of(binary.Left) is { } a && Of(binary.Right) is { } b => binary.Operator switch
        {
            BinaryOperator.Add => a + b,
            BinaryOperator.Subtract => a - b,
            BinaryOperator.Multiply => a * b,
            BinaryOperator.Divide => a / b,
            BinaryOperator.Power => Math.Pow(a, b),
            BinaryOperator.Max => Math.Max(a, b),
            _ => Math.Min(a, b),
        },
        FunctionExpression { Function: CellFunction.Negate } negative => -Of(negative.Of),
        FunctionExpression { Function: CellFunction.Log } log when Of(log.Of) is { } a => Math.Log(a),
        FunctionExpression { Function: CellFunction.Exp } exp when Of(exp.Of) is { } a => Math.Exp(a),
        FunctionExpression { Function: CellFunction.SquareRoot } root when Of(root.Of) is { } a => Math.Sqrt(a),
        _ => null,
    };
}
