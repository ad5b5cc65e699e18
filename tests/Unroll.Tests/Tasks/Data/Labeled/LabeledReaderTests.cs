using System.Buffers.Binary;
using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Xunit;

namespace Unroll.Tests.Tasks.Data.Labeled;

public sealed class LabeledReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-labelled-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private IReadOnlyList<LabeledSequence> Read(string name, string text, LabelColumns? columns = null, bool perStep = false)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return LabeledReader.Read(path, columns ?? new(), perStep);
    }

    private string Refused(string name, string text, LabelColumns? columns = null, bool perStep = false) =>
        Assert.Throws<UserErrorException>(() => Read(name, text, columns, perStep)).Message.Replace(_folder + "/", "");

    [Fact]
    public void Lines_of_label_and_text_keep_quotes_parts_and_line_numbers()
    {
        IReadOnlyList<LabeledSequence> all = Read("a.tsv", "\uFEFF1\t2\tso \"good\" , it's\r\n\n0\t3\tbad\tfilm\n");
        Assert.Equal(["1", "0"], all.Select(one => one.Label));
        Assert.Equal(["so \"good\" , it's", "bad\tfilm"], all.Select(one => one.Text));
        Assert.Equal(["2", "3"], all.Select(one => one.Part));
        Assert.Equal([1, 3], all.Select(one => one.Line));
    }

    [Fact]
    public void A_text_with_tabs_is_whole_where_lines_have_no_part()
    {
        IReadOnlyList<LabeledSequence> all = Read("a.tsv", "good\ta fine\tfilm\nbad\tdull\ngood\t1\tone of two lines\n");
        Assert.Equal(["a fine\tfilm", "dull", "1\tone of two lines"], all.Select(one => one.Text));
        Assert.All(all, one => Assert.Equal("", one.Part));
    }

    [Fact]
    public void A_line_without_a_part_among_lines_with_parts_is_refused()
    {
        Assert.Equal("a.tsv, line 3: expected a label, a tab, a part or fold as in most lines, a tab and a text, found 'good lovely'.",
            Refused("a.tsv", "good\ttrain\tfine\nbad\tTest\tdull\ngood\tlovely\n"));
    }

    [Fact]
    public void Folds_may_be_words_if_each_has_some_lines()
    {
        IReadOnlyList<LabeledSequence> all = Read("a.tsv", string.Concat(Enumerable.Range(0, 6).Select(i => $"good\t{"xy"[i % 2]}\ttext {i}\n")));
        Assert.Equal(["x", "y", "x"], all.Take(3).Select(one => one.Part));
        all = Read("b.tsv", string.Concat(Enumerable.Range(0, 6).Select(i => $"good\tword{i}\tmore\n")));
        Assert.Equal("word0\tmore", all[0].Text);
    }

    [Fact]
    public void What_is_called_a_FASTA_file_is_read_as_one() =>
        Assert.Equal("a.fa, line 1: expected a header that begins with '>', found 'ACGT'.", Refused("a.fa", "ACGT\n"));

    [Fact]
    public void A_step_without_a_label_is_refused_by_its_line_unless_labels_are_to_be_given()
    {
        const string text = "s,text,label\n1,send,O\n1,five,\n2,lamps,O\n";
        Assert.Contains("a.csv, line 3, column 'label': expected a label because each step has one, found none",
            Refused("a.csv", text, new LabelColumns(Group: "s"), perStep: true));
        IReadOnlyList<LabeledSequence> all = Read("a.csv", text, new LabelColumns(Group: "s") { LabelsOptional = true }, perStep: true);
        Assert.Empty(all[0].StepLabels);
        Assert.Equal(["O"], all[1].StepLabels);
    }

    [Fact]
    public void A_table_is_read_by_columns_of_known_or_given_names()
    {
        LabeledSequence one = Assert.Single(Read("a.csv", "name,class,split,sequence\nx1,EI,test,ACGT\n"));
        Assert.Equal(("EI", "test", "ACGT"), (one.Label, one.Part, one.Text));
        one = Assert.Single(Read("b.csv", "mood;words\nsad;oh no\n", new LabelColumns(Label: "mood", Text: "words")));
        Assert.Equal(("sad", "oh no"), (one.Label, one.Text));
    }

    [Fact]
    public void Columns_of_numbers_are_steps_and_grouped_rows_are_sequences()
    {
        LabeledSequence one = Read("a.csv", "id,y,a,b\n7,up,1,2\n8,down,3,4\n")[1];
        Assert.Equal([3f, 4], one.Numbers);
        Assert.Equal((1, "down"), (one.Features, one.Label));
        IReadOnlyList<LabeledSequence> groups = Read("g.csv", "who,label,a,b\nx,up,1,2\nx,up,3,4\nz,down,5,6\n", new LabelColumns(Group: "who"));
        Assert.Equal([1f, 2, 3, 4], groups[0].Numbers);
        Assert.Equal((2, "up"), (groups[0].Features, groups[0].Label));
        Assert.Equal(["up", "down"], Read("g.csv", "who,label,a\nx,up,1\nx,down,3\n", new LabelColumns(Group: "who"), perStep: true)[0].StepLabels);
    }

    [Fact]
    public void Token_columns_are_sequences_between_empty_lines()
    {
        IReadOnlyList<LabeledSequence> all = Read("a.conll", "-DOCSTART- O\n\nThe DT O\ncat NN B\n\n\nruns VB O\n", perStep: true);
        Assert.Equal(["The", "cat"], all[0].Tokens);
        Assert.Equal(["O", "B"], all[0].StepLabels);
        Assert.Equal([3, 7], all.Select(one => one.Line));
    }

    [Fact]
    public void Lines_of_other_columns_than_the_first_are_no_tokens_with_labels() => Assert.Contains(
        "a.txt, line 2: expected 3 columns as on line 1, a token first and its label last, found 4: 'bad quite dull film'.",
        Refused("a.txt", "good lovely film\nbad quite dull film\n", perStep: true));

    [Fact]
    public void A_text_with_one_label_is_no_sequence_of_tokens() => Assert.Contains(
        "a.tsv, line 1: expected a token and its label, which has no blank in it, found the label 'lovely film'",
        Refused("a.tsv", "good\tlovely film\nbad\tquite dull film\n", perStep: true));

    [Theory]
    [InlineData("id,text\n1,\"so, so\"\n", "so, so", 0)]
    [InlineData("text\nso so\n", "so so", 0)]
    [InlineData("a,b,c\n1,2,3\n", "", 3)]
    public void A_table_may_be_without_the_labels_that_are_asked_for(string text, string expected, int numbers)
    {
        LabeledSequence one = Assert.Single(Read("a.csv", text, new LabelColumns(Label: "mood") { LabelsOptional = true }));
        Assert.Equal((expected, numbers, null), (one.Text, one.Numbers.Length, one.Label));
    }

    [Fact]
    public void A_fasta_file_may_begin_with_a_byte_order_mark() => Assert.Equal("AC", Assert.Single(Read("a.fa", "\uFEFF>one\nAC\n")).Text);

    [Fact]
    public void A_fasta_file_is_a_label()
    {
        LabeledSequence one = Assert.Single(Read("promoter.train.fa", ">one\nACG\nT\n"));
        Assert.Equal(("promoter", "ACGT"), (one.Label, one.Text));
    }

    [Fact]
    public void Images_come_with_the_labels_beside_them()
    {
        byte[] images = new byte[16 + 12], labels = [0, 0, 8, 1, 0, 0, 0, 2, 7, 3];
        images[2] = 8;
        images[3] = 3;
        BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(4), 2);
        BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(8), 2);
        BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(12), 3);
        images[16 + 6] = 255;
        string path = Path.Combine(_folder, "t-images-idx3-ubyte");
        File.WriteAllBytes(path, images);
        File.WriteAllBytes(Path.Combine(_folder, "t-labels-idx1-ubyte"), labels);
        IReadOnlyList<LabeledSequence> all = LabeledReader.Read(path, new(), false);
        Assert.Equal(["7", "3"], all.Select(one => one.Label));
        Assert.Equal([1f, 0, 0, 0, 0, 0], all[1].Numbers);
        Assert.Equal(3, all[1].Features);

        string folder = Directory.CreateDirectory(Path.Combine(_folder, "images")).FullName;
        foreach (string file in (string[])["t-images-idx3-ubyte", "t-labels-idx1-ubyte"])
            File.Copy(Path.Combine(_folder, file), Path.Combine(folder, file));
        Assert.Equal("7", IdxReader.ReadImages(Path.Combine(folder, "t-images-idx3-ubyte"))[0].Label);

        File.WriteAllBytes(path, images[..20]);
        Assert.Contains("expected 28 bytes because there are 2 images of 2 × 3, found 20",
            Assert.Throws<UserErrorException>(() => IdxReader.ReadImages(path)).Message);
        // 2³⁰ · 2³⁰ · 2⁴ bytes are 0 where a number has 64 bits.
        File.WriteAllBytes(path, [0, 0, 8, 3, 64, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 16]);
        Assert.Contains("expected 18446744073709551632 bytes", Assert.Throws<UserErrorException>(() => IdxReader.ReadImages(path)).Message);
    }

    [Theory]
    [InlineData("a.tsv", "", "a.tsv: the file is empty")]
    [InlineData("a.tsv", "only text\n", "a.tsv, line 1: expected a label, a tab and a text, found 'only text'")]
    [InlineData("a.tsv", "1\ta\n\tb\n", "a.tsv, line 2: expected a label before the first tab")]
    [InlineData("a.csv", "label,a\nup,1\ndown,\n", "a.csv, line 3, column 'a': expected a number, found none")]
    [InlineData("a.csv", "label,a\nup,1\ndown,x\n", "a.csv, line 3, column 'a': expected a number, found 'x'")]
    [InlineData("a.csv", "label,a\nup,x\n",
        "a.csv: expected a column of texts or columns of numbers beside the label; the columns are label, a; name that of the texts (text)")]
    [InlineData("a.csv", "label,id\nup,x\n", "a.csv: expected a column of texts or columns of numbers beside the label")]
    [InlineData("a.fa", ">a\nACZ\n", "a.fa, line 2, character 3: expected a nucleotide")]
    [InlineData("a.bin", "\0\0", "a.bin: expected text in UTF-8")]
    public void What_cannot_be_read_is_refused_by_place(string name, string text, string expected) =>
        Assert.StartsWith(expected, Refused(name, text));

    [Fact]
    public void Labels_of_steps_need_rows_that_are_steps()
    {
        Assert.StartsWith("a.csv: a label for each step needs rows that are steps", Refused("a.csv", "label,text\nup,x\n", perStep: true));
        Assert.StartsWith("a.conll, line 1: expected a token and, in the last column, its label", Refused("a.conll", "The\n", perStep: true));
        Assert.StartsWith("g.csv, line 3, column 'label': expected 'up' as in line 2, because both are of 'x', found 'down'.",
            Refused("g.csv", "who,label,a\nx,up,1\nx,down,3\n", new LabelColumns(Group: "who")));
    }
}
