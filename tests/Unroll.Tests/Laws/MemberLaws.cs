using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;
using Unroll.Tests.Formats;
using Unroll.Training;

namespace Unroll.Tests.Laws;

/// <summary>What must hold of every task that trains several members as one model.</summary>
public sealed class MemberLaws : IDisposable
{
    private const int Count = 3;

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Several => [.. TaskList.All.Select(task => task.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Several))]
    public void Each_member_is_the_run_of_its_seed_alone_on_the_same_parts_for_any_number_of_threads(string name)
    {
        (ITask task, TaskOptions options, DataFiles files) = TaskLaws.Case(name);
        options = options with { Seed = 5, Members = Count };
        using ThreadTeam four = new(4), single = new(1);
        ITaskRun beside = task.Begin(options, files, new RunSettings { Threads = four });
        beside.Train();
        ITaskRun inTurn = task.Begin(options, files, new RunSettings { Threads = single });
        inTurn.Train();
        Assert.Equal(beside.Model.WeightsSha256, inTurn.Model.WeightsSha256);
        Assert.Equal(Count, beside.Model.Members.Count);
        for (int k = 0; k < Count; k++)
        {
            ITaskRun alone = task.Begin(options with { Members = 1, TrainingSeed = 5 + (ulong)k }, files);
            alone.Train();
            Assert.Equal(alone.Model.WeightsSha256, beside.Model.Members[k].WeightsSha256);
            Assert.Equal(alone.Loop.State, beside.Loop.States[k]);
            Assert.Equal(task.Options.ToJson(alone.Model.Options), task.Options.ToJson(Ensemble.Options(beside.Model.Options, k + 1)));
            ITaskRun seeded = task.Begin(options with { Members = 1, Seed = 5 + (ulong)k }, files);
            if (!seeded.Loop.Data.SequenceEqual(alone.Loop.Data)) continue;                     // the seed deals out other parts
            seeded.Train();
            Assert.Equal(seeded.Model.WeightsSha256, alone.Model.WeightsSha256);
        }
        Assert.Equal(Count, beside.Model.Members.Select(member => member.WeightsSha256).Distinct().Count());
    }

    [Theory, MemberData(nameof(Several))]
    public void Members_are_stopped_and_resumed_to_the_same_bits_saved_opened_and_quantized(string name)
    {
        (ITask task, TaskOptions options, DataFiles files) = TaskLaws.Case(name);
        options = options with { Members = Count };
        ITaskRun whole = task.Begin(options, files);
        TaskEvaluation? measured = whole.Train();

        RunDirectory run = RunDirectory.Create(_folder["stopped"], "r", task.Options.ToJson(options));
        ITaskRun stopped = task.Begin(options, files, new RunSettings { Folder = () => run });
        using CancellationTokenSource stop = new();
        foreach (TrainingProgress progress in stopped.Loop.Run(stop.Token))
            if (progress is { Epoch.Epoch: 1, Member: 2 }) stop.Cancel();
        Assert.Equal(TrainingOutcome.Interrupted, stopped.Loop.Outcome);
        ITaskRun resumed = task.Begin(options, files, new RunSettings { Folder = () => run });
        resumed.Loop.Resume();
        resumed.Train();
        Assert.Equal(whole.Model.WeightsSha256, resumed.Model.WeightsSha256);

        ITaskModel opened = TaskList.Open(run.Model);
        Assert.Equal(whole.Model.WeightsSha256, opened.WeightsSha256);
        Assert.Equal(Count, opened.Members.Count);
        Assert.Equal(whole.Model.Members.Select(member => member.WeightsSha256), opened.Members.Select(member => member.WeightsSha256));
        Assert.Equal(measured?.Measures, measured is null ? null : ((TaskEvaluation)task.Evaluate.Ask(opened, task.Evaluate.Defaults,
            new TaskCall(files))).Measures);
        string[] paths = [.. Enumerable.Range(0, Count).Select(k => _folder[$"{k}.safetensors"])];
        foreach ((string file, ITaskModel member) in paths.Zip(opened.Members)) member.Save(file);
        ITaskModel combined = ModelCombination.Save(paths, _folder["combined.safetensors"]);
        Assert.Equal(opened.WeightsSha256, combined.WeightsSha256);
        Assert.Equal(opened.Members.Select(member => task.Options.ToJson(member.Options)),
            combined.Members.Select(member => task.Options.ToJson(member.Options)));
        opened.Members[1].Save(_folder["second.safetensors"]);
        ITaskModel second = TaskList.Open(_folder["second.safetensors"]);
        Assert.Equal(opened.Members[1].WeightsSha256, second.WeightsSha256);
        ITaskRun more = task.Begin(second.Options with { Epochs = 1, FromMember = 2, Members = 2 }, files, new RunSettings { From = opened });
        Assert.All(more.Model.Members, member => Assert.Equal(second.WeightsSha256, member.WeightsSha256));
        Assert.Equal("from-member", Assert.Throws<OptionException>(() => task.Begin(second.Options with { FromMember = Count + 1 }, files,
            new RunSettings { From = opened })).Option);
        opened.Quantize();
        opened.Save(_folder["int8.safetensors"]);
        ITaskModel small = TaskList.Open(_folder["int8.safetensors"]);
        Assert.Equal(WeightPrecision.Int8, small.Precision);
        Assert.Equal(opened.WeightsSha256, small.WeightsSha256);
    }
}
