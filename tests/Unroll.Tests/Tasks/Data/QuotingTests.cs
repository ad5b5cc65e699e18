using Unroll.Tasks.Data.Tables;

namespace Unroll.Tests.Tasks.Data;

public sealed class QuotingTests
{
    [Theory]
    [InlineData("label\ttext\na\tso \"good\" it is\n", true)]
    [InlineData("label\ttext\na\t\"well quoted\"\nb\t\"and \"\"more\"\"\"\n", true)]
    [InlineData("label\ttext\na\t\"two\nlines\"\nb\tplain\n", true)]
    [InlineData("label\ttext\r\na\t\"two\r\nlines\"\r\n", true)]
    [InlineData("label\ttext\na\t\"opened\nb\tplain\nc\t\"opened again\n", false)]
    [InlineData("label\ttext\na\t\"opened\nb\tfive inches 5\"\n", false)]
    [InlineData("label\ttext\na\t\"yes\" and \"no\"\n", false)]
    [InlineData("label\ttext\na\t\"\n", false)]
    public void Quotes_between_tabs_quote_where_all_of_them_close(string text, bool quotes) =>
        Assert.Equal(quotes, Quoting.Of(text, '\t').Quotes);

    [Fact]
    public void Quotes_between_commas_always_quote() => Assert.True(Quoting.Of("label,text\na,\"open\n", ',').Quotes);

    [Fact]
    public void A_note_says_where_the_first_stands_and_how_many_there_are()
    {
        Assert.StartsWith("a.tsv, line 2: 2 fields begin with a quote", Quoting.Of("label\ttext\na\t\"x\nb\ty\nc\t\"z\n", '\t').Note("a.tsv"));
        Assert.Null(Quoting.Of("label\ttext\na\tx\n", '\t').Note("a.tsv"));
    }

    [Fact]
    public void No_row_of_a_table_vanishes_into_another()
    {
        Table table = Table.Read(new StringReader("label\ttext\n" + string.Concat(Enumerable.Range(0, 40)
            .Select(i => $"{(i % 2 == 0 ? "a" : "b")}\t{(i % 10 == 3 ? "\"" : "")}text {i}\n"))), "a.tsv");
        Assert.Equal(40, table.Rows);
        Assert.Equal("\"text 13", table.Text(13, 1));
    }

    [Theory]
    [InlineData("\"a \"\"b\"\"\"", "a \"b\"")]
    [InlineData("\"a\" b", "\"a\" b")]
    [InlineData("\"", "\"")]
    public void A_field_is_unquoted_where_its_quotes_are_one_pair(string field, string expected) => Assert.Equal(expected, Quoting.Unquoted(field));
}
