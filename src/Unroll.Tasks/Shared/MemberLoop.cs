using System.Globalization;
using Unroll.Core;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Tasks.Shared;

/// <summary>
/// The loop of a run that trains several members: the loop of each in a folder of its own, <c>members/1</c>, <c>members/2</c> … in the run's, with
/// the checkpoints and metrics that it would have alone. Small networks, and as many of any size as there are cores, are trained side by side, each
/// by one thread; else one after the other by the whole team. Neither changes a bit: each member is what a run of its seed alone would be.
/// </summary>
public sealed class MemberLoop : ITrainingLoop
{
    // Below, a pass is over before its shares are handed out; above, several at once would not fit into memory where one does.
    private const int SmallWeights = 200_000, LargeWeights = 20_000_000;
    private readonly ITrainingLoop[] _loops;
    private readonly RunDirectory? _folder;
    private readonly TimeSpan? _limit;
    private readonly bool _first;                                        // of ranks that train together
    private readonly Action<string> _note;
    private readonly Action<string> _save;
    private readonly int _workers, _beside;
    private readonly TrainingState[] _states;
    private MemberThreads? _running;
    private IDisposable? _held;
    private long _began;

    private MemberLoop(int members, RunSettings settings, int workers, Action<string> save)
    {
        (_folder, _limit, _note, _save) = (settings.Folder?.Invoke(), settings.TimeLimit, settings.Note ?? (_ => { }), save);
        _first = settings.Ranks is null or { Rank: 0 };
        // One that is left over after the others is trained by the whole team. Ranks wait for each other, so that they go through members in order.
        if (settings.Ranks is { Size: > 1 }) workers = 1;
        (_workers, _beside) = (workers, workers == 1 ? 0 : members % workers == 1 ? members - 1 : members);
        (_loops, _states) = (new ITrainingLoop[members], new TrainingState[members]);
    }

    /// <summary>The loop of a run: of one member its own, of several all of theirs.</summary>
    /// <param name="members">The members with their first weights, in order; their options are those of <see cref="Ensemble.Options"/>.</param>
    /// <param name="settings">Those of the run.</param>
    /// <param name="threads">The threads of the run.</param>
    /// <param name="table">The task's options, for the folder of each member.</param>
    /// <param name="loop">Makes the loop of member 0, 1 …, with the threads, folder, time limit and notes of its own settings.</param>
    /// <param name="save">Writes the model of all members as a file.</param>
    /// <exception cref="UserErrorException">The file system reported an error.</exception>
    public static ITrainingLoop Of<TModel>(IReadOnlyList<TModel> members, RunSettings settings, ThreadTeam threads, IOptionTable table,
        Func<int, RunSettings, ITrainingLoop> loop, Action<string> save) where TModel : ITaskModel
    {
        if (members.Count == 1) return loop(0, settings with { Threads = threads });
        MemberLoop all = new(members.Count, settings, WorkersFor(members.Count, members[0].Parameters.Length, threads.Threads), save);
        for (int k = 0; k < members.Count; k++)
        {
            RunDirectory? folder = all.FolderOf(k, table, members[k].Options);
            all._loops[k] = loop(k, settings with
            {
                Threads = k < all._beside ? new ThreadTeam(1) : threads, Folder = folder is null ? null : () => folder, TimeLimit = null,
                Note = line => all.Note(line),
            });
            all._states[k] = all._loops[k].State;
        }
        return all;
    }

    /// <summary>
    /// The members together: the epochs and steps of all, the mean of their best scores, the best epoch of the one with the lowest, and whether any
    /// has diverged.
    /// </summary>
    public TrainingState State
    {
        get
        {
            TrainingState best = _states.MinBy(state => state.BestScore);
            return best with
            {
                Seed = _states[0].Seed, Place = new(_states.Sum(state => state.Place.Epoch), 0, _states.Sum(state => state.Place.Step)),
                BestScore = _states.Average(state => state.BestScore), LostEpoch = _states.Any(state => state.LostEpoch),
            };
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<TrainingState> States => [.. _states];

    /// <inheritdoc/>
    public TrainingOutcome Outcome { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<DataPart> Data => _loops[0].Data;

    /// <summary>Resumes each member where it was stopped; see <see cref="TrainingLoop{TBatch}.Resume"/>.</summary>
    public void Resume()
    {
        if (_folder is null && _first) throw new UserErrorException("there is nothing to resume: the run writes no checkpoints; give it a name.");
        _held ??= _folder?.Hold();
        try
        {
            for (int k = 0; k < _loops.Length; k++)
            {
                _loops[k].Resume();
                _states[k] = _loops[k].State;
            }
        }
        catch
        {
            _held?.Dispose();
            _held = null;
            throw;
        }
    }

    /// <summary>
    /// Trains all members and reports their steps and epochs as they come, a member's in its order: it goes on only when the caller asks for what
    /// comes next. A time limit is shared out: each member has its part of it. At the end every member has its best weights, and the model file of
    /// all is written.
    /// </summary>
    /// <param name="stop">Asks the run to end after the steps under way.</param>
    /// <exception cref="UserErrorException">As a loop of one; the message says which member.</exception>
    public IEnumerable<TrainingProgress> Run(CancellationToken stop = default)
    {
        using IDisposable? held = _held ?? _folder?.Hold();
        _held = null;
        (Outcome, _began) = (TrainingOutcome.Unfinished, Environment.TickCount64);
        if (_beside > 0)
            foreach (TrainingProgress one in SideBySide(stop)) yield return one;
        for (int k = _beside; k < _loops.Length; k++)
            foreach (TrainingProgress one in RunOne(k, stop))
            {
                _states[k] = _loops[k].State;
                yield return one;
            }
        End(stop);
    }

    /// <summary>The folders that loops of a run write into: its own, or one of each member.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="members">How many members it trains.</param>
    public static IReadOnlyList<string> FoldersOf(string run, int members) => members == 1 ? [run]
        : [.. Enumerable.Range(1, members).Select(k => Path.Combine(run, "members", k.ToString(CultureInfo.InvariantCulture)))];

    private void End(CancellationToken stop)
    {
        for (int k = 0; k < _loops.Length; k++) _states[k] = _loops[k].State;
        Outcome = _loops.All(loop => loop.Outcome == TrainingOutcome.StoppedEarly) ? TrainingOutcome.StoppedEarly
            : _loops.All(loop => loop.Outcome is TrainingOutcome.Finished or TrainingOutcome.StoppedEarly) ? TrainingOutcome.Finished
            : stop.IsCancellationRequested ? TrainingOutcome.Interrupted : TrainingOutcome.TimeLimit;
        int[] untrained = [.. Enumerable.Range(1, _loops.Length).Where(k => !_states[k - 1].HasBest)];
        if (untrained.Length > 0)
            _note($"note: {(untrained.Length == 1 ? "member" : "members")} {string.Join(", ", untrained)} of {_loops.Length} did not complete an " +
                "epoch, so that the model is not to be relied on; resume the run.");
        if (_folder is not null) _save(_folder.Model);
    }

    private IEnumerable<TrainingProgress> SideBySide(CancellationToken stop)
    {
        using MemberThreads threads = new(_loops[.._beside], _workers, (k, leave) => RunOne(k, stop, leave));
        _running = threads;
        foreach (MemberEvent one in threads.Events())
        {
            if (one.Note is { } line)
            {
                _note(line);
                continue;
            }
            _states[one.Member] = one.State;
            yield return one.Progress;
        }
        _running = null;
    }

    // A member's steps, with its number; after its part of the time it is stopped as if by a user.
    private IEnumerable<TrainingProgress> RunOne(int k, CancellationToken stop, CancellationToken leave = default)
    {
        if (stop.IsCancellationRequested || leave.IsCancellationRequested) yield break;
        using CancellationTokenSource own = CancellationTokenSource.CreateLinkedTokenSource(stop, leave);
        if (_limit is { } limit) own.CancelAfter(ShareOf(k, limit));
        using IEnumerator<TrainingProgress> steps = _loops[k].Run(own.Token).GetEnumerator();
        while (Next(steps, k)) yield return steps.Current with { Member = k + 1 };
    }

    private static bool Next(IEnumerator<TrainingProgress> steps, int k)
    {
        try
        {
            return steps.MoveNext();
        }
        catch (UserErrorException e)
        {
            throw new UserErrorException(string.Create(CultureInfo.InvariantCulture, $"member {k + 1}: {e.Message}"), e);
        }
    }

    private TimeSpan ShareOf(int k, TimeSpan limit)
    {
        TimeSpan left = limit - TimeSpan.FromMilliseconds(Environment.TickCount64 - _began);
        int rounds = k >= _beside ? _loops.Length - k : (_beside - k + _workers - 1) / _workers + (_loops.Length - _beside);
        return TimeSpan.FromSeconds(Math.Clamp(left.TotalSeconds / rounds, 0, int.MaxValue / 1000));
    }

    private void Note(string line)
    {
        if (_running is { } threads && threads.IsMember) threads.Note(line);
        else _note(line);
    }

    private RunDirectory? FolderOf(int k, IOptionTable table, TaskOptions options)
    {
        if (_folder is null) return null;
        string parent = Path.Combine(_folder.Root, "members"), name = (k + 1).ToString(CultureInfo.InvariantCulture);
        bool isNew = Folder.IsEmpty(Path.Combine(parent, name));
        return isNew ? RunDirectory.Create(parent, name, table.ToJson(options)) : RunDirectory.Open(parent, name);
    }

    private static int WorkersFor(int members, int weights, int threads) =>
        weights <= SmallWeights || (members >= threads && weights <= LargeWeights) ? Math.Min(members, threads) : 1;
}
