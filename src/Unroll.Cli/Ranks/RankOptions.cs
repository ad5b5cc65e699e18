using System.CommandLine;
using System.Globalization;
using Unroll.Core;
using Unroll.Mpi;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli.Ranks;

/// <summary><c>unroll train TASK --mpi</c> and <c>unroll sweep train TASK --mpi</c>: what is asked of ranks, and what they cannot do.</summary>
internal static class RankOptions
{
    private const string Mpi = "--mpi", Silence = "--mpi-patience";
    private const int Shards = 8;

    /// <summary>Whether a command is to run as ranks. They join before anything is read, so that each error is said once.</summary>
    internal static bool IsAsked(string[] args) => args is ["train" or "sweep", ..] && args.Any(arg => arg is Mpi or $"{Mpi}=true");

    /// <summary>How long a rank may be silent, as it was typed; null: the usual time, and where it was typed wrongly, which is told later.</summary>
    internal static TimeSpan? Patience(string[] args)
    {
        int at = Array.FindLastIndex(args, arg => arg == Silence || arg.StartsWith(Silence + "=", StringComparison.Ordinal));
        string? text = at < 0 ? null : args[at].Length > Silence.Length ? args[at][(Silence.Length + 1)..] : args.ElementAtOrDefault(at + 1);
        return text is null ? null : Duration.Parse(text);
    }

    /// <summary>Adds the options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="help">What ranks do in it.</param>
    internal static void AddTo(Command command, string help)
    {
        command.Add(Opt.Bool(Mpi, help));
        command.Add(Opt.Time(Silence, "with --mpi: after how long without a sign of life a rank counts as lost (default 3s)"));
    }

    /// <summary>Refuses what came too late, from a file of options, and says so where a launcher started ranks that do not join.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="ranks">The ranks; null: this process alone.</param>
    /// <param name="own">What each process does by itself: <c>trains a model</c>.</param>
    /// <param name="note">Receives the note.</param>
    /// <exception cref="UserErrorException">Ranks were asked for, and there are none.</exception>
    internal static void RequireJoined(ParseResult parsed, RankSession? ranks, string own, Action<string> note)
    {
        if (ranks is null && Launcher.Find() is { Size: > 1 } launcher)
            note(string.Create(CultureInfo.InvariantCulture, $"note: {launcher.Name} started {launcher.Size} processes, of which this is number "
                + $"{launcher.Rank}, and without {Mpi} each {own} of its own."));
        if (ranks is null && parsed.GetValue<bool>(Mpi))
            throw new UserErrorException($"{Mpi}: expected on the command line, because ranks join before a file of options is read; type it.");
        if (ranks is null && parsed.GetResult(Silence) is not null)
            throw new UserErrorException($"{Silence}: it is for ranks, and this is one process; add {Mpi}, or leave it out.");
    }

    /// <summary>The defaults of a task, of ranks with as many shards as let a few ranks join or leave.</summary>
    internal static TaskOptions Over(RankSession? ranks, TaskOptions defaults) => ranks is null ? defaults : defaults with { Shards = Shards };

    /// <summary>Refuses what trains more than one model.</summary>
    /// <exception cref="UserErrorException">Names the option.</exception>
    internal static void RequireOneModel(TaskOptions options)
    {
        if (options.CrossValidate)
            throw new OptionException("cross-validate",
                $"ranks train one model together, and folds are one each; leave out {Mpi}, or train each fold "
                + "by a command of its own with fold.");
        if (options.Members > 1)
            throw new OptionException("members", $"ranks train one model together; leave out {Mpi}, or train each member by a command of its own and "
                + "put them together by unroll combine.");
        RequireFiles(options);
    }

    /// <summary>Refuses data that one rank alone has.</summary>
    /// <exception cref="UserErrorException">Names the option.</exception>
    internal static void RequireFiles(TaskOptions options)
    {
        if (options.Data.Contains(DataFiles.StandardInput))
            throw new OptionException("data", "standard input reaches one rank only; name a file that every rank can read.");
    }

    /// <summary>Before the first step: options and data are equal everywhere, and every rank has its log. A refused new run leaves nothing
    /// behind.</summary>
    /// <exception cref="UserErrorException">On every rank, with the same words.</exception>
    internal static void Begin(RankSession? ranks, string options, ITaskRun run, RunDirectory? folder, bool isNew)
    {
        if (ranks is null) return;
        try
        {
            ranks.RequireEqual(options, run.Loop.Data);
            ranks.OpenLog(folder?.Root, run.Threads.Threads);
        }
        catch (UserErrorException) when (isNew && folder is not null)
        {
            Directory.Delete(folder.Root, recursive: true);
            throw;
        }
    }

    /// <summary>A terminal without a moving bar: the launcher passes on what ranks write as text.</summary>
    internal static Terminal Plain() => new(Console.OpenStandardInput, Console.Out, Console.Error, Live: false)
    {
        OnScreen = !Console.IsOutputRedirected,
    };
}
