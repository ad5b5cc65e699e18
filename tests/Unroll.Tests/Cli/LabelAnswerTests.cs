namespace Unroll.Tests.Cli;

/// <summary>What classify and tag print: a row for each sequence, of as many fields in every row.</summary>
public sealed class LabelAnswerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-answers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, IEnumerable<string> lines)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
        return path;
    }

    private string Trained(string task, string data, params string[] more)
    {
        CliRun run = CliRun.Of(["train", task, "--data", data, "--runs", _folder, "--run", task, "--threads", "1", "--hidden", "4",
            "--embedding", "4", "--epochs", "1", .. more]);
        Assert.True(run.Exit == 0, run.Error);
        return Path.Combine(_folder, task, "model.safetensors");
    }

    private static string[] Rows(CliRun run) => run.Out.TrimEnd('\n').Split('\n');

    [Fact]
    public void Every_row_has_as_many_fields_whatever_labels_and_names_hold()
    {
        string model = Trained("classify", Write("odd.csv", Enumerable.Range(0, 40).Select(i =>
            $"n{i},{(i % 2 == 0 ? "\"two\twords\"" : "a\\b")},\"text\t{i % 7}\"").Prepend("name,label,text")));
        string[] rows = Rows(CliRun.Of("predict", model, "--data", Write("new.csv", ["name,text", "x,text 1", "\"y\tz\",", "w,\"text\t1\""])));
        Assert.All(rows, row => Assert.Equal(3, row.Count(c => c == '\t')));
        Assert.Equal("\t\ty\\tz\t", rows[1]);
        Assert.Contains(rows[0].Split('\t')[0], (string[])["two\\twords", "a\\\\b"]);
        Assert.Equal("x", rows[0].Split('\t')[2]);
    }

    [Fact]
    public void A_tagger_prints_the_labels_and_the_name_of_each_sequence()
    {
        string model = Trained("tag", Write("steps.csv", Enumerable.Range(0, 40).Select(i =>
            $"s{i / 2},w{i % 5},{(i % 2 == 0 ? "in stock" : "O")}").Prepend("who,text,label")), "--group", "who");
        string[] rows = Rows(CliRun.Of("predict", model, "--data", Write("new.csv", ["who,text", "u,w1", "u,w2", "v,w3"])));
        Assert.Equal(["u", "v"], rows.Select(row => row.Split('\t')[1]));
        Assert.Equal([2, 1], rows.Select(row => row.Split('\t')[0].Split(' ').Length));
        Assert.Equal(3, Rows(CliRun.Of("w1 w2\n\nw3\n", CancellationToken.None, "predict", model)).Length);
    }

    [Fact]
    public void The_model_may_stand_behind_the_data()
    {
        string data = Write("texts.tsv", Enumerable.Range(0, 40).Select(i => $"{(i % 2 == 0 ? "a" : "b")}\tword{i % 7}"));
        string model = Trained("classify", data), texts = Write("new.txt", ["word1", "", "word2"]);
        Assert.Equal(CliRun.Of("predict", model, "--data", texts).Out, CliRun.Of("predict", "--data", texts, model).Out);
        Assert.Equal(CliRun.Of("evaluate", model, "--data", data).Out, CliRun.Of("evaluate", "--data", data, model).Out);
        Assert.Equal(3, Rows(CliRun.Of("predict", "--data", texts, model)).Length);
    }
}
