using Unroll.Tests.Laws;
using Unroll.Core;
using Unroll.Cli;
using System.Text.Json;
using Unroll.Cli.Lab.Compare;
using Unroll.Cli.Lab.Statistics;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli.Lab;

public sealed class CompareLabTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--data", "airline", "--window", "12")]
    [InlineData("--task", "recall", "--length", "3")]
    [InlineData("--task", "adding", "--examples", "64")]
    public void A_tiny_run_has_tables_and_verdicts_that_do_not_depend_on_the_number_of_threads(params string[] task)
    {
        (JsonElement one, JsonElement two) = (Run(["--threads", "1", .. task]), Run(["--threads", "2", .. task]));
        Assert.Equal(Rows(one, "epochs to the best"), Rows(two, "epochs to the best"));
        JsonElement results = Table(one, "results");
        Assert.Equal(2, results.GetProperty("rows").GetArrayLength());
        long[] parameters = [.. results.GetProperty("rows").EnumerateArray().Select(row => row[2].GetInt64())];
        Assert.InRange(Math.Abs(parameters[0] - parameters[1]) / (double)parameters.Max(), 0, 0.15);     // a unit of so few is a tenth of the weights
        Assert.Equal("[[\"rnn\",4,", Rows(one, "parameters at equal hidden size")[..10]);
        JsonElement ratio = one.GetProperty("verdicts").EnumerateArray().Last();
        Assert.True(ratio.GetProperty("holds").GetBoolean(), ratio.GetProperty("found").GetString());
    }

    private JsonElement Run(string[] more)
    {
        CliRun run = CliRun.Of(["lab", "compare", "--cells", "lstm,gru", "--seeds", "2", "--hidden", "4", "--epochs", "2", "--json", "--output",
            _folder["c.html"], .. more]);
        Assert.Equal("", run.Exit == 0 ? "" : run.Error);
        return run.Json;
    }

    private static JsonElement Table(JsonElement json, string name) =>
        json.GetProperty("tables").EnumerateArray().Single(table => table.GetProperty("name").GetString() == name);

    private static string Rows(JsonElement json, string name) => Table(json, name).GetProperty("rows").GetRawText();

    [Theory]
    [InlineData("--cells", "lstm", "--cells: expected at least two cells to compare")]
    [InlineData("--cells", "lstm,lstm-peephole", "--cells: a forecast takes lstm, gru, gru-after, rnn, residual, lstm-ln, gru-ln, cells of "
        + "the zoo and files, got 'lstm-peephole'.")]
    [InlineData("--seeds", "1", "--seeds: expected a whole number from 2 to 1000")]
    [InlineData("--equal", "size", "--equal: expected parameters or hidden, got 'size'.")]
    [InlineData("--task", "chess", "--task: there is no 'chess'; expected one of forecast, adding")]
    [InlineData("--data", "-", "--data: expected a data set or a file because it is read once for each training")]
    public void What_cannot_be_compared_is_refused_before_the_work(string option, string value, string message) =>
        Assert.Contains(message, CliRun.Of("lab", "compare", option, value, "--output", _folder["c.html"]).Refused());

    // Pairs by hand: a is below b by 1 ± 0.1 in every seed, c lies across both.
    [Fact]
    public void The_advice_names_one_cell_only_where_it_beats_every_other()
    {
        CompareCell a = Cell("lstm", 1.0, 1.1, 0.9, 1.0, 1.05), b = Cell("gru", 2.0, 2.0, 2.0, 2.0, 2.0), c = Cell("rnn", 0.1, 3.0, 1.2, 0.4, 2.9);
        LabVerdictOf(a, b, out bool? holds, out string found);
        Assert.True(holds);
        Assert.StartsWith("take the lstm", found);
        LabVerdictOf(a, c, out holds, out found);
        Assert.Null(holds);
        Assert.StartsWith("no difference found in error between lstm and rnn", found);
        Assert.Contains("Without a network, guessing has 1.2: no higher than rnn.", found);
        IReadOnlyList<CompareCell> three = [a, b, c];
        Assert.StartsWith("gru found worse than another; no difference found in error between lstm and rnn; of these the lstm has the lowest mean",
            CompareVerdicts.Advice(three, ComparePair.Of(three, outcome => outcome.Test), new Guessing()).Found);
        ComparePair pair = Assert.Single(ComparePair.Of([a, b], outcome => outcome.Test));
        Assert.StartsWith("lstm is better than gru by 0.99 [0.8979, 1.082] error, p < 0.001 after Holm's correction, 5 seeds.",
            CompareVerdicts.Sentence(pair, "error"));
        Assert.Equal(StudentT.Quantile(0.95, 4) * Math.Sqrt(0.0055 / 5), pair.Difference.High - pair.Difference.Mean, 1e-12);
    }

    [Fact]
    public void Cells_of_ones_own_are_compared_with_a_built_in_one()
    {
        using TempFolder folder = new();
        StringWriter lines = new(), messages = new();
        Terminal terminal = new(() => Stream.Null, lines, messages, false);
        string[] typed =
        [
            "compare", "--task", "adding", "--length", "6", "--cells", "lstm,mgu,light-ru", "--seeds", "3", "--hidden", "4", "--epochs", "1",
            "--output", folder["compare.html"],
        ];
        int code = Unroll.Cli.Lab.LabCommand.Make(terminal, OwnCells.All).Parse(typed)
            .Invoke(CommandLine.Invocation(terminal));
        Assert.Equal(CommandLine.Done, code);
        Assert.Contains("light-ru", lines.ToString());
        Assert.Contains("mgu", File.ReadAllText(folder["compare.html"]));
        Assert.Throws<UserErrorException>(() => Unroll.Cli.Lab.LabCells.Find("light-ru"));
        Assert.True(Unroll.Cli.Lab.LabCells.Find("mgu-chrono", OwnCells.All).KeepsByAGate);
        Assert.False(Unroll.Cli.Lab.LabCells.Find("rnn-relu", OwnCells.All).KeepsByAGate);
    }

    [Fact]
    public void A_forecast_compares_a_file_and_a_cell_of_the_zoo()
    {
        string file = _folder["leaky.cell"];
        File.WriteAllText(file, "cell leaky\nh = 0.5 * h_prev + 0.5 * tanh(W x + U h_prev + b)\n");
        CliRun run = CliRun.Of("lab", "compare", "--cell", $"lstm,janet,{file}", "--data", "airline", "--window", "12", "--seeds", "2", "--hidden",
            "4", "--epochs", "1", "--json", "--output", _folder["c.html"]);
        Assert.Equal("", run.Exit == 0 ? "" : run.Error);
        string page = File.ReadAllText(_folder["c.html"]);
        Assert.Contains("unroll lab compare --seed 1 --cells lstm,janet,", page);
        Assert.Contains(" --seeds 2 --hidden 4", page);
        Assert.Contains(" --window 12", page);
        Assert.Equal(["lstm", "janet", file], Table(run.Json, "results").GetProperty("rows").EnumerateArray().Select(row => row[0].GetString()));
    }

    private static void LabVerdictOf(CompareCell first, CompareCell second, out bool? holds, out string found)
    {
        var verdict = CompareVerdicts.Advice([first, second], ComparePair.Of([first, second], outcome => outcome.Test), new Guessing());
        (holds, found) = (verdict.Holds, verdict.Found);
    }

    private static CompareCell Cell(string name, params double[] test) =>
        new(Unroll.Cli.Lab.LabCells.Find(name), 4, 100, [.. test.Select(value => new CompareOutcome(value, 3, 5))], 0.5);

    private sealed class Guessing : IComparison
    {
        public string Title => "a task";
        public string Measure => "error";
        public IReadOnlyList<(string Name, double Value)> Baselines => [("guessing", 1.2)];
        public string Training => "";
        public NetworkSpec Network(Unroll.Cli.Lab.LabNamedCell cell, int hidden) => throw new NotSupportedException();
        public ComparedTraining Begin(Unroll.Cli.Lab.LabNamedCell cell, int hidden, ulong seed, ThreadTeam alone) =>
            throw new NotSupportedException();
    }
}
