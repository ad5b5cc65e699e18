using Unroll.Inspection;
using Unroll.Layers.Losses;
using Unroll.Networks;

namespace Unroll.Tests.Inspection;

/// <summary>Every built-in cell, layer and loss: gradients in double, terms, and the engine.</summary>
public sealed class GradientCheckTests
{
    public static TheoryData<string> Subjects => [.. GradientCheckCases.All.Select(subject => subject.Subject)];

    [Theory, MemberData(nameof(Subjects))]
    public void Every_gradient_and_every_term_agrees(string subject)
    {
        IReadOnlyList<GradientCheckResult> results = GradientCheck.Run(GradientCheckCases.All.Single(one => one.Subject == subject));
        Assert.NotEmpty(results);
        Assert.All(results, result => Assert.True(result.Passed, result.ToString()));
    }

    [Fact]
    public void A_wrong_gradient_and_a_NaN_do_not_pass()
    {
        Assert.False(new GradientCheckResult("cell", "x", "x", 1e-6, null).Passed);
        Assert.False(new GradientCheckResult("cell", "x", "x", double.NaN, null).Passed);
        Assert.False(new GradientCheckResult("cell", "x", "x", null, 1e-4).Passed);
    }

    [Fact]
    public void Cells_with_and_without_a_cell_state_are_checked_in_one_network()
    {
        NetworkSpec spec = new(2,
        [
            new RecurrentSpec { Name = "a", Cell = new() { Kind = "gru" }, Hidden = 2 }, new RecurrentSpec { Name = "b", Cell = new(), Hidden = 3 },
        ]);
        Assert.All(GradientCheck.Run(new GradientCheckCase("layer", "gru and lstm", spec, new SquaredError(), 3)), result =>
            Assert.True(result.Passed, result.ToString()));
    }
}
