using System.CommandLine;
using System.Diagnostics;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Cli.Lab;

/// <summary><c>unroll lab NAME</c>: the claims of the study notes as reproducible experiments; without a name, the list of experiments.</summary>
internal sealed class LabCommand
{
    private readonly ILab _lab;
    private readonly CommonOptions _common;
    private readonly Option<bool> _full = Opt.Bool("--full", "more sizes, longer sequences, more updates: minutes instead of seconds");
    private readonly Option<ulong?> _seed = Opt.Seed("--seed", "seed of the random draws (default 1)");
    private readonly Option<string> _output;
    private IReadOnlyList<Option> _own = [];

    private LabCommand(ILab lab, CommonOptions common)
    {
        (_lab, _common) = (lab, common);
        _output = Opt.String("--output", "FILE.html", $"the page to write (default lab-{lab.Name}.html)");
    }

    /// <summary>The command with all experiments.</summary>
    /// <param name="terminal">Where it writes.</param>
    /// <param name="cells">The cells to choose among; null: the built-in ones.</param>
    /// <param name="args">What was typed: the word after <c>--task</c> decides which task's options there are.</param>
    internal static Command Make(Terminal terminal, CellCatalog? cells = null, params string[] args)
    {
        Command command = new("lab", "Test claims about recurrent networks: experiments with tables, verdicts and a page.");
        CommonOptions common = new(terminal);
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            List(common, parsed);
            return CommandLine.Done;
        });
        foreach (ILab lab in LabList.With(cells ?? CellCatalog.BuiltIn, TaskOf(args))) command.Add(new LabCommand(lab,
            new CommonOptions(terminal)).Make(terminal.Error));
        return command;
    }

    // Of an option typed twice the last value counts.
    private static string? TaskOf(string[] args)
    {
        const string name = "--task";
        int at = Array.FindLastIndex(args, word => word == name || word.StartsWith($"{name}=", StringComparison.Ordinal)
            || word.StartsWith($"{name}:", StringComparison.Ordinal));
        return at < 0 ? null : args[at] == name ? args.ElementAtOrDefault(at + 1) : args[at][(name.Length + 1)..];
    }

    private Command Make(TextWriter messages)
    {
        Command command = new(_lab.Name, $"{_lab.Summary} ({_lab.Notes})");
        foreach (Option option in (Option[])[_full, _seed, _output]) command.Add(option);
        int shared = command.Options.Count;
        _lab.AddTo(command);
        _own = [.. command.Options.Skip(shared)];
        _common.AddTo(command).SetAction(parsed => Run(parsed, messages));
        return command;
    }

    private int Run(ParseResult parsed, TextWriter messages)
    {
        string path = parsed.GetValue(_output) ?? $"lab-{_lab.Name}.html";
        RequireFolder(path);
        using ThreadTeam team = _common.Team(parsed);
        if (Processor.Warning is { } slow) messages.WriteLine(slow);
        LabRun run = new(parsed.GetValue(_full), parsed.GetValue(_seed) ?? 1, team, messages);
        long start = Stopwatch.GetTimestamp();
        LabResult result = _lab.Run(parsed, run);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        LabPage.Of(_lab.Name, result, run, Typed(parsed)).Save(path);
        TextWriter lines = _common.Lines(parsed);
        LabText.Write(lines, result);
        lines.WriteLine();
        lines.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{seconds:F1} s; page: {path}"));
        _common.WriteJson(parsed, json =>
        {
            LabJson.Write(json, _lab.Name, result, run);
            json.WriteString("page", path);
            json.WriteNumber("seconds", seconds);
        });
        return CommandLine.Done;
    }

    // The options of the experiment itself: those that every one has stand elsewhere, and neither the file nor the threads change a figure.
    private string Typed(ParseResult parsed)
    {
        return string.Concat(_own.Select(option => parsed.GetResult(option))
            .Where(result => result is { Implicit: false })
            .Select(result => $" {result!.Option.Name}{string.Concat(result.Tokens.Select(token => $" {Quoted(token.Value)}"))}"));

        static string Quoted(string value) => value.Any(char.IsWhiteSpace) || value.Length == 0 ? $"\"{value}\"" : value;
    }

    // Checked before the work, not after it.
    private static void RequireFolder(string path)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full))
            throw new UserErrorException($"--output: expected a file such as {Path.Combine(path, "page.html")}, '{path}' is a folder.");
        if (Path.GetDirectoryName(full) is { } folder && !Directory.Exists(folder))
            throw new UserErrorException($"--output: expected a file in a folder that exists, there is no '{folder}'; make it first.");
    }

    private static void List(CommonOptions common, ParseResult parsed)
    {
        TextWriter lines = common.Lines(parsed);
        lines.WriteLine("unroll lab NAME [--full] [--seed N] [--threads N] [--json] [--output FILE.html]");
        lines.WriteLine();
        int width = LabList.All.Max(lab => lab.Name.Length);
        foreach (ILab lab in LabList.All) lines.WriteLine($"  {lab.Name.PadRight(width)}  {lab.Summary} ({lab.Notes})");
        lines.WriteLine();
        lines.WriteLine(StudyNotes.Line);
        common.WriteJson(parsed, json =>
        {
            json.WriteStartArray("labs");
            foreach (ILab lab in LabList.All)
            {
                json.WriteStartObject();
                json.WriteString("name", lab.Name);
                json.WriteString("summary", lab.Summary);
                json.WriteString("notes", lab.Notes);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }
}
