using Unroll.Exchange.Onnx.Recurrent;

namespace Unroll.Exchange.Tests.Recurrent;

public sealed class ActivationTests
{
    // Near zero ln(1 + eˣ) and σ are eˣ, and eˣ − 1 is x + x²/2; far from it they are x or their ends.
    [Theory]
    [InlineData("Softplus", -40, 4.248354255291589e-18)]
    [InlineData("Softplus", 800, 800)]
    [InlineData("Softplus", 0.5, 0.9740769841801067)]
    [InlineData("Sigmoid", -800, 0)]
    [InlineData("Sigmoid", -40, 4.248354255291589e-18)]
    [InlineData("Sigmoid", 800, 1)]
    [InlineData("Elu", -1e-12, -9.999999999995e-13)]
    [InlineData("Elu", -800, -1)]
    [InlineData("Softsign", double.PositiveInfinity, 1)]
    [InlineData("Softsign", -3, -0.75)]
    public void Far_from_zero_and_near_it_no_digits_are_lost(string name, double x, double wanted)
    {
        double actual = new Activation(Activation.KindOf(name)!.Value, 1, 0).Of(x);
        Assert.InRange(Math.Abs(actual - wanted), 0, 4e-16 * Math.Abs(wanted));
    }

    [Fact]
    public void Every_activation_gives_NaN_for_NaN_and_is_known_in_any_case()
    {
        for (ActivationKind kind = ActivationKind.Relu; kind <= ActivationKind.Softplus; kind++)
        {
            Assert.True(double.IsNaN(new Activation(kind, 0.5f, 0.5f).Of(double.NaN)), kind.ToString());
            Assert.Equal(kind, Activation.KindOf(kind.ToString().ToUpperInvariant()));
            Assert.Contains(kind.ToString(), Activation.Names);
        }
        Assert.Null(Activation.KindOf("Gelu"));
    }
}
