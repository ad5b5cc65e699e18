using System.CommandLine;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Files;
using Unroll.Inspection.Derivation;
using Unroll.Inspection.Worked;

namespace Unroll.Cli;

/// <summary>
/// <c>unroll textbook NAME</c>: a derivation in numbers, every intermediate and every term of every gradient by name; of a cell that is given by its
/// equations the derivation itself, every gradient as a sum of named terms.
/// </summary>
internal static class TextbookCommand
{
    // GradientCheckResult's for numbers in double
    private const double Tolerance = 1e-7;

    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Argument<string> name = new("NAME")
        {
            Description = $"a worked example, {string.Join(", ", WorkedExamples.Names)}; or the equations of a cell: a file NAME.cell, or the name "
                + "of a built-in or published one",
        };
        Option<bool> derive = Opt.Bool("--derive", "of a cell that is also a worked example: every term derived from its equations");
        Option<bool> latex = Opt.Bool("--latex", "of a cell: the derivation as LaTeX");
        Option<string> html = Opt.String("--html", "FILE.html", "of a cell: a page of the derivation, on which every number can be moved");
        Option<string> input = Opt.String("--input", "\"1,0.5; -1,0.3\"", "of a cell: with numbers, the input of each step");
        Option<string> weights = Opt.String("--weights", "FILE",
            "of a cell: with numbers, a parameter a line, W_f = 0.1 0.2; 0.3 0.4; what is missing is drawn");
        Command command = new("textbook", "Derive a gradient term by term, in letters and in numbers.") { name, derive, latex, html, input, weights };
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            string word = parsed.GetValue(name)!;
            (string? page, string? steps, string? file) = (parsed.GetValue(html), parsed.GetValue(input), parsed.GetValue(weights));
            bool ofCell = parsed.GetValue(derive) || parsed.GetValue(latex) || page is not null || steps is not null || file is not null;
            if (!ofCell && WorkedExamples.Names.Contains(word)) return Worked(parsed, common, WorkedExamples.Find(word));

            CellDerivation derivation = CellDerivation.Of(CellSubject.Find(word) ?? throw Unknown(word));
            GivenNumbers given = file is null ? new() : GivenNumbers.Read(TextFile.ReadIfThere(file)
                ?? throw new UserErrorException($"{weights.Name}: there is no file '{file}'."), file);
            if (steps is not null) given = given with { Steps = GivenNumbers.ReadSteps(steps) };
            DerivationView view = new(derivation, steps is null && file is null ? null : CellNumbers.Of(derivation, given));
            if (page is not null) AtomicFile.RequireWritable(page);
            foreach (string line in view.Lines(parsed.GetValue(latex))) common.Lines(parsed).WriteLine(line);
            if (page is not null)
            {
                DerivationPage.Of(view.Numbers ?? CellNumbers.Of(derivation, given)).Save(page);
                common.Lines(parsed).WriteLine($"{(parsed.GetValue(latex) ? "% " : "")}page: {page}");
            }
            common.WriteJson(parsed, json =>
            {
                view.Write(json);
                if (page is not null) json.WriteString("page", page);
            });
            return CommandLine.Done;
        });
        return command;
    }

    private static int Worked(ParseResult parsed, CommonOptions common, WorkedExample example)
    {
        IReadOnlyList<WorkedValue> values = example.Compute();
        bool right = example.LargestError() <= Tolerance;
        StudyNotes.Write(common.Lines(parsed), Lines(example, values, right));
        common.WriteJson(parsed, json =>
        {
            json.WriteString("example", example.Name);
            json.WriteBoolean("agrees", right);
            WorkedLines.Write(json, values);
        });
        return right ? CommandLine.Done : CommandLine.Failed;
    }

    private static IEnumerable<string> Lines(WorkedExample example, IReadOnlyList<WorkedValue> values, bool right)
    {
        foreach (string equation in example.Equations) yield return equation;
        foreach (string line in WorkedLines.Of(values)) yield return line;
        yield return "";
        yield return right
            ? "every gradient and every term agrees with its central difference to 1e-7"
            : "a gradient differs from its central difference by more than 1e-7";
        if (BuiltInDefinitions.Find(example.Name) is not null)
            yield return $"every term derived from the cell's equations: unroll textbook {example.Name} --derive";
    }

    private static UserErrorException Unknown(string word)
    {
        string[] names = [.. WorkedExamples.Names.Concat(BuiltInDefinitions.All.Select(one => one.Name)).Concat(CellZoo.Names).Distinct()];
        return new UserErrorException($"textbook: there is no '{word}'"
            + NearestName.Question(word, names, $"expected a file NAME.cell with equations, or one of {string.Join(", ", names)}."));
    }
}
