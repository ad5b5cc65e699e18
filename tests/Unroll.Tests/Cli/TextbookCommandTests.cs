using System.Text.Json;

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
    public void Without_a_name_the_names_are_listed() => Assert.Contains("lstm-peephole", CliRun.Of("textbook").Refused());
}
