using System.Globalization;
using System.Text;
using System.Text.Json;
using Unroll.Cli;
using Unroll.Core;

namespace Unroll.Tests.Cli;

/// <summary>classify, dna and tag from the command line, on data made here.</summary>
public sealed class LabelCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-labels-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, IEnumerable<string> lines)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
        return path;
    }

    private string Runs => Path.Combine(_folder, "runs");

    // A text is good if it says so; which word says it varies, and so does what surrounds it.
    private string Reviews()
    {
        string[] good = ["fine", "lovely", "moving"], bad = ["dull", "clumsy", "tired"],
            fill = ["a", "film", "with", "the", "plot", "and", "cast", "of"];
        string Fill(int i, int place) => fill[new Rng(5).At((ulong)i).Below(8, (ulong)place)];
        return Write("reviews.tsv", Enumerable.Range(0, 120).Select(i =>
            $"{(i % 2 == 0 ? "good" : "bad")}\t{Fill(i, 0)} {(i % 2 == 0 ? good : bad)[i / 2 % 3]} {Fill(i, 1)} {Fill(i, 2)}"));
    }

    private CliRun Train(string task, string data, params string[] more) =>
        CliRun.Of(["train", task, "--data", data, "--runs", Runs, "--run", "r", "--threads", "1", "--json", "--hidden", "8", "--embedding", "8",
            .. more]);

    private string Model => Path.Combine(Runs, "r", "model.safetensors");

    [Fact]
    public void A_classifier_is_trained_measured_asked_and_explains_itself()
    {
        CliRun run = Train("classify", Reviews(), "--epochs", "12", "--batch", "8", "--lr", "0.02");
        Assert.True(run.Exit == 0, run.Error);
        Assert.True(run.Json.GetProperty("accuracy").GetDouble() > 0.9, run.Out);
        Assert.True(run.Json.GetProperty("auroc").GetDouble() > 0.9);
        Assert.Contains("naive Bayes", run.Error);
        Assert.True(File.Exists(run.Json.GetProperty("report").GetString()!));

        CliRun again = CliRun.Of("evaluate", Model, "--threads", "2", "--json");
        Assert.Equal(run.Json.GetProperty("accuracy").GetDouble(), again.Json.GetProperty("accuracy").GetDouble());
        Assert.Equal(run.Json.GetProperty("loss").GetDouble(), again.Json.GetProperty("loss").GetDouble());

        CliRun said = CliRun.Of("a lovely cast\nthe clumsy unheard film and a cast with the plot\n", CancellationToken.None, "predict", Model,
            "--json", "--explain", "2");
        JsonElement[] predictions = [.. said.Json.GetProperty("predictions").EnumerateArray()];
        Assert.Equal(["good", "bad"], predictions.Select(p => p.GetProperty("labels")[0].GetString()));
        Assert.Equal("the clumsy unheard film and a cast with the plot", predictions[1].GetProperty("sequence").GetString());
        JsonElement strongest = predictions[0].GetProperty("effects").EnumerateArray().MaxBy(e => e.GetProperty("nats").GetDouble());
        Assert.Equal("lovely", strongest.GetProperty("step").GetString());

        CliRun info = CliRun.Of("info", Model);
        Assert.Contains("labels: 2 (bad, good), one for each sequence", info.Out);
        CliRun inspect = CliRun.Of("inspect", Model, "--sequence", "3", "--output", Path.Combine(_folder, "i.html"), "--json");
        Assert.True(inspect.Exit == 0, inspect.Error);
        Assert.Contains("sequence: expected 0 … 119", CliRun.Of("inspect", Model, "--sequence", "120").Refused());
    }

    [Fact]
    public void Equal_seeds_give_equal_weights_whatever_the_threads_and_other_seeds_others()
    {
        string data = Reviews();
        string Hash(params string[] more) => Train("classify", data,
            ["--epochs", "1", "--run", $"h{Guid.NewGuid():N}", .. more]).Json.GetProperty("weights_sha256").GetString()!;
        string first = Hash();
        Assert.Equal(first, Hash("--threads", "2"));
        Assert.NotEqual(first, Hash("--seed", "2"));
    }

    [Fact]
    public void A_window_of_dna_is_labeled_by_its_centre_and_both_strands_are_averaged()
    {
        // ATG in the middle or anything else: what surrounds it is drawn.
        string[] lines = [.. Enumerable.Range(0, 160).Select(i =>
        {
            StringBuilder text = new();
            for (int t = 0; t < 11; t++) text.Append("ACGT"[new Rng(6).At((ulong)i).Below(4, (ulong)t)]);
            string middle = i % 2 == 0 ? "ATG" : "ACG";
            return string.Create(CultureInfo.InvariantCulture,
                $"{(i % 2 == 0 ? "site" : "none")},{text.ToString()[..4]}{middle}{text.ToString()[7..]}");
        })];
        string data = Write("sites.csv", ["label,sequence", .. lines]);
        CliRun run = Train("dna", data, "--epochs", "12", "--batch", "8", "--lr", "0.02", "--dropout", "0");
        Assert.True(run.Exit == 0, run.Error);
        Assert.True(run.Json.GetProperty("mcc").GetDouble() > 0.9, run.Out);
        string fasta = Write("new.fa", [">x", "ACGTATGACGT", ">y", "ACGTACGACGT"]);
        JsonElement.ArrayEnumerator said = CliRun.Of("predict", Model, "--data", fasta, "--json").Json.GetProperty("predictions").EnumerateArray();
        Assert.Equal(["site", "none"], said.Select(p => p.GetProperty("labels")[0].GetString()));
        Assert.Equal(0, Train("dna", data, "--both-strands", "--epochs", "1", "--run", "both").Exit);
    }

    [Fact]
    public void Windows_read_place_by_place_have_one_length()
    {
        // What counts is the base at the second place, and the same base elsewhere means nothing.
        string Window(int i) => string.Concat(Enumerable.Range(0, 7).Select(t => t == 1
            ? (i % 2 == 0 ? 'A' : 'C') : "ACGT"[new Rng(7).At((ulong)i).Below(4, (ulong)t)]));
        string[] lines = [.. Enumerable.Range(0, 120).Select(i => $"{(i % 2 == 0 ? "site" : "none")},{Window(i)}")];
        string data = Write("windows.csv", ["label,sequence", .. lines]);
        CliRun run = Train("dna", data, "--pooling", "flatten", "--hidden", "4", "--epochs", "12", "--batch", "8", "--lr", "0.02",
            "--dropout", "0.1", "--both-strands");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Equal(run.Json.GetProperty("loss").GetDouble(), CliRun.Of("evaluate", Model, "--json").Json.GetProperty("loss").GetDouble());
        CliRun alone = Train("dna", data, "--pooling", "flatten", "--hidden", "4", "--epochs", "12", "--batch", "8", "--lr", "0.02",
            "--run", "alone");
        Assert.True(alone.Json.GetProperty("accuracy").GetDouble() > 0.9, alone.Error);
        Assert.Equal(0, CliRun.Of("inspect", Model, "--output", Path.Combine(_folder, "i.html")).Exit);
        Assert.Contains("new.csv, line 3: expected 7 steps because the model has weights for each place",
            CliRun.Of("predict", Model, "--data", Write("new.csv", ["sequence", "ACGTACG", "ACGTAC"])).Refused());
        Assert.Contains("long.csv, line 4: expected 3 steps",
            Train("dna", Write("long.csv", ["label,sequence", "a,ACG", "b,ACC", "a,ACGT", "b,ACC"]), "--pooling", "flatten", "--run", "x").Refused());
    }

    [Fact]
    public void Each_step_gets_a_label_from_what_stands_on_either_side()
    {
        // A number is a price where 'euro' follows, and a count elsewhere.
        string[] lines = [.. Enumerable.Range(0, 80).SelectMany(i => i % 2 == 0
            ? (string[])["it O", "costs O", $"{i % 7} PRICE", "euro O", ""]
            : ["it O", "costs O", $"{i % 7} COUNT", "days O", ""])];
        CliRun run = Train("tag", Write("steps.conll", lines), "--epochs", "10", "--batch", "8", "--lr", "0.02");
        Assert.True(run.Exit == 0, run.Error);
        Assert.True(run.Json.GetProperty("accuracy").GetDouble() > 0.99, run.Error);
        CliRun said = CliRun.Of("it costs 3 euro\n", CancellationToken.None, "predict", Model);
        Assert.Equal("O O PRICE O\n", said.Out);
    }

    [Fact]
    public void Every_base_of_a_genome_is_tagged_from_a_bed_file_and_prediction_writes_one()
    {
        // Runs of AT alone within letters of every kind.
        StringBuilder genome = new();
        List<string> bed = ["track name=runs"];
        for (int i = 0; i < 60; i++)
        {
            for (int t = 0; t < 20; t++) genome.Append("GCGC"[new Rng(8).At((ulong)i).Below(4, (ulong)t)]);
            bed.Add($"chr1\t{genome.Length}\t{genome.Length + 12}\tisland");
            for (int t = 0; t < 12; t++) genome.Append("AT"[new Rng(9).At((ulong)i).Below(2, (ulong)t)]);
        }
        string fasta = Write("genome.fa", [">chr1 made up", .. genome.ToString().Chunk(70).Select(line => new string(line))]),
            labels = Write("genes.bed", bed);
        CliRun run = Train("tag", fasta, "--labels", labels, "--window", "50", "--epochs", "12", "--batch", "4", "--lr", "0.02", "--dropout", "0.1");
        Assert.True(run.Exit == 0, run.Error);
        Assert.True(run.Json.GetProperty("accuracy").GetDouble() > 0.95, run.Error);
        string text = $"{new string('G', 45)}{new string('A', 12)}{new string('C', 30)}";
        CliRun said = CliRun.Of("predict", Model, "--data", Write("new.fa", [">x", text]));
        // The run lies across the end of the first window, and is one interval.
        Assert.Equal("x\t45\t57\tisland\n", said.Out);
        Assert.Equal(0, CliRun.Of("evaluate", Model, "--json").Exit);
        Assert.Contains("genes.bed, line 2: expected an end of at most 87", Train("tag", Path.Combine(_folder, "new.fa"), "--labels",
            Write("genes.bed", ["x\t3\t9\ta", "x\t80\t88\ta"]), "--run", "b").Refused());
        Assert.Contains("no interval covers a base: each of the 1 ends where it starts, line 1 first",
            Train("tag", fasta, "--labels", Write("odd.bed", ["chr1\t9\t9\ta"]), "--run", "b").Refused());
        Assert.Contains("no interval lies on a sequence",
            Train("tag", fasta, "--labels", Write("other.bed", ["2\t1\t9\ta"]), "--run", "b").Refused());
        Assert.Contains("standard input: expected sequences in FASTA form", CliRun.Of("predict", Model).Refused());
    }

    [Fact]
    public void Folds_test_each_sequence_once()
    {
        string data = Reviews();
        Assert.Equal(40, Train("classify", data, "--epochs", "1", "--folds", "3", "--fold", "1").Json.GetProperty("sequences").GetInt32());
        Assert.Contains("--fold: none of the sequences is in fold '3'; expected one of 0, 1, 2.",
            Train("classify", data, "--folds", "3", "--fold", "3", "--run", "b").Refused());
    }

    [Fact]
    public void A_cross_validation_tests_every_sequence_once_and_goes_on_where_it_was_stopped()
    {
        string data = Reviews();
        string[] options = ["--epochs", "3", "--folds", "3", "--cross-validate", "--lr", "0.02", "--batch", "16"];
        CliRun whole = Train("classify", data, options);
        Assert.True(whole.Exit == 0, whole.Error);
        JsonElement[] folds = [.. whole.Json.GetProperty("folds").EnumerateArray()];
        Assert.Equal([40, 40, 40], folds.Select(fold => fold.GetProperty("count").GetInt32()));
        JsonElement pooled = whole.Json.GetProperty("pooled");
        Assert.Equal(120, pooled.GetProperty("sequences").GetInt32());
        double errors = folds.Sum(fold => fold.GetProperty("errors").GetInt32());
        Assert.Equal(1 - errors / 120, pooled.GetProperty("accuracy").GetDouble(), 1e-9);
        Assert.Equal(pooled.GetProperty("accuracy").GetDouble(), whole.Json.GetProperty("mean").GetProperty("accuracy").GetDouble(), 1e-9);
        Assert.Equal(4, File.ReadAllLines(Path.Combine(Runs, "r", "folds.csv")).Length);
        Assert.True(File.Exists(whole.Json.GetProperty("report").GetString()!));

        // A fold of it is the run of that fold.
        CliRun one = Train("classify", data, [.. options[..4], "--fold", "1", .. options[5..], "--run", "one"]);
        Assert.Equal(one.Json.GetProperty("loss").GetDouble(), folds[1].GetProperty("loss").GetDouble());

        CancellationTokenSource stop = new();
        StringWriter output = new();
        Terminal terminal = new(() => Stream.Null, output, new StopAfterLine(stop, "fold 0:"), Live: false);
        Assert.Equal(130, CommandLine.Run(["train", "classify", "--data", data, "--runs", Runs, "--run", "again", "--threads", "1", "--json",
            "--hidden", "8", "--embedding", "8", .. options],
            terminal, new Interruption(stop.Token)));
        DateTime written = File.GetLastWriteTimeUtc(Path.Combine(Runs, "again", "fold-0", "model.safetensors"));
        CliRun resumed = CliRun.Of("train", "classify", "--resume", "--run", "again", "--runs", Runs, "--json", "--threads", "1");
        Assert.Equal(0, resumed.Exit);
        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(Runs, "again", "fold-0", "model.safetensors")));
        Assert.Equal(pooled.GetRawText(), resumed.Json.GetProperty("pooled").GetRawText());
    }

    [Fact]
    public void A_column_of_folds_is_a_cross_validation_and_what_is_none_is_refused()
    {
        string[] lines = File.ReadAllLines(Reviews());
        string folds = Write("folds.tsv", lines.Select((line, i) => $"{line.Split('\t')[0]}\t{i / 2 % 2}\t{line.Split('\t')[1]}"));
        CliRun run = Train("classify", folds, "--epochs", "1", "--cross-validate");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Equal(["0", "1"], run.Json.GetProperty("folds").EnumerateArray().Select(fold => fold.GetProperty("fold").GetString()));
        Assert.Contains("expected at least two folds", Train("classify", Reviews(), "--cross-validate", "--run", "b").Refused());
        Assert.Contains("leave fold 1 out", Train("classify", folds, "--cross-validate", "--fold", "1", "--run", "b").Refused());
        Assert.Contains("--output: a cross-validation", Train("classify", folds, "--cross-validate", "--run", "b",
            "--output", Path.Combine(_folder, "m")).Refused());
    }

    [Fact]
    public void What_no_fold_could_learn_is_refused_before_there_is_a_run()
    {
        string rare = Write("rare.tsv", File.ReadAllLines(Reviews()).Append("odd\ta film"));
        Assert.Contains("found 'odd' in fold '0' alone", Train("classify", rare, "--folds", "3", "--cross-validate").Refused());
        Assert.False(Directory.Exists(Path.Combine(Runs, "r")));
        Assert.Contains("the file does not exist",
            Train("classify", Reviews(), "--folds", "3", "--cross-validate", "--vectors", "none.txt").Refused());
        Assert.False(Directory.Exists(Path.Combine(Runs, "r")));
    }

    [Fact]
    public void Folds_that_have_become_others_are_not_summed_with_those_that_are_done()
    {
        string Folds(int first) => Write("folds.tsv", File.ReadAllLines(Reviews())
            .Select((line, i) => $"{line.Split('\t')[0]}\t{first + i / 2 % 2}\t{line.Split('\t')[1]}"));
        Assert.Equal(0, Train("classify", Folds(0), "--epochs", "1", "--cross-validate").Exit);
        Folds(1);
        string error = CliRun.Of("train", "classify", "--resume", "--run", "r", "--runs", Runs).Error;
        Assert.Contains("expected the result of fold '1'", error);
        Assert.Contains("found that of '0': the data have changed", error);
    }

    [Fact]
    public void The_checkpoints_of_a_fold_stay_until_its_result_is_written()
    {
        string fold = Path.Combine(Runs, "r", "fold-0"), result = Path.Combine(fold, "result.json");
        string data = Reviews();
        string[] options = ["--epochs", "1", "--folds", "3", "--cross-validate"];
        Assert.Equal(0, Train("classify", data, options).Exit);
        Assert.Empty(Directory.GetFiles(Path.Combine(fold, "checkpoints")));
        string written = File.ReadAllText(result);

        Directory.Delete(fold, recursive: true);
        Directory.CreateDirectory(result);                               // where no file can be written
        Assert.Equal(2, CliRun.Of("train", "classify", "--resume", "--run", "r", "--runs", Runs, "--threads", "1").Exit);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(fold, "checkpoints")));
        Directory.Delete(result);
        Assert.Equal(0, CliRun.Of("train", "classify", "--resume", "--run", "r", "--runs", Runs, "--threads", "1").Exit);
        Assert.Equal(written, File.ReadAllText(result));
    }

    [Fact]
    public void Wrong_input_is_refused_in_one_line_and_leaves_no_run()
    {
        string reviews = Reviews();
        Assert.Contains("expected at least two different labels to learn from, found 'x' alone",
            Train("classify", Write("one.tsv", ["x\ta", "x\tb", "x\tc", "x\td"])).Refused());
        Assert.Contains("--data: name the file to train on, such as reviews.tsv.", CliRun.Of("train", "classify", "--runs", Runs).Refused());
        Assert.Contains("--pooling: there is no 'middle'", Train("classify", reviews, "--pooling", "middle").Refused());
        Assert.Contains("both-strands", CliRun.Of("train", "classify", "--both-strands").Refused());
        Assert.Contains("expected nucleotides", Train("dna", Write("d.csv", ["label,sequence", "a,ACX", "b,ACG", "a,ACG", "b,ACG"])).Refused());
        Assert.Contains("expected a label, found none", Train("classify", Write("l.csv", ["label,text", "a,x", ",y"])).Refused());
        Assert.Contains("the file does not exist", Train("classify", Path.Combine(_folder, "missing.tsv")).Refused());
        Assert.False(Directory.Exists(Path.Combine(Runs, "r")));
        Assert.Equal(0, Train("classify", reviews, "--epochs", "1").Exit);
        Assert.Contains("none of its labels (fair) is one of those that the model was trained on: bad, good",
            CliRun.Of("evaluate", Model, "--data", Write("other.tsv", ["fair\tx"])).Refused());
        Assert.Contains("mixed.tsv, line 2: the label 'fair' is not one of those trained on: bad, good",
            CliRun.Of("evaluate", Model, "--data", Write("mixed.tsv", ["good\tx", "fair\tx"])).Refused());
        Assert.Contains("--split", CliRun.Of("evaluate", Model, "--split", "0.5,0.1").Refused());
        Assert.Contains("expected a sequence on each line, found none", CliRun.Of("", CancellationToken.None, "predict", Model).Refused());
    }

    [Fact]
    public void Labeled_lines_are_asked_about_their_texts_alone_and_a_wrong_number_of_reasons_is_refused()
    {
        Assert.Equal(0, Train("classify", Reviews(), "--epochs", "2").Exit);
        string labeled = Write("new.txt", ["good\ta lovely cast", "bad\ta tired plot"]);
        CliRun said = CliRun.Of("predict", Model, "--data", labeled, "--json");
        Assert.Equal(["a lovely cast", "a tired plot"], said.Json.GetProperty("predictions").EnumerateArray()
            .Select(p => p.GetProperty("sequence").GetString()));
        string plain = Write("plain.txt", ["good\ta lovely cast", "no label\there"]);
        said = CliRun.Of("predict", Model, "--data", plain, "--json");
        Assert.Equal("good\ta lovely cast", said.Json.GetProperty("predictions")[0].GetProperty("sequence").GetString());
        File.WriteAllBytes(plain, [(byte)'a', 0xFF, (byte)'b']);
        Assert.Contains("line 1, byte 1: expected text in UTF-8, found the byte 0xFF", CliRun.Of("predict", Model, "--data", plain).Refused());
        Assert.Contains("the data name no folds: give a number of folds", Train("classify", Reviews(), "--fold", "3", "--run", "x").Refused());
        Assert.Contains("--explain: expected a whole number from 0 to 1000000, got -1",
            CliRun.Of("predict", Model, "--data", plain, "--explain", "-1").Refused());
    }

    [Fact]
    public void Sequences_on_both_sides_of_a_split_are_counted()
    {
        string data = Write("parts.tsv", Enumerable.Range(0, 30).Select(i =>
            $"{(i % 2 == 0 ? "good" : "bad")}\t{(i < 20 ? "train" : i < 25 ? "valid" : "test")}\ttext {(i == 29 ? 3 : i)}"));
        CliRun run = Train("classify", data, "--epochs", "1");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("data: 1 of the 5 sequences to test on stand in the training part too", run.Error);
        Assert.DoesNotContain("to validate on stand", run.Error);
    }

    [Fact]
    public void Names_of_before_are_taken_with_a_note_and_what_another_task_has_is_refused_by_its_name()
    {
        string data = Write("steps.conll", Enumerable.Range(0, 20).SelectMany(i => (string[])[$"w{i % 5} {"XY"[i % 2]}", "end Z", ""]));
        CliRun run = Train("tag", data, "--epochs", "1", "--one-way", "--decay", "0.5");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("note: --one-way is now --direction forward.\n", run.Error);
        Assert.Contains("note: --decay is now --lr-factor.\n", run.Error);
        Assert.Contains("--pooling: each step has a label of its own", Train("tag", data, "--pooling", "max", "--run", "b").Refused());
        foreach (string name in (string[])["--explain", "--why"])
            Assert.Contains($"{name} belongs to classifiers, DNA classifiers; '{Model}' is a tagger.",
                CliRun.Of("predict", Model, name, "3").Refused());
        Assert.Contains("note: --reading is now --pooling.\n", Train("classify", Reviews(), "--epochs", "1", "--reading", "max", "--run", "d").Error);
        Assert.Contains("--pooling and --reading: they are one option, --pooling; give it once.",
            CliRun.Of("train", "classify", "--data", Reviews(), "--reading", "max", "--pooling", "last", "--runs", _folder).Refused());
    }
}
