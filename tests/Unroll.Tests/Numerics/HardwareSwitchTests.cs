using System.Diagnostics;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>
/// The runtime's switches turn parts of the machine's vector instructions off. A run of the category Bits under a switch proves something only
/// if the switch took effect, so that such a run begins by looking which path it is on.
/// </summary>
[Trait("Category", "Bits")]
public sealed class HardwareSwitchTests
{
    /// <summary>Told by whoever starts the run: <c>vector512</c>, <c>vector256</c> or <c>portable</c>.</summary>
    private const string Told = "UNROLL_EXPECT_PATH";

    [Fact(Explicit = true)]
    public void The_process_is_on_the_path_that_it_was_told()
    {
        string? expected = Environment.GetEnvironmentVariable(Told);
        Assert.True(expected is not null, $"this test is for runs that set {Told}");
        Assert.Equal(expected, Hardware.Path);
    }

    [Theory, Trait("Managed", "starts a process of the runtime")]
    [InlineData("DOTNET_EnableAVX512", "0")]
    [InlineData("DOTNET_EnableAVX2", "0")]
    [InlineData("DOTNET_EnableHWIntrinsic", "0")]
    [InlineData("UNROLL_PATH", "vector512")]
    public void A_switch_takes_effect_in_a_process_started_with_it(string variable, string value)
    {
        string expected = value == "vector512" ? value : variable == "DOTNET_EnableAVX512" && Hardware.Half ? "vector256" : "portable";
        (int exit, string output) = RunToldTest(variable, value, expected);
        Assert.True(exit == 0, $"{variable}={value} should lead to {expected}:\n{output}");
    }

    [Fact, Trait("Managed", "starts a process of the runtime")]
    public void A_process_that_is_told_a_wrong_path_fails()
    {
        (int exit, string output) = RunToldTest("DOTNET_EnableHWIntrinsic", "0", "vector512");
        Assert.True(exit != 0, output);
    }

    private static (int Exit, string Output) RunToldTest(string variable, string value, string expected)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["exec", typeof(HardwareSwitchTests).Assembly.Location, "-explicit", "only", "-noLogo", "-noColor",
            "-method", $"{typeof(HardwareSwitchTests).FullName}.{nameof(The_process_is_on_the_path_that_it_was_told)}"])
            start.ArgumentList.Add(argument);
        start.Environment.Remove("UNROLL_PATH");
        start.Environment[variable] = value;
        start.Environment[Told] = expected;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
