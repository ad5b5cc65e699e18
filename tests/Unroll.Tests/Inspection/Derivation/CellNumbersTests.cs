using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Inspection.Derivation;

namespace Unroll.Tests.Inspection.Derivation;

public sealed class CellNumbersTests
{
    private static readonly CellDerivation s_mgu = CellDerivation.Of(CellText.Read(CellZoo.Text("mgu"), "mgu"));

    public static TheoryData<string> Cells => DerivationTextTests.Cells;

    private static string Refused(string weights, string? input = null) => Assert.Throws<UserErrorException>(() => CellNumbers.Of(s_mgu,
        GivenNumbers.Read(weights, "w") with { Steps = input is null ? null : GivenNumbers.ReadSteps(input) })).Message;

    // 1e-7 is the gradient check's in double.
    [Theory, MemberData(nameof(Cells))]
    public void Every_gradient_agrees_with_its_central_difference(string name)
    {
        CellDefinition definition = BuiltInDefinitions.Find(name)?.Definition ?? CellText.Read(CellZoo.Text(name), name);
        CellNumbers numbers = CellNumbers.Of(CellDerivation.Of(definition), new GivenNumbers());
        Assert.InRange(numbers.LargestError(), 0, 1e-7);
        Assert.Contains(numbers.Gradients, one => one.Values.Any(value => Math.Abs(value) > 1e-6));
    }

    [Fact]
    public void What_is_given_is_kept_and_the_rest_is_drawn_the_same_each_time()
    {
        GivenNumbers given = GivenNumbers.Read("# mine\nW_f = 0.1; 0.2; −0.3\n\nb_f = 1, 2, 3   # a row\n", "w") with
        {
            Steps = GivenNumbers.ReadSteps("1; -1"),
        };
        CellNumbers one = CellNumbers.Of(s_mgu, given), again = CellNumbers.Of(s_mgu, given);
        Assert.Equal((3, 2, 2), (one.Units, one.X.Count, one.Given.Count));
        Assert.Equal([0.1, 0.2, -0.3], one.Parameters[0].Values);
        Assert.Equal([1, 2, 3], one.Parameters[2].Values);
        Assert.Equal(9, one.Parameters[1].Values.Count);
        Assert.Equal(one.Parameters.SelectMany(each => each.Values), again.Parameters.SelectMany(each => each.Values));
        Assert.DoesNotContain(one.Parameters[1].Values, value => value == 0 || Math.Abs(value) > 0.9);
        Assert.Equal(["", "drawn", "", "drawn", "drawn", "drawn"],
            one.Values().Where(value => value.Section == "weights").Select(value => value.Term));
    }

    [Fact]
    public void A_cell_that_uses_x_unit_by_unit_gets_as_many_inputs_as_units()
    {
        CellDerivation sru = CellDerivation.Of(CellText.Read("cell a\nf = σ(W x + b)\nh = f ⊙ h₋ + (1 − f) ⊙ x", "a"));
        Assert.Equal(2, CellNumbers.Of(sru, new GivenNumbers()).X[0].Count);
        Assert.Equal("input: expected 2 numbers a step because the cell uses x unit by unit and has 2 units, found 1.",
            Assert.Throws<UserErrorException>(() => CellNumbers.Of(sru, new GivenNumbers { Steps = [[1]] })).Message);
    }

    [Theory]
    [InlineData("w, line 1: expected a parameter and its numbers, as W_f = 0.1 0.2; 0.3 0.4, found 'W_f 1 2'.", "W_f 1 2")]
    [InlineData("w, line 2: 'b_f' has its numbers already; delete one of the two lines.", "b_f = 1 2\nb_f = 1 2")]
    [InlineData("w, line 1: b_f: expected numbers of at most a million in size, found 'one'.", "b_f = one 2")]
    [InlineData("w, line 1: W_f, part 2: expected numbers, found nothing.", "W_f = 1;")]
    [InlineData("w, line 1: U_f: expected as many numbers in each part between semicolons, found 2, 1.", "U_f = 1 2; 3")]
    [InlineData("w, line 1: the cell has no parameter 'W_g'; did you mean 'W_f'? Expected one of W_f, U_f, b_f, W_n, U_n, b_n.", "W_g = 1")]
    [InlineData("w, line 2: U_f: expected 2 rows of 2 numbers because the cell has 2 units and x has 1 number, found 3 rows of 1 number.",
        "b_f = 1 2\nU_f = 1; 2; 3")]
    [InlineData("w, line 1: W_f: expected 2 rows of 2 numbers because the cell has 2 units and x has 2 numbers, found 2 rows of 1 number.",
        "W_f = 1; 2", "1,2")]
    [InlineData("w, line 1: units of b_f: expected at most 8, found 9; more cannot be read on a page.", "b_f = 1 2 3 4 5 6 7 8 9")]
    [InlineData("input: expected numbers of at most a million in size, found 'NaN'.", "", "NaN")]
    [InlineData("input, steps: expected at most 20, found 21; more cannot be read on a page.", "", "1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1")]
    public void What_does_not_fit_is_refused_in_one_line(string message, string weights, string? input = null) =>
        Assert.Equal(message, Refused(weights, input));
}
