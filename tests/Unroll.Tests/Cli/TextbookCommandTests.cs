using System.Text.Json;
using Unroll.Tests.Architecture;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

public sealed class TextbookCommandTests
{
    [Fact]
    public void The_figures_come_as_text_and_as_JSON()
    {
        CliRun text = CliRun.Of("textbook", "rnn"), json = CliRun.Of("textbook", "rnn", "--json");
        Assert.Equal((0, 0), (text.Exit, json.Exit));
        Assert.Contains("agrees with its central difference", text.Out);
        Assert.Equal(text.Out, json.Error);
        Assert.True(json.Json.GetProperty("agrees").GetBoolean());
        JsonElement term = json.Json.GetProperty("values").EnumerateArray().Single(v =>
            v.GetProperty("section").GetString() == "step 2, backward" && v.GetProperty("term").GetString() == "next step");
        Assert.Equal("δa", term.GetProperty("name").GetString());
        Assert.Equal(0.26123, term.GetProperty("values")[0].GetDouble(), 5e-6);       // the fifth digit that the text shows
    }

    [Fact]
    public void A_cell_is_derived_from_its_equations_as_text_and_as_JSON()
    {
        CliRun text = CliRun.Of("textbook", "mgu"), json = CliRun.Of("textbook", "mgu", "--json");
        Assert.Equal((0, 0), (text.Exit, json.Exit));
        Assert.Contains("       + f₊ ⊙ U_nᵀ δa_n₊                          through n\n", text.Out.ReplaceLineEndings("\n"));
        Assert.Equal(text.Out, json.Error);
        JsonElement state = json.Json.GetProperty("sections")[2].GetProperty("equations")[0];
        Assert.Equal("δh", state.GetProperty("left").GetString());
        Assert.Equal(["output", "direct", "through n", "through f"], state.GetProperty("terms").EnumerateArray().Select(term =>
            term.GetProperty("path").GetString()));
        Assert.Equal(@"f_{t+1} \odot U_{n}^{\top}\, \delta a_{n,t+1}", state.GetProperty("terms")[2].GetProperty("latex").GetString());
        Assert.Equal(text.Out, CliRun.Of("textbook", SourceTree.At("cells/mgu.cell")).Out);
    }

    [Fact]
    public void A_file_with_weights_and_inputs_of_ones_own_gives_numbers_and_a_page()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["own.cell"], "cell own\nh = tanh(W x + U h₋)\n");
        File.WriteAllText(folder["w.txt"], "W = 0.5\nU = -1\n");
        CliRun run = CliRun.Of(
            "textbook", folder["own.cell"], "--weights", folder["w.txt"], "--input", "1; 0", "--html", folder["own.html"], "--json");
        Assert.Equal(0, run.Exit);
        double h1 = Math.Tanh(0.5), h2 = Math.Tanh(-h1);
        JsonElement Value(string section, string name, string term) => run.Json.GetProperty("values").EnumerateArray().Single(value =>
            value.GetProperty("section").GetString() == section && value.GetProperty("name").GetString() == name
            && value.GetProperty("term").GetString() == term).GetProperty("values")[0];
        Assert.Equal(h2, Value("step 2, forward", "h", "").GetDouble(), 1e-15);
        Assert.Equal(-h2 * (1 - h2 * h2), Value("step 1, backward", "δh", "next step").GetDouble(), 1e-15);
        Assert.Equal(h2 * (1 - h2 * h2) * h1, Value("gradients of the weights", "δU", "").GetDouble(), 1e-15);
        Assert.InRange(run.Json.GetProperty("largest_difference").GetDouble(), 0, 1e-7);
        Assert.InRange(run.Json.GetProperty("largest_difference_share").GetDouble(), run.Json.GetProperty("largest_difference").GetDouble(), 1e-7);
        Assert.Equal(JsonValueKind.Null, run.Json.GetProperty("not_finite").ValueKind);
        Assert.Contains("; as a share of the largest gradient: ", run.Error);
        Assert.Contains("<div class=\"live\">", File.ReadAllText(folder["own.html"]));
    }

    [Fact]
    public void Numbers_that_are_none_are_printed_written_and_named()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["easy.cell"], "cell easy\nk = sqrt(W x + b)\nh = k + U h₋\n");
        File.WriteAllText(folder["w.txt"], "W = 1; 1\n");
        CliRun run = CliRun.Of(
            "textbook", folder["easy.cell"], "--weights", folder["w.txt"], "--input", "2; −1", "--html", folder["easy.html"], "--json");
        Assert.Equal(0, run.Exit);
        const string Note = "k is NaN at step 2, forward; what is computed from it may be no finite number either.";
        Assert.Equal(Note, run.Json.GetProperty("not_finite").GetString());
        Assert.Equal("NaN", run.Json.GetProperty("largest_difference").GetString());
        Assert.Contains(run.Json.GetProperty("values").EnumerateArray(), value => value.GetProperty("section").GetString() == "step 2, forward"
            && value.GetProperty("name").GetString() == "k" && value.GetProperty("values")[0].GetString() == "NaN");
        Assert.Contains($"note: {Note}", run.Error);
        Assert.DoesNotContain("largest difference", run.Error);
        Assert.Contains(Note, File.ReadAllText(folder["easy.html"]));
    }

    [Theory]
    [InlineData("cell", "mgu.cell")]
    [InlineData("cell", "lstm.cell")]
    [InlineData("textbook", "gru.cell")]
    [InlineData("gradcheck", "mgu.cell")]
    [InlineData("bench", "--cell", "mgu.cell")]
    [InlineData("train", "lm", "--cell", "mgu.cell")]
    [InlineData("lab", "compare", "--cells", "mgu.cell")]
    public void A_file_that_is_not_there_is_never_the_library_s_cell(params string[] args) => Assert.Contains(
        $"there is no file '{args[^1]}' in {Directory.GetCurrentDirectory()}; without .cell, '{args[^1][..^5]}' is the library's own cell.",
        CliRun.Of(args).Refused());

    [Fact]
    public void A_cell_that_is_a_worked_example_too_is_derived_on_request()
    {
        Assert.Contains("gradients, from the last equation back to the first", CliRun.Of("textbook", "gru", "--derive").Out);
        Assert.Contains("unroll textbook gru --derive", CliRun.Of("textbook", "gru").Out);
    }

    [Fact]
    public void A_number_that_the_reader_named_is_not_checked_as_a_parameter()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["leaky.cell"], "cell leaky\ndt = 0.1\nh = h₋ + dt ⊙ (tanh(W x + U h₋) − dt ⊙ h₋)\n");
        CliRun run = CliRun.Of("gradcheck", folder["leaky.cell"]);
        Assert.Equal(0, run.Exit);
        Assert.Contains("term of h", run.Out);
        Assert.DoesNotContain("term of dt", run.Out);
    }

    [Fact]
    public void LaTeX_goes_to_standard_output_alone()
    {
        CliRun run = CliRun.Of("textbook", "gru", "--latex");
        Assert.Equal(0, run.Exit);
        Assert.Contains(@"\delta h_{t} &= \frac{\partial \ell_{t}}{\partial h_{t}} && \text{output} \\", run.Out);
        Assert.DoesNotContain("--input", run.Out);
    }

    [Theory]
    [InlineData("textbook: there is no 'mgru'; did you mean 'gru'? Expected a file NAME.cell", "mgru")]
    [InlineData("--weights: there is no file 'nowhere.txt'", "mgu", "--weights", "nowhere.txt")]
    [InlineData("input: expected numbers of at most a million in size, found 'one'", "mgu", "--input", "one")]
    public void A_mistake_is_one_line(string message, params string[] args) => Assert.Contains(message, CliRun.Of(["textbook", .. args]).Refused());

    [Fact]
    public void Without_a_name_the_names_are_listed() => Assert.Contains("lstm-peephole", CliRun.Of("textbook").Refused());
}
