using System.CommandLine;
using System.Globalization;
using Unroll.Cells;
using Unroll.Inspection;
using Unroll.Cli.Tasks;
using Unroll.Tasks.Shared;
using Unroll.Tasks;

namespace Unroll.Cli;

/// <summary>
/// <c>unroll gradcheck</c>: every gradient of every cell, layer and loss, or of one cell, in double against central differences, and the engine
/// against that.
/// </summary>
internal static class GradcheckCommand
{
    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Argument<string?> cell = new("CELL")
        {
            Description = "one cell: a file NAME.cell with its equations, or a name; without it every cell, layer and loss",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Command command = new("gradcheck", "Check every gradient of every cell, layer and loss.") { cell };
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            List<GradientCheckResult> results = [];
            IEnumerable<GradientCheckResult> found = Results(parsed.GetValue(cell));
            TextWriter lines = common.Lines(parsed);
            lines.WriteLine($"{"",-6} {"",-34} {"",-34} {"double",9} {"engine",9}");
            foreach (GradientCheckResult result in found)
            {
                results.Add(result);
                lines.WriteLine($"{result.Kind,-6} {result.Subject,-34} {result.What,-34} {Text(result.DoubleError),9} {Text(result.EngineError),9}" +
                    (result.Passed ? "" : "  too large"));
            }
            int failed = results.Count(result => !result.Passed);
            (double? largest, double? largestOfEngine) = (results.Max(r => r.DoubleError), results.Max(r => r.EngineError));
            lines.WriteLine($"{results.Count} gradients, {failed} with too large an error; largest: double {Text(largest)}, engine "
                + $"{Text(largestOfEngine)}");
            common.WriteJson(parsed, json =>
            {
                json.Number("double_error", largest);
                json.Number("engine_error", largestOfEngine);
                json.WriteNumber("failed", failed);
                json.WriteStartArray("results");
                foreach (GradientCheckResult result in results)
                {
                    json.WriteStartObject();
                    json.WriteString("kind", result.Kind);
                    json.WriteString("subject", result.Subject);
                    json.WriteString("what", result.What);
                    json.Number("double_error", result.DoubleError);
                    json.Number("engine_error", result.EngineError);
                    json.WriteBoolean("passed", result.Passed);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            });
            return failed == 0 ? CommandLine.Done : CommandLine.Failed;
        });
        return command;
    }

    private static IEnumerable<GradientCheckResult> Results(string? cell) => cell is null ? GradientCheck.RunAll()
        : (CellCatalog.BuiltIn.Find(cell) is not null ? GradientCheckCases.OfCell(cell, CellCatalog.BuiltIn)
            : GradientCheckCases.OfDefinition(CellSubject.Of(cell))).SelectMany(GradientCheck.Run);

    private static string Text(double? error) => error?.ToString("0.0e+00", CultureInfo.InvariantCulture) ?? "";
}
