using System.Text.Json;
using Unroll.Numerics;

namespace Unroll.Tests.Cli;

public sealed class EnvironmentInfoTests
{
    [Fact]
    public void Without_a_model_the_program_and_the_machine_are_described_and_whether_there_is_MPI()
    {
        CliRun run = CliRun.Of("info");
        Assert.True(run.Exit == 0, run.Error);
        string[] lines = run.Out.TrimEnd().Split('\n');
        Assert.Equal(["unroll", "runtime:", "processor:", "MPI:"], lines.Select(line => line.Split(' ')[0]));
        Assert.Contains(Hardware.Path, lines[2]);

        JsonElement json = CliRun.Of("info", "--json").Json;
        string? version = json.GetProperty("mpi").GetString();
        if (version is not null) Assert.StartsWith($"MPI: {version} ({json.GetProperty("mpi_library").GetString()})", lines[3]);
        else
        {
            Assert.Equal($"MPI: {json.GetProperty("mpi_missing").GetString()}", lines[3]);
            Assert.Contains("install one", lines[3]);
        }
    }
}
