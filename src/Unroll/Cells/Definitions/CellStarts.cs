using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>Checks what is declared of parameters, and how they begin.</summary>
/// <param name="draft">What was written.</param>
internal sealed class CellStarts(CellDraft draft)
{
    /// <summary>The parameters with how they begin.</summary>
    /// <param name="used">Those that the equations use.</param>
    public IEnumerable<DefinedParameter> Of(IReadOnlyList<DefinedParameter> used)
    {
        string[] names = [.. used.Select(one => one.Name)];
        foreach (Drafted<ParameterKind> one in draft.Declared)
        {
            string said = CellStartParser.Said(one.Value);
            if (CellWords.IsVector(one.Name) && one.Value == ParameterKind.Vector)
                throw draft.Source.Error(one.Place, $"'{one.Name}' is declared; expected no declaration, since b, b_… and p_… are vectors; delete "
                    + "the word 'vector', and the line where nothing follows.");
            if (!CellWords.IsName(one.Name) || CellWords.IsReserved(one.Name) || CellWords.IsMatrix(one.Name) || CellWords.IsVector(one.Name))
                throw draft.Source.Error(one.Place, WrongName(one.Name, one.Value));
            if (!names.Contains(one.Name))
                throw draft.Source.Error(one.Place, $"the {said} '{one.Name}' is declared and never used; expected it in an equation; use it or "
                    + "delete the line.");
        }
        Dictionary<string, Drafted<ParameterStart>> starts = [];
        foreach (Drafted<ParameterStart> one in draft.Starts)
        {
            if (used.FirstOrDefault(parameter => parameter.Name == one.Name) is not { } parameter)
                throw draft.Source.Error(one.Place, $"how '{one.Name}' begins is said, but no equation uses it"
                    + CellWords.Question(one.Name, names, "expected a parameter of the cell; use it or delete the line."));
            if (!starts.TryAdd(one.Name, one))
                throw draft.Source.Error(one.Place, $"how '{one.Name}' begins is said twice, first{CellSource.In(starts[one.Name].Place)}; "
                    + "expected one line; delete the other.");
            Check(one, parameter.Kind);
        }
        return used.Select(one => one with { Start = starts.GetValueOrDefault(one.Name)?.Value });
    }

    /// <summary>The message about a parameter whose name is another thing's.</summary>
    /// <param name="name">The name.</param>
    /// <param name="kind">What it should be.</param>
    public static string WrongName(string name, ParameterKind kind) => CellWords.IsReserved(name)
        ? $"'{name}' is a word of the language; expected a name for a {CellStartParser.Said(kind)}; choose another."
        : $"'{name}' cannot be the name of a {CellStartParser.Said(kind)}; expected "
            + (kind == ParameterKind.Matrix ? "a capital letter first" : "a small letter first")
            + (kind == ParameterKind.Scalar ? ", and neither b, b_… nor p_…" : "")
            + $", then letters, digits and _, at most {CellWords.LongestName}; choose another.";

    private void Check(Drafted<ParameterStart> one, ParameterKind kind)
    {
        (ParameterRule rule, double value) = one.Value;
        if (kind != ParameterKind.Matrix && rule is ParameterRule.Orthogonal or ParameterRule.Identity)
            throw draft.Source.Error(one.Place, $"the {CellStartParser.Said(kind)} '{one.Name}' cannot begin as a matrix does; expected "
                + $"{CellStartParser.Choices(kind)}; write one of these.");
        bool isRight = rule switch
        {
            ParameterRule.Constant => true,
            ParameterRule.Uniform or ParameterRule.Normal => value > 0,
            _ => value != 0,
        };
        if (isRight && CellLimits.IsFloat(value)) return;
        string range = rule switch
        {
            ParameterRule.Constant => "",
            ParameterRule.Uniform or ParameterRule.Normal => " above 0",
            _ => " other than 0",
        };
        throw draft.Source.Error(one.Place, $"'{one.Name}' begins with {CellFormatter.Start(one.Value)}; expected a finite "
            + $"number{range}; write one.");
    }
}
