using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>Reads the operands of a function: <c>tanh(a)</c>, <c>clip(a, −1, 1)</c>.</summary>
/// <param name="tokens">What stands behind its name.</param>
/// <param name="sum">Reads an operand.</param>
/// <param name="close">Takes the closing parenthesis of what opened at a token.</param>
internal sealed class CellCallParser(CellTokens tokens, Func<CellExpression> sum, Action<CellToken> close)
{
    /// <summary>Reads it.</summary>
    /// <param name="name">The function.</param>
    public CellExpression Of(CellToken name)
    {
        CellToken open = tokens.Now;
        if (!tokens.Takes('('))
            throw tokens.Source.Slip(open.Place, $"'{name.Text}' is a function and has no parentheses; expected its operand in them",
                $"write {name.Text}(…)");
        if (tokens.Now.Is(')'))
            throw tokens.Source.Error(tokens.Now.Place, $"'{name.Text}' has no operand; expected {Form(name.Text)}; write what it is a function of.");
        CellExpression first = sum(), call;
        switch (name.Text)
        {
            case "clip":
                Comma(name);
                double low = tokens.Number("the lowest value, a number");
                Comma(name);
                call = new ClipExpression(first, low, tokens.Number("the highest value, a number"));
                break;
            case "max" or "min":
                Comma(name);
                call = new BinaryExpression(name.Text == "max" ? BinaryOperator.Max : BinaryOperator.Min, first, sum());
                break;
            case "norm":
                call = tokens.Takes(',') ? new NormExpression(first, tokens.Number("ε, a number above 0")) : new NormExpression(first);
                break;
            default:
                call = new FunctionExpression(CellWords.FunctionOf(name.Text)!.Value, first);
                break;
        }
        if (tokens.Now.Is(',')) throw Operands(name, "more");
        close(open);
        return call with { Place = name.Place };
    }

    private void Comma(CellToken name)
    {
        if (tokens.Now.Is(')')) throw Operands(name, "fewer");
        tokens.Expect(',', Form(name.Text));
    }

    private UserErrorException Operands(CellToken name, string count) => tokens.Source.Error(tokens.Now.Place,
        $"'{name.Text}' has {count} operands than it takes; expected {Form(name.Text)}; "
        + (name.Text is "max" or "min" ? $"write {name.Text}(a, {name.Text}(b, c)) for three." : "write these."));

    private static string Form(string name) => name switch
    {
        "clip" => "clip(a, low, high)",
        "max" or "min" => $"{name}(a, b)",
        "norm" => "norm(a) or norm(a, ε)",
        _ => $"{name}(a)",
    };
}
