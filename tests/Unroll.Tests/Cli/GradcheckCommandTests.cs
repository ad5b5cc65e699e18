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
}
