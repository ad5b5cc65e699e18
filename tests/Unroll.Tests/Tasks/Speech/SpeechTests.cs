using Unroll.Core;
using Unroll.Inspection;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Unroll.Tests.Formats;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Speech;

public sealed class SpeechTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Three words of one tone each, by two voices, four times: a sixth of a second each.</summary>
    internal static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        (string Word, double Hertz)[] words = [("hi", 1500), ("lo", 400), ("mid", 800)];
        foreach ((string word, double hertz) in words)
            foreach ((string voice, double factor) in ((string, double)[])[("ann", 1.1), ("bob", 0.95)])
                for (int take = 0; take < 4; take++)
                {
                    Rng noise = new Rng((ulong)take).For(word + voice);
                    float[] samples = [.. Enumerable.Range(0, 1200 + 100 * take).Select(n =>
                        (float)(0.3 * Math.Sin(2 * Math.PI * hertz * factor * n / 8000) + 0.01 * noise.Normal((ulong)n)))];
                    WavFile.Write(Path.Combine(folder, $"{word}_{voice}_{take}.wav"), samples, 8000);
                }
    }

    /// <summary>Quick options for what <see cref="Write"/> wrote.</summary>
    internal static SpeechOptions Small(string folder, SpeechMode mode = SpeechMode.Word)
    {
        Write(folder);
        return new SpeechOptions
        {
            Data = [folder], Pattern = "{label}_{speaker}_*", Mode = mode, Split = [0.5, 0.25], Hidden = 8, Layers = 1, Dropout = 0,
            Normalize = FeatureNormalization.Training, Epochs = 3, Batch = 3, LearningRate = 0.02, Features =
                new FeatureOptions { Mels = 12, Deltas = 1 },
            Join = mode == SpeechMode.Ctc ? [2, 3] : [], Direction = mode == SpeechMode.Ctc ? ReadingDirection.Forward : ReadingDirection.Both,
        };
    }

    internal static SpeechRun Train(SpeechOptions options, Func<RunDirectory>? folder = null, int threads = 1)
    {
        using ThreadTeam team = new(threads);
        SpeechRun run = SpeechRun.Begin(options, DataFiles.Disk, new RunSettings { Threads = team, Folder = folder });
        foreach (TrainingProgress _ in run.Loop.Run()) { }
        return run;
    }

    internal static Sound Tone(int rate = 8000) =>
        new([.. Enumerable.Range(0, rate / 2).Select(n => (float)(0.3 * Math.Sin(2 * Math.PI * (n < rate / 4 ? 420 : 1500) * n / rate)))], rate,
            "tone");

    private SpeechOptions Small(SpeechMode mode = SpeechMode.Word) => Small(_folder["data"], mode);

    private static IReadOnlyList<Recording> InMemory(SpeechOptions options) =>
        [.. SpeechData.List(options.Data, options, DataFiles.Disk).Select(one => Recording.Of(one.Read().Samples, 8000, one.Text, one.Speaker))];

    [Fact]
    public void Three_tones_are_told_apart_and_the_saved_model_says_the_same()
    {
        SpeechModel model = Train(Small() with { Epochs = 20 }).Model;
        SpeechEvaluation all = (SpeechEvaluation)SpeechTask.Instance.Evaluate.Ask(
            model, new SpeechEvaluateOptions { Part = SpeechPart.All }, new TaskCall(DataFiles.Disk));
        Assert.Equal((24, 24, 0), (all.Examples, all.Words, all.Baselines.Count));
        Assert.True(all.ErrorRate < 0.2, $"{all.ErrorRate}");
        SpeechEvaluation test = (SpeechEvaluation)SpeechTask.Instance.Evaluate.Ask(model, new SpeechEvaluateOptions(), new TaskCall(DataFiles.Disk));
        Assert.All(test.Baselines, rule => Assert.Equal(rule.ErrorRate - test.ErrorRate, rule.Test!.Difference, 1e-9));

        model.Save(_folder["m.safetensors"]);
        SpeechModel again = (SpeechModel)TaskList.Open(_folder["m.safetensors"]);
        using ThreadTeam two = new(2);
        SpeechResult[] alone = [.. again.Recognize([Tone()], threads: two)], both = [.. model.Recognize([Tone(16000), Tone()])];
        Assert.Equal(both[1].Guesses, alone[0].Guesses);
        Assert.Equal(both[1].Guesses, model.Recognize(Tone().Samples, 8000).Guesses);
        Assert.Equal(1, both[0].Guesses.Sum(g => g.Probability), 1e-9);
        Assert.Equal(model.WeightsSha256, again.WeightsSha256);
        Assert.Equal(SpeechOptions.Table.ToJson(model.Options), SpeechOptions.Table.ToJson(again.Options));
    }

    [Fact]
    public void Recordings_from_memory_train_the_model_that_files_train()
    {
        SpeechOptions options = Small();
        IReadOnlyList<Recording> recordings = InMemory(options);
        SpeechModel model = SpeechModel.Train(recordings, options);
        Assert.Equal(Train(options).Model.WeightsSha256, model.WeightsSha256);
        Assert.Empty(model.Options.Data);
        Assert.Equal(24, model.Evaluate(recordings).Words);
        Assert.Contains("data: there are no recordings", Assert.Throws<OptionException>(() => model.Subject(null, 0, DataFiles.Disk)).Message);
    }

    [Fact]
    public void Threads_change_no_bit_and_a_stopped_run_goes_on_to_the_same_bits()
    {
        SpeechOptions options =
            Small(SpeechMode.Ctc) with { Augmentation = new AugmentationOptions { Speed = 0.1, Noise = 0.1, Mask = 0.2 }, Dropout = 0.2 };
        Assert.Equal(Train(options, threads: 2).Model.WeightsSha256, StoppedAndResumed(options).Model.WeightsSha256);
    }

    [Fact]
    public void Every_option_of_learning_is_resumed_to_the_same_bits()
    {
        SpeechOptions options = Small() with
        {
            Epochs = 2, Optimizer = OptimizerKind.Sgd, Momentum = 0.9, Nesterov = true, WeightDecay = 0.01, LearningRate = 0.01, Clip = 0.5, ClipBy =
                ClipBy.Value,
            Schedule = ScheduleKind.Plateau, LearningRatePatience = 0, LearningRateFactor = 0.5, NonFinite = NonFinitePolicy.RestoreLastCheckpoint,
            Dropout = 0.3, LockedDropout = true, Layers = 2, InitialState = Unroll.Layers.Recurrent.InitialState.Learned, Patience = 5,
        };
        string whole = Train(options, () => RunDirectory.Create(_folder["runs"], "whole", "{}")).Model.WeightsSha256;
        Assert.Equal(whole, StoppedAndResumed(options).Model.WeightsSha256);
        Assert.NotEqual(whole, Train(options with { WeightDecay = 0, NonFinite = NonFinitePolicy.Stop }).Model.WeightsSha256);
    }

    private SpeechRun StoppedAndResumed(SpeechOptions options)
    {
        using ThreadTeam team = new(1);
        RunDirectory folder = RunDirectory.Create(_folder["runs"], "r", SpeechOptions.Table.ToJson(options));
        RunSettings settings = new() { Threads = team, Folder = () => folder };
        SpeechRun stopped = SpeechRun.Begin(options, DataFiles.Disk, settings);
        using CancellationTokenSource stop = new();
        foreach (TrainingProgress progress in stopped.Loop.Run(stop.Token))
            if (progress.Epoch?.Epoch == options.Epochs - 1) stop.Cancel();
        Assert.Equal(TrainingOutcome.Interrupted, stopped.Loop.Outcome);
        SpeechRun resumed = SpeechRun.Begin(
            (SpeechOptions)TaskList.OptionsOf(SpeechTask.Instance, folder.ReadConfig()!, "config"), DataFiles.Disk, settings);
        resumed.Loop.Resume();
        foreach (TrainingProgress _ in resumed.Loop.Run()) { }
        return resumed;
    }

    [Fact]
    public void A_model_is_trained_on_with_its_words_and_what_belongs_to_it_cannot_change()
    {
        SpeechOptions options = Small();
        SpeechModel first = Train(options).Model;
        string before = first.WeightsSha256;
        SpeechRun Again(SpeechOptions more) => SpeechRun.Begin(more, DataFiles.Disk, new RunSettings { From = first });
        SpeechRun run = Again(options with { Epochs = null, Dropout = 0.2, ChooseEpoch = EpochChoice.Last });
        Assert.Equal((before, 30, first.Description.Words), (run.Model.WeightsSha256, run.Epochs, run.Model.Description.Words));
        using CancellationTokenSource stop = new();
        foreach (TrainingProgress _ in run.Loop.Run(stop.Token)) stop.Cancel();
        Assert.NotEqual(before, run.Model.WeightsSha256);
        Assert.Equal(before, first.WeightsSha256);
        Assert.Contains("hidden: the model has 8 and it cannot be changed by training on, got 9",
            Assert.Throws<OptionException>(() => Again(options with { Hidden = 9 })).Message);
        Assert.Contains("does not know the word 'new'", Assert.Throws<UserErrorException>(() =>
            SpeechRun.Begin(options with { Split = [1, 0] }, [.. InMemory(options), Recording.Of(Tone().Samples, 8000, "new")],
                new RunSettings { From = first })).Message);
    }

    [Fact]
    public void Cancellation_ends_recognition_and_evaluation()
    {
        SpeechModel model = Train(Small() with { Epochs = 1 }).Model;
        CancellationToken stopped = new(canceled: true);
        Assert.Throws<OperationCanceledException>(() => model.Recognize([Tone()], stop: stopped));
        Assert.Throws<OperationCanceledException>(() =>
            SpeechTask.Instance.Evaluate.Ask(model, new SpeechEvaluateOptions(), new TaskCall(DataFiles.Disk, Stop: stopped)));
    }

    [Fact]
    public void Data_that_a_model_was_not_trained_on_are_measured_whole_with_rules_of_its_own_training_part()
    {
        SpeechOptions options = Small();
        SpeechModel model = Train(options with { Fold = "bob" }).Model;
        Write(_folder["new"]);
        File.Delete(Path.Combine(_folder["new"], "hi_ann_0.wav"));
        List<string> notes = [];
        SpeechEvaluation Of(SpeechEvaluateOptions asked) =>
            (SpeechEvaluation)SpeechTask.Instance.Evaluate.Ask(model, asked, new TaskCall(DataFiles.Disk, Note: notes.Add));
        Assert.Equal((12, "test"), (Of(new()).Words, Of(new()).Part));
        SpeechEvaluateOptions others = new() { Data = [_folder["new"]] };
        SpeechEvaluation whole = Of(others);
        Assert.Equal((23, _folder["new"], 2), (whole.Words, whole.Part, whole.Baselines.Count));
        Assert.Equal(11, Of(others with { Fold = "ann" }).Words);
        Assert.Contains("part: recordings that are named", Assert.Throws<OptionException>(() => Of(others with { Part = SpeechPart.Train })).Message);
        Assert.Empty(notes);

        Directory.Move(_folder["data"], _folder["gone"]);
        Assert.Empty(Of(others).Baselines);
        Assert.Contains("the simple rules are left out", Assert.Single(notes));
    }

    [Theory]
    [InlineData(SpeechMode.Word)]
    [InlineData(SpeechMode.Ctc)]
    public void What_inspect_looks_at_fits_the_network(SpeechMode mode)
    {
        SpeechModel model = Train(Small(mode) with { Epochs = 1 }).Model;
        InspectionSubject subject = model.Subject(null, 0, DataFiles.Disk);
        subject.Check();
        Assert.Equal(subject.Network.OutputSize, subject.OutputNames.Count);
        Assert.Equal(subject.Network.InputSize, subject.InputNames.Count);
        Assert.Equal(mode == SpeechMode.Ctc ? subject.Input.Layout.Steps : 1, subject.Targets.Labels.Length);
        Assert.EndsWith(" s", subject.Labels[0]);
        Assert.Contains("expected 0 …", Assert.Throws<UserErrorException>(() => model.Subject(null, 1000, DataFiles.Disk)).Message);
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3 }, new[] { 1, 2, 3 }, 0, 0, 0)]
    [InlineData(new[] { 1, 2, 3 }, new[] { 1, 3 }, 0, 1, 0)]
    [InlineData(new[] { 1, 2 }, new[] { 1, 4, 2 }, 0, 0, 1)]
    [InlineData(new[] { 1, 2 }, new[] { 3, 2, 2 }, 1, 0, 1)]
    [InlineData(new int[0], new[] { 1 }, 0, 0, 1)]
    [InlineData(new[] { -1 }, new[] { 1 }, 1, 0, 0)]
    public void Errors_are_counted_by_the_fewest_changes(int[] said, int[] heard, int substituted, int missed, int added)
    {
        SpeechScore score = SpeechScore.Of(said, heard);
        Assert.Equal((said.Length, substituted, missed, added), (score.Said, score.Substituted, score.Missed, score.Added));
        Assert.Equal(heard.Length, score.Pairs.Count - missed);
        Assert.Equal(EditCounts.Of<int>(said, heard).Errors, score.Errors);
    }
}
