using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Tests.Architecture;
using static Unroll.Cells.Definitions.CellExpression;

namespace Unroll.Tests.Cells.Definitions;

/// <summary>Wrong definitions, each refused with its message: those of docs/cell-errors.md, those that are too large, and those in C#.</summary>
public sealed partial class CellErrorTests
{
    private const string Right = "cell a\nh = tanh(W x + U h₋ + b)\n";

    public static TheoryData<string, string> Table
    {
        get
        {
            TheoryData<string, string> all = [];
            foreach (Match row in Row().Matches(File.ReadAllText(SourceTree.At("docs/cell-errors.md"))))
                all.Add(row.Groups[1].Value, row.Groups[2].Value);
            return all;
        }
    }

    [Fact]
    public void There_are_at_least_sixty() => Assert.InRange(Table.Count(), 60, 1000);

    [Theory, MemberData(nameof(Table))]
    public void A_wrong_definition_is_refused_in_one_line(string definition, string message)
    {
        string text = Escape().Replace(definition.Replace('⏎', '\n'),
            number => char.ConvertFromUtf32(int.Parse(number.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
        Assert.Equal(message, Refused(text));
        Assert.Matches(@"^my\.cell(:\d+:\d+)?: .*; (expected|did you mean) .*\.$", message);
        Assert.True(message.Length <= 300, message);
    }

    [Fact]
    public void The_table_s_cell_is_right_without_its_slip() => Assert.Equal("h", CellText.Read(Right, "my.cell").Output);

    [Theory]
    [InlineData("")]
    [InlineData("\n# only a comment\n\n")]
    public void An_empty_text_is_refused(string text) =>
        Assert.Equal("my.cell: the text is empty; expected 'cell NAME', then equations; begin with a line like: cell mgu.", Refused(text));

    [Fact]
    public void Too_long_a_text_says_its_length_and_the_limit()
    {
        Assert.Equal("my.cell: the text has 65,537 bytes; expected at most 65,536; shorten its comments, or check that it is a cell.",
            Refused(Right + "#" + new string('a', 65_534 - Right.Length)));
        Assert.StartsWith("my.cell: the text has 80,0", Refused(string.Concat(Enumerable.Repeat("#a\n", 20_000)) + Right));     // as "# a" is written
        string signs = string.Concat(Enumerable.Repeat("# -\n", 16_000));
        Assert.Equal("a", CellText.Read(signs + Right, "my.cell").Name);
    }

    [Fact]
    public void Too_many_operations_say_their_number_and_the_limit()
    {
        Assert.Equal("my.cell: the equations have 201 operations; expected at most 200; write a smaller cell.",
            Refused("cell a\nh = W x + h₋" + string.Concat(Enumerable.Repeat(" + h₋", 199)) + "\n"));
        Assert.Equal(200, CellText.Read("cell a\nh = W x + h₋" + string.Concat(Enumerable.Repeat(" + h₋", 198)) + "\n", "my.cell")
            .Assignments[0].Value.All().Count(one => one.Operands.Count > 0));
    }

    [Fact]
    public void Too_many_states_say_their_number_and_the_limit()
    {
        string States(int count) => "cell a\n" + string.Concat(Enumerable.Range(0, count - 1).Select(i => $"s_{i} = W x + s_{i}₋\n")) + "h = h₋"
            + string.Concat(Enumerable.Range(0, count - 1).Select(i => $" + s_{i}")) + "\n";
        Assert.Equal("my.cell:1:6: the cell has 17 states; expected at most 16; keep fewer.", Refused(States(17)));
        Assert.Equal(16, CellText.Read(States(16), "my.cell").States.Count);
    }

    [Fact]
    public void Too_deep_parentheses_are_refused_before_they_are_read() => Assert.Equal(
        "my.cell:2:105: parentheses more than 100 deep; expected fewer; give a part a name of its own.",
        Refused("cell a\nh = " + new string('(', 20_000)));

    // What a message says to write is written, until nothing is left to say.
    [Theory]
    [InlineData("h = tanh(W x + Uh₋ + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("h = tanh(Wx + Uh_prev + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("h = tanh(W_hx + U_hh₋ + b)", "h = tanh(W_h x + U_h h₋ + b)")]
    [InlineData("h_t = tanh(W x_t + U h_{t-1} + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("h_{t} = tanh(W x_{t} + U h_{t - 1} + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("h[t] = tanh(W x[t] + U h[t-1] + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("h(t) = tanh(W x(t) + U h(t-1) + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("hₜ = tanh(W xₜ + U hₜ₋₁ + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("h_t = tanh(W x_t + U h_t-1 + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("h^{(t)} = tanh(W x^{(t)} + U h^{(t-1)} + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("h = tanh(W*x + U*h_prev + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("h = tanh(W @ x + U @ h_prev + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("h = tanh(W·x + U·h₋ + b)", "h = tanh(W x + U h₋ + b)")]
    [InlineData("h = tanh(W_{xh} x + W_{hh} h₋ + b)", "h = tanh(W_xh x + W_hh h₋ + b)")]
    [InlineData("h = h₋ + 0.1 tanh(W x + U h₋ + b)", "h = h₋ + 0.1 ⊙ tanh(W x + U h₋ + b)")]
    [InlineData("h = 0.9h₋ + 1e-1 (W x + b)", "h = 0.9 ⊙ h₋ + 0.1 ⊙ (W x + b)")]
    [InlineData("Δt = 0.1\nh = h₋ + Δt ⊙ tanh(W x + U h₋ + b)", "dt = 0.1\nh = h₋ + dt ⊙ tanh(W x + U h₋ + b)")]
    [InlineData("Dt = 0.1\nh = h₋ + Dt tanh(W x + b)", "dt = 0.1\nh = h₋ + dt ⊙ tanh(W x + b)")]
    [InlineData("a = W x + U h₋\nh = tanh a + W x", "a = W x + U h₋\nh = tanh(a) + W x")]
    [InlineData("h = tanh W x + sigmoid(U h₋)", "h = tanh(W x) + σ(U h₋)")]
    public void The_line_that_a_message_suggests_is_the_one_that_was_meant(string slip, string meant)
    {
        string text = $"cell a\n{slip}\n";
        for (int tries = 0; tries < 4; tries++)
        {
            try
            {
                Assert.Equal($"cell a\n{meant}\n", CellText.Read(text, "my.cell").Text);
                return;
            }
            catch (UserErrorException e)
            {
                Match said = Suggested().Match(e.Message);
                Assert.True(said.Success, e.Message);
                string[] lines = text.Split('\n');
                lines[int.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture) - 1] = said.Groups[2].Value;
                text = string.Join('\n', lines);
            }
        }
        Assert.Fail(text);
    }

    // An exponent, numbers of functions, parameters of a gate t, a function of a quantity t and a matrix Wx are no slips.
    [Theory]
    [InlineData("h = tanh(W_t x + U_t h₋ + b_t)")]
    [InlineData("t = W x + b\nh = exp(t) ⊙ h₋ + norm(t, 1e-6)")]
    [InlineData("h = clip(Wx x + U h₋, −1, 1)^2")]
    [InlineData("Δ = 2\nh = tanh(Δ x + U h₋)")]
    public void What_only_looks_like_a_slip_is_read(string equations) =>
        Assert.Equal("a", CellText.Read($"cell a\n{equations}\n", "my.cell").Name);

    [Fact]
    public void Names_are_one_however_their_marks_were_typed_and_in_CSharp_they_are_in_form_C()
    {
        CellDefinition cell = CellText.Read("cell a\nn\u0303 = σ(W x + b)\nh = \u00F1 ⊙ h₋ + c\u0303\nvector c\u0303\n", "my.cell");
        Assert.Contains("\nh = \u00F1 ⊙ h₋ + c\u0303\n", cell.Text);
        CellBuilder built = new("a");
        built.Set("n\u0303", built.Matrix("W") * built.Input + built.Before("n\u0303"));
        Assert.Contains("cannot be the name of a quantity", Assert.Throws<UserErrorException>(() => built.Build()).Message);
    }

    [Fact]
    public void In_CSharp_too_two_names_that_look_alike_are_refused()
    {
        CellBuilder cell = new("a");
        cell.Set("h", cell.Matrix("A") * cell.Input + cell.Matrix("\u0391") * cell.Before("h"));
        Assert.Equal("cell 'a': '\u0391' looks like 'A' and is another name: its letter is U+0391, Greek, the other's is U+0041, Latin; expected one "
            + "letter for one name; write A.", Assert.Throws<UserErrorException>(() => cell.Build()).Message);
    }

    public static TheoryData<string, string> InCSharp => new()
    {
        { "name", "cell 'My Cell': the cell is called 'My Cell'; expected 1 to 40 small letters, digits and hyphens, because files and options "
            + "hold the name; write cell mgu." },
        { "undefined", "cell 'a', h: 'q' is not defined; expected x, a quantity of a line above, a state like h₋ or a vector; define it, or "
            + "declare it by 'vector q'." },
        { "kinds", "cell 'a', h: 'u' is a scalar here and a vector before; expected one of them; choose another name." },
        { "matrix", "cell 'a', h: 'w' cannot be the name of a matrix; expected a capital letter first, then letters, digits and _, at most 40; "
            + "choose another." },
        { "constant", "cell 'a', h: the constant NaN; expected 0 or a finite number of 1e-45 to 3.4e38 in size; write one." },
        { "width", "cell 'a', width of h: expected 1 to 16384, got 0." },
        { "difference", "the difference of the matrices 'U' and 'V'; expected one minus its own transpose, U − U.T; write a difference of two "
            + "products." },
        { "derived", "cell 'a', h: 'δh' belongs to derived expressions; expected values of the step; write the equations of the forward pass "
            + "alone." },
        { "deep", "cell 'a': the equations have 5,001 operations; expected at most 200; write a smaller cell." },
    };

    [Theory, MemberData(nameof(InCSharp))]
    public void In_CSharp_the_message_names_the_cell_and_the_equation(string slip, string message)
    {
        Assert.Equal(message, Assert.Throws<UserErrorException>(() =>
        {
            CellBuilder cell = new(slip == "name" ? "My Cell" : "a");
            CellMatrix u = cell.Matrix(slip == "matrix" ? "w" : "U");
            CellExpression value = cell.Matrix("W") * cell.Input + u * cell.Before("h");
            if (slip == "width") cell.Width("h", 0);
            if (slip == "deep")
                for (int i = 0; i < 4998; i++) value = Tanh(value);
            cell.Set("h", slip switch
            {
                "undefined" => value + new QuantityExpression("q"),
                "kinds" => value + cell.Vector("u") * cell.Scalar("u"),
                "constant" => value + double.NaN,
                "difference" => (u - cell.Matrix("V").T) * value,
                "derived" => value + new DeltaExpression("h"),
                _ => value,
            });
            cell.Build();
        }).Message);
    }

    private static string Refused(string text) => Assert.Throws<UserErrorException>(() => CellText.Read(text, "my.cell")).Message;

    [GeneratedRegex("^\\| `(.*?)` \\| `(.*?)` \\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^my\.cell:(\d+):\d+: .*; write (.*)\.$")]
    private static partial Regex Suggested();

    [GeneratedRegex("<U\\+([0-9A-F]{4})>")]
    private static partial Regex Escape();
}
