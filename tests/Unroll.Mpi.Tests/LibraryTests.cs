using Unroll.Core;

namespace Unroll.Mpi.Tests;

public sealed class LibraryTests
{
    private static Launcher? Of(params (string Name, string Value)[] variables) =>
        Launcher.Find(name => variables.FirstOrDefault(one => one.Name == name).Value);

    [Fact]
    public void Open_MPI_is_known_by_its_variables() => Assert.Equal(new Launcher("Open MPI's mpirun", 2, 4, MpiKind.OpenMpi),
        Of(("OMPI_COMM_WORLD_RANK", "2"), ("OMPI_COMM_WORLD_SIZE", "4"), ("PMIX_RANK", "2"), ("SLURM_PROCID", "0")));

    [Fact]
    public void Hydra_is_known_by_its_variables_inside_Slurm_too()
    {
        Assert.Equal(new Launcher("MPICH's mpirun", 1, 2, MpiKind.Mpich), Of(("PMI_RANK", "1"), ("PMI_SIZE", "2"), ("MPI_LOCALNRANKS", "2")));
        Assert.Equal(new Launcher("MPICH's mpirun", 1, 2, MpiKind.Mpich),
            Of(("PMI_RANK", "1"), ("PMI_SIZE", "2"), ("MPI_LOCALNRANKS", "2"), ("SLURM_STEP_ID", "0")));
    }

    [Fact]
    public void A_step_of_Slurm_serves_both_families()
    {
        Assert.Equal(new Launcher("Slurm's srun", 3, 8, null), Of(("SLURM_STEP_ID", "0"), ("SLURM_PROCID", "3"), ("SLURM_STEP_NUM_TASKS", "8")));
        Assert.Equal(new Launcher("Slurm's srun", 3, 8, null), Of(("SLURM_STEP_ID", "0"), ("PMI_RANK", "3"), ("PMI_SIZE", "8")));
    }

    [Fact]
    public void The_script_of_a_job_is_no_rank() => Assert.Null(Of(("SLURM_PROCID", "0"), ("SLURM_NTASKS", "8")));

    [Fact]
    public void Who_was_started_by_hand_is_no_rank() => Assert.Null(Of(("PMI_RANK", "x"), ("PMI_SIZE", "2")));

    [Theory]
    [InlineData("Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4, repo rev: v4.1.4, May 26, 2022", "Open MPI v4.1.4")]
    [InlineData("MPICH Version:\t4.0.2\nMPICH Release date:\tThu Apr  7", "MPICH 4.0.2")]
    [InlineData("MVAPICH2 Version      :\t2.3.7\nMVAPICH2 Release date  :", "MVAPICH2 2.3.7")]
    [InlineData("Intel(R) MPI Library 2021.5 for Linux* OS\n", "Intel(R) MPI Library 2021.5 for Linux* OS")]
    [InlineData("Microsoft MPI 10.1.12498.18", "Microsoft MPI 10.1.12498.18")]
    [InlineData("", "")]
    public void A_version_is_its_first_words(string whole, string few) => Assert.Equal(few, MpiLibrary.Short(whole));

    [Fact]
    public void A_named_library_that_is_not_there_is_refused_by_name()
    {
        string message = Assert.Throws<UserErrorException>(() => MpiLibrary.Load(null, "/nowhere/libmpi.so")).Message;
        Assert.StartsWith("MPI: '/nowhere/libmpi.so', which UNROLL_MPI_LIBRARY names, cannot be loaded: ", message);
    }

    [Fact]
    public void A_named_library_that_is_none_of_MPI_is_refused_by_name()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the name of another library");
        string message = Assert.Throws<UserErrorException>(() => MpiLibrary.Load(null, "libm.so.6")).Message;
        Assert.Equal("MPI: 'libm.so.6', which UNROLL_MPI_LIBRARY names, is no MPI library: it lacks functions of MPI.", message);
    }
}
