using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Cli;

/// <summary>
/// <c>unroll cell FILE</c>: what a cell's equations say: parameters, stages, cost, the built-in cell that it equals; its canonical text, its
/// kernel in C#.
/// </summary>
internal static class CellCommand
{
    private const int DefaultUnits = 64;

    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Argument<string?> file = new("CELL")
        {
            Description = "a file NAME.cell with equations, or a name of the zoo; nothing lists the zoo", Arity = ArgumentArity.ZeroOrOne,
        };
        Option<int?> inputs = Opt.Int("--inputs", "N", $"features of the input, for sizes and costs (default: {DefaultUnits})"),
            units = Opt.Int("--hidden", "N", $"units (default: {DefaultUnits})");
        Option<bool> format = Opt.Bool("--format", "print the definition in its canonical form and nothing else");
        Option<string> emit = Opt.String("--emit", "LANGUAGE", "print the cell's kernel as source code: cs");
        Command command = new("cell", "Say what the equations of a cell define.") { file, inputs, units, format, emit };
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            if (parsed.GetValue(file) is not { } name)
            {
                List(common.Lines(parsed));
                common.WriteJson(parsed, json => WriteNames(json));
                return CommandLine.Done;
            }
            CellDefinition definition = CellSubject.Of(name);
            if (parsed.GetValue(emit) is { } language)
            {
                if (language != "cs") throw new UserErrorException($"--emit: expected cs, got '{language}'.");
                terminal.Out.Write(CellCode.CSharp(definition));
            }
            else if (parsed.GetValue(format)) terminal.Out.Write(definition.Text);
            else
            {
                int hidden = Opt.Within(parsed, units, DefaultUnits, 1, SizeLimits.Hidden);
                int features = Opt.Within(parsed, inputs, definition.ReadsInputByUnit ? hidden : DefaultUnits, 1, SizeLimits.Hidden);
                CellFacts facts = new(definition, features, hidden);
                foreach (string line in Lines(definition, facts, features, hidden)) common.Lines(parsed).WriteLine(line);
                common.WriteJson(parsed, json => Write(json, definition, facts));
            }
            return CommandLine.Done;
        });
        return command;
    }

    private static void List(TextWriter lines)
    {
        foreach (string name in CellZoo.Names) lines.WriteLine($"{name,-24} {CellZoo.Definition(name).Comments.FirstOrDefault()}");
        lines.WriteLine($"{CellZoo.Names.Count} cells; 'unroll cell NAME' says what one defines, 'unroll train lm --cell NAME' trains with it");
    }

    private static IEnumerable<string> Lines(CellDefinition definition, CellFacts facts, int inputs, int hidden)
    {
        yield return definition.Text.TrimEnd();
        yield return "";
        yield return $"with {inputs} inputs and {hidden} units:";
        foreach (ParameterFact one in facts.Parameters)
            yield return $"  {one.Name,-10} {$"[{string.Join(", ", one.Shape)}]",-12} begins "
                + (one.Begins.StartsWith("as ", StringComparison.Ordinal) ? one.Begins : $"at {one.Begins}");
        yield return $"parameters   {Number(facts.ParameterCount)}";
        yield return $"states       {string.Join(", ", definition.States.Select(state => state.Name))}; output {definition.Output}";
        CellDerivation derivation = definition.Cell.Derivation;
        foreach (IGrouping<int, CellQuantity> stage in derivation.Quantities.GroupBy(one => one.Stage).OrderBy(stage => stage.Key))
            yield return $"stage {stage.Key + 1}      {string.Join(", ", stage.Select(one => one.Name))}";
        yield return $"cost         {Number(facts.MultiplyAdds)} multiply-adds of products and "
            + $"{Number((long)facts.OperationsPerUnit * hidden)} operations for each step of a sequence";
        foreach (CellState state in definition.States)
            if (derivation.KeepPath(state.Name) is { } keep) yield return $"kept         {state.Name}₋ times {CellText.Format(keep)}, directly";
        CellLikeness? like = CellLikeness.Of(definition);
        yield return like is null ? "equals       no built-in cell" : $"equals       the built-in cell {like.Like.Name}{Renamed(like)}";
    }

    private static string Renamed(CellLikeness like)
    {
        string[] others = [.. like.Names.Where(pair => pair.Key != pair.Value).Select(pair => $"{pair.Key} is its {pair.Value}")];
        return others.Length == 0 ? "" : $": {string.Join(", ", others)}";
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static void WriteNames(Utf8JsonWriter json)
    {
        json.WriteStartArray("cells");
        foreach (string name in CellZoo.Names) json.WriteStringValue(name);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, CellDefinition definition, CellFacts facts)
    {
        json.WriteString("cell", definition.Name);
        json.WriteString("definition", definition.Text);
        json.WriteNumber("parameters", facts.ParameterCount);
        json.WriteNumber("stages", definition.Cell.Derivation.Stages);
        json.WriteNumber("multiply_adds", facts.MultiplyAdds);
        json.WriteNumber("operations_per_unit", facts.OperationsPerUnit);
        json.WriteString("output", definition.Output);
        json.WriteStartArray("states");
        foreach (CellState state in definition.States) json.WriteStringValue(state.Name);
        json.WriteEndArray();
        if (CellLikeness.Of(definition) is { } like) json.WriteString("equals", like.Like.Name);
        else json.WriteNull("equals");
    }
}
