using System.Collections;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.RankTimes;

/// <summary>
/// A training step of one LSTM of as many inputs as units, with Adam and clipping, on some sequences of 50 steps; a call is a step.
/// </summary>
internal sealed class StepWork : IDisposable
{
    internal const int Steps = 50, Sequences = 32, Shards = 8;
    private readonly ThreadTeam _team = new(1);
    private readonly IEnumerator<TrainingStep> _steps;

    /// <summary>Prepares steps.</summary>
    /// <param name="hidden">H.</param>
    /// <param name="shards">Of four sequences each.</param>
    /// <param name="ranks">Who trains together; null: this process alone.</param>
    /// <param name="passes">Whether there are forward and backward passes; without them a step is what it does for all weights.</param>
    internal StepWork(int hidden, int shards, ICollective? ranks, bool passes = true)
    {
        Network network = Network.Build(new NetworkSpec(hidden, [new RecurrentSpec
        {
            Name = "lstm", Cell = new CellOptions { Kind = "lstm" }, Hidden = hidden,
        }]));
        Initialization.Apply(network, new InitializationOptions(), new Rng(1));
        Weights = network.Parameters.Length;
        TrainerOptions options = new() { Schedule = new ConstantSchedule { Rate = 1e-6f }, Clipping = new Clipping { Limit = 5 }, Shards = shards };
        Trainer<int[]> trainer = new(new Squares(network, hidden, passes), new AdamOptions().Create(Weights), options, _team, ranks);
        int[] batch = [.. Enumerable.Range(0, shards * Sequences / Shards)];
        _steps = trainer.Run(new Endless(batch), default, PlateauState.Start, new Rng(7)).GetEnumerator();
    }

    /// <summary>Weights of the network.</summary>
    internal int Weights { get; }

    internal void Step() => _steps.MoveNext();

    public void Dispose()
    {
        _steps.Dispose();
        _team.Dispose();
    }

    //  L = Σ y²        δy = 2 y
    private sealed class Squares(Network network, int features, bool passes) : IObjective<int[]>
    {
        private readonly Dictionary<int, SequenceBatch> _made = [];      // by the first sequence and how many

        public ParameterStore Parameters => network.Parameters;

        public IReadOnlyList<int> LengthsOf(int[] batch) => [.. Enumerable.Repeat(Steps, batch.Length)];

        public int[] Part(int[] batch, IReadOnlyList<int> sequences) => [.. sequences.Select(one => batch[one])];

        public LossSum Accumulate(int[] batch, in Pass pass)
        {
            if (!passes) return new LossSum(1, 1);
            Cache cache = network.Forward(BatchOf(batch), null, pass);
            SequenceBatch dy = pass.Workspace.Rent(cache.Output.Layout, cache.Output.Features);
            cache.Output.All.CopyTo(dy.All);
            Elementwise.Scale(dy.All, 2);
            LossSum loss = new(Reduce.SumSquares(cache.Output.All), cache.Output.All.Length);
            network.Backward(dy, cache, pass);
            return loss;
        }

        private SequenceBatch BatchOf(int[] batch)
        {
            int key = 1000 * batch[0] + batch.Length;
            if (_made.TryGetValue(key, out SequenceBatch made)) return made;
            Rng random = new(3);
            float[][] sequences = [.. batch.Select(one => Enumerable.Range(0, Steps * features).Select(at =>
                (float)random.At((ulong)one).Uniform((ulong)at) - 0.5f).ToArray())];
            return _made[key] = SequenceBatch.FromSequences(features, sequences);
        }
    }

    private sealed class Endless(int[] batch) : IReadOnlyList<int[]>
    {
        public int[] this[int index] => batch;

        public int Count => int.MaxValue;

        public IEnumerator<int[]> GetEnumerator() => throw new NotSupportedException();

        IEnumerator IEnumerable.GetEnumerator() => throw new NotSupportedException();
    }
}
