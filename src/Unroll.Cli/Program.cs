using System.Runtime.InteropServices;
using System.Text;
using Unroll.Cli.Ranks;
using Unroll.Mpi;

namespace Unroll.Cli;

/// <summary>The entry point.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        // Open MPI's mpirun gives a rank a terminal that nobody watches, and the console would begin its output with that terminal's codes.
        if (Launcher.Find() is { Kind: MpiKind.OpenMpi }) Environment.SetEnvironmentVariable("TERM", null);
        using Interruption interruption = new();
        // What is not taken ends the process as if nobody had listened, so that the shell sees which signal it was.
        PosixSignalRegistration On(PosixSignal signal, int number) =>
            PosixSignalRegistration.Create(signal, context => context.Cancel = interruption.Take(number));
        using PosixSignalRegistration interrupt = On(PosixSignal.SIGINT, 2), terminate = On(PosixSignal.SIGTERM, 15);
        using PosixSignalRegistration hangUp = On(PosixSignal.SIGHUP, 1);
        // What Slurm sends before a job's time is up where it was asked to, and what mpirun passes on without ending anything.
        int user = OperatingSystem.IsLinux() ? 10 : 30;
        using PosixSignalRegistration? user1 = OperatingSystem.IsWindows() ? null : On((PosixSignal)user, user);
        if (RankOptions.IsAsked(args)) return CommandLine.Run(args, RankOptions.Plain(), interruption);
        bool live = !Console.IsOutputRedirected && !Console.IsErrorRedirected;
        return CommandLine.Run(args, new Terminal(Console.OpenStandardInput, Console.Out, Console.Error, live)
        {
            OnScreen = !Console.IsOutputRedirected,
        }, interruption);
    }
}
