using System.Text.Json;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

public sealed class LanguageCommandTests : IDisposable
{
    private static readonly string[] s_quick =
        ["--hidden", "6", "--embedding", "4", "--layers", "1", "--batch", "4", "--bptt", "8", "--epochs", "3", "--threads", "1", "--json"];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Runs => _folder["runs"];

    private string Model(string run) => Path.Combine(Runs, run, "model.safetensors");

    private string Text()
    {
        File.WriteAllText(_folder["t.txt"], string.Concat(Enumerable.Repeat("the cat sat on the mat\nthe dog ran\n", 30)));
        return _folder["t.txt"];
    }

    private string[] Args(string run, params string[] more) => ["train", "lm", "--data", Text(), "--runs", Runs, "--run", run, .. s_quick, .. more];

    private static CliRun Done(params string[] args) => Fed("", args);

    private static CliRun Fed(string input, params string[] args)
    {
        CliRun run = CliRun.Of(input, CancellationToken.None, args);
        Assert.True(run.Exit == 0, run.Error);
        return run;
    }

    [Theory, InlineData("char"), InlineData("word")]
    public void A_run_ends_with_its_measures_a_report_and_a_model_that_is_measured_alike(string unit)
    {
        JsonElement json = Done(Args("a", "--unit", unit)).Json, again = Done("evaluate", Model("a"), "--json").Json;
        foreach (string key in (string[])["nats", "bits", "perplexity", "symbols", "weights_sha256"])
            Assert.Equal(json.GetProperty(key).ToString(), again.GetProperty(key).ToString());
        Assert.Equal(Math.Exp(json.GetProperty("nats").GetDouble()), json.GetProperty("perplexity").GetDouble(), 1e-9);
        Assert.True(json.GetProperty("baselines").GetProperty("5-gram").GetDouble() > 0);
        Assert.Contains("perplexity", File.ReadAllText(json.GetProperty("report").GetString()!));
    }

    [Theory, InlineData("--bptt", "8"), InlineData("--bptt", "4,12")]
    public void Stopped_and_resumed_it_ends_with_the_bits_of_an_undisturbed_run(params string[] bptt)
    {
        string[] more = [.. bptt, "--dropout", "0.3", "--unit", "word"];
        string whole = Done(Args("a", more)).Json.GetProperty("weights_sha256").GetString()!;
        using CancellationTokenSource stop = new();
        StopAfterLine error = new(stop, "epoch    1/3");
        Unroll.Cli.Terminal terminal = new(() => Stream.Null, new StringWriter(), error, Live: false);
        Assert.Equal(130, Unroll.Cli.CommandLine.Run(Args("b", more), terminal, new Unroll.Cli.Interruption(stop.Token)));
        Assert.Contains("unroll train lm --resume --run b", error.ToString());
        Assert.Equal(whole, Done("train", "lm", "--resume", "--runs", Runs, "--run", "b", "--json").Json.GetProperty("weights_sha256").GetString());
    }

    [Fact]
    public void A_text_from_standard_input_is_scored_symbol_by_symbol()
    {
        Done(Args("a"));
        JsonElement json = Fed("the cat\n", "predict", Model("a"), "--json").Json;
        JsonElement[] scores = [.. json.GetProperty("scores").EnumerateArray()];
        Assert.Equal("the cat\n", string.Concat(scores.Select(s => s.GetProperty("symbol").GetString())));
        Assert.Equal(json.GetProperty("total_nats").GetDouble(), scores.Sum(s => s.GetProperty("nats").GetDouble()), 1e-5);
        File.WriteAllText(_folder["x.txt"], "the cat\n");
        CliRun csv = Done("predict", Model("a"), "--data", _folder["x.txt"]);
        Assert.Equal("symbol,nats,best", csv.Out.Split('\n')[0]);
        Assert.Contains("8 characters", csv.Error);
    }

    [Fact]
    public void A_sample_goes_on_from_the_prompt_and_is_the_same_for_the_same_seed()
    {
        Done(Args("a"));
        string Sample(params string[] more) => Done(["sample", Model("a"), "--prompt", "the ", "--length", "40", .. more]).Out;
        Assert.StartsWith("the ", Sample());
        Assert.Equal(Sample(), Sample());
        Assert.NotEqual(Sample(), Sample("--seed", "2"));
        Assert.Equal(Sample("--temperature", "0"), Sample("--temperature", "0", "--seed", "2"));
        Assert.Equal(40, Done("sample", Model("a"), "--length", "40", "--json").Json.GetProperty("text").GetString()!.Length);
    }

    [Fact]
    public void Options_of_another_task_are_refused_by_name()
    {
        Done(Args("a"));
        Assert.Contains("--prime belongs to music models", CliRun.Of("sample", Model("a"), "--prime", "x.abc").Refused());
        Assert.Contains("is a language model", CliRun.Of("sample", Model("a"), "--prime-steps", "3").Refused());
    }

    [Theory]
    [InlineData("no-such.txt", "there is no such file")]
    [InlineData("empty.txt", "the text is empty")]
    [InlineData("latin.txt", "line 1, byte 3: expected text in UTF-8")]
    [InlineData("binary.txt", "found a zero byte")]
    [InlineData("short.txt", "the training part has 2 characters, expected at least 9")]
    [InlineData("same.txt", "only one of them is in the vocabulary")]
    [InlineData("t.txt", "unit: there is no 'words' (did you mean 'word'?)", "--unit", "words")]
    [InlineData("t.txt", "bptt: expected k1,k2", "--bptt", "9,3")]
    [InlineData("t.txt", "split: expected the shares", "--split", "0.9,0.4")]
    [InlineData("t.txt", "test: a file that tests needs one that validates", "--test", "t.txt")]
    [InlineData("t.txt", "vocabulary: expected a whole number from 2", "--vocabulary", "1")]
    [InlineData("t.txt", "dropout: expected a number from 0 to 0.99", "--dropout", "1")]
    public void Bad_input_is_one_line_and_leaves_no_folder(string data, string expected, params string[] more)
    {
        Text();
        File.WriteAllText(_folder["empty.txt"], "");
        File.WriteAllText(_folder["short.txt"], "abc");
        File.WriteAllText(_folder["same.txt"], new string('a', 100));
        File.WriteAllBytes(_folder["latin.txt"], [.. "Gen"u8, 0xE8, .. "ve"u8]);
        File.WriteAllBytes(_folder["binary.txt"], [65, 0, 66]);
        string[] own = [.. more.Select(word => word == "t.txt" ? _folder[word] : word)];
        string[] args = ["train", "lm", "--data", _folder[data], "--runs", Runs, .. s_quick, "--split", "0.999,0", .. own];
        Assert.Contains(expected, CliRun.Of(args).Refused());
        Assert.False(Directory.Exists(Runs));
    }

    [Fact]
    public void Info_says_what_the_model_is()
    {
        Done(Args("a", "--unit", "word", "--tie-weights"));
        CliRun info = Done("info", Model("a"));
        Assert.Contains("a language model, trained on", info.Out);
        Assert.Contains("output tied to the embedding", info.Out);
        Assert.Equal("lm", Done("info", Model("a"), "--json").Json.GetProperty("task").GetString());
    }
}
