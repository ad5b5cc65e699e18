using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels;

namespace Unroll.Tests.Tasks.Labels;

public class GenomeWindowsTests
{
    private readonly List<string> _notes = [];

    private IReadOnlyList<LabeledSequence> Read(string fasta, string bed, string[]? others = null, string other = "") => GenomeWindows.Read(["g.fa"],
        ["b.bed"], 4, DataFiles.Of("g.fa", fasta).With("b.bed", bed).With("o.fa", other).NotingTo(_notes.Add), others);

    [Fact]
    public void Windows_have_the_label_of_each_base()
    {
        IReadOnlyList<LabeledSequence> windows = Read(">c\nACGTAC\n", "c\t1\t3\tx\nc\t4\t6\ty\n");
        Assert.Equal(["outside", "x", "x", "outside"], windows[0].StepLabels);
        Assert.Equal(["y", "y"], windows[1].StepLabels);
        Assert.Equal([("ACGT", 0), ("AC", 4)], windows.Select(one => (one.Text, one.Start)));
        Assert.Empty(_notes);
    }

    [Fact]
    public void Two_sequences_of_one_name_are_refused_because_intervals_go_by_name()
    {
        Assert.StartsWith("g.fa, line 3: expected sequences of different names because intervals go by name, found 'c' again, as in g.fa, line 1",
            Assert.Throws<UserErrorException>(() => Read(">c\nA\n>c\nC\n", "c\t0\t1\n")).Message);
        Assert.Contains("found a second one without a name, as in g.fa, line 1",
            Assert.Throws<UserErrorException>(() => Read(">\nA\n>\nC\n", "c\t0\t1\n")).Message);
    }

    [Fact]
    public void Intervals_that_meet_no_sequence_and_sequences_that_have_none_are_said()
    {
        Read(">chr1\nACGT\n>chr2\nACGT\n", "chr1\t0\t2\tx\n2\t0\t2\tx\n2\t1\t2\tx\n");
        Assert.Equal(
        [
            "note: b.bed: 2 of 3 intervals, line 2 first, lie on sequences that g.fa does not have ('2'), and count for nothing; its sequences are " +
                "called 'chr1', 'chr2'; write 'chr2' for '2' if it is the same.",
            "note: g.fa: 1 of 2 sequences ('chr2') has no interval in b.bed: all their bases are outside.",
        ], _notes);
        Assert.StartsWith("b.bed: no interval lies on a sequence of g.fa; it names 'x', 'y', and they are called 'c'.",
            Assert.Throws<UserErrorException>(() => Read(">c\nA\n", "x\t0\t1\ny\t0\t1\n")).Message);
        Assert.StartsWith("b.bed: no interval covers a base: each of the 1 ends where it starts, line 1 first.",
            Assert.Throws<UserErrorException>(() => Read(">c\nA\n", "c\t1\t1\n")).Message);
    }

    [Fact]
    public void Intervals_may_lie_on_sequences_of_the_other_parts()
    {
        Read(">c\nACGT\n", "c\t0\t1\nd\t0\t1\n", ["g.fa", "o.fa"], ">d\nAC\n");
        Assert.Empty(_notes);
    }

    [Fact]
    public void Overlaps_of_different_labels_are_counted_and_what_lies_beyond_is_refused()
    {
        Read(">c\nACGTACGT\n", "c\t0\t5\tx\nc\t3\t7\ty\nc\t4\t7\ty\n");
        Assert.Equal(["note: b.bed, line 2: 2 bases lie in intervals of different labels; the label of the later line counts."], _notes);
        Assert.Equal("b.bed, line 1: expected an end of at most 1 because 'c' in g.fa has that many bases, found 2.",
            Assert.Throws<UserErrorException>(() => Read(">c\nA\n", "c\t0\t2\n")).Message);
    }
}
