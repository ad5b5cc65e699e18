using Unroll.Core;

namespace Unroll.Cells.Definitions;

//  sum     = term  { (+ | −) term }
//  term    = signed { (⊙ | /) signed }
//  signed  = − signed | product
//  product = matrix power | power                  matrix = M | Mᵀ | (M − Mᵀ)
//  power   = primary [ ^ number ]
//  primary = number | name | name₋ | function(…) | (sum)

/// <summary>Reads the right side of an equation.</summary>
/// <param name="tokens">The tokens.</param>
/// <param name="draft">What is declared.</param>
internal sealed class CellExpressionParser(CellTokens tokens, CellDraft draft)
{
    private int _depth;

    /// <summary>Reads to the end of the line.</summary>
    public CellExpression All()
    {
        CellExpression all = Sum();
        if (tokens.Now.Kind != CellTokenKind.End) throw Surplus();
        return all;
    }

    private CellExpression Sum()
    {
        Enter();
        CellExpression left = Term();
        while (tokens.Now.Is('+') || tokens.Now.Is('−'))
        {
            CellToken sign = tokens.Take();
            left = new BinaryExpression(sign.Is('+') ? BinaryOperator.Add : BinaryOperator.Subtract, left, Term()) { Place = sign.Place };
        }
        _depth--;
        return left;
    }

    private CellExpression Term()
    {
        CellExpression left = Signed();
        while (tokens.Now.Is('⊙') || tokens.Now.Is('/'))
        {
            CellToken sign = tokens.Take();
            left = new BinaryExpression(sign.Is('/') ? BinaryOperator.Divide : BinaryOperator.Multiply, left, Signed()) { Place = sign.Place };
        }
        return left;
    }

    // −2 is a number, −2^2 and −(2) are not
    private CellExpression Signed()
    {
        CellToken sign = tokens.Now;
        if (!tokens.Takes('−')) return Product();
        if (tokens.Now.Kind == CellTokenKind.Number && !tokens.After(1).Is('^'))
            return new ConstantExpression(-tokens.Take().Value) { Place = sign.Place };
        Enter();
        CellExpression of = Signed();
        _depth--;
        return new FunctionExpression(CellFunction.Negate, of) { Place = sign.Place };
    }

    private CellExpression Product()
    {
        CellToken first = tokens.Now;
        if (Matrix() is not var (name, form)) return Power();
        CellToken next = tokens.Now;
        if (CellSlips.IsStepOfTime(name)) throw StepOfTime(tokens.Source, first);
        if (IsMatrix(next) || IsAntisymmetric())
            throw Error(next, $"two matrices in a row, '{name}' and '{(next.Is('(') ? tokens.After(1).Text : next.Text)}'; expected what '{name}' "
                + $"multiplies; write {name} (V h₋) for one after the other.");
        if (next.Is('⊙') && tokens.After(1).BeginsOperand)
            throw tokens.Source.Slip(next.Place, $"a sign between the matrix '{name}' and what it multiplies; expected a blank, since a name with a "
                + "capital letter is a matrix; a number or a vector begins with a small one",
                $"write {name} x, or p_c ⊙ x of a vector p_c");
        if (!next.BeginsOperand && name.Length > 1 && name[^1] == 'x')
            throw tokens.Source.Slip(first.Place, $"the matrix '{name}' has no operand, found {next.Said} behind it; expected a blank between a "
                + "matrix and x", $"write {name[..^1]} x");
        if (!next.BeginsOperand)
            throw Error(first, $"the matrix '{name}' has no operand, found {next.Said} behind it; expected x, a state, a quantity or parentheses; "
                + $"write {name} x; a vector begins with a small letter.");
        if (next.Is('(') && next.Joined && CellWords.IsFunction(name.ToLowerInvariant()))
            throw Error(first, $"'{name}' begins with a capital letter, so it is a matrix; expected a function; write {name.ToLowerInvariant()}(…).");
        return new ProductExpression(name, Power(), form) { Place = first.Place };
    }

    // M   Mᵀ   M^T   (M − Mᵀ)
    private (string Name, MatrixForm Form)? Matrix()
    {
        if (IsAntisymmetric())
        {
            tokens.Take();
            CellToken plain = tokens.Take();
            tokens.Take();
            CellToken other = tokens.Take();
            if (other.Text != plain.Text)
                throw Error(other, $"'{plain.Text}' minus the transpose of '{other.Text}'; expected one matrix minus its own; "
                    + $"write ({plain.Text} − {plain.Text}ᵀ), or a difference of two products.");
            TakeTransposed();
            tokens.Expect(')', "a closing parenthesis");
            return (plain.Text, MatrixForm.Antisymmetric);
        }
        if (!IsMatrix(tokens.Now)) return null;
        CellToken name = tokens.Take();
        if (TakeTransposed()) return (name.Text, MatrixForm.Transposed);
        if (tokens.Now.Is('^'))
            throw Error(tokens.Now, $"a power of the matrix '{name.Text}'; expected what it multiplies, or ^T for its transpose; "
                + "multiply several times in several equations.");
        return (name.Text, MatrixForm.Plain);
    }

    private static bool IsMatrix(CellToken token) => token.Kind == CellTokenKind.Name && CellWords.IsMatrix(token.Text);

    private bool IsAntisymmetric() => tokens.Now.Is('(') && IsMatrix(tokens.After(1)) && tokens.After(2).Is('−') && IsMatrix(tokens.After(3))
        && (tokens.After(4).Is(CellWords.Transposed) || tokens.After(4).Is('^') && tokens.After(5).Text == "T");

    private bool TakeTransposed()
    {
        if (tokens.Takes(CellWords.Transposed)) return true;
        if (!tokens.Now.Is('^') || tokens.After(1) is not { Kind: CellTokenKind.Name, Text: "T" }) return false;
        tokens.Take();
        tokens.Take();
        return true;
    }

    private CellExpression Power()
    {
        CellExpression of = Primary();
        CellToken sign = tokens.Now;
        if (sign.Is(CellWords.Transposed) || sign.Is('^') && tokens.After(1).Text == "T")
            throw Error(sign, "a transpose of what is no matrix; expected ᵀ behind a name with a capital first letter; write Uᵀ h₋.");
        if (!tokens.Takes('^')) return of;
        CellExpression exponent = !tokens.Now.Is('−') ? Primary()
            : new ConstantExpression(tokens.Number("a number, the exponent")) { Place = sign.Place };
        if (tokens.Now.Is('^')) throw Error(tokens.Now, "a power of a power; expected one exponent; write (a^2)^3.");
        return new BinaryExpression(BinaryOperator.Power, of, exponent) { Place = sign.Place };
    }

    private CellExpression Primary()
    {
        CellToken token = tokens.Now;
        switch (token.Kind)
        {
            case CellTokenKind.Number:
                tokens.Take();
                return new ConstantExpression(token.Value) { Place = token.Place };
            case CellTokenKind.Before:
                tokens.Take();
                return BeforeOf(token);
            case CellTokenKind.Name when CellWords.IsMatrix(token.Text):
                return Product();                                       // says what is missing
            case CellTokenKind.Name:
                tokens.Take();
                return Named(token);
        }
        if (!tokens.Takes('('))
            throw Error(token, $"found {token.Said}; expected a value: x, a quantity, a state, a number, a function or parentheses; write one here.");
        CellExpression within = Sum();
        Close(token);
        return within;
    }

    private CellExpression BeforeOf(CellToken token)
    {
        string name = token.Text;
        if (CellWords.IsMatrix(name) && name.Length > 1)
            throw tokens.Source.Slip(token.Place, $"{token.Said} is one name, a matrix with a sign that only a state has; expected a blank between a "
                + "matrix and what it multiplies", $"write {name[..^1]} {name[^1]}{CellWords.Before}");
        if (CellWords.IsMatrix(name) || CellWords.IsVector(name) || CellWords.IsReserved(name) || draft.DeclarationOf(name) is not null)
            throw Error(token, $"{token.Said}: '{name}' is no state; expected a state of the step before, as h₋ is of h; "
                + (name == CellWords.Input ? "keep x in a state of its own, as in p = x." : "use it without the sign of the step before."));
        return new PreviousExpression(name) { Place = token.Place };
    }

    private CellExpression Named(CellToken token)
    {
        string name = token.Text;
        if (CellWords.IsFunction(name)) return new CellCallParser(tokens, Sum, Close).Of(token);
        if (tokens.Now.Is('(') && tokens.Now.Joined && CellSlips.FunctionIn(name) is { } function && !tokens.Source.Names.IsSet(name))
            throw tokens.Source.Slip(token.Place, $"'{name}' is no function; expected {function} without an index, since each function has one name",
                $"write {function}(…)" + (name is "σ_c" or "σ_h" ? ", or tanh(…) where the paper says so" : ""));
        if (tokens.Now.Is('(') && tokens.Now.Joined)
            throw Error(token, $"'{name}' is no function" + CellWords.Question(name, CellWords.FunctionWords.Skip(1),
                $"expected one of {string.Join(", ", CellWords.WrittenFunctions)}; for a product write {name} ⊙ (…)."));
        if (name == CellWords.Input) return new InputExpression { Place = token.Place };
        if (CellWords.IsReserved(name))
            throw Error(token, $"'{name}' is a word of the language; expected a value; choose another name.");
        if (draft.DeclarationOf(name) is { Value: ParameterKind.Scalar }) return new ScalarExpression(name) { Place = token.Place };
        if (CellWords.IsVector(name) || draft.DeclarationOf(name) is not null) return new VectorExpression(name) { Place = token.Place };
        return new QuantityExpression(name) { Place = token.Place };
    }

    private void Close(CellToken open)
    {
        if (tokens.Takes(')')) return;
        if (tokens.Now.Kind != CellTokenKind.End) throw Surplus();
        throw Error(tokens.Now, $"the parenthesis at column {open.Place.Column} is not closed; expected ')'; write it here.");
    }

    private void Enter()
    {
        if (++_depth > CellLimits.Depth)
            throw Error(tokens.Now, $"parentheses more than {CellLimits.Depth} deep; expected fewer; give a part a name of its own.");
    }

    // What stands behind an operand and does not belong there.
    private UserErrorException Surplus()
    {
        CellToken now = tokens.Now, before = tokens.After(-1);
        if (before.Kind == CellTokenKind.Number && now.BeginsOperand)
            return tokens.Source.Slip(now.Place, $"{now.Said} stands beside the number {before.Text} without a sign; expected ⊙ or * between a "
                + "number and what it multiplies", $"write {before.Text} ⊙ …");
        if (IsMatrix(now))
            return Error(now, $"the matrix '{now.Text}' stands behind a value; expected a sign between them, since a matrix stands before what it "
                + $"multiplies; write {now.Text} h₋, or + {now.Text} h₋.");
        if (now.BeginsOperand)
            return Error(now, $"{now.Said} stands beside another value without a sign; expected + − ⊙ or /, since only a matrix (capital letter) "
                + "stands directly before what it multiplies; write ⊙ or * for a product of each unit.");
        if (now.Is('=') && tokens.IsContinued)
            return Error(now, "a second '='; expected one in an equation, and the line before ends with a sign, so this one continues it; finish "
                + "that line.");
        return Error(now, now.Is(')') ? "a closing parenthesis without its opening one; expected as many of both; delete it."
            : now.Is('=') ? "a second '='; expected one in an equation; write each equation in a line of its own."
            : $"found {now.Said}; expected + − ⊙ / ^ or the end of the line; delete it.");
    }

    /// <summary>The error about a step of time that is written with a capital letter.</summary>
    /// <param name="source">For the message.</param>
    /// <param name="name">The name.</param>
    public static UserErrorException StepOfTime(CellSource source, CellToken name) => source.Slip(name.Place, $"'{name.Text}' begins with a capital "
        + "letter, so it is a matrix; expected a small letter first for a number, fixed by a line dt = 0.1 or learned by scalar dt = 0.1",
        "write dt");

    private UserErrorException Error(CellToken token, string message) => tokens.Source.Error(token.Place, message);
}
