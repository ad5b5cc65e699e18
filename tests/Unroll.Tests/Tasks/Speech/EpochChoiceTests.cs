using Unroll.Core;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Speech;

public sealed class EpochChoiceTests
{
    private static readonly string[] s_speakers = ["ann", "bob", "cid", "dan"];

    private static Recording[] Recordings(int speakers) =>
    [
        .. s_speakers.Take(speakers).SelectMany(_ => Enumerable.Range(0, 6), (speaker, take) => Recording.Of(
            [.. Enumerable.Range(0, 900).Select(n => (float)(0.2 * Math.Sin((0.2 + 0.3 * (take % 2) + 0.01 * speaker[0]) * n + take)))], 8000,
            take % 2 == 0 ? "lo" : "hi", speaker, take == 5 ? "test" : "train")),
    ];

    private static SpeechOptions Small(EpochChoice choice, string? fold) => new()
    {
        ChooseEpoch = choice, Fold = fold, Hidden = 4, Layers = 1, Epochs = 3, Features = new FeatureOptions { Mels = 8 }, Batch = 4,
    };

    private static string[] Speakers(IReadOnlyList<SpeechClip> clips) => [.. clips.Select(clip => clip.Recording.Speaker!).Distinct().Order()];

    [Theory]
    [InlineData(EpochChoice.Auto)]
    [InlineData(EpochChoice.Last)]
    public void Where_a_speaker_tests_all_others_train_and_the_last_epoch_is_kept(EpochChoice choice)
    {
        List<string> notes = [];
        SpeechData data = SpeechData.From(Recordings(4), Small(choice, "bob"), null, notes.Add);
        Assert.Equal((18, 0, 6), (data.Train.Count, data.Valid.Count, data.Test.Count));
        Assert.Equal("note: none of the recordings validates: the last epoch is kept.", Assert.Single(notes, note => note.Contains("validates")));
        // It learns nothing: the loss goes up and down.
        SpeechRun run = SpeechRun.Begin(Small(choice, "bob") with { LearningRate = 1 }, Recordings(4));
        double[] scores = [.. run.Loop.Run().Where(one => one.Epoch is not null).Select(one => one.Epoch!.Score)];
        Assert.Equal(3, run.Loop.State.BestEpoch);
        Assert.Equal(3, scores.Length);
        Assert.Equal(TrainingOutcome.Finished, run.Loop.Outcome);
    }

    [Theory]
    [InlineData("bob", "cid")]
    [InlineData("dan", "ann")]
    [InlineData(null, "dan")]
    public void Another_speaker_chooses_the_epoch_and_is_not_trained_on(string? fold, string chooses)
    {
        List<string> notes = [];
        SpeechData data = SpeechData.From(Recordings(4), Small(EpochChoice.Speaker, fold), null, notes.Add);
        Assert.Equal([chooses], Speakers(data.Valid));
        Assert.Equal(s_speakers.Where(one => one != fold && one != chooses), Speakers(data.Train));
        Assert.Equal(fold is null ? s_speakers : [fold], Speakers(data.Test));
        Assert.Contains($"note: the epoch is chosen by the errors on {chooses}, who is not trained on.", notes);
    }

    [Fact]
    public void Too_few_speakers_are_refused_and_the_validation_part_is_as_before()
    {
        Assert.StartsWith("choose-epoch: expected recordings of at least 3 speakers", Assert.Throws<OptionException>(() =>
            SpeechData.From(Recordings(2), Small(EpochChoice.Speaker, "bob"))).Message);
        SpeechData data = SpeechData.From(Recordings(4), Small(EpochChoice.Valid, "bob"));
        Assert.Equal(18, data.Train.Count + data.Valid.Count);
        Assert.NotEmpty(data.Valid);
        Assert.DoesNotContain("bob", Speakers(data.Valid));
    }
}
