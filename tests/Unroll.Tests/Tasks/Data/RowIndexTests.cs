using Unroll.Tasks.Data.Tables;

namespace Unroll.Tests.Tasks.Data;

public sealed class RowIndexTests
{
    [Theory]
    [InlineData(",y\n0,5\n1,6\n2,9\n", true)]
    [InlineData("\"\",y\n\"1\",5\n\"2\",6\n\"3\",9\n", true)]
    [InlineData("Unnamed: 0,y\n0,5\n1,6\n", true)]
    [InlineData("Unnamed: 0,y\n17,5\n4,6\n", true)]
    [InlineData("index,y\n0,5\n1,6\n2,7\n", true)]
    [InlineData("id,y\n1,5\n2,6\n", true)]
    [InlineData("index,y\n3,5\n1,6\n", false)]
    [InlineData("sales,y\n1,5\n2,6\n3,6\n", false)]
    [InlineData(",y\n0.5,5\n1.5,6\n", false)]
    [InlineData(",y\n7,5\n7,6\n", false)]
    public void A_column_that_only_numbers_the_rows_is_known(string text, bool expected) =>
        Assert.Equal(expected, RowIndex.Is(TableTests.Csv(text), 0));
}
