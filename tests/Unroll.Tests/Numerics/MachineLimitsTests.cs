using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

public sealed class MachineLimitsTests
{
    [Fact]
    public void A_machine_can_multiply_and_read()
    {
        using ThreadTeam team = new(2);
        Assert.InRange(MachineLimits.MultiplyAdds(team, 1), 1e-3, 1e6);
        Assert.InRange(MachineLimits.ReadBandwidth(team, 4096, 1), 1e-3, 1e6);
    }

    [Fact]
    public void Less_than_one_run_or_a_page_is_refused()
    {
        using ThreadTeam team = new(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => MachineLimits.MultiplyAdds(team, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MachineLimits.ReadBandwidth(team, 100));
    }
}
