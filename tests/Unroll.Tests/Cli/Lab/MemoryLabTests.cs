using System.Text.Json;
using Unroll.Cli.Lab.Memory;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli.Lab;

public sealed class MemoryLabTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tiny_run_names_the_lengths_solved_and_does_not_depend_on_the_number_of_threads()
    {
        JsonElement one = Run("--threads", "1"), three = Run("--threads", "3");
        Assert.Equal(one.GetProperty("tables").ToString(), three.GetProperty("tables").ToString());
        Assert.Equal(one.GetProperty("verdicts").ToString(), three.GetProperty("verdicts").ToString());
        JsonElement solved = one.GetProperty("tables")[0];
        Assert.Equal("""["cell","recall"]""", solved.GetProperty("columns").GetRawText());
        Assert.Equal("gru", solved.GetProperty("rows")[1][0].GetString());
        Assert.StartsWith("2 (", solved.GetProperty("rows")[1][1].GetString());      // solved up to length 2, and not 40 in 50 updates
        Assert.StartsWith("recall: cells with gates", one.GetProperty("verdicts")[0].GetProperty("claim").GetString());
    }

    private JsonElement Run(params string[] more)
    {
        CliRun run = CliRun.Of(["lab", "memory", "--tasks", "recall", "--cells", "rnn,gru", "--lengths", "2,40", "--hidden", "6", "--updates", "50",
            "--seeds", "1",
            "--lr", "0.03", "--json", "--output", _folder["memory.html"], .. more]);
        Assert.Equal("", run.Exit == 0 ? "" : run.Error);
        return run.Json;
    }

    [Theory]
    [InlineData("--tasks", "ading", "problem: there is no 'ading' (did you mean 'adding'?)")]
    [InlineData("--cells", "lstn", "--cells: there is no 'lstn' (did you mean 'lstm'?)")]
    [InlineData("--lengths", "0", "length of the adding problem: expected a whole number from 2 to 100000, got 0.")]
    [InlineData("--seeds", "0", "--seeds: expected a whole number from 1 to 1000, got 0.")]
    public void What_does_not_exist_is_refused_before_the_work(string option, string value, string message) =>
        Assert.Contains(message, CliRun.Of("lab", "memory", option, value, "--output", _folder["m.html"]).Refused());

    [Theory]
    [InlineData(10, new[] { 40, 100 }, true)]                // every gated cell goes further
    [InlineData(40, new[] { 10, 40 }, false)]                // none does
    [InlineData(40, new[] { 10, 100 }, null)]                // some do
    [InlineData(100, new[] { 100, 100 }, null)]              // nobody reached an end
    [InlineData(0, new[] { 0, 0 }, null)]                    // nobody learned anything
    public void A_verdict_holds_only_where_every_cell_with_gates_goes_further(int plain, int[] gated, bool? holds) =>
        Assert.Equal(holds, MemoryVerdicts.Holds(plain, gated, 100));
}
