using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Inspection.Worked;

namespace Unroll.Cli;

/// <summary><c>unroll textbook NAME</c>: a derivation in numbers, every intermediate and every term of every gradient by name.</summary>
internal static class TextbookCommand
{
    // GradientCheckResult's for numbers in double
    private const double Tolerance = 1e-7;

    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Argument<string> name = new("NAME") { Description = $"one of {string.Join(", ", WorkedExamples.Names)}" };
        Command command = new("textbook", "Derive a gradient with numbers, term by term.") { name };
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            WorkedExample example = WorkedExamples.Find(parsed.GetValue(name)!);
            IReadOnlyList<WorkedValue> values = example.Compute();
            bool right = example.LargestError() <= Tolerance;
            StudyNotes.Write(common.Lines(parsed), Lines(example, values, right));
            common.WriteJson(parsed, json => Write(json, example, values, right));
            return right ? CommandLine.Done : CommandLine.Failed;
        });
        return command;
    }

    private static IEnumerable<string> Lines(WorkedExample example, IReadOnlyList<WorkedValue> values, bool right)
    {
        foreach (string equation in example.Equations) yield return equation;
        string section = "";
        foreach (WorkedValue value in values)
        {
            if (value.Section != section)
            {
                yield return "";
                yield return section = value.Section;
            }
            yield return $"  {TextColumns.Left(value.Name, 14)}{TextColumns.Left(value.Term, 12)}{Numbers(value)}";
        }
        yield return "";
        yield return right
            ? "every gradient and every term agrees with its central difference to 1e-7"
            : "a gradient differs from its central difference by more than 1e-7";
    }

    private static string Numbers(WorkedValue value) =>
        string.Join(" ;", value.Values.Chunk(value.Columns).Select(row => string.Concat(row.Select(Text))));

    // Adding zero makes a zero of a negative one.
    private static string Text(double number) => (Math.Round(number, 5) + 0.0).ToString("F5", CultureInfo.InvariantCulture).PadLeft(11);

    private static void Write(Utf8JsonWriter json, WorkedExample example, IReadOnlyList<WorkedValue> values, bool right)
    {
        json.WriteString("example", example.Name);
        json.WriteBoolean("agrees", right);
        json.WriteStartArray("values");
        foreach (WorkedValue value in values)
        {
            json.WriteStartObject();
            json.WriteString("section", value.Section);
            json.WriteString("name", value.Name);
            json.WriteString("term", value.Term);
            json.WriteNumber("columns", value.Columns);
            json.WriteStartArray("values");
            foreach (double number in value.Values) json.WriteNumberValue(number);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
