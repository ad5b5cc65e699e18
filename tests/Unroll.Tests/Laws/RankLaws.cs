using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;
using Unroll.Tests.Formats;
using Unroll.Tests.Training;
using Unroll.Training;

namespace Unroll.Tests.Laws;

/// <summary>
/// Law 9: with S shards, any number of ranks up to S trains to the same bits; stopped and resumed with another number of ranks too.
/// </summary>
public sealed class RankLaws : IDisposable
{
    private const int Shards = 8;
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Tasks => [.. TaskList.All.Select(task => task.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Tasks))]
    public void Every_task_ends_with_the_same_weights_whatever_the_number_of_ranks(string name)
    {
        (ITask task, TaskOptions options, DataFiles files) = TaskLaws.Case(name);
        options = options with { Shards = Shards, Dropout = 0.125, Layers = 2, Batch = 11 };    // eleven sequences in eight shards
        string alone = Train(task, options, files, null);
        Assert.NotEqual(alone, Train(task, options with { Shards = 1 }, files, null));
        foreach (int size in new[] { 2, 3, 8 })
            Assert.Equal(Enumerable.Repeat(alone, size), ThreadRanks.Run(size, ranks => Train(task, options, files, ranks)));
    }

    // Wide enough that a rank's shards run in one pass: all eight, three at most, one.
    [Theory, MemberData(nameof(Tasks))]
    public void Every_task_of_many_weights_ends_with_the_same_weights_whatever_the_number_of_ranks(string name)
    {
        (ITask task, TaskOptions options, DataFiles files) = TaskLaws.Case(name);
        options = options with { Shards = Shards, Dropout = 0.125, Layers = 2, Batch = 11, Epochs = 1, Hidden = 192 };
        Assert.True(task.Begin(options, files).Model.Network.Parameters.Length > ShardDeal.FewWeights);
        string alone = Train(task, options, files, null);
        foreach (int size in new[] { 3, 8 })
            Assert.Equal(Enumerable.Repeat(alone, size), ThreadRanks.Run(size, ranks => Train(task, options, files, ranks)));
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Batches_of_fewer_sequences_than_shards_leave_shards_empty(string name)
    {
        (ITask task, TaskOptions options, DataFiles files) = TaskLaws.Case(name);
        options = options with { Shards = Shards, Batch = 3, Epochs = 1 };
        string alone = Train(task, options, files, null);
        Assert.Equal(Enumerable.Repeat(alone, 4), ThreadRanks.Run(4, ranks => Train(task, options, files, ranks)));
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Members_are_trained_over_ranks_one_after_the_other(string name)
    {
        (ITask task, TaskOptions options, DataFiles files) = TaskLaws.Case(name);
        options = options with { Shards = 2, Members = 2, Epochs = 1 };
        string alone = Train(task, options, files, null);
        Assert.Equal([alone, alone], ThreadRanks.Run(2, ranks => Train(task, options, files, ranks)));
    }

    [Theory, Trait("Category", "Bits"), InlineData(17), InlineData(100)]
    public void Ragged_batches_with_dropped_weights_end_with_the_same_weights_for_every_number_of_ranks_and_threads(int hidden)
    {
        TrainingOptions options = Options with { Epochs = 1 };
        Assert.Equal(hidden == 100, Dropping(hidden).Parameters.Length > ShardDeal.FewWeights);
        string alone = Finish(Dropping(hidden), options, LayerCases.One, null, null);
        for (int size = 1; size <= Shards; size++)
            Assert.Equal(Enumerable.Repeat(alone, size), ThreadRanks.Run(size, ranks =>
            {
                using ThreadTeam two = new(ranks.Rank % 2 + 1) { SmallestShare = 0 };
                return Finish(Dropping(hidden), options, two, null, ranks);
            }));
    }

    [Theory]
    [InlineData("lm", 3, 1, 8), InlineData("lm", 1, 4, 2), InlineData("lm", 8, 1, 3, 192), InlineData("translate", 2, 5, 1)]
    public void Stopped_and_resumed_with_other_numbers_of_ranks_it_ends_with_the_same_weights(
        string name, int first, int second, int third, int hidden = 0)
    {
        (ITask task, TaskOptions options, DataFiles files) = TaskLaws.Case(name);
        options = options with { Shards = Shards, Dropout = 0.125, Batch = 11, Epochs = 3 };
        if (name == "lm") options = (TaskOptions)task.Options.Parse(options, "bptt", "8,12");
        if (hidden > 0) options = options with { Hidden = hidden, Layers = 2, Epochs = 2 };      // shards of a rank run in one pass
        string alone = Train(task, options, files, null);
        RunDirectory run = RunDirectory.Create(_folder.Path, "r", task.Options.ToJson(options));
        int[] stops = [2, 7, int.MaxValue];
        string ended = "";
        foreach ((int size, int steps) in new[] { first, second, third }.Zip(stops))
            ended = ThreadRanks.Run(size, ranks =>
            {
                ITaskRun one = task.Begin(options, files, new RunSettings { Ranks = ranks, Folder = ranks.Rank == 0 ? () => run : null });
                one.Loop.Resume();
                using CancellationTokenSource stop = new();
                foreach (TrainingProgress progress in one.Loop.Run(stop.Token))
                    if (ranks.Rank == size - 1 && progress.Step is { Index: var index } && index + 1 == steps) stop.Cancel();
                Assert.Equal(steps == int.MaxValue ? TrainingOutcome.Finished : TrainingOutcome.Interrupted, one.Loop.Outcome);
                return one.Model.WeightsSha256;
            })[0];
        Assert.Equal(alone, ended);
    }

    [Fact]
    public void A_rank_that_differs_is_named_with_what_differs()
    {
        UserErrorException wrong = Assert.Throws<UserErrorException>(() => ThreadRanks.Run(3, ranks =>
            Finish(Dropping(), Options with { Seed = ranks.Rank == 2 ? 5UL : 1UL }, LayerCases.One, null, ranks)));
        Assert.Equal("rank 2 differs from rank 0 in the seed (5 and 1): expected all ranks to train the same network on the same data with the same "
            + "options; start them with one command.", wrong.Message);
        Assert.Contains("rank 1 differs from rank 0 in the options", Assert.Throws<UserErrorException>(() => ThreadRanks.Run(2, ranks =>
            Finish(Dropping(), Options with { Epochs = ranks.Rank + 1 }, LayerCases.One, null, ranks))).Message);
    }

    [Fact]
    public void Ranks_and_shards_that_cannot_be_are_refused()
    {
        Assert.Equal("shards: expected a power of two up to 4096 because sums are taken in pairs, got 6.",
            Assert.Throws<UserErrorException>(() => new TrainerOptions { Shards = 6 }).Message);
        Assert.Contains("ranks: expected at most 2, as many as there are shards, got 3", Assert.Throws<UserErrorException>(() => ThreadRanks.Run(3,
            ranks => Finish(Dropping(), Options with { Step = new() { Shards = 2 } }, LayerCases.One, null, ranks))).Message);
        Assert.Contains("cannot be dealt to shards", Assert.Throws<UserErrorException>(
            () => new TrainingLoop<int>(new BowlTask(), Options, LayerCases.One).Run().Count()).Message);
    }

    [Fact]
    public void A_checkpoint_of_other_shards_is_refused()
    {
        RunDirectory run = RunDirectory.Create(_folder.Path, "run", "{}");
        Finish(Dropping(), Options with { Epochs = 1 }, LayerCases.One, run, null);
        TrainingLoop<int[]> loop = new(Dropping(), Options with { Step = new() { Shards = 2 } }, LayerCases.One, run);
        Assert.Contains("is of a run with 8 shards, and this one has 2", Assert.Throws<UserErrorException>(loop.Resume).Message);
    }

    private static TrainingOptions Options => new() { Epochs = 2, Step = new() { Shards = Shards }, Optimizer = new AdamWOptions() };

    private static TaggingTask Dropping(int hidden = 17) => new(new RecurrentSpec
    {
        Name = "core", Hidden = hidden, Layers = 2, Direction = Direction.Bidirectional, Dropout = 0.2f, LockedDropout = true, WeightDrop = 0.3f,
    });

    private static string Train(ITask task, TaskOptions options, DataFiles files, ICollective? ranks)
    {
        using ThreadTeam one = new(1);
        ITaskRun run = task.Begin(options, files, new RunSettings { Ranks = ranks, Threads = one });
        foreach (TrainingProgress _ in run.Loop.Run()) { }
        return run.Model.WeightsSha256;
    }

    private static string Finish(TaggingTask task, TrainingOptions options, ThreadTeam threads, RunDirectory? run, ICollective? ranks)
    {
        foreach (TrainingProgress _ in new TrainingLoop<int[]>(task, options, threads, run, null, ranks).Run()) { }
        return WeightsHash.Compute(task.Parameters);
    }
}
