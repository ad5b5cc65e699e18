using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Labels;

/// <summary>What is said of labels, texts and options that are odd, and of what a model does not know.</summary>
public sealed class LabelDoubtsTests
{
    private static readonly LabelOptions s_small = new() { Hidden = 4, Embedding = 4, Epochs = 1 };
    private static readonly LabelOptions s_tag = LabelOptions.Of(LabelKind.Tag) with { Hidden = 4, Embedding = 4, Epochs = 1 };
    private readonly List<string> _notes = [];

    private static string Lines(int count, Func<int, string> line) => string.Concat(Enumerable.Range(0, count).Select(i => line(i) + "\n"));

    private LabelModel Train(string text, LabelOptions? options = null, string name = "a.tsv")
    {
        LabelOptions own = (options ?? s_small) with { Data = [name] };
        RunSettings settings = new() { Note = _notes.Add };
        ITaskRun run = LabelTask.All.Single(task => task.Kind == own.Task).Begin(own, DataFiles.Of(name, text), settings);
        run.Train();
        return (LabelModel)run.Model;
    }

    private LabelAnswer Predict(LabelModel model, string text, string name = "new.txt", int explain = 0) => (LabelAnswer)LabelTask.All
        .Single(task => task.Name == model.Task).Predict.Ask(model, new LabelTask.Question(name, explain),
            new TaskCall(DataFiles.Of(name, text), Note: _notes.Add));

    private void Said(string beginning) => Assert.Contains(_notes, note => note.StartsWith("note: " + beginning));

    [Theory]
    [InlineData(LabelKind.Classify)]
    [InlineData(LabelKind.Tag)]
    [InlineData(LabelKind.Dna)]
    public void Whether_training_begins_does_not_hang_on_the_seed(LabelKind task)
    {
        string text = task switch
        {
            LabelKind.Tag => Lines(30, i => $"go {(i % 2 == 0 ? "V" : "N")}\nthere {(i == 17 ? "RARE" : "O")}\n"),
            LabelKind.Dna => "label,sequence\n" + Lines(30, i => $"{(i == 17 ? "rare" : i % 2 == 0 ? "p" : "n")},ACGT{"ACGT"[i % 4]}"),
            _ => Lines(30, i => $"{(i == 17 ? "rare" : i % 2 == 0 ? "a" : "b")}\tword{i % 7}"),
        };
        for (ulong seed = 1; seed <= 6; seed++)
        {
            _notes.Clear();
            LabelModel model = Train(text, LabelOptions.Of(task) with { Hidden = 4, Embedding = 4, Epochs = 1, Seed = seed },
                task == LabelKind.Dna ? "a.csv" : task == LabelKind.Tag ? "a.conll" : "a.tsv");
            Assert.Equal(task == LabelKind.Tag ? 4 : 3, model.Classes.Count);
            Assert.Contains(_notes, note => note.Contains("no sequence of the training part has the label")
                || note.Contains("labels stands in one sequence alone"));
        }
    }

    [Fact]
    public void Labels_that_are_nearly_equal_are_named()
    {
        Train(Lines(30, i => $"{(i % 3 == 0 ? "Good" : i % 3 == 1 ? "good" : "bad")}\tword{i % 7}"));
        Said("a.tsv: the labels 'Good' and 'good' differ in case alone");
        Assert.Equal(2, Train(Lines(30, i => $"{(i % 3 == 0 ? "caf\u00E9" : i % 3 == 1 ? "cafe\u0301" : "bar")}\tword{i % 7}")).Classes.Count);
    }

    [Fact]
    public void One_input_with_two_labels_is_counted()
    {
        Train(Lines(30, i => $"{(i % 2 == 0 ? "a" : "b")}\t{(i is 4 or 9 or 14 ? "the same" : $"text {i}")}"));
        Said("3 of 30 sequences have the input of another one and not its label: ");
        _notes.Clear();
        Train(Lines(30, i => $"go {(i % 2 == 0 ? "V" : "N")}\nw{(i is 4 or 9 ? 4 : i)} O\n"), s_tag, "a.conll");
        Said("2 of 30 sequences have the input of another one and not its label: ");
    }

    [Fact]
    public void A_first_line_whose_label_stands_alone_may_be_a_header()
    {
        Train("mood\twords\n" + Lines(30, i => $"{(i % 2 == 0 ? "a" : "b")}\tword{i % 7}"));
        Said("a.tsv, line 1: the label 'mood' stands there alone; if the line is a header");
    }

    [Fact]
    public void Words_of_headers_are_words_too()
    {
        string rest = Lines(29, i => $"{(i % 2 == 0 ? "a" : "b")}\tword{i % 7}");
        Assert.Equal(["a", "b"], Train("a\tHelpdesk, target, returns: slow\n" + rest).Classes);
        Assert.Equal(["a", "target"], Train("target\ttext of it\n" + rest.Replace("b\t", "target\t")).Classes);
        LabelModel tags = Train("y\tCONJ\n" + Lines(20, i => $"w{i}\tNOUN\n\nz\tVERB"), s_tag, "a.conll");
        Assert.Equal(["CONJ", "NOUN", "VERB"], tags.Classes);
        Assert.Equal(["a", "b"], Train("label\ttext\n" + Lines(30, i => $"{(i % 2 == 0 ? "a" : "b")}\ta label, a text: word{i % 7}")).Classes);
    }

    [Fact]
    public void A_blank_line_has_an_answer_in_its_place()
    {
        LabelModel model = Train(Lines(30, i => $"{(i % 2 == 0 ? "a" : "b")}\tword{i % 7}"));
        LabelAnswer answer = Predict(model, "word1\n\nword2\n   \nword3\n", explain: 2);
        Assert.Equal([true, false, true, false, true], answer.Predictions.Select(one => one.Labels.Count == 1));
        Assert.Equal([1, 0, 1, 0, 1], answer.Reasons.Select(one => one.Effects.Count));
        Assert.Contains("{\"sequence\":\"\",\"labels\":[],\"probabilities\":[],\"effects\":[]}", answer.ToJson());
        Said("new.txt: 2 of 5 sequences are empty, the first in line 2");
        Assert.Equal(3, Predict(model, "a\tword1\n\nb\tword2\n").Predictions.Count);
        Assert.Equal(3, Predict(model, "name,text\nx,word1\ny,\nz,word2\n", "new.csv").Predictions.Count);
    }

    [Fact]
    public void Names_of_records_are_in_the_answer()
    {
        LabelModel model = Train("label,sequence\n" + Lines(30, i => $"{(i % 2 == 0 ? "p" : "n")},ACGT{"ACGT"[i % 4]}"),
            LabelOptions.Of(LabelKind.Dna) with { Hidden = 4, Epochs = 1 }, "a.csv");
        LabelAnswer answer = Predict(model, ">one first\nACGTA\n>two\nACGTC\n", "new.fa");
        Assert.Equal(["one", "two"], answer.Predictions.Select(one => one.Record));
        Assert.Contains("\"name\":\"two\"", answer.ToJson());
    }

    [Fact]
    public void What_a_model_does_not_know_is_counted()
    {
        Predict(Train(Lines(30, i => $"{(i % 2 == 0 ? "a" : "b")}\tword{i % 3}")), "word1 strange\nword2 odd word0\n");
        Said("new.txt: 2 of 5 words (40 %) are not known to the model, the first is 'strange' in line 1");
        Predict(Train("a,b,label\n" + Lines(30, i => $"{i % 3},{i % 5},{(i % 2 == 0 ? "u" : "d")}"), name: "a.csv"), "a,b\n1,2\n1,40\n", "new.csv");
        Said("new.csv: 1 of 4 numbers (25 %) lie outside the range of the training part, the first is 40 of 'b' in line 3, where it had 0 to 4");
    }

    [Fact]
    public void Lines_of_which_some_have_labels_are_taken_whole_with_a_word()
    {
        Predict(Train(Lines(30, i => $"{(i % 2 == 0 ? "a" : "b")}\tword{i % 3}")), "a\tword1\nb\tword2\nc\tword0\n");
        Said("new.txt: 2 of 3 lines have a label of the model, and 1 have none, the first is line 3");
    }

    [Fact]
    public void Options_without_an_effect_are_named()
    {
        string dna = "label,sequence\n" + Lines(30, i => $"{(i % 2 == 0 ? "p" : "n")},ACGT{"ACGT"[i % 4]}");
        Train(dna, LabelOptions.Of(LabelKind.Dna) with
        {
            Hidden = 4, Epochs = 1, Embedding = 4, MinCount = 2, Kmer = 2, Cased = true, FilterWidth = 3, FilterPool = 2,
        }, "a.csv");
        foreach (string option in (string[])["embedding", "min-count", "kmer", "cased", "filter-width", "filter-pool"]) Said($"{option} is for");
        _notes.Clear();
        Train(dna, LabelOptions.Of(LabelKind.Dna) with { Hidden = 4, Epochs = 1 }, "a.csv");
        Assert.DoesNotContain(_notes, note => note.Contains("no effect"));
        Train(Lines(30, i => $"{(i % 2 == 0 ? "a" : "b")}\t{i % 3}\tword{i % 7}"));
        Said("the data name 3 folds (0, 1, 2 …) and none was chosen");
    }

    [Fact]
    public void Scores_that_are_no_numbers_are_refused()
    {
        LabelModel model = Train(Lines(30, i => $"{(i % 2 == 0 ? "a" : "b")}\tword{i % 3}"));
        using (Edit edit = model.Network.Parameters.Edit()) edit.Values.Fill(float.NaN);
        Assert.Contains("new.txt, line 1: the model's probabilities are no finite numbers",
            Assert.Throws<UserErrorException>(() => Predict(model, "word1\n")).Message);
    }
}
