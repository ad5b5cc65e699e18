using System.Text;
using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>Reads the lines of a definition; the right sides of equations are read by <see cref="CellExpressionParser"/>.</summary>
internal sealed class CellParser
{
    private readonly CellSource _source;
    private readonly CellDraft _draft;

    private CellParser(CellSource source, CellDraft draft) => (_source, _draft) = (source, draft);

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="UserErrorException">A line cannot be read.</exception>
    public static CellDraft Parse(string text, string file)
    {
        CellSource source = new(file);
        if (Encoding.UTF8.GetByteCount(text) is var bytes && bytes > CellLimits.Bytes) throw source.Error(default, CellLimits.TooManyBytes(bytes));
        List<string> comments = [];
        List<CellLine> lines = CellLines.Of(source, Nfc.Of(text), comments);
        CellLookalikes.Check(lines.SelectMany(line => line.Tokens).Where(one => one.Kind is CellTokenKind.Name or CellTokenKind.Before)
            .Select(one => (one.Text, one.Place)), source);
        if (lines.Count == 0)
            throw source.Error(default, "the text is empty; expected 'cell NAME', then equations; begin with a line like: cell mgu.");
        CellLine first = lines[0];
        if (first.Words is null || first.First.Text != "cell")
            throw source.Error(first.First.Place, $"the first line begins with {first.First.Said}; expected 'cell NAME' before all equations; "
                + "add a line like: cell mgu.");
        CellParser parser = new(source, new CellDraft(source) { Name = first.Words.Trim(), NamePlace = first.WordsPlace, Comments = comments });
        foreach (CellLine line in lines.Skip(1)) parser.Declare(line);
        foreach (CellLine line in lines.Skip(1)) parser.Add(line);
        return parser._draft;
    }

    // vector u      scalar α          first of all, so that an equation may stand before what declares its names
    private void Declare(CellLine line)
    {
        if (line.Words is not null || line.First is not { Kind: CellTokenKind.Name, Text: "vector" or "scalar" } first) return;
        if (line.Tokens[1].Is('=')) return;
        CellToken name = line.Tokens[1];
        if (name.Kind != CellTokenKind.Name)
            throw _source.Error(name.Place, $"{name.Said} after '{first.Text}'; expected the name of what is learned; write {first.Text} u.");
        if (_draft.DeclarationOf(name.Text) is { } other)
            throw _source.Error(name.Place, $"'{name.Text}' is declared twice, first{CellSource.In(other.Place)}; expected one line; delete the "
                + "other.");
        _draft.Declared.Add(new(name.Text, first.Text == "scalar" ? ParameterKind.Scalar : ParameterKind.Vector, name.Place));
    }

    private void Add(CellLine line)
    {
        CellToken first = line.First, second = line.Tokens[Math.Min(1, line.Tokens.Count - 1)];
        if (line.Words is not null && first.Text == "cell" && !second.Is(':'))
            throw _source.Error(first.Place, "a second 'cell' line; expected one cell a file; move the other to a file of its own.");
        if (line.Words is not null) AddRole(line);
        else if (second.Is(':'))
            throw _source.Error(second.Place, "':=' is no sign of the language; expected '='; write it.");
        else if (first.Kind == CellTokenKind.Before)
            throw _source.Error(first.Place, $"{first.Said} is the value of the step before and cannot be set; expected a name of this step; "
                + $"write {first.Text} = … .");
        else if (first.Kind != CellTokenKind.Name)
            throw _source.Error(first.Place, $"{first.Said} at the beginning of a line; expected a name, as in h = … ; every line says one thing.");
        else if (second.Is('=')) AddEquation(line, 0);
        else if (first.Text is "vector" or "scalar") AddDeclared(line);
        else if (first.Text == "out") AddOutput(line);
        else if (first.Text == "initial") AddInitial(line);
        else if (first.Text == "width") AddWidth(line);
        else
            throw _source.Error(second.Place, $"{second.Said} after '{first.Text}'"
                + CellWords.Question(first.Text, CellWords.Keywords, "expected '=', or a line that begins with "
                    + $"{string.Join(", ", CellWords.Keywords)}; write {first.Text} = … ."));
    }

    // h = …   or, of a parameter, how it begins
    private void AddEquation(CellLine line, int at)
    {
        CellToken name = line.Tokens[at];
        CellTokens tokens = new(_source, line.Tokens, at + 2);
        if (CellWords.IsReserved(name.Text)) throw _source.Error(name.Place, CellChecker.Reserved(name.Text));
        if (KindOf(name.Text) is { } parameter)
        {
            if (CellSlips.IsStepOfTime(name.Text)) throw CellExpressionParser.StepOfTime(_source, name);
            _draft.Starts.Add(new(name.Text, new CellStartParser(tokens).Of(name, parameter.Kind, parameter.Why), name.Place));
            return;
        }
        if (tokens.Now.Kind == CellTokenKind.End)
            throw _source.Error(tokens.Now.Place, $"nothing stands after '{name.Text} ='; expected its value; write {name.Text} = … .");
        CellExpression value = new CellExpressionParser(tokens, _draft).All();
        _draft.Assignments.Add(new CellAssignment(name.Text, value) { Place = name.Place });
    }

    private (ParameterKind Kind, string Why)? KindOf(string name)
    {
        if (_draft.DeclarationOf(name) is { } declared)
            return (declared.Value, $"is declared as a {CellStartParser.Said(declared.Value)}{CellSource.In(declared.Place)}");
        if (CellWords.IsMatrix(name)) return (ParameterKind.Matrix, "begins with a capital letter, so it is a matrix");
        return CellWords.IsVector(name) ? (ParameterKind.Vector, "is a vector, as b, b_… and p_… are") : null;
    }

    // vector u = uniform(1)
    private void AddDeclared(CellLine line)
    {
        CellTokens tokens = new(_source, line.Tokens, 1);
        CellToken name = tokens.Take();
        if (tokens.Now.Kind == CellTokenKind.End) return;
        tokens.Expect('=', $"the end of the line, or = and how '{name.Text}' begins");
        ParameterKind kind = _draft.DeclarationOf(name.Text)!.Value;
        _draft.Starts.Add(new(name.Text, new CellStartParser(tokens).Of(name, kind, $"is a {CellStartParser.Said(kind)}"), name.Place));
    }

    // out y = …
    private void AddOutput(CellLine line)
    {
        CellToken name = line.Tokens[1];
        if (name.Kind != CellTokenKind.Name || !line.Tokens[2].Is('='))
            throw _source.Error(name.Place, "'out' without an equation; expected 'out NAME = value'; write out y = … , or leave it out where the "
                + "state h is the output.");
        if (_draft.Output is { } other)
            throw _source.Error(name.Place, $"a second output; expected one, and '{other.Name}'{CellSource.In(other.Place)} is it; delete one "
                + "'out'.");
        _draft.Output = new(name.Text, true, name.Place);
        AddEquation(line, 1);
    }

    // initial h = 1
    private void AddInitial(CellLine line)
    {
        (CellToken name, CellTokens tokens) = Setting(line, "initial h = 1");
        double value = tokens.Number($"the first value of '{name.Text}', a number");
        tokens.ExpectEnd();
        _draft.Initials.Add(new(name.Text, value, name.Place));
    }

    // width h = 64      width h = units / 4
    private void AddWidth(CellLine line)
    {
        const string Expected = "a whole number, or units / a whole number";
        (CellToken name, CellTokens tokens) = Setting(line, "width h = 64");
        bool divided = tokens.Now is { Kind: CellTokenKind.Name, Text: "units" };
        if (divided)
        {
            tokens.Take();
            tokens.Expect('/', "/ and a whole number after 'units', since without them the line is not needed");
        }
        CellToken number = tokens.Now;
        double value = tokens.Number(Expected);
        tokens.ExpectEnd();
        if (value != Math.Floor(value) || value < (divided ? 2 : 1) || value > SizeLimits.Hidden)
            throw _source.Error(number.Place, $"the width {(divided ? "units / " : "")}{CellFormatter.Number(value)}; expected a whole number from "
                + $"{(divided ? 2 : 1)} to {SizeLimits.Hidden}; write one.");
        _draft.Widths.Add(new(name.Text, divided ? new CellWidth(0, (int)value) : new CellWidth((int)value, 1), name.Place));
    }

    private (CellToken Name, CellTokens Tokens) Setting(CellLine line, string example)
    {
        CellTokens tokens = new(_source, line.Tokens, 1);
        CellToken name = tokens.Take();
        if (name.Kind != CellTokenKind.Name || !tokens.Now.Is('='))
            throw _source.Error(name.Place, $"'{line.First.Text}' without a state and its value; expected a line like {example}; write the "
                + "state's name and =.");
        tokens.Take();
        return (name, tokens);
    }

    // f: forget gate, forgets
    private void AddRole(CellLine line)
    {
        CellToken name = line.First;
        if (name.Kind != CellTokenKind.Name)
            throw _source.Error(name.Place, $"{name.Said} before ':'; expected the name of a quantity; write f: forget gate, forgets.");
        int comma = line.Words!.LastIndexOf(',');
        string called = (comma < 0 ? line.Words : line.Words[..comma]).Trim(), word = comma < 0 ? "" : line.Words[(comma + 1)..].Trim();
        GateRole role = GateRole.Other;
        if (comma >= 0)
        {
            int known = Array.FindIndex(CellWords.Roles, one => one.Word == word);
            if (known < 0)
                throw _source.Error(line.WordsPlace, $"'{word}' is no role{CellWords.Question(word, CellWords.Roles.Select(one => one.Word),
                    $"expected {string.Join(", ", CellWords.Roles.Select(one => one.Word))} after the comma; leave it out where none fits.")}");
            role = CellWords.Roles[known].Role;
        }
        _draft.Roles.Add(new(name.Text, new DefinedRole(name.Text, called, role), name.Place));
    }
}
