using Unroll.Cli;
using Unroll.Cli.Tasks;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

/// <summary>What signals, faults in numbers and tables for spreadsheets mean to a command.</summary>
public sealed class InterruptionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_signal_is_taken_while_there_is_something_to_save_and_the_second_never()
    {
        using Interruption one = new(TestContext.Current.CancellationToken);
        Assert.False(one.Take(15));
        Assert.False(one.Token.IsCancellationRequested);
        using (one.Saving()) Assert.True(one.Take(15));
        Assert.True(one.Token.IsCancellationRequested);
        Assert.Equal(143, one.ExitCode);
        using (one.Saving()) Assert.False(one.Take(2));
    }

    [Fact]
    public void A_run_that_diverged_is_not_called_done()
    {
        CliRun run = CliRun.Of("train", "forecast", "--data", "airline", "--hidden", "8", "--epochs", "8", "--lr", "100", "--clip", "0",
            "--optimizer", "sgd", "--momentum", "0.99", "--loss", "mse", "--cell", "rnn", "--schedule", "constant", "--non-finite", "skip",
            "--threads", "1", "--runs", _folder["runs"], "--json");
        Assert.Equal(1, run.Exit);
        Assert.True(run.Json.GetProperty("diverged").GetBoolean());
        Assert.True(run.Json.GetProperty("skipped_updates").GetInt64() > 0);
        Assert.Contains("diverged, not done: ", run.Error);
        Assert.Contains("updates were passed over because a loss or a gradient was not finite", run.Error);
    }

    [Theory]
    [InlineData("a,=1+1,b", "=1+1"), InlineData("\"=HYPERLINK(\"\"x\"\",1)\",2", "=HYPERLINK(\"x\",1)"), InlineData("a\t@sum\t1", "@sum")]
    [InlineData("-x,1", "-x"), InlineData("+A1,2", "+A1"), InlineData("x,\"\tcmd\"", "\tcmd")]
    public void Text_that_a_spreadsheet_computes_is_said(string line, string cell)
    {
        string note = FormulaNote.Of(["h,k", line, "=B1,2"], "out.csv")!;
        Assert.StartsWith($"note: out.csv: 2 of 3 lines hold text that a spreadsheet takes for a formula, first '{cell}' in line 2; ", note);
    }

    [Theory, InlineData("-1.5,+2e3,a-b"), InlineData("-,+,2024-01-01"), InlineData("\"a,=b\",1"), InlineData(""), InlineData("\"\",x")]
    public void Numbers_signs_and_other_text_are_not(string line) => Assert.Null(FormulaNote.Of([line], "out.csv"));

    [Fact]
    public void A_table_of_forecasts_says_so_when_it_is_written()
    {
        string rows = string.Concat(Enumerable.Range(0, 60).SelectMany(i => (string[])[$"{i},=A1,{i % 7}\n", $"{i},b,{i % 5}\n"]));
        File.WriteAllText(_folder["shops.csv"], "t,shop,y\n" + rows);
        CliRun trained = CliRun.Of("train", "forecast", "--data", _folder["shops.csv"], "--group", "shop", "--time", "t", "--hidden", "4",
            "--epochs", "1", "--threads", "1", "--runs", _folder["runs"], "--json");
        Assert.True(trained.Exit == 0, trained.Error);
        CliRun run = CliRun.Of("predict", trained.Json.GetProperty("model").GetString()!, "--output", _folder["out.csv"]);
        Assert.Contains("1 of 3 lines hold text that a spreadsheet takes for a formula, first '=A1' in line ", run.Error);
        Assert.Contains(",=A1,", File.ReadAllText(_folder["out.csv"]));
    }

    [Fact]
    public void Sentences_and_help_are_whole()
    {
        File.WriteAllText(_folder["c.json"], "{\"hiden\": 3}");
        Assert.EndsWith("there is no option 'hiden'; did you mean 'hidden'? The command's --help lists its options.",
            CliRun.Of("train", "forecast", "--config", _folder["c.json"]).Refused());
        string help = CliRun.Of("train", "forecast", "--help").Out;
        Assert.Matches(@"--nesterov {2,}", help);
        Assert.DoesNotContain("<nesterov>", help);
        Assert.DoesNotContain("<raw", CliRun.Of("predict", "--help").Out);
        Assert.Contains("there is no further argument 'maybe'", CliRun.Of("train", "forecast", "--nesterov=maybe").Refused());
    }

    [Fact]
    public void A_cross_validation_is_held_limited_and_knows_its_data()
    {
        string text = string.Concat(Enumerable.Range(0, 60).Select(i =>
            $"{(i % 2 == 0 ? "good" : "bad")}\tword{i % 7} other{i % 3} {(i % 2 == 0 ? "fine" : "poor")}{i}\n"));
        File.WriteAllText(_folder["d.tsv"], text);
        string[] Args(params string[] more) => ["train", "classify", "--runs", _folder["runs"], "--run", "cv", "--json", .. more];
        string[] first = Args("--data", _folder["d.tsv"], "--folds", "3", "--cross-validate", "--hidden", "4", "--embedding", "4", "--epochs", "200",
            "--patience", "200", "--threads", "1", "--time-limit", "0.4s");
        CliRun run = CliRun.Of(first);
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("the time limit of 0.4s was reached after ", run.Error);
        Assert.True(run.Json.GetProperty("time_limit").GetBoolean());
        CliRun done = CliRun.Of(Args("--resume"));
        Assert.True(done.Exit == 0 && done.Json.GetProperty("folds").GetArrayLength() == 3, done.Error);
        File.WriteAllText(_folder["d.tsv"], text.Replace("fine58", "fine59"));
        Assert.Contains("the data changed since its first fold was trained", CliRun.Of(Args("--resume")).Refused());
    }
}
