using System.Globalization;
using System.Reflection;
using Unroll.Core;
using Unroll.Mpi;
using Unroll.Numerics;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Sweeps;
using Unroll.Training;

namespace Unroll.Cli.Ranks;

/// <summary>
/// A command that runs as several ranks: the first writes to the terminal, the others write their errors alone; what ends one rank ends all, and is
/// said once.
/// </summary>
internal sealed class RankSession
{
    private const string UnderWay = ", under way", Ended = ", ended";
    private const int Grace = 2500, GraceOfLoss = 700, GraceOfLauncher = 4000;   // milliseconds for others to say or to notice the same
    private readonly Terminal _own;
    private readonly Launcher? _launcher;
    private MpiCollective _ranks = null!;
    private RankLog? _log;
    private int _ends;
    private long _step;
    private string? _trial;

    private RankSession(Terminal own, Launcher? launcher) => (_own, _launcher) = (own, launcher);

    /// <summary>Those that exchange.</summary>
    internal ICollective All => _ranks;

    /// <summary>Whether this rank writes the run's folder and speaks to the user.</summary>
    internal bool IsFirst => _ranks.Rank == 0;

    /// <summary>Whether there are others.</summary>
    internal bool AreSeveral => _ranks.Size > 1;

    /// <summary>The terminal of the command: of the first rank its own; of others one that nobody sees.</summary>
    internal Terminal Terminal { get; private set; } = null!;

    /// <summary>The threads of this rank where none were asked for: the cores that it may use, shared with the ranks beside it.</summary>
    internal int Threads { get; private set; }

    /// <summary>Runs a command as one of the ranks that a launcher started.</summary>
    /// <param name="terminal">This process's terminal.</param>
    /// <param name="patience">After how long without a sign of life a rank counts as lost; null: as the library has it.</param>
    /// <param name="command">Runs the command, and returns its exit code.</param>
    internal static int Run(Terminal terminal, TimeSpan? patience, Func<RankSession, int> command)
    {
        Launcher? launcher = Launcher.Find();
        RankSession session = new(terminal, launcher);
        try
        {
            session.Join(patience);
        }
        catch (UserErrorException e)
        {
            // The ranks do not know each other yet, and most likely all have the same to say: the first goes first, and the launcher ends the others.
            if (launcher is { Rank: > 0 }) Thread.Sleep(GraceOfLauncher);
            terminal.Say($"{Prefix(launcher?.Rank ?? 0)}error: {e.Message}");
            return CommandLine.WrongInput;
        }
        try
        {
            session.RequireOneProgram();
            session.CountThreads();
            int exit = command(session);
            if (Volatile.Read(ref session._ends) == 0) session._log?.End(string.Create(CultureInfo.InvariantCulture, $"ended with exit code {exit}"));
            session._ranks.Dispose();
            return exit;
        }
        catch (UserErrorException e)
        {
            return session.End($"error: {e.Message}", CommandLine.WrongInput);
        }
        catch (Exception e)
        {
            return session.End($"{e}", CommandLine.Bug);
        }
    }

    /// <summary>What the first rank tells the user about all: <c>ranks: 4, 2 threads each (Open MPI v4.1.4)</c>.</summary>
    /// <param name="threads">Of this rank.</param>
    internal string Line(int threads) => string.Create(CultureInfo.InvariantCulture,
        $"ranks: {_ranks.Size}, {threads} {(threads == 1 ? "thread" : "threads")}{(AreSeveral ? " each" : "")} ({_ranks.Library.Version})");

    /// <summary>What is to be said where no launcher is known; null: nothing.</summary>
    /// <param name="command">The command: <c>unroll train</c>.</param>
    internal string? Note(string command) => _launcher is null && !AreSeveral
        ? $"note: --mpi: one rank, because neither mpirun nor srun started this program; start it by: mpirun -n N {command} …" : null;

    /// <summary>Before the first step: all ranks have equal options and data, or the command ends with a line that says who differs in
    /// what.</summary>
    /// <param name="options">As JSON.</param>
    /// <param name="data">The parts of the data.</param>
    /// <exception cref="UserErrorException">On every rank, with the same words.</exception>
    internal void RequireEqual(string options, IReadOnlyList<DataPart> data)
    {
        RequireEqual("has other options", [.. options.Split('\n', StringSplitOptions.TrimEntries)], word => word.Trim(',', '{', '}'));
        RequireEqual("has other data", [.. data.Select(part => $"the {part.Name}\0{part.Sha256}")], part => part.Split('\0')[0]);
    }

    /// <summary>Opens this rank's log; where one rank cannot, all end with the line that says so.</summary>
    /// <param name="run">The run's folder, on the first rank.</param>
    /// <param name="threads">Of this rank.</param>
    /// <exception cref="UserErrorException">On every rank, with the same words.</exception>
    internal void OpenLog(string? run, int threads)
    {
        string root = _ranks.TextFromEach(run ?? "")[0], failure = "";
        try
        {
            _log = RankLog.Open(root, _ranks.Rank,
            [
                string.Create(CultureInfo.InvariantCulture,
                    $"rank {_ranks.Rank} of {_ranks.Size}, started {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC"),
                string.Create(CultureInfo.InvariantCulture, $"host {Environment.MachineName}, process {Environment.ProcessId}, threads {threads}"),
                $"program {Version}, library {_ranks.Library.Version} ({_ranks.Library.Name})",
            ]);
            Report();
        }
        catch (UserErrorException e)
        {
            failure = e.Message;
        }
        string[] all = _ranks.TextFromEach(failure);
        int failed = Array.FindIndex(all, one => one.Length > 0);
        if (failed >= 0) throw new UserErrorException($"rank {failed}: {all[failed]}");
    }

    /// <summary>The steps, each written to the log.</summary>
    internal IEnumerable<TrainingProgress> Logged(IEnumerable<TrainingProgress> steps)
    {
        foreach (TrainingProgress one in steps)
        {
            if (one.Step is { } step)
            {
                Volatile.Write(ref _step, step.Index + 1);
                Report();
            }
            yield return one;
        }
    }

    /// <summary>A sweep's work begins on this rank, or has ended.</summary>
    /// <param name="work">Null: it has ended.</param>
    internal void AtTrial(TrialWork? work)
    {
        string? before = Volatile.Read(ref _trial);
        Volatile.Write(ref _trial, work is { } one
            ? string.Create(CultureInfo.InvariantCulture, $"{one.Trial:D4}{(one.Rung > 0 ? $" in rung {one.Rung + 1}" : "")}{UnderWay}")
            : before?.Replace(UnderWay, Ended));
        Report();
    }

    /// <summary>After the last step: every rank has the same weights, and knows whether any of them was asked to stop.</summary>
    /// <param name="run">What was trained.</param>
    /// <param name="interrupted">Whether this rank was asked to stop.</param>
    /// <returns>Whether any was, though perhaps so late that the training was over.</returns>
    /// <exception cref="UserErrorException">On every rank: one has other weights.</exception>
    internal bool EndTogether(ITaskRun run, bool interrupted)
    {
        Report();
        string[] weights = _ranks.TextFromEach(run.Model.WeightsSha256), asked = _ranks.TextFromEach(interrupted ? "1" : "");
        int other = Array.FindIndex(weights, one => one != weights[0]);
        if (other >= 0)
            throw new UserErrorException($"rank {other} ends with other weights than rank 0 ({weights[other][..16]}… and {weights[0][..16]}…), "
            + "which must not be: its processor or its memory errs, or the program does; "
            + "do not use the model, and train again without that machine.");
        return asked.Any(one => one.Length > 0);
    }

    /// <summary>Ends with an error that this rank has met. What other ranks say in the same words is said once, by the first of them.</summary>
    /// <param name="line">What to say.</param>
    /// <param name="exit">The exit code.</param>
    internal int End(string line, int exit)
    {
        if (Interlocked.Exchange(ref _ends, 1) != 0) Thread.Sleep(Timeout.Infinite);     // the heartbeat is ending the process
        _log?.End(line);
        _ranks.Fail(line);
        int[] others = [.. Enumerable.Range(0, _ranks.Size).Where(rank => rank != _ranks.Rank)];
        if (IsFirst) Say(line);
        bool said = false, all = false;
        for (long until = Environment.TickCount64 + Grace; Environment.TickCount64 < until && !all; Thread.Sleep(10))
        {
            said |= others.Any(rank => rank < _ranks.Rank && _ranks.IsFailureOf(rank, line));
            all = others.All(rank => _ranks.HasFailed(rank) || _ranks.IsDone(rank));
        }
        if (!IsFirst && !said) Say(line);
        if (!all) _ranks.Abort(exit);
        _ranks.Dispose();
        return exit;
    }

    private void Join(TimeSpan? patience)
    {
        _ranks = MpiCollective.Join(_launcher, MpiLibrary.Load(_launcher), patience, Lost);
        Terminal = IsFirst ? _own : new Terminal(() => Stream.Null, TextWriter.Null, TextWriter.Null, Live: false);
    }

    // On the thread of the heartbeat: this rank may be in the middle of a long step, or wait for the one that was lost.
    private void Lost(MpiCollective ranks, RankLost loss)
    {
        if (Interlocked.Exchange(ref _ends, 1) != 0) return;
        string line = string.Create(CultureInfo.InvariantCulture, $"{loss}; the last {(Volatile.Read(ref _trial) is { } trial
            ? $"trial of this rank is {trial}" : $"step that this rank finished is {Volatile.Read(ref _step)}")}");
        _log?.End(line);
        _own.Say($"rank {ranks.Rank}: error: {line}");
        Thread.Sleep(GraceOfLoss);
        ranks.Abort(CommandLine.Failed);
    }

    private void Report() => _log?.Write(Volatile.Read(ref _trial) is { } trial ? $"last trial: {trial}"
        : string.Create(CultureInfo.InvariantCulture, $"last finished step: {Volatile.Read(ref _step)}"), _ranks.Waited);

    private void Say(string line)
    {
        if (line.StartsWith("error: ", StringComparison.Ordinal)) _own.Say(Prefix(_ranks.Rank) + line);
        else foreach (string one in line.Split('\n')) _own.Error.WriteLine(Prefix(_ranks.Rank) + one);       // a bug with its stack trace
    }

    private static string Prefix(int rank) => rank == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"rank {rank}: ");

    // What was built from other sources is another program, whatever version it says it is: the identity of a built file is a hash of what went in.
    private static string Version
    {
        get
        {
            string number = typeof(RankSession).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
            Type[] each = [typeof(RankSession), typeof(MpiCollective), typeof(Unroll.Tasks.TaskList), typeof(ThreadTeam)];
            return $"{number.Split('+')[0]} ({string.Join('.', each.Select(type => type.Module.ModuleVersionId.ToString("N")[..8]))})";
        }
    }

    private void RequireOneProgram()
    {
        string[] all = _ranks.TextFromEach(Version);
        int other = Array.FindIndex(all, one => one != all[0]);
        if (other >= 0)
            throw new UserErrorException(
                $"rank {other} is another program than rank 0, {all[other]} and {all[0]}: expected one version everywhere, because "
                + "sums of different programs do not agree; install the same on all machines.");
        string[] libraries = _ranks.TextFromEach(_ranks.Library.Version);
        other = Array.FindIndex(libraries, one => one != libraries[0]);
        if (other >= 0) _own.Say($"note: rank {other} has {libraries[other]} and rank 0 has {libraries[0]}.");
    }

    // Ranks of one machine that may use the same cores share them; where the launcher gave each its own, these are all it has.
    private void CountThreads()
    {
        string[] all = _ranks.TextFromEach($"{Environment.MachineName}\n{Cores()}");
        Threads = Math.Max(1, Environment.ProcessorCount / all.Count(one => one == all[_ranks.Rank]));
    }

    private static string Cores()
    {
        const string status = "/proc/self/status", line = "Cpus_allowed_list:";
        return File.Exists(status) ? File.ReadLines(status).FirstOrDefault(one => one.StartsWith(line, StringComparison.Ordinal)) ?? "" : "";
    }

    private void RequireEqual(string what, string[] own, Func<string, string> called)
    {
        string[] all = _ranks.TextFromEach(string.Join('\n', own));
        int other = Array.FindIndex(all, one => one != all[0]);
        if (other < 0) return;
        string[] here = all[other].Split('\n'), first = all[0].Split('\n');
        string? differs = here.Except(first).Concat(first.Except(here)).FirstOrDefault();
        throw new UserErrorException(
            $"rank {other} {what} than rank 0: {(differs is null ? "another order" : called(differs))}; start all ranks with "
            + "one command, on equal files.");
    }
}
