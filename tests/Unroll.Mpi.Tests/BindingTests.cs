using System.Globalization;
using System.Text.RegularExpressions;

namespace Unroll.Mpi.Tests;

/// <summary>Ranks under mpirun that exchange bytes, take long, are stopped and are killed.</summary>
[Trait("Category", "Slow")]
public sealed class BindingTests
{
    [Theory]
    [InlineData(MpiKind.OpenMpi, 1)]
    [InlineData(MpiKind.OpenMpi, 2)]
    [InlineData(MpiKind.OpenMpi, 3)]
    [InlineData(MpiKind.Mpich, 1)]
    [InlineData(MpiKind.Mpich, 2)]
    [InlineData(MpiKind.Mpich, 3)]
    public void Every_byte_comes_from_whom_and_to_where_it_should(MpiKind kind, int ranks)
    {
        RankRun run = Mpirun.Of(kind).Play(ranks, "exchange").Done();
        for (int rank = 0; rank < ranks; rank++)
            Assert.Contains($"rank {rank} of {ranks} {(kind == MpiKind.OpenMpi ? "Open MPI" : "MPICH")}", run.Out);
    }

    // UCX would make a crash of it.
    [Theory]
    [InlineData(MpiKind.OpenMpi)]
    [InlineData(MpiKind.Mpich)]
    public void A_null_reference_is_an_exception_as_ever(MpiKind kind)
    {
        RankRun run = Mpirun.Of(kind).Play(2, "null").Done();
        Assert.Equal(2, Regex.Count(run.Out, "caught it"));
    }

    [Theory]
    [InlineData(MpiKind.OpenMpi)]
    [InlineData(MpiKind.Mpich)]
    public void A_long_step_is_not_silence(MpiKind kind)
    {
        RankRun run = Mpirun.Of(kind).Play(2, "long-step", "3000").Done();         // with a patience of a second and a half
        Assert.Contains("rank 1 done", run.Out);
    }

    [Theory]
    [InlineData(MpiKind.OpenMpi, "STOP")]
    [InlineData(MpiKind.OpenMpi, "KILL")]
    [InlineData(MpiKind.Mpich, "STOP")]
    [InlineData(MpiKind.Mpich, "KILL")]
    public void A_rank_that_is_stopped_or_killed_ends_all_within_five_seconds(MpiKind kind, string signal)
    {
        RankRun run = Mpirun.Of(kind).Run([$"-n 3 dotnet exec {Mpirun.At("Unroll.Mpi.Host.dll")} forever"], meanwhile: said =>
        {
            string process = Mpirun.Soon(() => Regex.Match(said(),
                @"rank 1 is process (\d+)") is { Success: true } found ? found.Groups[1].Value : null, said);
            Mpirun.Send(signal, int.Parse(process, CultureInfo.InvariantCulture));
        });
        Assert.NotEqual(0, run.Exit);
        Assert.True(run.Took < TimeSpan.FromSeconds(5), $"{run.Took}");
        if (signal == "STOP")
            foreach (int rank in (int[])[0, 2]) Assert.Contains($"rank {rank}: rank 1 has given no sign of life for ", run.Error);
    }
}
