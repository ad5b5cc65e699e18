using System.Globalization;

namespace Unroll.Mpi;

/// <summary>The two families of MPI libraries whose binary interfaces differ.</summary>
public enum MpiKind
{
    /// <summary>Open MPI: handles are addresses of objects of the library.</summary>
    OpenMpi,

    /// <summary>MPICH and what is built from it or like it (Intel MPI, MVAPICH, Cray MPICH, MS-MPI): handles are integers.</summary>
    Mpich,
}

/// <summary>Who started this process as one of several ranks, as the environment tells it.</summary>
/// <param name="Name">What errors call it: <c>Open MPI's mpirun</c>.</param>
/// <param name="Rank">This process's number, from 0.</param>
/// <param name="Size">How many there are.</param>
/// <param name="Kind">The family of library that ranks started in this way find each other with; null: either.</param>
public sealed record Launcher(string Name, int Rank, int Size, MpiKind? Kind)
{
    /// <summary>Reads the variables that launchers set.</summary>
    /// <param name="variable">Gives a variable's value, or null: <see cref="Environment.GetEnvironmentVariable(string)"/>.</param>
    /// <returns>Null where none of the known launchers has left its variables.</returns>
    public static Launcher? Find(Func<string, string?> variable)
    {
        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
        bool inStep = variable("SLURM_STEP_ID") is not null;

        if (Number("OMPI_COMM_WORLD_RANK") is { } ofOpenMpi && Number("OMPI_COMM_WORLD_SIZE") is { } openMpiSize)
            return new("Open MPI's mpirun", ofOpenMpi, openMpiSize, MpiKind.OpenMpi);
        if (Number("PMI_RANK") is { } ofMpich && Number("PMI_SIZE") is { } mpichSize)
        {
            // srun serves both families by this protocol; Hydra and its kin say how many ranks this machine has.
            bool hydra = !inStep || variable("MPI_LOCALNRANKS") is not null;
            return new(hydra ? "MPICH's mpirun" : "Slurm's srun", ofMpich, mpichSize, hydra ? MpiKind.Mpich : null);
        }
        // The script of a job has the number of its tasks as well, but is not one of them: only a step's processes are.
        if (inStep && Number("SLURM_PROCID") is { } ofSlurm && Number("SLURM_STEP_NUM_TASKS") is { } slurmSize)
            return new("Slurm's srun", ofSlurm, slurmSize, null);
        return null;
    }

    /// <summary>Whoever started this process.</summary>
    public static Launcher? Find() => Find(Environment.GetEnvironmentVariable);
}
