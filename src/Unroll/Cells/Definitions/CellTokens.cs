namespace Unroll.Cells.Definitions;

/// <summary>The tokens of a line, taken one after the other.</summary>
/// <param name="source">For messages.</param>
/// <param name="tokens">The tokens, the last an end.</param>
/// <param name="at">The first to take.</param>
internal sealed class CellTokens(CellSource source, IReadOnlyList<CellToken> tokens, int at)
{
    private int _at = at;

    /// <summary>For messages.</summary>
    public CellSource Source => source;

    /// <summary>The next token.</summary>
    public CellToken Now => After(0);

    /// <summary>The token so many behind the next; of a negative count one before it. The end, where there is none.</summary>
    public CellToken After(int count) => tokens[Math.Clamp(_at + count, 0, tokens.Count - 1)];

    /// <summary>Whether the line goes on over several.</summary>
    public bool IsContinued => tokens[0].Place.Line != tokens[^1].Place.Line;

    /// <summary>Takes a token.</summary>
    public CellToken Take()
    {
        CellToken now = Now;
        _at++;
        return now;
    }

    /// <summary>Takes a sign, if it is the next.</summary>
    public bool Takes(char sign)
    {
        if (!Now.Is(sign)) return false;
        _at++;
        return true;
    }

    /// <summary>Takes a sign, or says that it is missing.</summary>
    /// <param name="sign">The sign.</param>
    /// <param name="expected">What is expected.</param>
    public void Expect(char sign, string expected)
    {
        if (!Takes(sign)) throw source.Error(Now.Place, $"found {Now.Said}; expected {expected}; write '{sign}' here.");
    }

    /// <summary>Takes a number with or without a sign, or says that it is missing.</summary>
    /// <param name="expected">What is expected.</param>
    public double Number(string expected)
    {
        bool negative = Takes('−');
        if (Now.Kind != CellTokenKind.Number) throw source.Error(Now.Place, $"found {Now.Said}; expected {expected}; write it here.");
        double value = Take().Value;
        return negative ? -value : value;
    }

    /// <summary>Says what stands where the line should end.</summary>
    public void ExpectEnd()
    {
        if (Now.Kind != CellTokenKind.End)
            throw source.Error(Now.Place, $"found {Now.Said}; expected the end of the line; a line says one thing.");
    }
}
