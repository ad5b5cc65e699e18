using Unroll.Core;
using Unroll.Files;
using Unroll.Formats;
using Unroll.Numerics;

namespace Unroll.Training;

/// <summary>
/// Trains a task: epochs, validation, metrics, checkpoints, early stopping, resuming. Everything is a function of the seed, the place in the
/// data and what a checkpoint holds, so that a run that was stopped anywhere and resumed ends with exactly the bits of one that was not.
/// </summary>
/// <typeparam name="TBatch">What one step learns from.</typeparam>
public sealed class TrainingLoop<TBatch> : ITrainingLoop
{
    private const int MaxReturns = 5;
    private readonly ITrainingTask<TBatch> _task;
    private readonly TrainingOptions _options;
    private readonly ThreadTeam _threads;
    private readonly Action<string> _warn;
    private readonly Optimizer _optimizer;
    private readonly Trainer<TBatch> _trainer;
    private readonly RunDirectory? _run;
    private readonly CheckpointFolder? _checkpoints;
    private readonly float[] _best;
    private readonly WeightAverage? _average;
    private readonly Rng _random;
    private readonly ICollective _ranks;
    private RankWishes _agreed;
    private long _lastSave, _began;
    private IDisposable? _held;

    /// <summary>Prepares a run from its beginning; see <see cref="Resume"/> to resume one.</summary>
    /// <param name="task">What is trained; its weights are initialized.</param>
    /// <param name="options">How.</param>
    /// <param name="threads">The threads; their number changes no bit.</param>
    /// <param name="run">Where checkpoints, metrics and models go; null: nothing is written. Of several ranks the first alone has one.</param>
    /// <param name="warn">Receives lines for the user; null: they are dropped.</param>
    /// <param name="ranks">
    /// The processes that train together: each runs this loop with an equal task, and all end with the same weights. At most as many as there are
    /// <see cref="TrainerOptions.Shards"/>; null: this process alone.
    /// </param>
    /// <exception cref="UserErrorException">
    /// The file system reported an error, a policy needs a run directory and there is none, or there are more ranks than shards.
    /// </exception>
    public TrainingLoop(ITrainingTask<TBatch> task, TrainingOptions options, ThreadTeam threads, RunDirectory? run = null,
        Action<string>? warn = null, ICollective? ranks = null)
    {
        bool returns = options.Step.NonFinite == NonFinitePolicy.RestoreLastCheckpoint;
        _ranks = ranks ?? new SingleRank();
        if (returns && run is null && _ranks.Rank == 0)
            throw new UserErrorException("going back to a checkpoint needs a run that writes checkpoints: give the run a name.");
        (_task, _options, _threads, _run, _warn) = (task, options, threads, run, warn ?? (_ => { }));
        _optimizer = options.Optimizer.Create(task.Parameters.Length);
        _trainer = new Trainer<TBatch>(task, _optimizer, options.Step, threads, ranks);
        _checkpoints = run is null ? null : new CheckpointFolder(run.Checkpoints) { KeepEpochStart = returns };
        _best = new float[task.Parameters.Length];
        _average = options.Averaging is { } averaging ? new WeightAverage(averaging, task.Parameters.Length) : null;
        _random = new Rng(options.Seed);
        State = TrainingState.Start(options.Seed);
        if (_trainer.Sharded is not { } sharded) return;
        sharded.Agreement.Describe(
            options.Seed, task.Model, string.Join('\n', task.Data.Select(part => $"{part.Name} {part.Sha256}")), options.ToJson());
    }

    /// <summary>Where the run stands.</summary>
    public TrainingState State { get; private set; }

    /// <summary>How the run ended; <see cref="TrainingOutcome.Unfinished"/> while <see cref="Run"/> is being enumerated.</summary>
    public TrainingOutcome Outcome { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<DataPart> Data => _task.Data;

    /// <summary>Whether there are best weights: whether an epoch was completed, or the weights of the start were validated.</summary>
    public bool HasBest => State.HasBest;

    /// <summary>
    /// Resumes the run at its newest valid checkpoint, and cuts the metrics file to that place; without any checkpoint (the run
    /// ended before its first) it begins at the beginning.
    /// </summary>
    /// <exception cref="UserErrorException">
    /// There is no run directory, another process holds it, there is no valid checkpoint among those there are, or the checkpoint is of
    /// other data, or of another model, optimizer or seed.
    /// </exception>
    public void Resume()
    {
        if (_checkpoints is null && _ranks.Rank == 0)
            throw new UserErrorException("there is nothing to resume: the run writes no checkpoints; give it a name.");
        _held ??= _run?.Hold();
        try
        {
            ResumeHeld();
        }
        catch
        {
            _held?.Dispose();
            _held = null;
            throw;
        }
    }

    private void ResumeHeld()
    {
        if (ReadNewest() is not Checkpoint checkpoint) return;
        if (checkpoint.State.Seed != _options.Seed)
            throw new UserErrorException(
                $"checkpoint '{checkpoint.Path}' has seed {checkpoint.State.Seed}, expected {_options.Seed}; resume with its seed.");
        Restore(checkpoint);
        if (_run is null) return;
        int lines = TextFile.KeepLines(_run.Metrics, State.Place.Epoch);
        if (lines < State.Place.Epoch)
            _warn(
                $"'{_run.Metrics}' has {lines} lines, expected {State.Place.Epoch}: the lines of the missing epochs are lost, but the training is "
                    + $"not.");
    }

    /// <summary>
    /// Trains until the last epoch, early stopping, the time limit, or <paramref name="stop"/>, and reports every step and every epoch. At the end
    /// the task's weights are the best ones, and the model file is written. Enumerate it once; to stop early use <paramref name="stop"/>, which
    /// saves a checkpoint at exactly that step (leaving the enumeration leaves only the checkpoints that were due).
    /// </summary>
    /// <param name="stop">Asks the run to end after the step under way.</param>
    /// <exception cref="UserErrorException">
    /// Something is not finite and the policy is to stop, there are no batches, another process holds the run's folder, or the file system reported
    /// an error.
    /// </exception>
    public IEnumerable<TrainingProgress> Run(CancellationToken stop = default)
    {
        using IDisposable? held = _held ?? _run?.Hold();
        _held = null;
        (Outcome, _lastSave, _began) = (TrainingOutcome.Unfinished, Environment.TickCount64, Environment.TickCount64);
        _agreed = RankWishes.None;
        if (_trainer.Sharded is { } sharded) sharded.Wishes = () => WishesNow(stop);
        if (State.Place == default) Begin();
        while (!IsOver && !MustEnd(stop, ask: true))
        {
            int epoch = State.Place.Epoch;
            IReadOnlyList<TBatch> batches = _task.Batches(epoch, _random.For("batches").At((ulong)epoch));
            if (batches.Count == 0) throw new UserErrorException("there is nothing to train on: the training part has no batches.");
            bool returned = false;
            foreach (TrainingStep step in _trainer.Run(batches, State.Place, State.Plateau, _random.For("steps")))
            {
                returned = step.Fault is not null && MustReturn(step.Fault);
                if (returned) break;
                State = State with { Place = new(epoch, step.Place.Batch + 1, step.Index + 1), Epoch = State.Epoch.With(step) };
                if (_average is not null && step.Fault is null)
                    State = State with { Averaging = _average.AfterStep(State.Averaging, _task.Parameters.Values) };
                if (IsSaveDue()) Save();
                yield return new TrainingProgress(step, batches.Count, null);
                if (MustEnd(stop)) break;
            }
            if (returned || MustEnd(stop)) continue;
            yield return new TrainingProgress(null, batches.Count, EndEpoch());
        }
        End(!IsOver ? (Wants(stop).HasFlag(RankWishes.Stop) ? TrainingOutcome.Interrupted : TrainingOutcome.TimeLimit)
            : IsStoppedEarly ? TrainingOutcome.StoppedEarly : TrainingOutcome.Finished);
    }

    private bool MustEnd(CancellationToken stop, bool ask = false)
    {
        if (ask && _ranks.Size > 1) _trainer.Sharded!.Agree(State.Place.Step);
        return (Wants(stop) & (RankWishes.Stop | RankWishes.TimeUp)) != 0;
    }

    // One process asks whenever it likes. Several go by what they told each other last, and a wish to end stays.
    private RankWishes Wants(CancellationToken stop)
    {
        if (_ranks.Size == 1) return WishesNow(stop);
        RankWishes last = _trainer.Sharded!.Agreement.Agreed;
        _agreed = last | (_agreed & ~RankWishes.Save);
        return _agreed;
    }

    private RankWishes WishesNow(CancellationToken stop) =>
        (stop.IsCancellationRequested ? RankWishes.Stop : 0)
        | (_options.TimeLimit is { } limit && Environment.TickCount64 - _began >= limit.TotalMilliseconds ? RankWishes.TimeUp : 0)
        | (IsTimeToSave ? RankWishes.Save : 0);

    private bool IsOver => State.Place.Epoch >= _options.Epochs || IsStoppedEarly;

    private bool IsStoppedEarly => State.Place.Batch == 0 && (_options.EarlyStopping?.IsOver(State.Stopping) ?? false);

    private bool IsSaveDue() =>
        (_options.CheckpointSteps is int steps && State.Place.Step % steps == 0)
        || (_ranks.Size == 1 ? IsTimeToSave : _trainer.Sharded!.Agreement.Agreed.HasFlag(RankWishes.Save));

    private bool IsTimeToSave => _options.CheckpointSeconds is double seconds && Environment.TickCount64 - _lastSave >= seconds * 1000;

    private void Begin()
    {
        if (_run is not null) TextFile.KeepLines(_run.Metrics, 0);
        if (_options.CountsStart) CountStart();
        Save();                                                  // so that even the first epoch has somewhere to go back to
    }

    // No epoch's: the metrics file has no line of it, and the plateau schedule does not look at it.
    private void CountStart()
    {
        if (Validate(_random.For("start")) is not { Score: var score } || !double.IsFinite(score)) return;
        KeepBest();
        State = State with { BestScore = score, Stopping = _options.EarlyStopping?.Next(State.Stopping, score) ?? State.Stopping };
    }

    private Validation? Validate(Rng random)
    {
        _trainer.Workspace.Reset();
        return _task.Validate(new Pass(_trainer.Workspace, _threads, random, Training: false) { InferenceOnly = true }, _ranks);
    }

    private EpochResult EndEpoch()
    {
        int epoch = State.Place.Epoch;
        EpochSums sums = State.Epoch;
        AveragingState averaging = _average?.AfterEpoch(State.Averaging, _task.Parameters.Values) ?? State.Averaging;
        _average?.Show(averaging, _task.Parameters);
        Validation? validation = Validate(_random.For("validation").At((ulong)epoch));
        double score = validation?.Score ?? sums.Loss.Mean;
        bool best = _options.KeepLast || score < State.BestScore || !HasBest;
        RequireFinite(score, epoch);
        EpochResult result = new(epoch + 1, State.Place.Step, sums, _trainer.RateOf(epoch, State.Plateau), score, best, validation?.Metrics ?? []);
        if (best) KeepBest();
        _average?.PutBack(averaging, _task.Parameters);
        if (_run is not null) TextFile.AppendLine(_run.Metrics, result.ToJson());
        State = State with
        {
            Place = new(epoch + 1, 0, State.Place.Step),
            EpochStart = State.Place.Step,
            Epoch = default,
            LostEpoch = sums.Steps == 0,
            BestScore = _options.KeepLast ? score : Math.Min(State.BestScore, double.IsNaN(score) ? State.BestScore : score),
            BestEpoch = best ? epoch + 1 : State.BestEpoch,
            Plateau = _options.Step.Schedule.Next(State.Plateau, score),
            Averaging = _average?.AfterScore(averaging, score) ?? averaging,
            Stopping = _options.EarlyStopping?.Next(State.Stopping, score) ?? State.Stopping,
        };
        Save();
        return result;
    }

    private void RequireFinite(double score, int epoch)
    {
        if (!double.IsFinite(score) && _options.Step.NonFinite == NonFinitePolicy.Stop)
            throw new DivergedException($"epoch {epoch + 1}: the validation score is not finite; {Trainer<TBatch>.Advice}");
    }

    private void KeepBest()
    {
        _task.Parameters.Values.CopyTo(_best);
        if (_run is not null) _task.Save(_run.Best);
    }

    private void Save()
    {
        _trainer.Sharded?.Gather(_task.CarriedState);
        _checkpoints?.Write(_task, _optimizer, State, State.HasBest ? _best : default, _average?.Floats, _options.Step.Shards);
        _lastSave = Environment.TickCount64;
    }

    private void Restore(Checkpoint checkpoint)
    {
        checkpoint.Restore(_task, _optimizer, _best, _average?.Floats, _options.Step.Shards);
        State = checkpoint.State;
        _trainer.RateScale = State.RateScale;
    }

    // The first rank reads, so that the others need not see its files.
    private Checkpoint? ReadNewest(bool epochStart = false)
    {
        Checkpoint? newest = _checkpoints?.ReadNewest(_warn, epochStart);
        if (_ranks.Size == 1) return newest;
        string path = _ranks.TextFromEach(newest?.Path ?? "")[0];
        byte[] bytes = _ranks.FromFirst(newest is null ? [] : InputFile.Bytes(newest.Path, "a checkpoint"));
        return path.Length == 0 ? null : newest ?? Checkpoint.Read(new MemoryStream(bytes), path);
    }

    // The scale and the count are the only memory of a return: everything else is as the checkpoint has it.
    private bool MustReturn(string fault)
    {
        if (_options.Step.NonFinite != NonFinitePolicy.RestoreLastCheckpoint) return false;
        if (State.Returns >= MaxReturns)
            throw new DivergedException($"{fault}, after {MaxReturns} returns to a checkpoint; {Trainer<TBatch>.Advice}");
        (float scale, int returns) = (State.RateScale / 2, State.Returns + 1);
        Checkpoint checkpoint = ReadNewest(epochStart: true)!;
        Restore(checkpoint);
        _checkpoints?.DeleteAfter(State.Place.Step);
        if (_run is not null) TextFile.KeepLines(_run.Metrics, State.Place.Epoch);
        State = State with { RateScale = scale, Returns = returns };
        _trainer.RateScale = scale;
        _warn($"{fault}; going back to '{checkpoint.Path}' with {scale} of the learning rate.");
        return true;
    }

    private void End(TrainingOutcome outcome)
    {
        if (outcome is TrainingOutcome.Interrupted or TrainingOutcome.TimeLimit) Save();
        Outcome = outcome;
        if (HasBest)
            using (Edit weights = _task.Parameters.Edit()) _best.CopyTo(weights.Values);
        if (_run is not null) _task.Save(_run.Model);
    }
}
