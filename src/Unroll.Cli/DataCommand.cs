using System.CommandLine;
using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Cli;

/// <summary><c>unroll data FILE</c>: what a table holds, what training would refuse, and a command that would train on it.</summary>
internal static class DataCommand
{
    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Argument<string> file = new("FILE") { Description = "sunspots, airline, a CSV file, or - for standard input" };
        Option<string[]> columns = Opt.Strings("--column", "Y[,Z…]", "columns to inspect (default: all numeric columns)");
        Option<string[]> known = Opt.Strings("--known", "A[,B…]", "columns that are also known in the future");
        Option<string[]> missing = Opt.Strings("--missing-values", "A[,B…]", "further words that mean a missing value, such as -999");
        Option<string> time = Opt.String("--time", "COLUMN", "the time column (default: guessed)"),
            format = Opt.String("--time-format", "FORMAT",
                "how times are written: dmy, mdy, ymd, excel, epoch-ms …, or a pattern such as dd.MM.yyyy"),
            group = Opt.String("--group", "COLUMN", "the column that identifies the series");
        Command command = new("data", "Inspect a table before training on it.") { file, columns, known, time, format, group, missing };
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            string word = parsed.GetValue(file)!;
            string[] words = parsed.GetValue(missing) ?? [];
            Table table = EmbeddedData.OpenOrRead(word, terminal.Files().NotingTo(terminal.Say)).WithMissing(words);
            bool timeless = parsed.GetValue(time) == "none" && !table.Columns.Contains("none");
            string? times = timeless ? null : parsed.GetValue(time) ?? ColumnGuess.Time(table, parsed.GetValue(group), parsed.GetValue(format));
            string[] futures = parsed.GetValue(known) ?? [];
            SeriesOptions options = new()
            {
                Targets = parsed.GetValue(columns) is { Length: > 0 } named
                    ? named
                    : [.. ColumnGuess.Roles(table, times ?? "none", parsed.GetValue(group), futures).Targets.Except(futures)],
                Known = futures,
                Time = times,
                TimeFormat = parsed.GetValue(format),
                MissingWords = words,
                Group = parsed.GetValue(group),
            };
            DataSummary summary = DataSummary.Of(table, options, word);
            foreach (string line in summary.Lines()) common.Lines(parsed).WriteLine(line);
            string suggestion = Suggestion(summary);
            common.Lines(parsed).WriteLine($"try:  {suggestion}");
            common.WriteJson(parsed, json =>
            {
                JsonRecord.Parse(summary.ToJson(), root =>
                {
                    foreach (JsonProperty member in root.EnumerateObject()) member.WriteTo(json);
                    return root.ValueKind;
                });
                json.WriteString("suggestion", suggestion);
            });
            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>A command that would train on the data.</summary>
    internal static string Suggestion(DataSummary summary) => "unroll train forecast " + string.Join(' ',
        summary.Suggestion.Select(option => option.Value is { } value ? $"--{option.Option} {Quote(value)}" : $"--{option.Option}"));

    private static string Quote(string word) =>
        word.Any(c => char.IsWhiteSpace(c) || c is '"' or '\'' or '$' or '&' or '(' or ')' or ';' or '|' or '*')
            ? $"\"{word.Replace("\"", "\\\"")}\""
            : word;
}
