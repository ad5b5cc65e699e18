using Unroll.Inspection;

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
}
