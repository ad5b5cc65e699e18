using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

/// <summary>Every mistake of a user's is one line that says what was expected, and exit code 2.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Rows(int count, Func<int, string> value) =>
        string.Concat(Enumerable.Range(0, count).Select(i => $"{new DateTime(2000, 1, 1).AddMonths(i):yyyy-MM},{value(i)}\n"));

    [Fact]
    public void Help_calls_the_program_as_it_is_called_and_the_version_is_told()
    {
        Assert.Contains("unroll train forecast [options]", CliRun.Of("train", "forecast", "--help").Out);
        CliRun version = CliRun.Of("--version");
        Assert.Equal((0, ""), (version.Exit, version.Error));
        Assert.Matches(@"^\d+\.\d+\.\d+", version.Out);
    }

    private string Train(string csv, params string[] more)
    {
        File.WriteAllText(_folder["data.csv"], csv);
        string[] args = ["train", "forecast", "--runs", _folder["runs"], "--data", _folder["data.csv"], .. more];
        string line = CliRun.Of(args).Refused();
        Assert.False(Directory.Exists(_folder["runs"]), "a refused run leaves no folder");
        return line;
    }

    [Theory]
    [InlineData("unroll: there is no command 'trainn'; did you mean 'train'?", "trainn")]
    [InlineData("unroll train: expected one of forecast", "train")]
    [InlineData("unroll train: there is no command 'forcast'; did you mean 'forecast'?", "train", "forcast")]
    [InlineData("unroll train forecast: there is no option '--hiden'; did you mean '--hidden'?", "train", "forecast", "--hiden", "8")]
    [InlineData("--hidden: expected a whole number, found 'many'", "train", "forecast", "--hidden", "many")]
    [InlineData("hidden: expected a whole number from 1 to 16384, got 0", "train", "forecast", "--hidden", "0")]
    [InlineData("--lr: expected a number, found 'fast'", "train", "forecast", "--lr", "fast")]
    [InlineData("cell: there is no 'gruu' (did you mean 'gru'?); expected one of lstm, gru, gru-after, rnn, residual, lstm-ln, gru-ln", "train",
        "forecast", "--cell",
        "gruu")]
    [InlineData("optimizer: there is no 'adan' (did you mean 'adam'?)", "train", "forecast", "--optimizer", "adan")]
    [InlineData("loss: there is no 'rmse'", "train", "forecast", "--loss", "rmse")]
    [InlineData("split: expected the shares to train on and to validate on", "train", "forecast", "--split", "0.9,0.4")]
    [InlineData("bptt: expected k1,k2", "train", "forecast", "--bptt", "48,16")]
    [InlineData("--threads: expected a whole number from 1 to 1024, got 0", "train", "forecast", "--threads", "0")]
    [InlineData("--resume: name the run", "train", "forecast", "--resume")]
    [InlineData("there is no folder 'nowhere/x' to resume", "train", "forecast", "--resume", "--run", "x", "--runs", "nowhere")]
    [InlineData("no-such-file.csv: the file does not exist", "train", "forecast", "--data", "no-such-file.csv")]
    [InlineData("no-such-model", "predict", "no-such-model")]
    [InlineData("unroll evaluate: expected MODEL, a model file written by a training run", "evaluate")]
    [InlineData("unroll train forecast: expected X after --lr, found nothing", "train", "forecast", "--lr")]
    [InlineData("no-such-file.csv: the file does not exist", "data", "no-such-file.csv")]
    [InlineData("no-such.json: the file does not exist", "train", "forecast", "--config", "no-such.json")]
    [InlineData("run name '../x': expected 1 to 100 letters", "train", "forecast", "--run", "../x")]
    public void A_wrong_command_or_option_is_one_line(string expected, params string[] args) => Assert.Contains(expected, CliRun.Of(args).Refused());

    [Fact]
    public void An_empty_file() => Assert.Contains("data.csv", Train(""));

    [Fact]
    public void A_header_without_rows() => Assert.Contains("data.csv", Train("month,units\n"));

    [Fact]
    public void A_ragged_row_is_named() => Assert.Contains("line 4", Train("month,units\n2000-01,1\n2000-02,2\n2000-03\n2000-04,4\n"));

    [Fact]
    public void Text_in_a_column_of_numbers_is_named() =>
        Assert.Contains("line 11, column 'units': expected a number, found 'ten'",
            Train("month,units\n" + Rows(60, i => i == 9 ? "ten" : $"{i}"), "--column", "units"));

    [Fact]
    public void A_slip_in_a_column_that_nobody_named_is_not_a_reason_to_leave_the_column_out()
    {
        Assert.Contains("line 11, column 'units': expected a number, found 'ten'",
            Train("month,units,price\n" + Rows(60, i => (i == 9 ? "ten" : $"{i}") + ",1")));
        Assert.Contains("line 2, column 'units': expected a number, found '1,500'; it is 1500 where commas stand between thousands and 1.500 where",
            Train("month,units\n" + Rows(60, i => $"\"{i + 1},500\"")));
        Assert.Contains("line 12, column 'month': expected a time as in the other rows, found '2000-13'",
            Train("month,units\n" + Rows(60, i => $"{i}").Replace("2000-11,", "2000-13,")));
    }

    [Fact]
    public void Text_in_another_encoding_is_named_by_its_line()
    {
        File.WriteAllBytes(_folder["l.csv"], System.Text.Encoding.Latin1.GetBytes("shop,month,units\nGen\u00e8ve,2000-01,1\n"));
        Assert.Contains("line 2: expected text in UTF-8", CliRun.Of("data", _folder["l.csv"]).Refused());
    }

    [Fact]
    public void A_place_for_the_model_that_cannot_be_written_is_refused_before_the_training() =>
        Assert.Contains("none' does not exist", Train("month,units\n" + Rows(60, i => $"{i}"), "--output", _folder["none/m.safetensors"]));

    [Fact]
    public void A_missing_column_is_named_with_the_nearest() =>
        Assert.Contains("there is no column 'unit'; did you mean 'units'?", Train("month,units\n" + Rows(60, i => $"{i}"), "--column", "unit"));

    [Fact]
    public void A_missing_value_is_named() =>
        Assert.Contains("line 8, column 'units': expected a number, found a missing value",
            Train("month,units\n" + Rows(60, i => i == 6 ? "NaN" : $"{i}"), "--column", "units"));

    [Fact]
    public void A_gap_in_time_is_named() =>
        Assert.Contains("line 12", Train("month,units\n" + Rows(60, i => $"{i}").Replace("2000-11,10\n", ""), "--column", "units"));

    [Fact]
    public void A_repeated_time_is_named() =>
        Assert.Contains("2000-10 stands on line",
            Train("month,units\n" + Rows(60, i => $"{i}").Replace("2000-11,", "2000-10,"), "--column", "units"));

    [Fact]
    public void A_horizon_longer_than_the_data() =>
        Assert.Contains("choose a shorter", Train("month,units\n" + Rows(60, i => $"{i}"), "--horizon", "50"));

    [Fact]
    public void A_logarithm_of_zero_is_named() =>
        Assert.Contains("line 2, column 'units': expected a value above 0", Train("month,units\n" + Rows(60, i => $"{i}"), "--transform", "log"));

    [Fact]
    public void A_byte_order_mark_is_read_over() =>
        Assert.Contains("there is no column 'x'", Train("\uFEFFmonth,units\n" + Rows(60, i => $"{i}"), "--column", "x"));

    [Fact]
    public void A_column_in_two_roles() =>
        Assert.Contains("'units' is given as column and as known",
            Train("month,units\n" + Rows(60, i => $"{i}"), "--column", "units", "--known", "units"));

    [Fact]
    public void An_unknown_key_in_a_configuration_file()
    {
        File.WriteAllText(_folder["c.json"], "{\"hidden\": 8, \"epoch\": 3}");
        Assert.Contains("c.json: there is no option 'epoch'; did you mean 'epochs'?", CliRun.Of("train", "forecast", "--config", _folder["c.json"])
            .Refused());
        File.WriteAllText(_folder["c.json"], "{\"config\": \"d.json\"}");
        Assert.Contains("c.json: 'config': a file of options names no other one; write its options here.",
            CliRun.Of("train", "forecast", "--config", _folder["c.json"]).Refused());
    }

    [Theory]
    [InlineData("{\"hidden\": \"many\"}", "c.json: --hidden: expected a whole number, found 'many'")]
    [InlineData("{\"hidden\": 8, \"hidden\": 9}", "c.json: it is not JSON, line 1: Duplicate property 'hidden'")]
    [InlineData("{\"hidden\": [8]}", "c.json: 'hidden': expected one value, found a list; leave the brackets out.")]
    [InlineData("{\"hidden\": {}}", "c.json: 'hidden': expected a text, a number, true, false or a list of them, found an object.")]
    [InlineData("{\"hidden\": \"\"}", "c.json: 'hidden': expected a value, found an empty text; leave the key out.")]
    [InlineData("{\"data\": [\"a,b.csv\"]}", "c.json: 'data': 'a,b.csv' holds a comma, which separates values here")]
    [InlineData("{\"data\": [null]}", "found null in a list")]
    [InlineData("{\"lr\": 1e999}", "c.json: it is not JSON, line 1: a number in it is too large")]
    [InlineData("{\n\"data\": \"\\ud800\"}", "c.json: it is not JSON, line 2: a text in it is not Unicode")]
    [InlineData("{\"\\udc00\": 1}", "c.json: it is not JSON, line 1: a text in it is not Unicode")]
    [InlineData("[8]", "c.json: expected an object of options such as {\"hidden\": 64}, found Array.")]
    [InlineData("null", "c.json: expected an object of options such as {\"hidden\": 64}, found Null.")]
    [InlineData("", "c.json: it is not JSON")]
    [InlineData("{\"hidden\": 8} {}", "c.json: it is not JSON")]
    public void A_wrong_value_in_a_configuration_file_is_said_to_be_there(string json, string expected)
    {
        File.WriteAllText(_folder["c.json"], json);
        Assert.Contains(expected, CliRun.Of("train", "forecast", "--config", _folder["c.json"]).Refused());
    }

    [Fact]
    public void A_configuration_file_in_another_encoding_or_without_an_end()
    {
        File.WriteAllBytes(_folder["c.json"], [.. "{\"hidden\": 8,\n\"data\": \"caf"u8, 0xE9, .. "\"}"u8]);
        Assert.Contains("c.json, line 2: expected text in UTF-8, found the byte 0xE9", CliRun.Of("train", "forecast", "--config", _folder["c.json"])
            .Refused());
        File.WriteAllText(_folder["c.json"], string.Concat(Enumerable.Repeat("[", 100)));
        Assert.Contains("c.json: it is not JSON", CliRun.Of("train", "forecast", "--config", _folder["c.json"]).Refused());
        if (!OperatingSystem.IsLinux()) return;
        Assert.Contains("/dev/zero: its first 4,096 bytes are zeros", CliRun.Of("train", "forecast", "--config", "/dev/zero").Refused());
    }

    [Fact]
    public void A_configuration_file_may_have_comments_last_commas_values_in_quotes_and_keys_without_a_value()
    {
        File.WriteAllText(_folder["c.json"], "\ufeff{ // mine\n\"hidden\": \"0\", \"season\": null, \"known\": [],\n}");
        Assert.Contains("c.json: --hidden: expected a whole number from 1 to 16384, got 0", CliRun.Of("train", "forecast", "--data", "none.csv",
            "--config", _folder["c.json"]).Refused());
    }

    [Fact]
    public void A_folder_instead_of_a_configuration_file()
    {
        Directory.CreateDirectory(_folder["c"]);
        Assert.Contains("it is a folder", CliRun.Of("train", "forecast", "--config", _folder["c"]).Refused());
    }

    [Fact]
    public void A_configuration_file_that_is_no_JSON()
    {
        File.WriteAllText(_folder["c.json"], "{\"hidden\": 8,\n \"epochs\" 3}");
        Assert.Contains("c.json: it is not JSON, line 2", CliRun.Of("train", "forecast", "--config", _folder["c.json"]).Refused());
    }

    [Theory]
    [InlineData("not a model at all")]
    [InlineData("")]
    public void A_foreign_model_file(string content)
    {
        File.WriteAllText(_folder["m.safetensors"], content);
        Assert.Contains("m.safetensors", CliRun.Of("predict", _folder["m.safetensors"]).Refused());
        Assert.Contains("m.safetensors", CliRun.Of("predict", _folder["m.safetensors"], "--data", "a.csv", "--json").Refused());
    }

    [Fact]
    public void A_run_of_that_name_is_not_overwritten()
    {
        Directory.CreateDirectory(_folder["runs/a"]);
        File.WriteAllText(_folder["runs/a/keep.txt"], "");
        Assert.Contains("already exists", CliRun.Of("train", "forecast", "--data", "airline", "--run", "a", "--runs", _folder["runs"]).Refused());
    }

    [Fact]
    public void A_folder_that_cannot_be_made()
    {
        File.WriteAllText(_folder["file"], "");
        Assert.Contains(_folder["file"], CliRun.Of("train", "forecast", "--data", "airline", "--runs", _folder["file"]).Refused());
    }
}
