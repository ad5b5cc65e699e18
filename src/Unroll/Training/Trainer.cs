using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Training;

/// <summary>The settings of the steps of a <see cref="Trainer{TBatch}"/>.</summary>
public sealed record TrainerOptions
{
    /// <summary>The learning rate.</summary>
    public Schedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>The limit of the gradients.</summary>
    public Clipping Clipping { get; init; } = Clipping.None;

    /// <summary>What to do about NaN and infinity.</summary>
    public NonFinitePolicy NonFinite { get; init; } = NonFinitePolicy.Stop;

    /// <summary>
    /// S: to how many shards every batch is dealt, whose gradients are added along a fixed tree, so that any number of ranks up to S trains to the
    /// same bits; a power of two from 1 to 4096. 1: the batch is not dealt, and one rank trains alone. Other numbers round in other places.
    /// </summary>
    public int Shards
    {
        get;
        init => field = int.IsPow2(Range.AtLeast(1, value, "shards")) && value <= MostShards ? value
            : throw new UserErrorException($"shards: expected a power of two up to {MostShards} because sums are taken in pairs, got {value}.");
    } = 1;

    private const int MostShards = 4096;

    /// <summary>
    /// How passes over long sequences save memory by computing gates a second time (<see cref="Pass.Recomputation"/>); null: every gate is kept. The
    /// weights have the same bits, so that a run may go on with another choice.
    /// </summary>
    public Recomputation? Recomputation { get; init; }
}

//  loss = Σ over all ranks and shards, divided by the count once: exact however unevenly rows are dealt

/// <summary>The training step: sums first, one division, then clip and step. The enumerating caller prints, saves and stops.</summary>
/// <typeparam name="TBatch">What one step learns from.</typeparam>
/// <param name="objective">The weights and their loss.</param>
/// <param name="optimizer">Made for as many weights.</param>
/// <param name="options">Rate, limit, faults.</param>
/// <param name="threads">The threads.</param>
/// <param name="ranks">The ranks that train together, at most as many as there are shards; null: only this process.</param>
public sealed class Trainer<TBatch>(
    IObjective<TBatch> objective, Optimizer optimizer, TrainerOptions options, ThreadTeam threads, ICollective? ranks = null)
{
    private readonly ShardedStep<TBatch>? _sharded = options.Shards == 1 && ranks is null or { Size: 1 } ? null
        : new ShardedStep<TBatch>(objective, options.Shards, ranks ?? new SingleRank());
    private readonly GradientNorm _norm = new();
    private readonly GradientClearing _clearing = new();

    /// <summary>Where the passes' buffers come from; reset at the beginning of every step, so that others may use it between steps.</summary>
    public Workspace Workspace { get; } = new();

    /// <summary>The deal of batches to shards and ranks; null: there is one of each.</summary>
    internal ShardedStep<TBatch>? Sharded => _sharded;

    /// <summary>Multiplies the schedule's rate; 1 unless a fault has lowered it.</summary>
    public float RateScale { get; set; } = 1;

    /// <summary>
    /// Takes one optimizer step per batch and reports each. A batch without anything to learn from is passed over and not reported.
    /// Once warmed up, a step allocates nothing of its own. Gradients are read twice, for their norm and for the update, and are divided and clipped
    /// on the way: between steps the store has them as the backward passes added them up (limits of tensors or values apart overwrite them).
    /// </summary>
    /// <param name="batches">All batches of the epoch; the first <c>from.Batch</c> are done already.</param>
    /// <param name="from">The first batch to take.</param>
    /// <param name="plateau">What the schedule has made of the scores so far.</param>
    /// <param name="random">The run's generator for steps: a step's draws are a function of it and of the step's number.</param>
    /// <exception cref="UserErrorException">A loss or gradient is not finite, and the policy is to stop.</exception>
    public IEnumerable<TrainingStep> Run(IReadOnlyList<TBatch> batches, TrainingPlace from, PlateauState plateau, Rng random)
    {
        ParameterStore parameters = objective.Parameters;
        long step = from.Step;
        for (int i = from.Batch; i < batches.Count; i++)
        {
            TrainingPlace place = new(from.Epoch, i, step);
            Pass pass = new(Workspace, threads, random.At((ulong)step), Training: true) { Recomputation = options.Recomputation };
            float rate = Rate(new(place.Epoch, place.Epoch + (i + 1.0) / batches.Count, plateau));

            Workspace.Reset();
            _clearing.Clear(parameters, threads);
            LossSum loss = _sharded is null ? objective.Accumulate(batches[i], pass)
                : _sharded.Accumulate(batches[i], step, pass, _clearing);
            if (loss.Count == 0) continue;                               // nothing to learn from, and no division by zero
            GradientScale scale = options.Clipping.Measure(parameters, 1f / loss.Count, _norm, threads, out ClipResult gradients);
            string? fault = FaultOf(place, loss, gradients.Norm, batches[i], pass);
            if (fault is null) optimizer.Step(parameters, rate, threads, scale);
            else if (options.NonFinite == NonFinitePolicy.Stop) throw new DivergedException($"{fault}; {Advice}");
            step++;
            yield return new TrainingStep(place, loss, gradients.Norm, gradients.Clipped, rate, fault);
        }
    }

    /// <summary>η of the last step of an epoch.</summary>
    internal float RateOf(int epoch, PlateauState plateau) => Rate(new(epoch, epoch + 1, plateau));

    internal const string Advice = "lower the learning rate, limit the gradients, or look at the data for extreme values.";

    private float Rate(in SchedulePoint at) => RateScale * options.Schedule.LearningRate(at);

    private string? FaultOf(TrainingPlace place, LossSum loss, double norm, TBatch batch, in Pass pass)
    {
        if (double.IsFinite(loss.Sum) && double.IsFinite(norm)) return null;
        string? where = _sharded is null ? objective.LocateNonFinite(batch, pass) : _sharded.WhereNotFinite();
        return double.IsFinite(loss.Sum)
            ? Fault.OfGradient(place, objective.Parameters, objective.GatesOf, where)
            : Fault.OfLoss(place, loss.Sum, where);
    }
}
