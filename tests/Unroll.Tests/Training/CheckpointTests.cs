using Unroll.Core;
using Unroll.Formats;
using Unroll.Tests.Formats;
using Unroll.Training;

namespace Unroll.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static (LineTask, Optimizer) Trained(int inputs = 3)
    {
        LineTask task = new(inputs);
        Optimizer adam = new AdamOptions().Create(task.Parameters.Length);
        using (Edit edit = task.Parameters.Edit())
            for (int t = 0; t < 3; t++) adam.Step(edit.Values, edit.Values, 0.1f);
        task.CarriedState[0].Values.Span[0] = 0.75f;
        return (task, adam);
    }

    private string Written(TrainingState state, float[]? best = null)
    {
        (LineTask task, Optimizer adam) = Trained();
        Checkpoint.Write(_folder["c"], task, adam, state, best);
        return _folder["c"];
    }

    [Fact]
    public void A_checkpoint_brings_everything_back_bit_for_bit()
    {
        TrainingState state = TrainingState.Start(ulong.MaxValue) with
        {
            Place = new(3, 2, 11), EpochStart = 9, Plateau = new(0.1, 1, 2, 3), Stopping = new(1.0 / 3, 4), BestScore = Math.PI, BestEpoch = 2,
            RateScale = 0.25f, Returns = 2, Epoch = new(new LossSum(1e-300, long.MaxValue), 5, 0.1 + 0.2, 1e300, 6, 7),
        };
        (LineTask before, Optimizer adam) = Trained();
        Checkpoint checkpoint = Checkpoint.Read(Written(state, [1, 2, 3, 4]));
        LineTask after = new();
        Optimizer fresh = new AdamOptions().Create(4);
        float[] best = new float[4];
        Assert.True(checkpoint.Restore(after, fresh, best));
        Assert.Equal(state, checkpoint.State);
        Assert.Equal([1, 2, 3, 4], best);
        Assert.Equal(before.Parameters.Values.ToArray(), after.Parameters.Values.ToArray());
        Assert.Equal(0.75f, after.CarriedState[0].Values.Span[0]);
        Assert.Equal(3, fresh.State.Steps);
        for (int i = 0; i < 2; i++) Assert.Equal(adam.State[i].ToArray(), fresh.State[i].ToArray());
        Assert.Equal((before.Model, before.Notes), (checkpoint.Model, checkpoint.Notes));
    }

    [Fact]
    public void The_state_has_the_text_that_earlier_checkpoints_have() => Assert.Equal(
        "{'seed':7,'place':{'epoch':0,'batch':0,'step':0},'epochStart':0,'plateau':{'best':'Infinity','waited':0,'cooling':0,'drops':0}," +
        "'stopping':{'best':'Infinity','waited':0},'bestScore':'Infinity','bestEpoch':0,'rateScale':1,'returns':0," +
        "'epoch':{'loss':{'sum':0,'count':0},'steps':0,'normSum':0,'normMax':0,'clipped':0,'faults':0}}",
        string.Concat(TensorFile.Read(Written(TrainingState.Start(7))).MetadataOf("state")!.Where(c => !char.IsWhiteSpace(c))).Replace('"', '\''));

    [Fact]
    public void Infinity_before_the_first_score_survives() =>
        Assert.Equal(TrainingState.Start(1), Checkpoint.Read(Written(TrainingState.Start(1))).State);

    [Fact]
    public void Every_changed_byte_is_noticed()
    {
        byte[] sound = File.ReadAllBytes(Written(TrainingState.Start(1)));
        for (int at = 0; at < sound.Length; at++)
        {
            byte[] damaged = [.. sound];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(_folder["d"], damaged);
            UserErrorException error = Assert.Throws<UserErrorException>(() => Checkpoint.Read(_folder["d"]));
            Assert.True(error.Message.Contains(_folder["d"]) && !error.Message.Contains('\n'), $"byte {at}: {error.Message}");
        }
    }

    [Fact]
    public void A_truncated_checkpoint_is_refused_by_name()
    {
        byte[] sound = File.ReadAllBytes(Written(TrainingState.Start(1)));
        foreach (int length in new[] { 0, 7, 100, sound.Length - 1 })
        {
            File.WriteAllBytes(_folder["d"], sound[..length]);
            Assert.Contains(_folder["d"], Assert.Throws<UserErrorException>(() => Checkpoint.Read(_folder["d"])).Message);
        }
    }

    [Fact]
    public void A_model_file_is_not_a_checkpoint()
    {
        new LineTask().Save(_folder["m"]);
        Assert.Contains("is not a checkpoint", Assert.Throws<UserErrorException>(() => Checkpoint.Read(_folder["m"])).Message);
    }

    private string Refusal(LineTask task, Optimizer optimizer)
    {
        Checkpoint checkpoint = Checkpoint.Read(Written(TrainingState.Start(1)));
        float[] weights = task.Parameters.Values.ToArray();
        string message = Assert.Throws<UserErrorException>(() => { checkpoint.Restore(task, optimizer, new float[task.Parameters.Length]); }).Message;
        Assert.Equal(weights, task.Parameters.Values.ToArray());
        return message;
    }

    [Fact]
    public void A_checkpoint_of_another_model_is_refused_by_name_and_difference()
    {
        Assert.Equal(
            $"checkpoint '{_folder["c"]}' belongs to another model: 'line.weight' is [1, 3] there, and here it is line.weight [1, 2]; "
            + "give the options and the data of its run, or begin a run of another name.",
            Refusal(new LineTask(2), new AdamOptions().Create(3)));
        Assert.Contains(
            "its description says '\"inputs\": 3' where this one says '\"inputs\": 3, \"cell\": \"gru\"'",
            Refusal(new LineTask { Model = "{\n  \"inputs\": 3, \"cell\": \"gru\"\n}" }, new AdamOptions().Create(4)));
    }

    [Fact]
    public void A_checkpoint_of_another_optimizer_is_refused_by_name()
    {
        Assert.Contains("was written with optimizer 'adam', expected 'sgd'", Refusal(new LineTask(), new SgdOptions().Create(4)));
        (LineTask task, _) = Trained();
        Checkpoint.Write(_folder["p"], task, new SgdOptions().Create(4), TrainingState.Start(1), default);
        Assert.Contains("it has no 'momentum_buffer'", Assert.Throws<UserErrorException>(
            () => { Checkpoint.Read(_folder["p"]).Restore(task, new SgdOptions { Momentum = 0.9 }.Create(4), new float[4]); }).Message);
    }

    [Fact]
    public void Weights_that_are_not_finite_are_not_saved()
    {
        (LineTask task, Optimizer adam) = Trained();
        using (Edit edit = task.Parameters.Edit()) edit.Values[1] = float.NaN;
        Assert.Contains("'model.line.weight'", Assert.Throws<UserErrorException>(
            () => Checkpoint.Write(_folder["n"], task, adam, TrainingState.Start(1), default)).Message);
        Assert.False(File.Exists(_folder["n"]));
    }

    [Fact]
    public void The_last_two_are_kept_and_half_written_ones_cleared_away()
    {
        File.WriteAllText(_folder["step-000001.checkpoint.safetensors.2147483647.partial"], "half");
        CheckpointFolder folder = new(_folder.Path);
        (LineTask task, Optimizer adam) = Trained();
        for (int step = 8; step < 12; step++) folder.Write(task, adam, TrainingState.Start(1) with { Place = new(0, 1, step) }, default);
        File.WriteAllText(_folder["notes.txt"], "a user's own file stays");
        Assert.Equal(
            ["notes.txt", "step-000010.checkpoint.safetensors", "step-000011.checkpoint.safetensors"],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_damaged_checkpoint_is_named_and_the_one_before_is_taken()
    {
        CheckpointFolder folder = new(_folder.Path);
        (LineTask task, Optimizer adam) = Trained();
        foreach (int step in new[] { 999_999, 1_000_000 }) folder.Write(task, adam, TrainingState.Start(1) with { Place = new(0, 1, step) }, default);
        string newest = _folder["step-1000000.checkpoint.safetensors"];
        File.WriteAllBytes(newest, File.ReadAllBytes(newest)[..^5]);
        List<string> warnings = [];
        Assert.Equal(999_999, folder.ReadNewest(warnings.Add)!.State.Place.Step);
        Assert.Contains(newest, Assert.Single(warnings));
    }

    [Fact]
    public void Nothing_but_damaged_checkpoints_is_an_error_and_no_checkpoint_is_none()
    {
        CheckpointFolder folder = new(_folder.Path);
        Assert.Null(folder.ReadNewest(_ => { }));
        File.WriteAllText(_folder["step-000001.checkpoint.safetensors"], "damaged");
        Assert.Contains("none of them can be used", Assert.Throws<UserErrorException>(() => folder.ReadNewest(_ => { })).Message);
    }
}
