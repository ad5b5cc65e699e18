using System.Text.Json;

namespace Unroll.Tests.Cli;

public sealed class GradcheckCommandTests
{
    [Fact]
    public void Every_gradient_is_listed_and_within_its_tolerance()
    {
        CliRun run = CliRun.Of("gradcheck", "--json");
        Assert.Equal(0, run.Exit);
        JsonElement json = run.Json;
        Assert.True(json.GetProperty("double_error").GetDouble() <= 1e-7);
        Assert.True(json.GetProperty("engine_error").GetDouble() <= 1e-5);
        string[] kinds = [.. json.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("kind").GetString()!).Distinct()];
        Assert.Equal(["cell", "layer", "loss"], kinds.Order());
    }

    [Theory, InlineData("mgu"), InlineData("lstm-peephole"), InlineData("rnn")]
    public void One_cell_is_checked_by_its_name(string cell)
    {
        CliRun run = CliRun.Of("gradcheck", cell);
        Assert.Equal(0, run.Exit);
        Assert.Contains($"cell   {cell}, bidirectional", run.Out);
        Assert.Contains("term of h: output", run.Out);
        Assert.Contains("0 with too large an error", run.Out);
    }

    [Fact]
    public void A_cell_that_is_not_there_is_refused() => Assert.Contains("mguu", CliRun.Of("gradcheck", "mguu").Error);
}
