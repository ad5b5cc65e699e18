using System.Text.Json;
using Unroll.Core;
using Unroll.Networks;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Labels;

/// <summary>Taggers of words: paths of labels, characters, legal paths, entities, and the rule that they are measured beside.</summary>
public sealed class TaggerTests : IDisposable
{
    private static readonly LabelOptions s_small = LabelOptions.Of(LabelKind.Tag) with
    {
        Hidden = 6, Embedding = 4, Characters = 3, CharacterHidden = 4, Epochs = 2, Batch = 4, Dropout = 0.1,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-tagger-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Capital letters are names: of two words, B- and I-.
    private static LabelData Names(int sentences = 40) => LabelData.From(Enumerable.Range(0, sentences).Select(i => i % 3 == 0
        ? (new[] { "yesterday", $"Ann{i}", $"Lee{i}", "left" }, new[] { "O", "B-PER", "I-PER", "O" })
        : (new[] { $"Bo{i}", "saw", $"Mia{i}" }, new[] { "B-PER", "O", "B-PER" })));

    [Fact]
    public void A_tagger_of_words_reads_characters_and_scores_paths_and_opens_with_the_same_answers()
    {
        LabelRun run = LabelRun.Begin(s_small, Names());
        ((ITaskRun)run).Train();
        LabelModel model = run.Model;
        Assert.IsType<CharacterSpec>(model.Network.Spec.Layers[0]);
        Assert.IsType<CrfSpec>(model.Network.Spec.Layers[^1]);
        Assert.Equal((true, "bio", 21), (model.ScoresPaths, model.Encoding.Scheme, model.Encoding.Features));
        string path = Path.Combine(_folder, "tagger.safetensors");
        model.Save(path);
        LabelModel opened = LabelModel.Open(path);
        LabeledSequence one = LabeledSequence.OfTokens(["today", "Zoe", "left", "Wien", "averyveryverylongwordindeedtoberead"]);
        LabelPrediction expected = model.Predict([one])[0], got = opened.Predict([one])[0];
        Assert.Equal(expected.Labels, got.Labels);
        Assert.Equal(expected.Probabilities, got.Probabilities);
        Assert.Equal(model.Probabilities([one])[0], opened.Probabilities([one])[0]);
        foreach (float[] step in opened.Probabilities([one])[0].Chunk(3)) Assert.Equal(1, step.Sum(), 1e-5);
    }

    [Fact]
    public void Unknown_words_are_told_apart_by_their_characters_alone()
    {
        LabelModel model = LabelModel.Train(Names(), s_small with { Epochs = 1 });
        float[] Of(LabelModel model, string word) => model.Probabilities([LabeledSequence.OfTokens([word])])[0];
        Assert.NotEqual(Of(model, "Anna"), Of(model, "nana"));
        LabelModel without = LabelModel.Train(Names(), s_small with { Epochs = 1, Characters = 0, Crf = CrfChoice.No });
        Assert.Equal(Of(without, "Anna"), Of(without, "nana"));
        Assert.False(without.ScoresPaths);
    }

    [Theory]
    [InlineData(CrfChoice.Yes, 1)]
    [InlineData(CrfChoice.No, 1)]
    [InlineData(CrfChoice.Yes, 2)]
    public void What_is_predicted_is_legal_whatever_the_weights(CrfChoice crf, int members)
    {
        LabelOptions options = s_small with { Crf = crf, Members = members };
        LabelRun run = LabelRun.Begin(options, Names());
        foreach (LabelModel member in run.Model.Members)
            using (Edit edit = member.Network.Parameters.Edit())
                for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = (float)new Rng(3).Normal((ulong)i);
        LabeledSequence[] all =
            [.. Enumerable.Range(0, 30).Select(i => LabeledSequence.OfTokens([.. Enumerable.Range(0, 12).Select(t => $"Bo{i * t % 17}")]))];
        bool Legal(LabelPrediction one) =>
            one.Labels.Index().All(step => step.Item != "I-PER" || (step.Index > 0 && one.Labels[step.Index - 1] != "O"));
        Assert.All(run.Model.Predict(all), one => Assert.True(Legal(one)));
        LabelModel free = new(options with { Legal = false }, run.Model.Encoding);
        foreach ((LabelModel to, LabelModel from) in free.Members.Zip(run.Model.Members))
            using (Edit edit = to.Network.Parameters.Edit()) from.Network.Parameters.Values.CopyTo(edit.Values);
        Assert.Contains(free.Predict(all), one => !Legal(one));
        Assert.Equal(run.Model.Probabilities(all), free.Probabilities(all));
    }

    [Fact]
    public void A_forward_tagger_of_characters_answers_step_by_step_and_one_that_scores_paths_does_not()
    {
        LabelModel forward = LabelModel.Train(Names(), s_small with { Direction = ReadingDirection.Forward, Epochs = 1 });
        Assert.False(forward.ScoresPaths);
        string[] words = ["Bo1", "saw", "Unheard", "bo1"];
        LabelSession session = forward.NewSession();
        float[] whole = forward.Probabilities([LabeledSequence.OfTokens(words)])[0];
        for (int t = 0; t < words.Length; t++) Assert.Equal(whole[(3 * t)..(3 * t + 3)], session.Step(words[t]).Probabilities);
        LabelModel paths = LabelModel.Train(Names(), s_small with { Direction = ReadingDirection.Forward, Crf = CrfChoice.Yes, Epochs = 1 });
        Assert.Contains("'crf' scores whole sequences", Assert.Throws<UserErrorException>(() => paths.NewSession()).Message);
        Assert.Null(((ITaskModel)paths).NewSession());
    }

    [Fact]
    public void Entities_are_in_the_evaluation_and_choose_the_epoch()
    {
        List<string> metrics = [];
        LabelRun run = LabelRun.Begin(s_small, Names());
        foreach (TrainingProgress progress in run.Loop.Run(default)) if (progress.Epoch?.ToJson() is { } line) metrics.Add(line);
        Assert.All(metrics, line => Assert.Contains("validation_entity_f1", line));
        LabelEvaluation evaluation = run.Finish()!;
        Assert.True(evaluation.Scores.Entities!.All.Actual > 0);
        JsonElement json = JsonDocument.Parse(JsonText.Of(evaluation.WriteJson)).RootElement;
        Assert.Equal(evaluation.Scores.Entities.All.F1, json.GetProperty("entities").GetProperty("f1").GetDouble(), 1e-6);
        Assert.Equal("PER", json.GetProperty("entity_types")[0].GetProperty("type").GetString());
        Assert.Contains(evaluation.Measures, one => one.Name == "f1_entities");
    }

    [Fact]
    public void Each_words_commonest_label_is_the_rule_and_unknown_words_have_that_of_their_ending()
    {
        LabeledSequence[] training =
        [
            LabeledSequence.OfTokens(["run", "walking", "dogs"], ["V", "V", "N"]), LabeledSequence.OfTokens(["run", "run", "cats"], ["N", "V", "N"]),
            LabeledSequence.OfTokens(["is", "sleeping", "a"], ["V", "V", "D"]),
        ];
        LabelModel model = new(s_small, LabelEncoding.Learn(training, s_small));
        CommonestLabels rule = new(model, training);
        string Of(string word) => model.Classes[rule.Of(word)];
        Assert.Equal(["V", "N", "V", "N", "V"], new[] { "run", "dogs", "singing", "birds", "qqq" }.Select(Of));
        Assert.Equal([false, true], rule.Right(model, [LabeledSequence.OfTokens(["run", "birds"], ["N", "N"])]));
    }

    [Fact]
    public void Options_without_effect_are_noted_and_those_of_taggers_refused_elsewhere()
    {
        List<string> notes = [];
        LabelOptions numbers = s_small with { Characters = 5 };
        LabelRun.Begin(numbers, LabelData.From(Enumerable.Range(0, 20).Select(i =>
            LabeledSequence.OfNumbers([i, 1, 2], 1, (string[])["a", "b", i % 2 == 0 ? "a" : "b"]))), new RunSettings { Note = notes.Add });
        Assert.Contains(notes, note => note.Contains("characters is for words"));
        Assert.Contains("paths", Assert.Throws<OptionException>(() => LabelOptions.Table.Check(new LabelOptions { Crf = CrfChoice.Yes })).Message);
        Assert.Contains("taggers of words",
            Assert.Throws<OptionException>(() => LabelOptions.Table.Check(new LabelOptions { Characters = 4 })).Message);
        Assert.Equal(CrfChoice.Yes, LabelOptions.Table.Parse(new LabelOptions(), "crf", "yes").Crf);
    }

    [Fact]
    public void A_tagger_without_a_field_is_trained_on_without_one()
    {
        string path = Path.Combine(_folder, "plain.safetensors");
        LabelModel plain = LabelModel.Train(Names(), s_small with { Crf = CrfChoice.No });
        plain.Save(path);
        LabelOptions further = plain.Options with { From = path, Epochs = 1 };
        LabelModel model = LabelModel.Train(Names(), further);
        Assert.Equal(plain.Network.Spec.ToJson(), model.Network.Spec.ToJson());
    }
}
