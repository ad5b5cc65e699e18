using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Labels;

/// <summary>Columns of tables: found by name, asked about, left out with a word.</summary>
public sealed class LabelTableTests
{
    private static readonly LabelOptions s_small = new() { Hidden = 4, Embedding = 4, Epochs = 2 };
    private static readonly LabelOptions s_tag = LabelOptions.Of(LabelKind.Tag) with { Hidden = 4, Embedding = 4, Epochs = 2, Group = "who" };

    private readonly List<string> _notes = [];

    private static string Rows(string header, Func<int, string> row, int count = 24) =>
        $"{header}\n" + string.Concat(Enumerable.Range(0, count).Select(i => row(i) + "\n"));

    private static string Two(int i) => i % 2 == 0 ? "up" : "down";

    private LabelModel Train(string text, LabelOptions? options = null, string name = "train.csv")
    {
        LabelOptions own = (options ?? s_small) with { Data = [name] };
        ITaskRun run = TaskOf(own.Task).Begin(own, DataFiles.Of(name, text), new RunSettings { Note = _notes.Add });
        run.Train();
        return (LabelModel)run.Model;
    }

    private string Refused(string text, LabelOptions? options = null, string name = "train.csv") =>
        Assert.Throws<UserErrorException>(() => Train(text, options, name)).Message;

    private LabelAnswer Predict(LabelModel model, string text) =>
        (LabelAnswer)TaskOf(model.Options.Task).Predict.Ask(model, new LabelTask.Question("new.csv", 0), Call("new.csv", text));

    private LabelEvaluation Evaluate(LabelModel model, string text) =>
        (LabelEvaluation)TaskOf(model.Options.Task).Evaluate.Ask(model, new LabelTask.Measure(["more.csv"]), Call("more.csv", text));

    private TaskCall Call(string name, string text) => new(DataFiles.Of(name, text), Note: _notes.Add);

    private static LabelTask TaskOf(LabelKind kind) => LabelTask.All.Single(task => task.Kind == kind);

    private static string Abc(Func<int, string> row) => Rows("a,b,c,label", row);

    private static string Row(int i) => FormattableString.Invariant($"{i % 5},{i % 2 * 3 - 1},{-i % 7},{Two(i)}");

    [Fact]
    public void The_order_of_columns_changes_no_answer()
    {
        LabelModel model = Train(Abc(Row));
        LabelPrediction one = Predict(model, "a,b,c\n1,2,-3\n").Predictions[0], other = Predict(model, "c,a,b\n-3,1,2\n").Predictions[0];
        Assert.Equal((one.Label, one.Probability), (other.Label, other.Probability));
        string swapped = Rows("c,label,b,a", i => Row(i).Split(',') is [var a, var b, var c, var label] ? $"{c},{label},{b},{a}" : "");
        Assert.Equal(Evaluate(model, Abc(Row)).Scores.Loss, Evaluate(model, swapped).Scores.Loss);
    }

    [Fact]
    public void Steps_of_several_numbers_are_matched_by_name_too()
    {
        string text = Rows("who,x,z,label", i => FormattableString.Invariant($"q{i / 2},{i % 3},{100 + i % 5},{Two(i / 2)}"));
        LabelModel model = Train(text, s_small with { Group = "who" });
        const string usual = "who,x,z\nu,0,100\nu,1,101\n", swapped = "z,who,x\n100,u,0\n101,u,1\n";
        LabelPrediction one = Predict(model, usual).Predictions[0], other = Predict(model, swapped).Predictions[0];
        Assert.Equal((one.Label, one.Probability, "u"), (other.Label, other.Probability, other.Record));
        LabelModel tags = Train(text, s_tag);
        Assert.Equal(Predict(tags, usual).Predictions[0].Probabilities, Predict(tags, swapped).Predictions[0].Probabilities);
    }

    [Fact]
    public void A_missing_column_is_refused_by_name_and_a_further_one_is_said()
    {
        LabelModel model = Train(Abc(Row));
        Assert.Equal("new.csv: there is no column 'c'; the model reads a, b, c, by name, and the columns are a, b.",
            Assert.Throws<UserErrorException>(() => Predict(model, "a,b\n1,2\n")).Message);
        Assert.Contains("more.csv: there is no column 'b'", Assert.Throws<UserErrorException>(() => Evaluate(model, "a,c,label\n1,2,up\n")).Message);
        _notes.Clear();
        Predict(model, "a,place,b,c\n1,Rome,2,3\n");
        Assert.Contains("note: new.csv: 1 of 4 columns are left out, because the model reads other columns: place.", _notes);
    }

    [Fact]
    public void Further_files_of_a_run_have_the_columns_of_the_first()
    {
        DataFiles files = DataFiles.Of("a.csv", Abc(Row)).With("c.csv", "a,b,label\n1,2,up\n");
        TaskEvaluation? Tested(string text) =>
            LabelTask.Classify.Begin(s_small with { Data = ["a.csv"], Test = ["b.csv"] }, files.With("b.csv", text)).Train();
        Assert.Equal(Tested("c,b,a,label\n-3,2,1,up\n-4,2,1,down\n")!.ToJson(), Tested("a,b,c,label\n1,2,-3,up\n1,2,-4,down\n")!.ToJson());
        Assert.Contains("c.csv: there is no column 'c'", Assert.Throws<UserErrorException>(() =>
            LabelTask.Classify.Begin(s_small with { Data = ["a.csv"], Test = ["c.csv"] }, files)).Message);
    }

    [Fact]
    public void A_model_that_keeps_no_names_takes_columns_by_place_and_says_so()
    {
        LabelModel model = LabelModel.Train(LabelData.From(Enumerable.Range(0, 20).Select(i => ((float[])[i, i % 2], Two(i)))), s_small);
        Predict(model, "q,r\n1,0\n");
        Assert.Contains(_notes, note => note.StartsWith("note: new.csv: the model keeps no names of columns, so that they are taken"));
    }

    [Fact]
    public void What_numbers_the_rows_is_no_feature()
    {
        LabelModel model = Train(Rows("Unnamed: 0,a,label", i => $"{i},{i % 3},{Two(i / 12)}"));
        Assert.Equal(["a"], model.Encoding.Columns);
        Assert.Contains("note: train.csv: the column 'Unnamed: 0' numbers the rows and is left out; give it another name if it is data.", _notes);
    }

    [Fact]
    public void Ids_are_no_features_and_what_counts_is_doubted()
    {
        Assert.Equal(["a"], Train(Rows("customer_id,a,label", i => $"{7000 + 7 * i},{i % 3},{Two(i / 12)}")).Encoding.Columns);
        Assert.Contains("note: train.csv: the column 'customer_id' numbers the rows and is left out; give it another name if it is data.", _notes);
        Assert.Equal(["count", "a"], Train(Rows("count,a,label", i => $"{40 + i},{i % 3},{Two(i / 12)}")).Encoding.Columns);
        Assert.Contains(_notes, note => note.StartsWith("note: train.csv: the column 'count' grows by 1 from row to row and is read as numbers"));
        Assert.Equal(["paid", "a"], Train(Rows("paid,a,label", i => $"{7 * i},{i % 3},{Two(i)}")).Encoding.Columns);
    }

    [Fact]
    public void Words_beside_numbers_are_left_out_with_a_word()
    {
        Assert.Equal(["a"], Train(Rows("place,a,label", i => $"{(i % 3 == 0 ? "Rome" : "Oslo")},{i % 3},{Two(i)}")).Encoding.Columns);
        Assert.Contains("note: train.csv: 1 of 3 columns are left out, because their cells are no numbers; if one of them is the text, name it " +
            "(text): place.", _notes);
        _notes.Clear();
        Train(Rows("text,place,label", i => $"a text {i},Rome,{Two(i)}"));
        Assert.Contains("note: train.csv: 1 of 3 columns are left out, because the model reads other columns: place.", _notes);
    }

    [Fact]
    public void Numbers_in_the_forms_of_people_are_features() => Assert.Equal(["price", "paid"],
        Train(Rows("price,paid,label", i => $"${i % 7}.50,{(i % 3 == 0 ? "yes" : "no")},{Two(i)}")).Encoding.Columns);

    [Fact]
    public void Several_columns_that_could_be_the_label_are_asked_about()
    {
        string text = Rows("a,y,label", i => $"{i % 3},{i % 2},{Two(i)}");
        Assert.Equal("train.csv: the columns 'y', 'label' could each be the label; say which one is (label).", Refused(text));
        Assert.Equal(["down", "up"], Train(text, s_small with { Label = "label" }).Classes);
        Assert.Contains("the columns 'text', 'message' could each be the text", Refused(Rows("text,message,label", i => $"a b,c d,{Two(i)}")));
        Assert.Contains("the columns 'split', 'fold' could each be the part",
            Refused(Rows("split,fold,a,label", i => $"train,{i % 2},{i % 3},{Two(i)}")));
    }

    [Fact]
    public void A_column_that_counts_is_no_text()
    {
        LabelModel model = Train(Rows("sequence,a,b,label", i => $"{i},{i % 3},{i % 5},{Two(i)}"));
        Assert.Equal(LabelUnit.Number, model.Encoding.Unit);
        Assert.Equal(["a", "b"], model.Encoding.Columns);
        Assert.Contains(_notes, note => note.StartsWith("note: train.csv: the column 'sequence' holds numbers, and is left out"));
        Assert.Contains("the column 'document' is called as texts are and holds single words, and 'comment' holds texts of several",
            Refused(Rows("document,comment,label", i => $"doc{i},a fine day {i},{Two(i)}")));
    }

    [Fact]
    public void Data_of_another_shape_are_refused_by_name()
    {
        LabelModel texts = Train(Rows("text,label", i => $"a text {i},{Two(i)}")), numbers = Train(Abc(Row));
        Assert.Contains("more.csv: expected a column of texts because the model reads texts; the columns are a, label",
            Assert.Throws<UserErrorException>(() => Evaluate(texts, "a,label\n1,up\n")).Message);
        Assert.Contains("more.csv: there is no column 'a', and 2 more are missing; the model reads a, b, c",
            Assert.Throws<UserErrorException>(() => Evaluate(numbers, "text,label\nso,up\n")).Message);
        Assert.Contains("none of its labels (left, right) is one of those that the model was trained on: down, up",
            Assert.Throws<UserErrorException>(() => Evaluate(texts, "text,label\nso,left\nno,right\n")).Message);
    }

    [Fact]
    public void Numbers_that_become_equal_in_single_precision_are_counted()
    {
        Train(Rows("a,b,label", i => FormattableString.Invariant($"{100_000_000 + i * 0.25},{i % 3},{Two(i)}")));
        Assert.Contains(_notes, note => note.StartsWith("note: train.csv: the 24 different numbers of the column 'a' become 2 because"));
    }

    [Fact]
    public void Rows_of_a_group_that_stand_apart_are_said_and_rows_without_one_refused()
    {
        LabelOptions grouped = s_small with { Group = "who" };
        Train(Rows("who,a,label", i => $"q{i % 6},{i % 5},{Two(i % 6)}"), grouped);
        Assert.Contains("note: train.csv: the rows of 6 of 6 sequences stand in several places, the first in line 8 ('q0'); they are joined in the "
            + "order of the file.", _notes);
        Assert.Contains("train.csv, line 3, column 'who': expected what the row's sequence is called, found nothing",
            Refused("who,a,label\nu,1,up\n,2,up\nv,1,down\n", grouped));
        Train(Rows("who,a,label", i => $"{(i % 2 == 0 ? "q" : "Q")}{i / 2},{i % 5},{Two(i)}"), grouped);
        Assert.Contains(_notes, note => note.StartsWith("note: train.csv: the groups 'q0' and 'Q0' differ in case alone"));
    }

    [Fact]
    public void Columns_are_not_named_for_files_that_have_none() => Assert.Contains(
        "train.fa: it holds FASTA and has no columns, and one was named (text)",
        Refused(">a\nACGT\n", LabelOptions.Of(LabelKind.Dna) with { Text = "sequence" }, "train.fa"));

    [Fact]
    public void Steps_of_one_sequence_are_in_one_part() =>
        Assert.Contains("line 3, column 'split': expected 'train' as in line 2, because both are of 'u', found 'test'",
            Refused("who,a,split,label\nu,1,train,up\nu,2,test,up\nv,1,train,down\n", s_small with { Group = "who" }));
}
