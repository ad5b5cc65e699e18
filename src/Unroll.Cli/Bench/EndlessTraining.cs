using System.Collections;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Cli.Bench;

/// <summary>The library's <see cref="Trainer{TBatch}"/> with clipping at 5 and Adam, on the same few batches forever: a call is a step.</summary>
/// <typeparam name="TBatch">What a step learns from.</typeparam>
internal sealed class EndlessTraining<TBatch> : IDisposable
{
    private readonly IEnumerator<TrainingStep> _steps;

    /// <summary>Prepares the steps.</summary>
    /// <param name="objective">What is trained.</param>
    /// <param name="batches">Taken in turn.</param>
    /// <param name="rate">η.</param>
    /// <param name="team">The threads.</param>
    internal EndlessTraining(IObjective<TBatch> objective, IReadOnlyList<TBatch> batches, float rate, ThreadTeam team)
    {
        TrainerOptions options = new() { Schedule = new ConstantSchedule { Rate = rate }, Clipping = new Clipping { Limit = 5 } };
        Trainer<TBatch> trainer = new(objective, new AdamOptions().Create(objective.Parameters.Length), options, team);
        _steps = trainer.Run(new Cycle(batches), default, default, new Rng(7)).GetEnumerator();
    }

    /// <summary>The mean loss of the last step.</summary>
    internal double Loss => _steps.Current.Loss;

    internal void Step() => _steps.MoveNext();

    public void Dispose() => _steps.Dispose();

    private sealed class Cycle(IReadOnlyList<TBatch> batches) : IReadOnlyList<TBatch>
    {
        public TBatch this[int index] => batches[index % batches.Count];

        public int Count => int.MaxValue;

        public IEnumerator<TBatch> GetEnumerator() => batches.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
