using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers.Losses;
using Unroll.Numerics;
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

    // Each string that a member finds is compared by what all say of it; nothing is better than the first among those of any member.
    [Fact]
    public void Strings_are_compared_by_the_geometric_mean_of_their_probabilities_and_a_stream_needs_one_network()
    {
        SpeechModel model = SpeechTests.Train(Two(SpeechMode.Ctc) with { Epochs = 12 }).Model;
        Sound sound = new([.. SpeechTests.Tone().Samples, .. SpeechTests.Tone().Samples], 8000, "two");
        SpeechResult together = model.Recognize([sound])[0];
        double[][] logs = [.. model.Members.Select(member => together.Guesses.Select(guess => LogProbability(member, sound, guess.Text)).ToArray())];
        for (int g = 0; g < together.Guesses.Count; g++)
            Assert.Equal(Math.Exp(logs.Average(own => own[g])), together.Guesses[g].Probability, 1e-9);
        Assert.Equal(together.Guesses.OrderByDescending(guess => guess.Probability), together.Guesses);
        Assert.Contains(model.Recognize([sound], beam: 0)[0].Text, model.Members.Select(member => member.Recognize([sound], beam: 0)[0].Text));
        foreach (SpeechModel member in model.Members)
            Assert.True(member.Recognize([sound])[0].Text is var text
                && model.Members.Average(one => LogProbability(one, sound, text)) <= Math.Log(together.Probability) + 1e-9);
        Assert.False(model.CanListen);
        Assert.Contains("needs one network", Assert.Throws<UserErrorException>(() => model.Listen(8000)).Message);
        Assert.True(model.Members[1].CanListen);
    }

    private static double LogProbability(SpeechModel member, Sound sound, string text)
    {
        using ThreadTeam team = new(1);
        SpeechExample example = new([new SpeechClip(new Recording("two", ""), sound.Samples)]);
        foreach ((IReadOnlyList<SequenceBatch> outputs, _, _) in member.Outputs([example], team, default))
            return CtcLoss.LogProbability(outputs[0], 0, member.Description.Labels(text));
        return double.NaN;
    }

    [Fact]
    public void More_kinds_than_members_are_refused() => Assert.StartsWith("features: 2 kinds are for as many members, and there is 1",
        Assert.Throws<OptionException>(() => SpeechTests.Train(Two(SpeechMode.Word) with { Members = 1 })).Message);
}
