using System.Diagnostics;

namespace Unroll.Serving.Tests.Http;

/// <summary>Programs of the checkout, run as a user runs them.</summary>
internal static class CommandLine
{
    /// <summary>What a program prints, which has to end well.</summary>
    public static string Run(string folder, string program, params string[] arguments) =>
        Run(folder, "dotnet", "", ["exec", Path.Combine(AppContext.BaseDirectory, program), .. arguments]);

    /// <summary>What any program prints.</summary>
    public static string Run(string folder, string file, string input, string[] arguments)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> said = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Result}{said.Result}");
        return said.Result;
    }
}
