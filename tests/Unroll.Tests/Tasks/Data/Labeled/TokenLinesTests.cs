using Unroll.Core;
using Unroll.Tasks.Data.Labeled;

namespace Unroll.Tests.Tasks.Data.Labeled;

public class TokenLinesTests
{
    private const string Universal = "# sent_id = 1\n# text = tú y al mar\n1\ttú\ttú\tPRON\t_\t_\t0\troot\t_\t_\n" +
        "2\ty\ty\tCCONJ\t_\tA=b\t1\tcc\t_\t_\n" +
        "3-4\tal\t_\t_\t_\t_\t_\t_\t_\t_\n3\ta\ta\tADP\t_\t_\t5\tcase\t_\t_\n4\tel\tel\tDET\t_\t_\t5\tdet\t_\t_\n" +
        "4.1\tx\tx\tX\t_\t_\t_\t_\t_\t_\n5\tmar\tmar\tNOUN\t_\t_\t1\tobl\t_\tSpaceAfter=No\n\n";

    private readonly List<string> _notes = [];

    private IReadOnlyList<LabeledSequence> Read(string text, string name = "a.conll", LabelColumns? columns = null) =>
        TokenLines.Read(text, name, name, columns ?? new LabelColumns(), _notes.Add);

    private string Refused(string text, string name = "a.conll", LabelColumns? columns = null) =>
        Assert.Throws<UserErrorException>(() => Read(text, name, columns)).Message;

    [Theory, InlineData(" "), InlineData("\t")]
    public void A_token_may_be_the_sign_of_comments(string tab)
    {
        LabeledSequence one = Assert.Single(Read($"# SYM\n1 NUM\n# SYM\n#love TAG\n".Replace(" ", tab)));
        Assert.Equal(["#", "1", "#", "#love"], one.Tokens);
        Assert.Equal(["SYM", "NUM", "SYM", "TAG"], one.StepLabels);
        Assert.Equal(["a.conll: 2 lines, line 1 first, begin with # and have as many columns as the others: they were read as tokens."], _notes);
    }

    [Fact]
    public void Comments_stand_before_a_sequence_and_have_another_number_of_columns_or_a_sign_of_equality()
    {
        Assert.Equal(["a"], Assert.Single(Read("# sent_id = 5\n# more\na b c d\n")).Tokens);
        Assert.Equal(["a.conll: 2 lines, line 1 first, begin with # and were passed over as comments."], _notes);
        Assert.StartsWith("a.conll, line 2: expected 2 columns as on line 1", Refused("a b\n# not a comment\n"));
    }

    [Theory, InlineData("a.conllu"), InlineData("a.tsv")]
    public void Words_and_parts_of_speech_of_CoNLL_U_are_read(string name)
    {
        LabeledSequence one = Assert.Single(Read(Universal, name));
        Assert.Equal(["tú", "y", "a", "el", "mar"], one.Tokens);
        Assert.Equal(["PRON", "CCONJ", "ADP", "DET", "NOUN"], one.StepLabels);
        Assert.Equal(
            [$"{name}: 2 lines, line 5 first, are words of several tokens (1-2) or nodes without a word (1.1), and were passed over."], _notes);
        Assert.True(TokenLines.IsConllU(name, Universal));
        one = Assert.Single(Read(Universal, name, new LabelColumns(Text: "Lemma", Label: "deprel")));
        Assert.Equal(["root", "cc", "case", "det", "obl"], one.StepLabels);
        Assert.Equal(["_", "A=b", "_", "_", "_"], Assert.Single(Read(Universal, name, new LabelColumns(Label: "feats"))).StepLabels);
        Assert.Equal("_", Assert.Single(Read(Universal, name, new LabelColumns(Label: "6"))).StepLabels[0]);
    }

    [Fact]
    public void Columns_of_CoNLL_U_that_are_empty_or_unknown_are_refused_by_name()
    {
        Assert.StartsWith("a.conllu, line 3: expected a label because each token has one, found '_', which stands for none",
            Refused(Universal, "a.conllu", new LabelColumns(Label: "xpos")));
        Assert.StartsWith("a.conllu: there is no column 'pos' (label). The columns are: id, form, lemma, upos",
            Refused(Universal, "a.conllu", new LabelColumns(Label: "pos")));
        Assert.StartsWith("a.conllu, line 1: expected the number of a word, such as 1, 1-2 or 1.1, in the first column of CoNLL-U, found 'x'",
            Refused(Universal.Split('\n')[2].Replace("1\ttú", "x\ttú"), "a.conllu"));
        Assert.StartsWith("a.conllu, line 1: expected 10 columns as on line 1", Refused("1\ta\tX\n", "a.conllu"));
        LabeledSequence bare = Assert.Single(Read(Universal, "a.conllu", new LabelColumns(Label: "xpos") { LabelsOptional = true }));
        Assert.Empty(bare.StepLabels);
        Assert.Equal(5, bare.Tokens.Count);
    }

    [Fact]
    public void Columns_may_be_named_in_the_first_line()
    {
        LabeledSequence one = Assert.Single(
            Read("# global.columns = ID FORM NER\n1\tAda\tB-PER\n2\tcame\tO\n", "a.txt", new LabelColumns(Label: "ner")));
        Assert.Equal(["B-PER", "O"], one.StepLabels);
    }

    [Fact]
    public void Columns_without_names_go_by_their_numbers()
    {
        const string text = "Ada NNP B-NP B-PER\ncame VBD B-VP O\n";
        Assert.Equal(["B-PER", "O"], Read(text)[0].StepLabels);
        LabeledSequence one = Read(text, columns: new LabelColumns(Text: "2", Label: "3"))[0];
        Assert.Equal(["NNP", "VBD"], one.Tokens);
        Assert.Equal(["B-NP", "B-VP"], one.StepLabels);
        Assert.StartsWith("a.conll: there is no column 'ner' (label): columns of tokens have no names; give a number from 1 to 4.",
            Refused(text, columns: new LabelColumns(Label: "ner")));
        Assert.StartsWith("a.conll: there is no column '5' (label)", Refused(text, columns: new LabelColumns(Label: "5")));
        Assert.StartsWith("a.conll, line 1: the first of 3 columns counts the words 1, 2, 3 …, and so is no token; name the column of the tokens",
            Refused("1 Ada NNP\n2 came VBD\n"));
        Assert.Equal(["Ada", "came"], Read("1 Ada NNP\n2 came VBD\n", columns: new LabelColumns(Text: "2"))[0].Tokens);
    }

    [Theory]
    [InlineData("B-P I-P O", null)]
    [InlineData("O I-P B-Q I-P I-Q", "BIO of the others (a, line 1, step 2: 'I-P' after 'O')")]
    [InlineData("I-P I-P B-P O I-Q", null)]                     // IOB1: B- only between neighbors
    [InlineData("B-P E-P S-P O B-Q I-Q E-Q", null)]
    [InlineData("B-P O E-P S-P", "BIOES of the others")]
    [InlineData("S-P B-P", "BIOES of the others (a, line 1, step 2: 'B-P' after 'S-P')")]
    [InlineData("B-P L-P U-P O", null)]
    [InlineData("NOUN I-P O B-P", null)]
    [InlineData("I-P O I-Q", null)]
    public void Labels_that_do_not_follow_their_scheme_are_counted(string labels, string? expected)
    {
        string[] all = labels.Split(' ');
        string? note = TagScheme.Note("a", [LabeledSequence.OfTokens(all, all) with { Source = "a" }]);
        if (expected is null) Assert.Null(note);
        else Assert.Contains(expected, note);
    }
}
