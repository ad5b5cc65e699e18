using System.Text.Json;
using Unroll.Cells.Definitions;

namespace Unroll.Inspection.Derivation;

//  (1 − z) ⊙ h₋      ["*",["-",1,["q","z"]],["b","h"]]

/// <summary>Expressions as JSON: a number, or an array of what it is and of what it is made; what the script of a live page computes with.</summary>
internal static class FormulaJson
{
    public static void Write(Utf8JsonWriter json, CellExpression value)
    {
        if (value is ConstantExpression constant)
        {
            json.WriteNumberValue(constant.Value);
            return;
        }
        json.WriteStartArray();
        switch (value)
        {
            case InputExpression: Word("x"); break;
            case PreviousExpression previous: Word("b", previous.State); break;
            case QuantityExpression quantity: Word("q", quantity.Name); break;
            case FixedExpression one: Word("q", one.Name); break;
            case DeltaExpression delta: Word("d", delta.Quantity); break;
            case VectorExpression vector: Word("p", vector.Name); break;
            case ScalarExpression scalar: Word("p", scalar.Name); break;
            case NextStepExpression later: Word("after"); Write(json, later.Of); break;
            case OwnLossExpression loss: Word("loss"); Write(json, loss.Of); break;
            case UnitSumExpression sum: Word("sum"); Write(json, sum.Of); break;
            case OuterExpression outer: Word("outer"); Write(json, outer.Left); Write(json, outer.Right); break;
            case ProductExpression product: Word("W", product.Matrix); Write(json, product.Of); json.WriteNumberValue((int)product.Form); break;
            case FunctionExpression function: Word(WordOf(function.Function)); Write(json, function.Of); break;
            case BinaryExpression binary: Word(WordOf(binary.Operator)); Write(json, binary.Left); Write(json, binary.Right); break;
            case AboveExpression above: Word(above.OrEqual ? ">=" : ">"); Write(json, above.Left); Write(json, above.Right); break;
            case NormExpression norm: Word("norm"); Write(json, norm.Of); json.WriteNumberValue(norm.Epsilon); break;
            case NormGradientExpression gradient: Word("normBack", gradient.Normalized); Write(json, gradient.Delta); break;
            case ClipExpression clip:
                Word("clip");
                Write(json, clip.Of);
                json.WriteNumberValue(clip.Low);
                json.WriteNumberValue(clip.High);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(value), value, null);
        }
        json.WriteEndArray();

        void Word(params ReadOnlySpan<string> words)
        {
            foreach (string word in words) json.WriteStringValue(word);
        }
    }

    private static string WordOf(CellFunction function) => function switch
    {
        CellFunction.Negate => "neg",
        CellFunction.Sigmoid => "sigmoid",
        _ => CellText.Word(function),
    };

    private static string WordOf(BinaryOperator binary) => binary switch
    {
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.Power => "^",
        BinaryOperator.Max => "max",
        _ => "min",
    };
}
