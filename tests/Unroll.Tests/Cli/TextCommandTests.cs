using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

/// <summary>Texts in all of Unicode from the command line, and what is said of them.</summary>
public sealed class TextCommandTests : IDisposable
{
    private static readonly string[] s_tiny =
        ["--hidden", "4", "--embedding", "4", "--epochs", "1", "--batch", "4", "--threads", "1", "--json"];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Model => Path.Combine(_folder["runs"], "r", "model.safetensors");

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    private CliRun Train(string task, string data, params string[] more) =>
        Done("", ["train", task, "--data", data, "--runs", _folder["runs"], "--run", "r", .. s_tiny, .. more]);

    private static CliRun Done(string input, params string[] args)
    {
        CliRun run = CliRun.Of(input, CancellationToken.None, args);
        Assert.True(run.Exit == 0, run.Error);
        return run;
    }

    [Theory]
    [InlineData("😀", "💔", "word"), InlineData("𠮷", "𠀋", "word"), InlineData("👨‍👩‍👧", "❤️", "word"), InlineData("😀", "💔", "char")]
    public void A_model_that_has_seen_any_character_answers_is_measured_and_shown(string one, string other, string unit)
    {
        string data = Write("a.tsv", string.Concat(Enumerable.Range(0, 12).Select(i => $"yes\tit came {one} {i}\nno\tit came {other} {i}\n")));
        Train("classify", data, "--unit", unit, "--split", "0.5,0.25");
        Assert.Single(Done($"it came {one}\n", "predict", Model).Out.Trim().Split('\n'));
        Done("", "evaluate", Model);
        Done("", "inspect", Model, "--output", _folder["page.html"]);
    }

    [Fact]
    public void A_tagger_takes_an_emoji_for_one_word_in_plain_text_too()
    {
        string data = Write("a.conll", string.Concat(Enumerable.Repeat("see O\n😀 E\nthere O\n\nsee O\n\n# S\n", 6)));
        Assert.Contains("begin with # and have as many columns as the others", Train("tag", data, "--split", "0.5,0.25").Error);
        Assert.Equal(3, Done("see 👍🏽 there\n", "predict", Model).Out.Trim().Split(' ').Length);
    }

    [Fact]
    public void Equal_characters_are_one_however_they_are_written()
    {
        string data = Write("a.txt", string.Concat(Enumerable.Repeat("caf\u00E9 e\u0301t\u00E9\n", 60)));
        Train("lm", data);
        JsonElement json = Done("cafe\u0301\n", "predict", Model, "--json").Json;
        Assert.Equal((5, 0), (json.GetProperty("symbols").GetInt32(), json.GetProperty("unknown").GetInt32()));
        CliRun other = Done("caf\u00E9\nè\n", "predict", Model);
        Assert.Contains("note: standard input: 1 of 7 characters (14.3 %) are not among those that the model knows, 'è' in line 2 first; each counts",
            other.Error);
    }

    [Fact]
    public void Words_that_look_like_symbols_stay_words_unless_the_text_means_them()
    {
        string data = Write("a.txt", string.Concat(Enumerable.Repeat("the <unk> sat <eos> on <s> it\n", 40)));
        CliRun run = Train("lm", data, "--unit", "word");
        Assert.Contains("note: the word <unk> stands", run.Error);
        Assert.Equal(0, Done("the <unk> sat <eos>\n", "predict", Model, "--json").Json.GetProperty("unknown").GetInt32());
        Assert.DoesNotContain(@"\<", Done("", "sample", Model, "--length", "60").Out);
        Directory.Delete(_folder["runs"], recursive: true);
        run = Train("lm", data, "--unit", "word", "--unknown-word", "<unk>");
        Assert.DoesNotContain("stands", run.Error);
        JsonElement json = Done("the <unk> sat <eos>\n", "predict", Model, "--json").Json;
        Assert.Equal((5, 1), (json.GetProperty("symbols").GetInt32(), json.GetProperty("unknown").GetInt32()));
    }

    [Fact]
    public void Pairs_that_contradict_each_other_and_what_the_model_does_not_know_are_said()
    {
        IEnumerable<string> lines = Enumerable.Range(0, 20).Select(i => $"w{i % 10} \"a\"\tv{i}\tx\n");
        string data = Write("a.tsv", $"source\ttarget\tnote\n{string.Concat(lines)}\n");
        string test = Write("t.tsv", "w3 \"a\"\tother\nnew\tv1\n");
        string error = Train("translate", data, "--test", test, "--min-count", "1", "--split", "1,0").Error;
        foreach (string expected in (string[])["a.tsv, line 1: it names the columns ('source target note'), and is no pair.",
            "a.tsv: 1 blank lines, line 22 first, are no pairs.", "a.tsv: column 3 is left out (it begins with 'x').",
            "10 of 11 sources have several targets, 'w0 \"a\"' first",
            "note: 1 of 2 sources to measure on stand in the training part with another target, 'w3 \"a\"' first"])
            Assert.Contains(expected, error);
        CliRun said = Done("w1\n\nnew w2\n", "predict", Model);
        Assert.Equal(3, said.Out.Count(one => one == '\n'));
        Assert.Equal("", said.Out.Split('\n')[1]);
        Assert.Contains("note: standard input: 1 of 3 words (33.3 %) are not among those that the model knows, 'new' in line 3 first", said.Error);
        Assert.Contains("t.tsv, targets: 1 of 2 words", Done("", "evaluate", Model, "--data", test).Error);
        Assert.Contains("b.tsv, line 2: expected 2 columns as in line 1, found 3 in 'c d e'; a TAB is missing, or stands within a text.",
            CliRun.Of("train", "translate", "--data", Write("b.tsv", "a\tb\nc\td\te\n")).Refused());
    }

    [Fact]
    public void A_gzipped_text_is_read_and_a_cut_one_refused()
    {
        byte[] packed;
        using (MemoryStream into = new())
        {
            using (GZipStream gzip = new(into, CompressionLevel.Optimal))
                gzip.Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ab\n", 300))));
            packed = into.ToArray();
        }
        File.WriteAllBytes(_folder["a.txt.gz"], packed);
        Train("lm", _folder["a.txt.gz"]);
        File.WriteAllBytes(_folder["b.txt.gz"], packed[..^5]);
        Assert.Contains("b.txt.gz: the gzipped file is cut short", CliRun.Of("predict", Model, "--data", _folder["b.txt.gz"]).Refused());
        Assert.Contains("standard input: the gzipped file is cut short", CliRun.OfBytes(packed[..^5], "predict", Model).Refused());
    }
}
