using Unroll.Cells.Definitions;
using static Unroll.Cells.Definitions.BinaryOperator;

namespace Unroll.Tests.Cells.Definitions;

public sealed class CellTextTests
{
    private const string Mgu = """
        # Zhou et al. 2016, arXiv:1603.09420
        cell mgu
        f = σ(W_f x + U_f h₋ + b_f)
        n = tanh(W_n x + U_n (f ⊙ h₋) + b_n)
        h = (1 − f) ⊙ h₋ + f ⊙ n
        f: forget gate, forgets
        b_f = 1

        """;

    private static CellExpression Value(string value, string declared = "")
    {
        string[] known = ["a", "c", "f", "n", "r"];
        string before = string.Concat(known.Select(name => $"{name} = W_{name} x + {name}₋\n"));
        string after = string.Concat(known.Select(name => $" + {name}"));
        CellDefinition read = CellText.Read($"cell test\n{declared}\n{before}q = {value}\nh = h₋ + W_x x + q{after}", "t");
        return read.Assignments.Single(one => one.Name == "q").Value;
    }

    [Fact]
    public void A_definition_is_read()
    {
        CellDefinition mgu = CellText.Read(Mgu, "mgu.cell");
        Assert.Equal("mgu", mgu.Name);
        Assert.Equal(["Zhou et al. 2016, arXiv:1603.09420"], mgu.Comments);
        Assert.Equal(["f", "n", "h"], mgu.Assignments.Select(one => one.Name));
        Assert.Equal([new CellState("h")], mgu.States);
        Assert.Equal("h", mgu.Output);
        Assert.Equal(["W_f", "U_f", "b_f", "W_n", "U_n", "b_n"], mgu.Parameters.Select(one => one.Name));
        Assert.Equal(new ParameterStart(ParameterRule.Constant), mgu.Parameters[2].Start);
        Assert.Equal(new DefinedRole("f", "forget gate", Unroll.Cells.GateRole.Forgets), Assert.Single(mgu.Roles));
        CellExpression before = new PreviousExpression("h"), f = new QuantityExpression("f");
        Assert.Equal(new BinaryExpression(Add, new BinaryExpression(Multiply, new BinaryExpression(Subtract, new ConstantExpression(1), f), before),
            new BinaryExpression(Multiply, f, new QuantityExpression("n"))), mgu.Assignments[2].Value);
        Assert.Equal(new SourcePlace(5, 1).Line, mgu.Assignments[2].Place.Line);
        Assert.Equal(Mgu, mgu.Text);
    }

    [Theory]
    [InlineData("a + c + f", "a + c + f")]
    [InlineData("a + (c + f)", "a + (c + f)")]
    [InlineData("(a + c) + f", "a + c + f")]
    [InlineData("a - (c - f)", "a − (c − f)")]
    [InlineData("a - c * f / n", "a − c ⊙ f / n")]
    [InlineData("(a - c) * (f / n)", "(a − c) ⊙ (f / n)")]
    [InlineData("-a * c", "−a ⊙ c")]
    [InlineData("-(a * c)", "−(a ⊙ c)")]
    [InlineData("a * -c", "a ⊙ (−c)")]
    [InlineData("a + -c * f", "a + (−c ⊙ f)")]
    [InlineData("--a", "−(−a)")]
    [InlineData("-2 * a", "−2 ⊙ a")]
    [InlineData("a * -2", "a ⊙ (−2)")]
    [InlineData("-(2) * a", "−(2) ⊙ a")]
    [InlineData("-2^2 * a", "−2^2 ⊙ a")]
    [InlineData("(-2)^2 * a", "(−2)^2 ⊙ a")]
    [InlineData("-a^2", "−a^2")]
    [InlineData("(-a)^2", "(−a)^2")]
    [InlineData("a^-0.5", "a^(−0.5)")]
    [InlineData("a^(-1e-05)", "a^(−1e-5)")]
    [InlineData("(a^2)^3", "(a^2)^3")]
    [InlineData("W a^2", "W a^2")]
    [InlineData("(W a)^2", "(W a)^2")]
    [InlineData("W a * c", "W a ⊙ c")]
    [InlineData("W (a * c)", "W (a ⊙ c)")]
    [InlineData("-W a", "−W a")]
    [InlineData("W (V a)", "W (V a)")]
    [InlineData("W tanh(a)", "W tanh(a)")]
    [InlineData("U^T a", "Uᵀ a")]
    [InlineData("Uᵀ a + U c", "Uᵀ a + U c")]
    [InlineData("(U - U^T) a", "(U − Uᵀ) a")]
    [InlineData("sigma(a) + sigmoid(c)", "σ(a) + σ(c)")]
    [InlineData("clip(a, -1, 2.5) + hardsigmoid(c)", "clip(a, −1, 2.5) + hardsigmoid(c)")]
    [InlineData("max(a, min(c, f)) + norm(n) + norm(r, 1e-6)", "max(a, min(c, f)) + norm(n) + norm(r, 1e-6)")]
    [InlineData("norm(n, 0.00001) + relu(a) + exp(a) + log(a)", "norm(n) + relu(a) + exp(a) + log(a)")]
    [InlineData("softplus(a) - sqrt(c)", "softplus(a) − sqrt(c)")]
    [InlineData("h_prev + c_prev", "h₋ + c₋")]
    [InlineData("b + b_q + p_q * a", "b + b_q + p_q ⊙ a")]
    [InlineData("x * a", "x ⊙ a")]
    [InlineData("1e300 - 1e300 + a", null)]
    public void Expressions_are_written_with_the_fewest_parentheses(string value, string? canonical)
    {
        if (canonical is null)
        {
            Assert.Throws<Unroll.Core.UserErrorException>(() => Value(value));
            return;
        }
        CellExpression read = Value(value);
        Assert.Equal(canonical, read.ToString());
        Assert.Equal(read, Value(canonical));
    }
}
