using Unroll.Core;
using Unroll.Inspection;
using Unroll.Numerics;
using Unroll.Tasks;
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

    private SpeechOptions Small(string mode = "word")
    {
        Write(_folder["data"]);
        return new SpeechOptions
        {
            Data = _folder["data"], Pattern = "{label}_{speaker}_*", Mode = mode, Split = [0.5, 0.25], Hidden = 8, Layers = 1, Dropout = 0, Normalize = "training", Epochs = 3, Batch = 3,
            LearningRate = 0.02, Features = new FeatureOptions { Mels = 12, Deltas = 1 }, Join = mode == "ctc" ? [2, 3] : [], Forward = mode == "ctc",
        };
    }

    private static SpeechTraining Train(SpeechOptions options, Func<RunDirectory>? run = null, int threads = 1)
    {
        using ThreadTeam team = new(threads);
        SpeechTraining training = SpeechTraining.Begin(options, team, run);
        foreach (TrainingProgress _ in training.Loop.Run()) { }
        return training;
    }

    private static Sound Tone(int rate = 8000) =>
        new([.. Enumerable.Range(0, rate / 2).Select(n => (float)(0.3 * Math.Sin(2 * Math.PI * (n < rate / 4 ? 420 : 1500) * n / rate)))], rate, "tone");

    [Fact]
    public void Three_tones_are_told_apart_and_the_saved_model_says_the_same()
    {
        SpeechTraining training = Train(Small() with { Epochs = 20 });
        SpeechReport report;
        using (ThreadTeam team = new(1)) report = SpeechEvaluation.Of(training.Model, training.Model.Description.Options, "all", team).Report;
        Assert.Equal((24, 24), (report.Examples, report.Words));
        Assert.True(report.ErrorRate < 0.2, $"{report.ErrorRate}");

        training.Model.Save(_folder["m.safetensors"]);
        SpeechModel again = (SpeechModel)TaskList.Open(_folder["m.safetensors"]);
        using ThreadTeam two = new(2);
        SpeechResult[] alone = [.. again.Recognize([Tone()], two)], both = [.. training.Model.Recognize([Tone(16000), Tone()], two)];
        Assert.Equal(both[1].Guesses, alone[0].Guesses);
        Assert.Equal(1, both[0].Guesses.Sum(g => g.Probability), 1e-9);
        Assert.Equal(training.Model.WeightsSha256, again.WeightsSha256);
    }

    [Fact]
    public void Threads_change_no_bit_and_a_stopped_run_goes_on_to_the_same_bits()
    {
        SpeechOptions options = Small("ctc") with { Augmentation = new AugmentationOptions { Speed = 0.1, Noise = 0.1, Mask = 0.2 }, Dropout = 0.2 };
        string whole = Train(options, threads: 2).Model.WeightsSha256;
        using ThreadTeam team = new(1);
        RunDirectory run = RunDirectory.Create(_folder["runs"], "r", options.ToJson());
        SpeechTraining stopped = SpeechTraining.Begin(options, team, () => run);
        using CancellationTokenSource stop = new();
        foreach (TrainingProgress progress in stopped.Loop.Run(stop.Token))
            if (progress.Epoch?.Epoch == 2) stop.Cancel();
        SpeechTraining resumed = SpeechTraining.Begin(SpeechOptions.FromJson(run.ReadConfig()!, "config"), team, () => run);
        resumed.Loop.Resume();
        foreach (TrainingProgress _ in resumed.Loop.Run()) { }
        Assert.Equal(whole, resumed.Model.WeightsSha256);
    }

    [Fact]
    public void Listening_to_a_stream_hears_the_words_of_greedy_decoding_of_the_whole()
    {
        SpeechModel model = Train(Small("ctc") with { Epochs = 30 }).Model;
        foreach (int rate in (int[])[8000, 11025])
        {
            using ThreadTeam team = new(1);
            Sound sound = Tone(rate);
            SpeechResult whole = model.Recognize([sound], team, beam: 0)[0], beam = model.Recognize([sound], team, beam: 4)[0];
            SpeechListener listener = model.Listen(rate);
            List<SpokenWord> heard = [];
            for (int at = 0; at < sound.Samples.Length; at += 100) heard.AddRange(listener.Push(sound.Samples.AsSpan(at, Math.Min(100, sound.Samples.Length - at))));
            heard.AddRange(listener.Finish());
            Assert.Equal(whole.Text, string.Join(' ', heard.Select(w => w.Word)));
            Assert.NotEmpty(whole.Text);
            Assert.True(beam.Probability >= whole.Probability);
            Assert.Equal(whole.Text, string.Join(' ', whole.Words.Select(w => w.Word)));
            Assert.All(whole.Words, w => Assert.True(w.From <= w.To && w.From > 0 && w.To <= sound.Seconds));
        }
    }

    [Fact]
    public void A_model_that_cannot_listen_says_why()
    {
        SpeechOptions options = Small("ctc") with { Epochs = 1 };
        Assert.Contains("one label", Assert.Throws<UserErrorException>(() => Train(options with { Mode = "word", Join = [] }).Model.Listen(8000)).Message);
        Assert.Contains("looks ahead", Assert.Throws<UserErrorException>(() => Train(options with { Forward = false }).Model.Listen(8000)).Message);
        Assert.Contains("whole recordings", Assert.Throws<UserErrorException>(() => Train(options with { Normalize = "recording" }).Model.Listen(8000)).Message);
    }

    [Theory]
    [InlineData("word")]
    [InlineData("ctc")]
    public void What_inspect_looks_at_fits_the_network(string mode)
    {
        SpeechModel model = Train(Small(mode) with { Epochs = 1 }).Model;
        InspectionSubject subject = model.Subject(null, 0, TextReader.Null);
        subject.Check();
        Assert.Equal(subject.Network.OutputSize, subject.OutputNames.Count);
        Assert.Equal(subject.Network.InputSize, subject.InputNames.Count);
        Assert.Equal(mode == "ctc" ? subject.Input.Layout.Steps : 1, subject.Targets.Labels.Length);
        Assert.EndsWith(" s", subject.Labels[0]);
        Assert.Contains("expected 0 …", Assert.Throws<UserErrorException>(() => model.Subject(null, 1000, TextReader.Null)).Message);
    }

    [Fact]
    public void Strings_are_joined_within_a_part_and_use_each_recording_once()
    {
        SpeechOptions options = Small("ctc");
        (SpeechParts parts, int rate) = SpeechParts.Read(options, null);
        Assert.Equal(8000, rate);
        Assert.Equal(24, parts.Train.Count + parts.Valid.Count + parts.Test.Count);
        Assert.All((IReadOnlyList<SpeechClip>[])[parts.Train, parts.Valid, parts.Test], part => Assert.Equal(3, part.Select(c => c.Text).Distinct().Count()));
        IReadOnlyList<SpeechExample> strings = SpeechParts.Examples(options, parts.Train, new Rng(3));
        Assert.Equal(parts.Train.Select(c => c.Recording.Name).Order(), strings.SelectMany(s => s.Clips).Select(c => c.Recording.Name).Order());
        Assert.All(strings.SkipLast(1), s => Assert.InRange(s.Clips.Count, 2, 3));
        Assert.NotEqual(strings[0].Name, SpeechParts.Examples(options, parts.Train, new Rng(4))[0].Name);
        Assert.Equal(strings[0].Clips.Sum(c => c.Samples.Length), strings[0].Samples((clip, _) => clip).Length);
    }

    [Fact]
    public void A_speaker_who_is_held_out_tests_alone()
    {
        (SpeechParts parts, _) = SpeechParts.Read(Small() with { HoldOut = "bob" }, null);
        Assert.All(parts.Test, clip => Assert.Equal("bob", clip.Recording.Speaker));
        Assert.All(parts.Train.Concat(parts.Valid), clip => Assert.Equal("ann", clip.Recording.Speaker));
        Assert.Equal(12, parts.Test.Count);
        Assert.NotEmpty(parts.Valid);
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

    [Fact]
    public void Options_survive_their_text_and_refuse_what_they_should()
    {
        SpeechOptions options = Small("ctc") with { HoldOut = "bob", Tail = 0.25, Rate = 16000, Seed = 9, Patience = 4 };
        Assert.Equal(options.ToJson(), SpeechOptions.FromJson(options.ToJson(), "x").ToJson());
        Assert.Contains("hidden", Assert.Throws<UserErrorException>(() => SpeechOptions.FromJson(options.ToJson().Replace("\"hidden\"", "\"hiden\""), "x")).Message);
        Assert.Throws<UserErrorException>(() => new SpeechOptions { Split = [0.9, 0.2] });
        Assert.Throws<UserErrorException>(() => new SpeechOptions { Join = [3, 2] });
        Assert.Throws<UserErrorException>(() => new SpeechOptions { Mode = "sentence" });
    }
}
