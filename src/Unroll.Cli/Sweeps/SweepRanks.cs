using System.CommandLine;
using Unroll.Cli.Ranks;
using Unroll.Core;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Sweeps;
using Unroll.Training;

namespace Unroll.Cli.Sweeps;

/// <summary>A sweep whose trials are dealt to ranks: <c>mpirun -n N unroll sweep train TASK … --mpi</c>.</summary>
/// <param name="ranks">The ranks.</param>
/// <param name="threads">The threads of each trial.</param>
internal sealed class SweepRanks(RankSession ranks, int threads)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly TrialRanks _trials = new(ranks.All, threads, ranks.AtTrial);

    /// <summary>Whether another rank than the first was asked to stop.</summary>
    internal bool OthersAsked => _trials.OthersAsked;

    /// <summary>Refuses what each rank does not have for itself.</summary>
    /// <exception cref="UserErrorException">Names the option.</exception>
    internal static void Require(TaskOptions options, ParseResult parsed, Option jobs)
    {
        if (parsed.GetResult(jobs) is not null)
            throw new UserErrorException($"{jobs.Name}: each rank has one trial at a time; start as many ranks as there are to be trials at once, or "
                + "leave it out.");
        RankOptions.RequireFiles(options);
    }

    /// <summary>Before the first trial: options, data and folder are the same for all, and every rank has its log.</summary>
    /// <param name="sweep">The sweep; of the others than the first one its folder is the one that <paramref name="open"/> opens.</param>
    /// <param name="from">The model to train on; null: none.</param>
    /// <param name="open">Opens the first rank's folder on the others.</param>
    /// <param name="isNew">Whether the sweep begins, so that one that is refused leaves nothing behind.</param>
    /// <exception cref="UserErrorException">On every rank, with the same words.</exception>
    internal void Begin(Sweep sweep, ITaskModel? from, Action<string> open, bool isNew)
    {
        ranks.RequireEqual($"{Sweep.ConfigOf(sweep.Plan)}\n{(from is null ? "" : $"the model of from: {from.WeightsSha256}")}", sweep.Data);
        string? own = ranks.IsFirst ? sweep.Folder.Root : null;
        try
        {
            open(SharedFolder.Require(ranks.All, own, s_patience));
            ranks.OpenLog(own is null ? null : Path.GetFullPath(own), threads);
        }
        catch (UserErrorException) when (isNew && own is not null)
        {
            Directory.Delete(own, recursive: true);
            throw;
        }
    }

    /// <summary>On the first rank: shows a sweep whose trials are dealt, and ends the others with it.</summary>
    /// <param name="show">Runs the sweep.</param>
    /// <param name="interrupted">Asked at the end: whether it was stopped before.</param>
    internal void Deal(Action<ITrialDealer> show, Func<bool> interrupted)
    {
        try
        {
            show(_trials);
        }
        catch (UserErrorException e)
        {
            _trials.Fail($"{(e is OptionException { Option: var option } ? "--" : "")}{e.Message}");
            throw;
        }
        _trials.End(interrupted());
    }

    /// <summary>On every other rank: trains what the first one deals.</summary>
    internal int Serve(Sweep sweep, Interruption stop)
    {
        using (stop.Saving())
            return _trials.Serve(sweep.Train, stop.Token) ? stop.ExitCode : CommandLine.Done;
    }
}
