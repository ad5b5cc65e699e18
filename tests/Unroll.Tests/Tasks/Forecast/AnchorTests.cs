using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Forecast;

public sealed class AnchorTests
{
    //                                         0  1  2  3   4   5   6   7
    private static readonly double[] s_levels = [1, 2, 3, 4, 11, 12, 13, 14];

    [Theory]
    [InlineData(AnchorKind.Last, 1, 14)]
    [InlineData(AnchorKind.Last, 6, 14)]
    [InlineData(AnchorKind.Season, 1, 11)]                   // the value a season of 4 before row 8
    [InlineData(AnchorKind.Season, 4, 14)]
    [InlineData(AnchorKind.Season, 5, 11)]                   // row 12: two seasons before it, since one before is not known yet
    [InlineData(AnchorKind.Growth, 1, 21)]                   // 11 + (14 − 4)
    [InlineData(AnchorKind.Growth, 5, 31)]                   // 11 + 2 (14 − 4)
    [InlineData(AnchorKind.Mean, 3, 7.5)]
    public void An_anchor_is_the_simple_forecast_it_is_named_after(AnchorKind kind, int step, double expected) =>
        Assert.Equal(expected, Anchors.Value(kind, s_levels, origin: 8, step, season: 4, mean: 7.5));

    [Fact]
    public void No_anchor_looks_at_what_is_forecast()
    {
        double[] changed = [.. s_levels];
        changed.AsSpan(5).Fill(double.NaN);
        foreach (AnchorKind kind in Enum.GetValues<AnchorKind>())
            for (int step = 1; step <= 9; step++)
                Assert.Equal(Anchors.Value(kind, s_levels, 5, step, 4, 0), Anchors.Value(kind, changed, 5, step, 4, 0));
    }

    [Fact]
    public void Every_anchor_can_be_chosen_by_its_word()
    {
        foreach (AnchorKind kind in Enum.GetValues<AnchorKind>())
            Assert.Equal(kind.ToString(), ForecastOptions.Table.Parse(new ForecastOptions(), "anchor", Anchors.WordOf(kind)).Anchor.ToString());
        Assert.Throws<OptionException>(() => ForecastOptions.Table.Parse(new ForecastOptions(), "anchor", "latest"));
    }
}
