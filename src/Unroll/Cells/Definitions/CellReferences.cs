using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>Checks each equation: that every name in it is known where it stands, and every number and operand what it must be.</summary>
/// <param name="draft">What was written.</param>
/// <param name="set">The equation of each quantity.</param>
internal sealed class CellReferences(CellDraft draft, Dictionary<string, CellAssignment> set)
{
    private static readonly string[] s_numbers = ["dt", "eps", "epsilon", "ε", "lambda", "λ", "alpha", "α", "beta", "β", "gamma", "γ", "tau", "τ",
        "eta", "η", "δ"];

    private readonly List<DefinedParameter> _parameters = [];
    private readonly HashSet<string> _known = [];
    private CellAssignment _now = null!;

    /// <summary>Checks all equations.</summary>
    /// <param name="states">Receives the states.</param>
    /// <returns>The parameters, in the order of their first use.</returns>
    public IReadOnlyList<DefinedParameter> Check(HashSet<string> states)
    {
        CellCertainties certainties = new(draft.Source);
        foreach (CellAssignment assignment in draft.Assignments)
        {
            _now = assignment;
            foreach (CellExpression one in assignment.Value.All()) Check(one, states);
            certainties.Check(assignment);
            _known.Add(assignment.Name);
        }
        return _parameters;
    }

    private void Check(CellExpression one, HashSet<string> states)
    {
        switch (one)
        {
            case PreviousExpression previous:
                if (!set.ContainsKey(previous.State)) throw Unset(previous);
                states.Add(previous.State);
                break;
            case QuantityExpression quantity when !_known.Contains(quantity.Name): throw Unknown(quantity);
            case VectorExpression vector: Use(vector, vector.Name, ParameterKind.Vector); break;
            case ScalarExpression scalar: Use(scalar, scalar.Name, ParameterKind.Scalar); break;
            case ProductExpression product: CheckProduct(product); break;
            case BinaryExpression binary: CheckNumbers(binary); break;
            case ConstantExpression { Value: var value } when !CellLimits.IsFloat(value):
                throw Error(one, $"the constant {value}; expected 0 or a finite number of 1e-45 to 3.4e38 in size; write one.");
            case ClipExpression clip when !(clip.Low < clip.High) || !CellLimits.IsFloat(clip.Low) || !CellLimits.IsFloat(clip.High):
                throw Error(one, $"clip from {CellFormatter.Number(clip.Low)} to {CellFormatter.Number(clip.High)}; expected the lower number "
                    + "first and both finite; write clip(a, low, high).");
            case NormExpression { Epsilon: var epsilon } when !(epsilon > 0 && CellLimits.IsFloat(epsilon)):
                throw Error(one, $"norm with ε = {CellFormatter.Number(epsilon)}; expected a number above 0; leave it out for 1e-5.");
            case DeltaExpression or AboveExpression or NormGradientExpression:
                throw Error(one, $"'{one}' belongs to derived expressions; expected values of the step; write the equations of the forward pass "
                    + "alone.");
        }
    }

    private void CheckProduct(ProductExpression product)
    {
        Use(product, product.Matrix, ParameterKind.Matrix);
        if (!product.Of.All().Any(one => one is InputExpression or PreviousExpression or QuantityExpression))
            throw Error(product, $"the matrix '{product.Matrix}' multiplies '{product.Of}', which is the same in every step; expected x, a state "
                + "or a quantity; use a vector instead.");
        if (product.Of is ProductExpression within && within.Matrix == product.Matrix && within.Form == product.Form)
            throw Error(product, $"the matrix '{product.Matrix}' multiplies a product with itself; expected what another matrix or a function makes; "
                + "use a second matrix.");
    }

    private void CheckNumbers(BinaryExpression binary)
    {
        if (binary.Operator == BinaryOperator.Power && binary.Right is not ConstantExpression)
            throw Error(binary, $"the exponent '{binary.Right}' is no number; expected one, as in a^2 or a^0.5; write exp(b ⊙ log(a)) for a power "
                + "that varies.");
        if (binary is { Operator: BinaryOperator.Power, Right: ConstantExpression { Value: 0 } })
            throw Error(binary, "the power 0 is always 1; expected another exponent; write 1.");
        if (binary is { Operator: BinaryOperator.Divide, Right: ConstantExpression { Value: 0 } })
            throw Error(binary, "a division by 0; expected another number; write it.");
    }

    private void Use(CellExpression at, string name, ParameterKind kind)
    {
        string said = CellStartParser.Said(kind);
        if (_parameters.Find(one => one.Name == name) is { } other)
        {
            if (other.Kind == kind) return;
            throw Error(at, $"'{name}' is a {said} here and a {CellStartParser.Said(other.Kind)} before; expected one of them; choose another name.");
        }
        if (set.TryGetValue(name, out CellAssignment? quantity))
            throw Error(at, $"the {said} '{name}' is also set by an equation{CellSource.In(quantity.Place)}; expected one of them; choose another "
                + "name.");
        if (!CellWords.IsName(name) || CellWords.IsReserved(name) || CellWords.IsMatrix(name) != (kind == ParameterKind.Matrix)
            || kind == ParameterKind.Scalar && CellWords.IsVector(name))
            throw Error(at, CellStarts.WrongName(name, kind));
        _parameters.Add(new DefinedParameter(name, kind));
    }

    private UserErrorException Unset(PreviousExpression previous)
    {
        string name = previous.State, written = name + CellWords.Before;
        return Error(previous, $"'{written}' is used but '{name}' is never set"
            + CellWords.Question(written, set.Keys.Select(one => one + CellWords.Before),
            $"expected an equation that makes it a state; add {name} = … ."));
    }

    private UserErrorException Unknown(QuantityExpression quantity)
    {
        string name = quantity.Name;
        if (name == _now.Name)
        {
            bool isProduct = _now.Value.All().Any(one => one is ProductExpression product && ReferenceEquals(product.Of, quantity));
            return Error(quantity, $"'{name}' is {(isProduct ? "multiplied by a matrix" : "used")} in its own equation; expected values that are "
                + $"already known; write {name}₋ for the step before.");
        }
        if (set.TryGetValue(name, out CellAssignment? later))
            return DependsOn(later, _now.Name, [])
                ? Error(quantity, $"'{_now.Name}' and '{name}'{CellSource.In(later.Place)} need each other in the same step; expected an order in "
                    + $"which each uses what is known; write {name}₋ for the step before.")
                : Error(quantity, $"'{name}' is used before it is set{CellSource.In(later.Place)}; expected what is above; move "
                    + $"{(later.Place.Line > 0 ? $"line {later.Place.Line}" : "that equation")} up, or write {name}₋ for the step before.");
        if (name.Length > 1 && name[^1] is '²' or '³')
            return Error(quantity, $"'{name}' is not defined; expected a name or a power; write {name[..^1]}^{(name[^1] == '²' ? 2 : 3)} for a "
                + "power.");
        string[] known = [.. set.Keys, .. draft.Declared.Select(one => one.Name)];
        return Error(quantity, $"'{name}' is not defined" + CellWords.Question(name, known,
            IsNumber(quantity) && CellWords.Question(name, known, "-") == "; -"
                ? "expected x, a quantity of a line above, a state like h₋, a number or what is learned; define it, as by "
                    + $"{name} = {(name is "eps" or "epsilon" or "ε" ? "1e-5" : "0.1")}, or learn it by 'scalar {name}' or 'vector {name}'."
                : $"expected x, a quantity of a line above, a state like h₋ or a vector; define it, or declare it by 'vector {name}'."));
    }

    // What papers call a number, and what is multiplied alone or with numbers: dt ⊙ a, (1 − α) ⊙ a.
    private bool IsNumber(QuantityExpression quantity) => s_numbers.Contains(quantity.Name) || _now.Value.All().OfType<BinaryExpression>()
        .Where(one => one.Operator is BinaryOperator.Multiply or BinaryOperator.Divide).SelectMany(one => one.Operands)
        .Any(one => one.All().All(part => ReferenceEquals(part, quantity)
            || part is ConstantExpression or BinaryExpression or FunctionExpression { Function: CellFunction.Negate })
            && one.All().Any(part => ReferenceEquals(part, quantity)));

    private bool DependsOn(CellAssignment later, string name, HashSet<string> seen) => seen.Add(later.Name)
        && later.Value.All().OfType<QuantityExpression>().Any(one => one.Name == name
            || set.TryGetValue(one.Name, out CellAssignment? next) && DependsOn(next, name, seen));

    private UserErrorException Error(CellExpression at, string message) => draft.Source.Error(at.Place, message, _now.Name);
}
