using Unroll.Tests.Architecture;

namespace Unroll.Tests.Samples;

/// <summary>The samples print what their page shows, and the engine what the equations give by hand.</summary>
public sealed class SamplesTests
{
    private static string Page => File.ReadAllText(SourceTree.At("samples/README.md"));

    private static string Printed(Action<TextWriter> sample)
    {
        StringWriter output = new();
        sample(output);
        return output.ToString().ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
    }

    [Fact]
    public void By_hand_and_with_the_engine_the_losses_are_the_same_and_those_of_the_page()
    {
        string byHand = Printed(Unroll.Samples.ByHand.Program.Run);
        Assert.Equal(ReadmeTests.Blocks("text", Page)[0], byHand);
        Assert.Equal(ReadmeTests.Blocks("text", Page)[1], Printed(Unroll.Samples.Engine.Program.Run));
        Assert.Equal(ReadmeTests.Blocks("text", Page)[0], ReadmeTests.Blocks("text", Page)[1]);
    }

    [Fact, Trait("Category", "Slow")]
    public void Where_no_gradient_arrives_nothing_is_learned_and_the_page_shows_it() =>
        Assert.Equal(ReadmeTests.Blocks("text", Page)[2], Printed(Unroll.Samples.WhyItForgets.Program.Run));

    [Fact]
    public void Twelve_series_from_records_have_three_forecasts_each()
    {
        string[] lines = Printed(Unroll.Samples.Sales.Program.Run).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("{\"rmse\":", lines[0]);
        Assert.Equal(12 * 3, lines.Length - 1);
        Assert.All(lines[1..], line => Assert.Matches(@"^shop \d+ +2026-0[123]-01: +[\d.]+, between +[\d.]+ and +[\d.]+$", line));
    }

    [Fact]
    public void The_page_has_a_command_and_a_link_for_every_sample()
    {
        string[] samples = [.. Directory.EnumerateFiles(SourceTree.At("samples"), "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(Path.GetDirectoryName(path)!)).Order()];
        Assert.Equal(["any-task", "aspnet", "by-hand", "engine", "sales", "serving", "why-it-forgets"], samples);
        IEnumerable<string> commands =
            ReadmeTests.Blocks("sh", Page).Select(command => command.Split(" --")[0..2]).Select(parts => string.Join(" --", parts).TrimEnd());
        Assert.Equal(samples.Select(name => $"dotnet run --project samples/{name}"), commands.Order());
        Assert.All(samples, name => Assert.Contains($"]({name}/Program.cs)", Page));
    }
}
