using Unroll.Core;
using Unroll.Inspection;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks.Speech;

public sealed class SpeechMemberTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private SpeechOptions Two(SpeechMode mode) => SpeechTests.Small(_folder["data"], mode) with
    {
        Features = new FeatureOptions { Mels = 12, Cepstra = 6 }, Kinds = [FeatureKinds.Mfcc, FeatureKinds.Mel], Members = 3,
    };

    [Fact]
    public void Members_take_kinds_of_features_in_turn_and_are_the_runs_of_their_kind_alone()
    {
        SpeechOptions options = Two(SpeechMode.Word) with { Seed = 4 };
        SpeechModel model = SpeechTests.Train(options).Model;
        Assert.Equal(["mfcc", "mel", "mfcc"], model.Members.Select(member => Assert.Single(member.Options.Kinds)));
        FeatureOptions[] heard = [.. model.Members.Select(member => member.Description.Features)];
        Assert.Equal([(12, 6), (6, 0), (12, 6)], heard.Select(one => (one.Mels, one.Cepstra)));
        for (int k = 0; k < 3; k++)
        {
            SpeechModel alone = SpeechTests.Train(options with { Members = 1, Kinds = [options.Kinds[k % 2]], TrainingSeed = 4 + (ulong)k }).Model;
            Assert.Equal(alone.WeightsSha256, model.Members[k].WeightsSha256);
            Assert.Equal(alone.Description.ToJson(), model.Members[k].Description.ToJson());
        }
        SpeechModel second = SpeechTests.Train(options with { Members = 1, Kinds = [], Features = options.Features with { Mels = 6, Cepstra = 0 },
            TrainingSeed = 5 }).Model;
        Assert.Equal(second.WeightsSha256, model.Members[1].WeightsSha256);
    }

    [Fact]
    public void What_they_say_together_is_the_geometric_mean_and_the_saved_model_says_the_same()
    {
        SpeechModel model = SpeechTests.Train(Two(SpeechMode.Word)).Model;
        model.Save(_folder["m.safetensors"]);
        SpeechModel again = (SpeechModel)TaskList.Open(_folder["m.safetensors"]);
        SpeechResult together = again.Recognize([SpeechTests.Tone()])[0];
        Assert.Equal(model.Recognize([SpeechTests.Tone()])[0].Guesses, together.Guesses);
        double[] logs = [.. model.Description.Words.Select(word =>
            again.Members.Average(member => Math.Log(member.Recognize([SpeechTests.Tone()])[0].Guesses.First(one => one.Text == word).Probability)))];
        double sum = logs.Sum(Math.Exp);
        foreach ((int k, string word) in model.Description.Words.Index())
            Assert.Equal(Math.Exp(logs[k]) / sum, together.Guesses.First(one => one.Text == word).Probability, 1e-5);

        SpeechEvaluation all = (SpeechEvaluation)SpeechTask.Instance.Evaluate.Ask(
            again, new SpeechEvaluateOptions { Part = SpeechPart.Train }, new TaskCall(DataFiles.Disk));
        Assert.Equal(3, all.Members.Count);
        Assert.Equal("accuracy", MemberScores.Of(all)[0].Name);
        InspectionSubject subject = again.Members[1].Subject(null, 0, DataFiles.Disk);
        Assert.Equal(again.Members[1].Network, subject.Network);
        Assert.StartsWith("mel 1", subject.InputNames[0]);
    }

    // Of each step the mean of what the members say: a stream of several kinds of features has the bits of the whole.
    [Fact]
    public void A_stream_is_heard_by_all_members_as_the_whole_is()
    {
        SpeechModel model = SpeechTests.Train(Two(SpeechMode.Ctc) with { Epochs = 12 }).Model;
        float[] sound = [.. SpeechTests.Tone().Samples, .. SpeechTests.Tone().Samples];
        SpeechSession session = model.Listen(8000), fork = model.Listen(8000);
        List<SpokenWord> words = [.. session.Push(sound.AsSpan(0, 3001))];
        fork.State.Restore(session.State.Snapshot());
        foreach (SpeechSession one in (SpeechSession[])[session, fork])
        {
            List<SpokenWord> heard = [.. words, .. one.Push(sound.AsSpan(3001)), .. one.Finish()];
            Assert.Equal(model.Recognize(sound, 8000, beam: 0).Text, string.Join(' ', heard.Select(word => word.Word)));
        }
        Assert.NotEmpty(model.Recognize(sound, 8000, beam: 0).Text);
    }

    [Fact]
    public void More_kinds_than_members_are_refused() => Assert.StartsWith("features: 2 kinds are for as many members, and there is 1",
        Assert.Throws<OptionException>(() => SpeechTests.Train(Two(SpeechMode.Word) with { Members = 1 })).Message);
}
