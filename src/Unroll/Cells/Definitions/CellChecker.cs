using System.Globalization;
using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>Makes a definition of a draft, or says what is wrong with it: the one place for texts and for C#.</summary>
internal sealed class CellChecker
{
    /// <summary>The output where none is declared.</summary>
    public const string UsualOutput = "h";

    private readonly CellDraft _draft;
    private readonly CellSource _source;
    private readonly Dictionary<string, CellAssignment> _set = [];
    private readonly HashSet<string> _states = [];

    private CellChecker(CellDraft draft) => (_draft, _source) = (draft, draft.Source);

    /// <summary>The definition.</summary>
    /// <param name="draft">What was written.</param>
    /// <exception cref="UserErrorException">Something is wrong: where, what, and what to do.</exception>
    public static CellDefinition Complete(CellDraft draft) => new CellChecker(draft).Complete();

    /// <summary>The message about a word of the language that an equation sets.</summary>
    public static string Reserved(string name) =>
        $"'{name}' is {(name == CellWords.Input ? "the input" : "a word of the language")} and cannot be set; expected another name; choose one.";

    private CellDefinition Complete()
    {
        CheckName();
        CheckSize();
        CellLookalikes.Check(_draft);
        foreach (CellAssignment assignment in _draft.Assignments) Set(assignment);
        IReadOnlyList<DefinedParameter> parameters = new CellReferences(_draft, _set).Check(_states);
        string output = Output();
        CellDefinition definition = new()
        {
            Name = _draft.Name,
            Comments = [.. _draft.Comments],
            Assignments = [.. _draft.Assignments],
            States = [.. _draft.Assignments.Where(a => _states.Contains(a.Name)).OrderBy(a => a.Name != output).Select(State)],
            Output = output,
            Parameters = [.. new CellStarts(_draft).Of(parameters)],
            Roles = [.. _draft.Roles.Select(Role)],
        };
        CheckStates(definition);
        CheckReached(definition);
        CheckIdentities(new CellWidths(definition, _source));
        CheckKeepers(definition);
        return definition;
    }

    // A gate whose polarity is declared the wrong way round would be reported as the opposite of what it does.
    private void CheckKeepers(CellDefinition definition)
    {
        Drafted<DefinedRole>[] keepers = [.. _draft.Roles.Where(one => one.Value.Role is GateRole.Keeps or GateRole.Forgets)];
        if (keepers.Length == 0) return;
        CellDerivation derivation = CellDerivation.Of(definition);
        foreach (Drafted<DefinedRole> one in keepers)
            if (derivation.KeepsBy(one.Name) is { } role && role != one.Value.Role)
                throw _source.Error(one.Place, $"'{one.Name}' is said to {(role == GateRole.Keeps ? "forget" : "keep")}, and the equations multiply "
                    + $"the state of the step before by {(role == GateRole.Keeps ? one.Name : $"1 − {one.Name}")}; expected "
                    + $"'{(role == GateRole.Keeps ? "keeps" : "forgets")}'; write it, or change the equation.");
    }

    private void CheckIdentities(CellWidths widths)
    {
        foreach (Drafted<ParameterStart> one in _draft.Starts.Where(one => one.Value.Rule == ParameterRule.Identity))
            if (widths.Rows(one.Name) != widths.Columns(one.Name))
                throw _source.Error(one.Place, $"'{one.Name}' begins as the identity and is [{widths.Rows(one.Name)}, "
                    + $"{widths.Columns(one.Name)}]; expected a square matrix; write orthogonal.");
    }

    private void CheckName()
    {
        string name = _draft.Name;
        _source.Name = name;
        if (name.Length is 0 or > CellWords.LongestName || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw _source.Error(_draft.NamePlace, $"the cell is called '{name}'; expected 1 to {CellWords.LongestName} small letters, digits and "
                + "hyphens, because files and options hold the name; write cell mgu.");
        if (name.All(c => c == '-'))
            throw _source.Error(_draft.NamePlace, $"the cell is called '{name}', hyphens alone; expected a small letter or a digit among them; write "
                + "cell mgu.");
    }

    private void CheckSize()
    {
        if (_draft.Assignments.Count == 0)
            throw _source.Error(_draft.NamePlace, "the cell has no equation; expected at least that of a state; write h = tanh(W x + U h₋ + b).");
        long operations = _draft.Assignments.Sum(a => a.Value.All().Take(CellLimits.Bytes).LongCount(one => one.IsOperation));
        if (operations > CellLimits.Operations)
            throw _source.Error(default, string.Create(CultureInfo.InvariantCulture,
                $"the equations have {operations:N0} operations; expected at most {CellLimits.Operations}; write a smaller cell."));
    }

    private void Set(CellAssignment assignment)
    {
        string name = assignment.Name;
        if (CellWords.IsReserved(name)) throw _source.Error(assignment.Place, Reserved(name), name);
        if (!CellWords.IsName(name) || CellWords.IsMatrix(name) || CellWords.IsVector(name))
            throw _source.Error(assignment.Place, $"'{name}' cannot be the name of a quantity; expected a small letter first, at most "
                + $"{CellWords.LongestName} letters, digits and _, and neither b, b_… nor p_…; choose another name.", name);
        if (_draft.DeclarationOf(name) is { } declared)
            throw _source.Error(assignment.Place, $"'{name}' is set and also declared as learned{CellSource.In(declared.Place)}; expected one of "
                + "them; choose another name.", name);
        if (!_set.TryAdd(name, assignment))
            throw _source.Error(assignment.Place, $"'{name}' is set twice, first{CellSource.In(_set[name].Place)}; expected one equation for each "
                + "name; choose another name for one.", name);
    }

    private string Output()
    {
        if (_states.Count == 0)
            throw _source.Error(_draft.NamePlace, "no state: nothing of the step before is used; expected a state, as h₋ in h = tanh(W x + U h₋ + "
                + "b); without one the cell remembers nothing.");
        if (_states.Count > CellLimits.States)
            throw _source.Error(_draft.NamePlace, $"the cell has {_states.Count} states; expected at most {CellLimits.States}; keep fewer.");
        if (_draft.Output is { } declared)
        {
            if (_set.ContainsKey(declared.Name)) return declared.Name;
            throw _source.Error(declared.Place, $"the output '{declared.Name}' is set nowhere; expected a quantity; set it.");
        }
        if (_states.Contains(UsualOutput)) return UsualOutput;
        throw _source.Error(_draft.NamePlace, _set.ContainsKey(UsualOutput)
            ? "the output is missing: h is no state, because h₋ is used nowhere; expected a declared output; write out h = … ."
            : "the output is missing: there is no state h; expected a declared output; write 'out' before the equation of one quantity.");
    }

    private CellState State(CellAssignment assignment)
    {
        string name = assignment.Name;
        return new CellState(name)
        {
            Initial = (float)(_draft.Initials.Find(one => one.Name == name)?.Value ?? 0),
            Width = _draft.Widths.Find(one => one.Name == name)?.Value,
        };
    }

    private void CheckStates(CellDefinition definition)
    {
        foreach (Drafted<double> one in _draft.Initials)
            if (!CellLimits.IsFloat(one.Value))
                throw _source.Error(one.Place, $"the first value of '{one.Name}' is {one.Value}; expected a finite number; write one.");
        Check("initial", "first value", _draft.Initials.Select(one => (one.Name, one.Place)));
        Check("width", "width", _draft.Widths.Select(one => (one.Name, one.Place)));

        void Check(string word, string what, IEnumerable<(string Name, SourcePlace Place)> lines)
        {
            Dictionary<string, SourcePlace> seen = [];
            foreach ((string name, SourcePlace place) in lines)
            {
                string[] states = [.. definition.States.Select(state => state.Name)];
                if (!states.Contains(name))
                    throw _source.Error(place, $"'{word}' of '{name}', which is no state" + CellWords.Question(name, states,
                        $"expected one of the states {string.Join(", ", states)}; write its name or delete the line."));
                if (!seen.TryAdd(name, place))
                    throw _source.Error(place, $"the {what} of '{name}' is given twice, first{CellSource.In(seen[name])}; expected one; delete "
                        + "the other.");
            }
        }
    }

    private DefinedRole Role(Drafted<DefinedRole> one)
    {
        if (!_set.ContainsKey(one.Name))
            throw _source.Error(one.Place, $"'{one.Name}' is described and is no quantity" + CellWords.Question(one.Name, _set.Keys,
                "expected a name that an equation sets; write it or delete the line."));
        if (_draft.Roles.Find(other => other.Name == one.Name) is { } first && !ReferenceEquals(first, one))
            throw _source.Error(one.Place, $"'{one.Name}' is described twice, first{CellSource.In(first.Place)}; expected one line; delete the "
                + "other.");
        string called = one.Value.Called;
        if (called.Length is 0 or > CellLimits.Called || called != called.Trim() || called.Any(c => c is ',' or '#' || char.IsControl(c)))
            throw _source.Error(one.Place, $"'{one.Name}' is called '{called}'; expected 1 to {CellLimits.Called} characters without a comma or "
                + $"#; write {one.Name}: forget gate, forgets.");
        return one.Value;
    }

    // Backward from the output through every equation and every state: what is not met has no effect, and surely is a slip.
    private void CheckReached(CellDefinition definition)
    {
        HashSet<string> met = [definition.Output];
        Stack<string> open = new(met);
        while (open.TryPop(out string? name))
            foreach (string used in QuantitiesIn(_set[name]))
                if (met.Add(used)) open.Push(used);
        if (_draft.Assignments.Find(a => !met.Contains(a.Name)) is { } lost)
            throw _source.Error(lost.Place, _draft.Assignments.Any(a => QuantitiesIn(a).Contains(lost.Name))
                ? $"'{lost.Name}' never reaches the output '{definition.Output}'; expected every quantity to have an effect; use it there or "
                    + "delete it."
                : $"'{lost.Name}' is set and never used; expected every quantity to have an effect; use it or delete the line.", lost.Name);
        if (!_draft.Assignments.Any(a => a.Value.All().Any(one => one is InputExpression)))
            throw _source.Error(_draft.NamePlace, "the input x is never used; expected it in an equation; write W x in one.");
        if (definition.Parameters.Count == 0)
            throw _source.Error(_draft.NamePlace, "nothing in the cell is learned; expected a matrix, a vector or a scalar; write W x for x.");
    }

    // Those that an equation uses, of this step or of the one before.
    private static IEnumerable<string> QuantitiesIn(CellAssignment assignment) =>
        assignment.Value.All().Where(one => one is QuantityExpression or PreviousExpression).Select(one => one.LeafName!);
}
