using Unroll.Core;
using Unroll.Mpi;
using Unroll.Mpi.Host;

// One rank of the tests: does what its first argument says, among the ranks that mpirun started.
try
{
    Launcher? launcher = Launcher.Find();
    MpiCollective ranks = MpiCollective.Join(launcher, MpiLibrary.Load(launcher), TimeSpan.FromSeconds(1.5), (all, loss) =>
    {
        Console.Error.WriteLine($"rank {all.Rank}: {loss}");
        Thread.Sleep(1500);
        all.Abort(1);
    });
    Plays.Run(args, ranks);
    ranks.Dispose();
    return 0;
}
catch (UserErrorException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return 2;
}
