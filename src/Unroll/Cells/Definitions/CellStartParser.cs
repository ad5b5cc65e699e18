namespace Unroll.Cells.Definitions;

/// <summary>Reads how a parameter begins: <c>1</c>, <c>uniform(0.1)</c>, <c>orthogonal</c>.</summary>
/// <param name="tokens">What stands behind the sign =.</param>
internal sealed class CellStartParser(CellTokens tokens)
{
    /// <summary>Reads it to the end of the line.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="why">Why it is one, for messages: <c>"is declared as a vector in line 3"</c>.</param>
    public ParameterStart Of(CellToken name, ParameterKind kind, string why)
    {
        ParameterStart? start = null;
        if (tokens.Now.Kind == CellTokenKind.Number || tokens.Now.Is('−') && tokens.After(1).Kind == CellTokenKind.Number)
            start = new ParameterStart(ParameterRule.Constant, tokens.Number("a number"));
        else if (tokens.Now.Kind == CellTokenKind.Name && RuleOf(tokens.Now.Text) is { } rule) start = Rule(rule);
        if (start is null || tokens.Now.Kind != CellTokenKind.End)
            throw tokens.Source.Error(name.Place, $"'{name.Text}' {why}; expected how it begins: {Choices(kind)}; a quantity needs another name.");
        return start;
    }

    /// <summary>How one of a kind can begin, for messages.</summary>
    public static string Choices(ParameterKind kind) => "a number, uniform(a)" + kind switch
    {
        ParameterKind.Matrix => ", normal(s), orthogonal, orthogonal(g), identity or identity(a)",
        _ => " or normal(s)",
    };

    /// <summary>A kind as messages name it.</summary>
    public static string Said(ParameterKind kind) => kind switch
    {
        ParameterKind.Matrix => "matrix",
        ParameterKind.Vector => "vector",
        _ => "scalar",
    };

    private ParameterStart Rule(ParameterRule rule)
    {
        CellToken word = tokens.Take();
        if (!tokens.Takes('('))
        {
            if (rule is ParameterRule.Orthogonal or ParameterRule.Identity) return new ParameterStart(rule);
            throw tokens.Source.Error(tokens.Now.Place, $"'{word.Text}' without its number; expected {word.Text}(a); write {word.Text}(0.1).");
        }
        double value = tokens.Number("a number");
        tokens.Expect(')', "a closing parenthesis after the number");
        return new ParameterStart(rule, value);
    }

    private static ParameterRule? RuleOf(string word) => word switch
    {
        "uniform" => ParameterRule.Uniform,
        "normal" => ParameterRule.Normal,
        "orthogonal" => ParameterRule.Orthogonal,
        "identity" => ParameterRule.Identity,
        _ => null,
    };
}
