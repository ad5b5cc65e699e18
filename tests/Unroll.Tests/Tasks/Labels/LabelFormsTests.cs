using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Labels;

/// <summary>Files of labeled texts as spreadsheets, annotation tools and corpora write them, and what is said of them.</summary>
public sealed class LabelFormsTests
{
    private static readonly LabelOptions s_small = new() { Hidden = 4, Embedding = 4, Epochs = 1 };
    private readonly List<string> _notes = [];

    private static string Lines(int count, Func<int, string> line) => string.Concat(Enumerable.Range(0, count).Select(i => line(i) + "\n"));

    private static string Mood(int i) => i % 2 == 0 ? "good" : "bad";

    private LabelRun Begin(string name, string text, LabelOptions? options = null) =>
        Begin(DataFiles.Of(name, text), (options ?? s_small) with { Data = [name] });

    private LabelRun Begin(DataFiles files, LabelOptions options) =>
        (LabelRun)LabelTask.All.Single(task => task.Kind == options.Task).Begin(options, files, new RunSettings { Note = _notes.Add });

    private void Said(string part) => Assert.Contains(_notes, note => note.Contains(part, StringComparison.Ordinal));

    private void Silent() => Assert.Empty(_notes);

    [Theory]
    [InlineData(LabelKind.Classify, "a.tsv")]
    [InlineData(LabelKind.Tag, "a.conll")]
    [InlineData(LabelKind.Dna, "a.csv")]
    public void What_is_measured_on_sequences_of_the_training_part_is_called_memory(LabelKind kind, string name)
    {
        string text = kind switch
        {
            LabelKind.Tag => Lines(20, i => $"word{i} {Mood(i)}\n"),
            LabelKind.Dna => "label,sequence\n" + Lines(20, i => $"{Mood(i)},ACGT{"ACGT"[i % 4]}{"ACGT"[i / 4 % 4]}{"AC"[i / 16]}"),
            _ => Lines(20, i => $"{Mood(i)}\tword{i}"),
        };
        LabelOptions options = LabelOptions.Of(kind) with { Hidden = 4, Embedding = 4, Epochs = 1, Data = [name], Split = [0.8, 0.1] };
        DataFiles files = DataFiles.Of(name, text);
        LabelRun run = Begin(files, options);
        ((ITaskRun)run).Train();
        LabelTask task = LabelTask.All.Single(one => one.Kind == kind);
        _notes.Clear();
        task.Evaluate.Ask(run.Model, new LabelTask.Measure([name]), new TaskCall(files, Note: _notes.Add));
        Said("data: 16 of the 20 sequences to test on stand in the training part too");
        _notes.Clear();
        string other = kind == LabelKind.Tag ? "else good\n\nmore bad\n" : kind == LabelKind.Dna ? "label,sequence\ngood,TTTTTTTT\n" : "good\telse\n";
        task.Evaluate.Ask(run.Model, new LabelTask.Measure(["b" + name]), new TaskCall(files.With("b" + name, other), Note: _notes.Add));
        Assert.DoesNotContain(_notes, note => note.StartsWith("data:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_table_in_UTF_16_as_spreadsheets_write_it_is_read(bool bigEndian)
    {
        UnicodeEncoding encoding = new(bigEndian, byteOrderMark: true);
        byte[] Bytes(string text) => [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];
        DataFiles files = DataFiles.Disk.With("a.txt", Bytes("Text\tLabel\r\n" + Lines(20, i => $"schön {i % 5}\t{Mood(i)}\r")))
            .With("new.txt", Bytes("schön 1\r\nschön 2\r\n"));
        LabelRun run = Begin(files, s_small with { Data = ["a.txt"], Label = "Label", Text = "Text" });
        Assert.True(run.Model.Encoding.Knows("schön"));
        Assert.Equal(["bad", "good"], run.Model.Classes);
        Assert.Equal(2, LabelData.ReadBare("new.txt", run.Model, files).Count);
    }

    [Fact]
    public void A_label_that_is_written_for_what_is_missing_is_said()
    {
        Begin("a.csv", "text,label\n" + Lines(30, i => $"word{i % 7} {i},{(i % 10 == 3 ? "NA" : Mood(i))}"));
        Said("note: a.csv, line 5: 'NA' is often written for what is missing, and is taken for a label here (3 of 30 sequences)");
        _notes.Clear();
        Begin("a.csv", "text,label\n" + Lines(30, i => $"word{i % 7} {i},{(i % 2 == 0 ? "none" : "some")}"));
        Silent();
    }

    [Fact]
    public void Separators_behind_the_last_column_do_not_hide_a_header()
    {
        Assert.Equal(["bad", "good"], Begin("a.csv", "text,label,,\n" + Lines(30, i => $"word{i},{Mood(i)},,")).Model.Classes);
        Assert.Equal("a.csv, line 22: expected a label, found none; write one, leave it out, or name its column (label).",
            Assert.Throws<UserErrorException>(() => Begin("a.csv", "text,label,,\n" + Lines(20, i => $"word{i},{Mood(i)},,") + ",,,\nword,bad,,\n"))
                .Message);
    }

    [Fact]
    public void Further_columns_of_a_file_without_a_header_are_said()
    {
        Begin("a.tsv", Lines(30, i => $"{Mood(i)}\t{i % 3}\t\ttext {i}"));
        Said("note: a.tsv: every line has 4 fields between tabs; the first is read as the label, the second as the part or fold, and all others");
        _notes.Clear();
        Begin("a.tsv", Lines(30, i => $"{Mood(i)}\ttext {i}"));
        Silent();
    }

    [Fact]
    public void Texts_beside_numbers_that_are_left_out_are_offered_as_the_text()
    {
        Begin("a.csv", "comment,toxic,long\n" + Lines(30, i => $"some words {i},{i % 2},{i % 7}"), s_small with { Label = "toxic" });
        Said("are left out, because their cells are no numbers; if one of them is the text, name it (text): comment.");
    }

    [Fact]
    public void FASTQ_is_refused_by_its_name() => Assert.Equal(
        "a.fastq, line 1: expected a label, a tab and a text, found '@r1'; the file is FASTQ: write its sequences as FASTA, without the qualities.",
        Assert.Throws<UserErrorException>(() => Begin("a.fastq", Lines(4, i => $"@r{i + 1}\nACGT\n+\nIIII"),
            LabelOptions.Of(LabelKind.Dna) with { Hidden = 4, Epochs = 1 })).Message);

    [Fact]
    public void Data_that_have_changed_since_training_are_not_measured_without_a_word()
    {
        string text = Lines(30, i => $"{Mood(i)}\tword{i}");
        LabelRun run = Begin("a.tsv", text);
        ((ITaskRun)run).Train();
        using Formats.TempFolder folder = new();
        run.Model.Save(folder["m.safetensors"]);
        LabelModel model = LabelModel.Open(folder["m.safetensors"]);
        _notes.Clear();
        Measured(text);
        Silent();
        Measured(text + "good\tone more\n");
        Said("note: a.tsv: the data have changed since the model was trained, so that the parts are others");

        void Measured(string now) => LabelTask.Classify.Evaluate.Ask(
            model, new LabelTask.Measure([]), new TaskCall(DataFiles.Of("a.tsv", now), Note: _notes.Add));
    }

    [Fact]
    public void A_value_far_outside_is_said_with_a_remedy_that_labels_have()
    {
        Begin("a.csv", "a,b,label\n" + Lines(30, i => $"{i % 7},{(i % 11 == 0 ? -999 : i % 5)},{Mood(i)}"));
        Said("-999 stands 3 times, far outside all other values (0 to 4); if it means that there is no value, " +
            "leave those rows out, or fill them in.");
    }
}
