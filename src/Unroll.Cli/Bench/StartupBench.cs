using Unroll.Tasks.Shared;
using System.Diagnostics;
using System.Globalization;
using Unroll.Core;
using Unroll.Layers.Losses;

namespace Unroll.Cli.Bench;

/// <summary>
/// <c>startup</c>: the time from the start of the process to the end of the first training step of the character model, and the maximum memory
/// so far.
/// A process has only one first step: to take more samples, start it again.
/// </summary>
internal static class StartupBench
{
    internal static void Run(BenchRun run)
    {
        BenchCase[] cases = [.. run.Plan.Cases([BenchShape.Characters[0]], ["lstm"], layers: 2)];
        if (cases is not [var one] || run.Plan.Workloads.Count > 1)
            throw new UserErrorException(
                "--workload startup: expected no other workload, one cell and one shape, because a process has one first step.");
        using EndlessTraining<(SequenceBatch, Targets)> training = CharacterBench.Training(
            (one with { Vocabulary = CharacterBench.Characters }).Network(), one.Layout(), run.Machine.Team);
        training.Step();
        DateTime end = DateTime.UtcNow;                                   // the system knows the start to 10 ms, rounded down
        using Process process = Process.GetCurrentProcess();
        double milliseconds = (end - process.StartTime.ToUniversalTime()).TotalMilliseconds, megabytes = process.PeakWorkingSet64 / (1024.0 * 1024);
        run.Output.Line("startup", string.Create(CultureInfo.InvariantCulture,
            $"startup   {one.Title} {one.Shape}: first step after {milliseconds:F0} ms, {megabytes:F1} MiB maximum, loss {training.Loss:G6}"), json =>
            {
                json.WriteNumber("first_step_ms", Math.Round(milliseconds));
                json.WriteNumber("rss_peak_mb", Math.Round(megabytes, 1));
                json.Number("loss", training.Loss);
            });
    }
}
