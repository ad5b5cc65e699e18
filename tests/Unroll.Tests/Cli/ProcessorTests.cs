using Unroll.Cli;
using Unroll.Numerics;

namespace Unroll.Tests.Cli;

/// <summary>A program that does not use what the processor has says so before a training, and only then.</summary>
public sealed class ProcessorTests
{
    [Theory]
    [InlineData("vector256", true)]
    [InlineData("vector512", true)]
    [InlineData("vector512", null)]
    [InlineData("portable", false)]
    [InlineData("vector128", false)]
    public void Where_the_program_suits_the_processor_it_says_nothing(string path, bool? capable)
    {
        Assert.Null(Processor.WarningOf(path, capable, compilesAtStart: true));
        Assert.Null(Processor.WarningOf(path, capable, compilesAtStart: false));
    }

    [Theory]
    [InlineData("portable", true, true, "many times slower", "which the processor has", "DOTNET_EnableAVX2=0")]
    [InlineData("portable", null, true, "many times slower", "which the processor may have", "DOTNET_EnableHWIntrinsic=0")]
    [InlineData("portable", true, false, "many times slower", "which the processor has", "docs/publishing.md")]
    [InlineData("vector128", true, false, "half as fast", "which the processor has", "x86-64-v3")]
    public void Where_it_does_not_it_says_what_is_missing_what_it_costs_and_what_to_do(
        string path, bool? capable, bool compilesAtStart, params string[] words)
    {
        string warning = Processor.WarningOf(path, capable, compilesAtStart)!;
        Assert.All(words.Append("AVX2 and FMA").Append("results are the same"), word => Assert.Contains(word, warning, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', warning);
    }

    [Fact]
    public void It_is_said_only_where_this_process_is_on_a_slower_path() =>
        Assert.True(Processor.Warning is null || Hardware.Path is "portable" or "vector128");
}
