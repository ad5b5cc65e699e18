using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Sequences;

namespace Unroll.Tests.Tasks.Data.Sequences;

public sealed class BedReaderTests
{
    private readonly List<string> _notes = [];

    private IReadOnlyList<BedInterval> Read(string text) => BedReader.ReadFile("a.bed", DataFiles.Of("a.bed", text).NotingTo(_notes.Add));

    [Fact]
    public void Lines_for_a_browser_are_passed_over_but_not_sequences_whose_names_begin_so()
    {
        Assert.Equal([new BedInterval("tracked_1", 2, 5, "exon", 3), new BedInterval("browser7", 0, 3, BedReader.Unnamed, 4)],
            Read("browser position chr7:1-9\ntrack name=a\ntracked_1\t2\t5\texon\nbrowser7 0 3\n"));
        Assert.Empty(_notes);
    }

    [Fact]
    public void What_covers_no_base_is_passed_over_and_counted()
    {
        Assert.Equal([new BedInterval("c", 1, 2, "x", 1)], Read("c\t1\t2\tx\r\nc\t5\t5\tinsertion\r\nc\t6\t6\tinsertion\r\n"));
        Assert.Equal(["note: a.bed: 2 of 3 intervals, line 2 first, cover no base because start and end are equal, and are passed over."], _notes);
    }

    [Fact]
    public void Blocks_have_the_label_and_what_lies_between_them_has_not()
    {
        Assert.Equal([new BedInterval("c", 10, 15, "gene", 1), new BedInterval("c", 20, 30, "gene", 1), new BedInterval("c", 40, 50, "one", 2)],
            Read("c\t10\t30\tgene\t0\t-\t10\t30\t0\t2\t5,10,\t0,10,\nc\t40\t50\tone\t0\t+\t40\t50\t0\t1\t10\t0\n"));
        Assert.Equal(
        [
            "note: a.bed: 1 of 2 intervals, line 1 first, have several blocks: the blocks get the label, what lies between them does not.",
            "note: a.bed: 1 of 2 intervals, line 1 first, lie on the other strand ('-'): their bases get the label where they stand, and are read " +
                "forward like all others.",
        ], _notes);
    }

    [Theory]
    [InlineData("c\t5\t4\tx\n", "a.bed, line 1: expected a name, a start from 0, an end beyond it and perhaps a label, found 'c")]
    [InlineData("c\t-1\t4\tx\n", "a.bed, line 1: expected a name")]
    [InlineData("\t1\t4\tx\n", "a.bed, line 1: expected a name")]
    [InlineData("chrom\tstart\tend\n", "a.bed, line 1: expected a name")]
    [InlineData("c\t0\t9\tx\t0\t+\t0\t9\t0\t2\t5,\t0,4\n",
        "a.bed, line 1: expected as many sizes and starts of blocks as field 10 says, found 1 and 2")]
    [InlineData("c\t0\t9\tx\t0\t+\t0\t9\t0\t2\t5,5\t0,5\n", "a.bed, line 1: expected blocks within 0 … 9, found one from 5 to 10")]
    [InlineData("c\t0\t9\tx\t0\t+\t0\t9\t0\t2\t5,x\t0,5\n", "a.bed, line 1: expected whole numbers in field 11, found 'x'")]
    [InlineData("c\t0\t9\tx\t0\t+\t0\t9\t0\t2\n", "a.bed, line 1: expected as many sizes and starts of blocks as field 10 says, found 0 and 0")]
    [InlineData("track name=a\n", "a.bed: expected intervals in BED form")]
    public void What_is_no_interval_is_refused_by_its_line(string text, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<UserErrorException>(() => Read(text)).Message);
}
