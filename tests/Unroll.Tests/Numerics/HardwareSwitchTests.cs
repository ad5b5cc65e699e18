using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>
/// The runtime's switches turn parts of the machine's vector instructions off. A run of the category Bits under a switch proves something only
/// if the switch took effect, so that such a run begins by looking which path it is on.
/// </summary>
[Trait("Category", "Bits")]
public sealed class HardwareSwitchTests
{
    /// <summary>Told by whoever starts the run: the name of a path.</summary>
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
    [InlineData("UNROLL_PATH", "vector256")]
    [InlineData("UNROLL_PATH", "vector128")]
    [InlineData("UNROLL_PATH", "portable")]
    public void A_switch_takes_effect_in_a_process_started_with_it(string variable, string value)
    {
        bool x64 = RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64;
        Assert.SkipUnless(value != "0" || x64, "switches of x64");
        string expected = value != "0" ? value : variable != "DOTNET_EnableAVX512" ? "portable"
            : new[] { "vector256", "vector128", "portable" }.First(Takes);
        Assert.SkipUnless(Takes(expected), $"a processor without {expected}");
        (int exit, string output) = RunToldTest(variable, value, expected);
        Assert.True(exit == 0, $"{variable}={value} should lead to {expected}:\n{output}");
    }

    [Fact, Trait("Managed", "starts a process of the runtime")]
    public void A_process_that_is_told_a_wrong_path_fails()
    {
        (int exit, string output) = RunToldTest("DOTNET_EnableHWIntrinsic", "0", "vector512");
        Assert.True(exit != 0, output);
    }

    [Theory]
    [InlineData("avx2", "UNROLL_PATH: there is no path 'avx2'; expected one of ")]
    [InlineData("Portable", "UNROLL_PATH: there is no path 'Portable'; expected one of ")]
    [InlineData("vector1024", "UNROLL_PATH: there is no path 'vector1024'; expected one of ")]
    public void A_path_that_there_is_not_is_refused_with_the_list(string asked, string message)
    {
        string? found = Hardware.Choose(asked).Problem;
        Assert.StartsWith(message, found);
        Assert.EndsWith("portable.", found);
    }

    [Fact]
    public void A_path_that_the_processor_cannot_take_is_refused_with_those_that_it_can()
    {
        Assert.Equal((1, null), Hardware.Choose("portable"));
        Assert.Null(Hardware.Choose("").Problem);
        foreach (string path in (string[])["vector512", "vector256", "vector128"])
            if (!Takes(path))
                Assert.StartsWith($"UNROLL_PATH: this processor cannot take the path '{path}'; expected one of ", Hardware.Choose(path).Problem);
    }

    [Fact, Trait("Managed", "starts a process of the runtime")]
    public void A_name_that_is_no_path_ends_the_process()
    {
        (int exit, string output) = RunToldTest("UNROLL_PATH", "vector64", "portable");
        Assert.True(exit != 0 && output.Contains("there is no path 'vector64'"), output);
    }

    private static bool Takes(string path) => path switch
    {
        "vector512" => X86Base.IsSupported,
        "vector256" => Avx2.IsSupported && Fma.IsSupported,
        "vector128" => AdvSimd.Arm64.IsSupported || Fma.IsSupported,
        _ => true,
    };

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
