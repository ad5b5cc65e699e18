using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data;

public sealed class SplitTests
{
    [Fact]
    public void Shares_are_chronological_and_lose_no_row()
    {
        Assert.Equal(new Split(1974, 423, 423), Split.ByShare(2820, 0.7, 0.15));
        for (int n = 1; n < 50; n++) Assert.Equal(n, Split.ByShare(n, 0.8, 0.2).Length);
    }

    [Fact]
    public void Counts_are_taken_from_the_end() => Assert.Equal(new Split(108, 12, 24), Split.ByCount(144, 12, 24));

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 0)]
    public void Counts_that_leave_nothing_to_train_on_are_refused(int validation, int test) =>
        Assert.Contains("The series has 10 rows", TableTests.Error(() => Split.ByCount(10, validation, test)));

    [Fact]
    public void Shares_above_1_are_refused() => Assert.Contains("together at most 1", TableTests.Error(() => Split.ByShare(10, 0.9, 0.2)));

    [Fact]
    public void A_part_too_short_for_one_example_says_by_how_much()
    {
        Assert.Equal("a.csv: the training part has 20 of 30 rows, and one example needs 30 (window 24 + horizon 6); " +
            "choose a shorter window or horizon, or give more data.", TableTests.Error(() => new Split(20, 5, 5).Check(24, 6, "a.csv")));
        Assert.Contains("the test part has 5 of 65 rows, and one forecast needs 6",
            TableTests.Error(() => new Split(50, 10, 5).Check(24, 6, "a.csv")));
        new Split(30, 0, 6).Check(24, 6, "a.csv");
    }

    [Fact]
    public void Targets_stay_within_their_part_while_inputs_may_reach_back()
    {
        Split split = new(10, 4, 6);
        Assert.Equal([new Window(0, 0, 3, 2), new Window(0, 5, 3, 2)], Window.Over(0, 20, split.TrainRows, 3, 2, stride: 5));
        IReadOnlyList<Window> test = Window.Over(7, 20, split.TestRows, 3, 2);
        Assert.Equal(5, test.Count);
        Assert.Equal(new Window(7, 11, 3, 2), test[0]);
        Assert.Equal(14, test[0].Origin);
        Assert.Equal(20, test[^1].Targets.End.Value);
        Assert.Empty(Window.Over(0, 20, split.ValidationRows, 3, 5));
    }
}
