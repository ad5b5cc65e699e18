using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data;

public sealed class TransformTests
{
    private static readonly double[] Values = [112, 118, 132, 129, 121, 135];

    [Fact]
    public void Every_word_reads_back_and_a_slip_is_answered()
    {
        Assert.All(Transform.Words, word => Assert.Equal(word, Transform.Parse(word).Word));
        Assert.Contains("'logg' (did you mean 'log'?); there are: none, log,", TableTests.Error(() => Transform.Parse("logg")));
    }

    [Fact]
    public void Standardizing_uses_the_training_part_of_all_series()
    {
        Standardizer s = Standardizer.Fit("y", Values.AsMemory(0, 2), Values.AsMemory(2, 2));
        Assert.Equal((122.75, Math.Sqrt(65.6875)), (s.Mean, s.Deviation));
        Assert.Equal((float)((135 - 122.75) / Math.Sqrt(65.6875)), s.Apply(135));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1e12 + 0.3)]
    public void A_constant_column_keeps_deviation_1_and_is_noted(double value)
    {
        Standardizer s = Standardizer.Fit("flat", Enumerable.Repeat(value, 1001).ToArray().AsMemory());
        Assert.Equal((value, 1), (s.Mean, s.Deviation));
        Assert.Contains("column 'flat' is constant", s.Note);
        Assert.Null(Standardizer.Fit("y", Values.AsMemory()).Note);
    }

    // In float32 both columns would be one number again and again.
    [Theory]
    [InlineData(1e8 + 4, 0.1)]
    [InlineData(1.7e15, 1)]
    public void A_small_change_of_a_large_number_is_no_constant(double level, double step)
    {
        double[] counter = [.. Enumerable.Range(0, 3).Select(i => level + i * step)];
        Standardizer s = Standardizer.Fit("counter", counter.AsMemory());
        Assert.Null(s.Note);
        Assert.Equal(step * Math.Sqrt(2 / 3.0), s.Deviation, 2e-7 * step);
    }
}
