using System.CommandLine;
using System.Text.Json;
using Unroll.Data;

namespace Unroll.Cli;

/// <summary><c>unroll data FILE</c>: what a table holds, what training would refuse, and a command that would train on it.</summary>
internal static class DataCommand
{
    internal static Command Make(Terminal terminal)
    {
        CommonOptions common = new(terminal);
        Argument<string> file = new("FILE") { Description = "sunspots, airline, a CSV file, or - for standard input" };
        Option<string[]> columns = Opt.Words("--column", "Y[,Z…]", "columns to look at (default: all columns of numbers)");
        Option<string[]> known = Opt.Words("--known", "A[,B…]", "columns that are known in the future too");
        Option<string> time = Opt.Text("--time", "COLUMN", "the time column (default: guessed)"),
            group = Opt.Text("--group", "COLUMN", "the column that tells series apart");
        Command command = new("data", "Look at a table before training on it.") { file, columns, known, time, group };
        common.AddTo(command, threads: false).SetAction(parsed =>
        {
            string word = parsed.GetValue(file)!;
            Table table = EmbeddedData.OpenOrRead(word, terminal.In);
            bool timeless = parsed.GetValue(time) == "none" && !table.Columns.Contains("none");
            SeriesOptions options = ColumnGuess.Roles(table, timeless ? null : parsed.GetValue(time), parsed.GetValue(group));
            if (timeless) options = options with { Time = null };
            string[] futures = parsed.GetValue(known) ?? [];
            IReadOnlyList<string> targets = parsed.GetValue(columns) is { Length: > 0 } named ? named : [.. options.Targets.Except(futures)];
            options = options with { Targets = targets, Known = futures };
            DataSummary summary = DataSummary.Of(table, options, word);
            foreach (string line in summary.Lines()) common.Lines(parsed).WriteLine(line);
            common.WriteJson(parsed, json =>
            {
                using JsonDocument document = JsonDocument.Parse(summary.ToJson());
                foreach (JsonProperty member in document.RootElement.EnumerateObject()) member.WriteTo(json);
            });
            return CommandLine.Done;
        });
        return command;
    }
}
