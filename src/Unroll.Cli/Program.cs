using System.Runtime.InteropServices;

namespace Unroll.Cli;

/// <summary>The entry point.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        using CancellationTokenSource stop = new();
        // The first signal asks the run to save and end; a second one ends the process at once.
        void Stop(PosixSignalContext context)
        {
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        bool live = !Console.IsOutputRedirected && !Console.IsErrorRedirected;
        return CommandLine.Run(args, new Terminal(Console.OpenStandardInput, Console.Out, Console.Error, live), stop.Token);
    }
}
