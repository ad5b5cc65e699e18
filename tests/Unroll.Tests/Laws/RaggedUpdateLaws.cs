using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Formats;
using Unroll.Tests.Training;
using Unroll.Training;

namespace Unroll.Tests.Laws;

/// <summary>
/// Truncated backpropagation through batches of unlike lengths that go on from each other: what is carried belongs to the sequence, whichever shard
/// and rank have it.
/// </summary>
public sealed class RaggedUpdateLaws : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static TrainingOptions Options => new() { Epochs = 3, Step = new() { Shards = 4 }, Optimizer = new AdamWOptions() };

    [Theory, InlineData(2, 2), InlineData(2, 3), InlineData(2, 5), InlineData(1, 4), InlineData(3, 9)]
    public void Weights_and_what_is_carried_do_not_depend_on_ranks_and_threads(int k1, int k2)
    {
        string alone = Finish(k1, k2, LayerCases.One, null, null);
        foreach (int size in (int[])[2, 3, 4])
            Assert.Equal(Enumerable.Repeat(alone, size), ThreadRanks.Run(size, ranks =>
            {
                using ThreadTeam two = new(ranks.Rank % 2 + 1) { SmallestShare = 0 };
                return Finish(k1, k2, two, null, ranks);
            }));
    }

    // In the middle of a batch some sequences have ended and others have not.
    [Theory, InlineData(2, 5, 1), InlineData(2, 5, 2), InlineData(2, 5, 5), InlineData(1, 4, 3), InlineData(3, 9, 2), InlineData(2, 3, 9)]
    public void Stopped_inside_a_batch_it_goes_on_with_other_ranks_to_the_same_bits(int k1, int k2, int stopped)
    {
        string alone = Finish(k1, k2, LayerCases.One, null, null);
        RunDirectory run = RunDirectory.Create(_folder.Path, "run", "{}");
        string[] ended = [];
        foreach ((int size, int steps) in new[] { (3, stopped), (1, stopped + 4), (4, int.MaxValue) })
            ended = ThreadRanks.Run(size, ranks => Finish(k1, k2, LayerCases.One, ranks.Rank == 0 ? run : null, ranks, steps, resume: true));
        Assert.Equal(Enumerable.Repeat(alone, 4), ended);
    }

    // A sequence that has ended waits for the next batch in the state of its last step, though a gradient of the others still goes back to its first.
    [Fact]
    public void A_sequence_that_has_ended_is_not_read_a_second_time()
    {
        RaggedTask whole = new(2, 9), dealt = new(2, 9);
        float[] First(RaggedTask task, int shards)
        {
            Trainer<TruncatedUpdate> trainer = new(task, new SgdOptions().Create(task.Parameters.Length), new TrainerOptions
            {
                Schedule = new ConstantSchedule { Rate = 1e-30f }, Shards = shards,                    // the same weights all along
            }, LayerCases.One);
            foreach (TrainingStep _ in trainer.Run(task.Batches(0, new Rng(1)), default, default, new Rng(1))) { }
            return task.CarriedState[0].Values.ToArray();
        }
        Assert.Equal(First(whole, 1), First(dealt, 4));
    }

    // A shard of sequences that have no step in a batch begins the next one as if there had been none; and so does one that had a state before.
    public static TheoryData<int[][], bool[]> WithoutSteps => new()
    {
        { [[0, 9, 9, 9, 9], [1, 1, 9, 1, 1]], [false, true] },
        { [[9, 9, 9, 9, 9], [0, 9, 9, 9, 9], [1, 1, 9, 1, 1]], [false, false, true] },
        { [[9, 9, 9, 9, 9], [9, 9, 9, 9, 0], [1, 1, 9, 1, 1]], [false, false, true] },
        { [[9, 9, 9, 9, 9], [0, 0, 9, 9, 9], [4, 4, 4, 4, 4]], [false, true, true] },
    };

    [Theory, MemberData(nameof(WithoutSteps))]
    public void Sequences_without_steps_begin_and_go_on_like_others(int[][] lengths, bool[] continues)
    {
        float[][] Carried(int shards)
        {
            RaggedTask task = new(2, 5);
            Trainer<TruncatedUpdate> trainer = new(task, new SgdOptions().Create(task.Parameters.Length), new TrainerOptions
            {
                Schedule = new ConstantSchedule { Rate = 1e-30f }, Shards = shards,                    // the same weights all along
            }, LayerCases.One);
            List<float[]> all = [];
            for (int b = 0; b < lengths.Length; b++)
            {
                foreach (TrainingStep _ in trainer.Run(task.Updates(lengths[b], b, continues[b]), default, default, new Rng(1))) { }
                all.Add(task.CarriedState[0].Values.ToArray());
            }
            return [.. all];
        }
        float[][] whole = Carried(1);
        foreach (int shards in (int[])[2, 4, 8]) Assert.Equal(whole, Carried(shards));
    }

    private static string Finish(int k1, int k2, ThreadTeam threads, RunDirectory? run, ICollective? ranks, int steps = int.MaxValue,
        bool resume = false)
    {
        RaggedTask task = new(k1, k2);
        TrainingLoop<TruncatedUpdate> loop = new(task, Options, threads, run, null, ranks);
        if (resume) loop.Resume();
        using CancellationTokenSource stop = new();
        int done = (int)loop.State.Place.Step;
        if (done >= steps) stop.Cancel();
        foreach (TrainingProgress progress in loop.Run(stop.Token))
            if (progress.Step is not null && ++done == steps) stop.Cancel();
        return WeightsHash.Compute(task.Parameters);
    }

    /// <summary>Two batches of the same five sequences, of which the second goes on where the first ended, with other lengths.</summary>
    private sealed class RaggedTask : ITrainingTask<TruncatedUpdate>
    {
        private const int Features = 3;
        private static readonly int[][] s_lengths = [[9, 1, 7, 2, 4], [2, 8, 3, 11, 5]];
        private static readonly Rng s_draws = new(33);
        private readonly TruncatedBptt _updates;
        private readonly Network _network;

        internal RaggedTask(int k1, int k2)
        {
            _network = Network.Build(new(Features, [new RecurrentSpec { Name = "core", Hidden = 5, Cell = new() { Kind = "lstm" } },
                new DenseSpec { Name = "head", Outputs = Features }]));
            using (Edit edit = _network.Parameters.Edit())
                for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.8f * (s_draws.For("weights").Uniform((ulong)i) - 0.5f);
            _updates = new TruncatedBptt(_network, new SquaredError(), k1, k2, s_lengths[0].Length);
        }

        public ParameterStore Parameters => _network.Parameters;
        public string Model => _network.Spec.ToJson();
        public string Notes => "{}";
        public IReadOnlyList<NamedFloats> CarriedState => _updates.CarriedState;
        public Validation? Validate(in Pass pass) => null;
        public void Save(string path) => ModelFile.Save(path, _network.Spec, Notes, Parameters);
        public IReadOnlyList<int> LengthsOf(TruncatedUpdate batch) => _updates.LengthsOf(batch);
        public bool SumsByShard(TruncatedUpdate batch) => _updates.SumsByShard(batch);
        public TruncatedUpdate Part(TruncatedUpdate batch, IReadOnlyList<int> sequences) => _updates.Part(batch, sequences);
        public LossSum Accumulate(TruncatedUpdate batch, in Pass pass) => _updates.Accumulate(batch, pass);

        public IReadOnlyList<TruncatedUpdate> Batches(int epoch, Rng random) =>
            [.. s_lengths.SelectMany((lengths, b) => Updates(lengths, b, continues: b > 0))];

        internal IReadOnlyList<TruncatedUpdate> Updates(int[] lengths, int b, bool continues) =>
            _updates.UpdatesOf(Drawn(lengths, 2 * b), Targets.Of(Drawn(lengths, 2 * b + 1)), continues);

        private static SequenceBatch Drawn(int[] lengths, int which) => SequenceBatch.FromSequences(Features, [.. lengths.Select((length, s) =>
            Enumerable.Range(0, length * Features).Select(i => s_draws.For("data").At((ulong)(10 * which + s)).Uniform((ulong)i) - 0.5f).ToArray())]);
    }
}
