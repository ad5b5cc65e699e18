using Unroll.Core;
using Unroll.Networks;
using Unroll.Layers.Recurrent;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Labels;

public sealed class LabelRunTests
{
    private static readonly string[] s_words = ["red", "green", "blue", "north", "south", "west"];

    private static readonly (string Text, string Label)[] s_texts =
        [.. Enumerable.Range(0, 30).Select(i => ($"{s_words[i % 6]} {s_words[i / 2 % 5]} {i}", i % 2 == 0 ? "a" : "b"))];

    private static readonly LabelOptions s_small = new() { Hidden = 4, Embedding = 4, Epochs = 2, Batch = 8 };

    private static string Trained(LabelRun run)
    {
        ((ITaskRun)run).Train();
        return run.Model.WeightsSha256;
    }

    [Fact]
    public void Texts_in_memory_give_the_weights_of_those_in_a_file()
    {
        DataFiles files = DataFiles.Of("texts.tsv", string.Concat(s_texts.Select(one => $"{one.Label}\t{one.Text}\n")));
        ITaskRun file = LabelTask.Classify.Begin(s_small with { Data = ["texts.tsv"] }, files);
        file.Train();
        string expected = file.Model.WeightsSha256;
        Assert.Equal(expected, Trained(LabelRun.Begin(s_small, LabelData.From(s_texts))));
        Assert.Equal(expected, Trained(LabelRun.Begin(s_small, LabelData.From(s_texts, one => one.Text, one => one.Label))));
        LabelModel model = LabelModel.Train(LabelData.From(s_texts), s_small);
        Assert.Equal(expected, model.WeightsSha256);
        Assert.Equal(["a", "b"], model.Classes);
        LabelPrediction one = model.Predict("south"), same = model.Predict(["red red 0", "south"])[1];
        Assert.Equal((one.Name, one.Label, one.Probability), (same.Name, same.Label, same.Probability));
    }

    [Fact]
    public void Numbers_and_tokens_in_memory_give_the_weights_of_those_in_a_file()
    {
        (float[] Numbers, string Label)[] rows = [.. Enumerable.Range(0, 20).Select(i =>
            ((float[])[i, i * 0.5f, i % 3], i % 2 == 0 ? "up" : "down"))];
        DataFiles files = DataFiles.Of("rows.csv", "label,u,v,w\n" +
            string.Concat(rows.Select(one => FormattableString.Invariant($"{one.Label},{one.Numbers[0]},{one.Numbers[1]},{one.Numbers[2]}\n"))));
        Assert.Equal(Trained((LabelRun)LabelTask.Classify.Begin(s_small with { Data = ["rows.csv"] }, files)),
            Trained(LabelRun.Begin(s_small, LabelData.From(rows))));

        (string[] Tokens, string[] Labels)[] sentences = [.. Enumerable.Range(0, 20).Select(i =>
            ((string[])[s_words[i % 6], s_words[i % 4]], (string[])["X", i % 2 == 0 ? "Y" : "Z"]))];
        LabelOptions tag = LabelOptions.Of(LabelKind.Tag) with { Hidden = 4, Embedding = 4, Epochs = 2 };
        files = DataFiles.Of("tags.conll", string.Concat(sentences.Select(one =>
            $"{one.Tokens[0]} {one.Labels[0]}\n{one.Tokens[1]} {one.Labels[1]}\n\n")));
        Assert.Equal(Trained((LabelRun)LabelTask.Tag.Begin(tag with { Data = ["tags.conll"] }, files)),
            Trained(LabelRun.Begin(tag, LabelData.From(sentences))));
    }

    [Fact]
    public void What_is_wrong_in_memory_is_named_by_its_place()
    {
        LabelData data = LabelData.From([LabeledSequence.OfText("x", "a"), LabeledSequence.OfText("y")]);
        Assert.StartsWith("data, sequence 2: expected a label, found none",
            Assert.Throws<UserErrorException>(() => LabelRun.Begin(s_small, data)).Message);
        LabelModel model = LabelModel.Train(LabelData.From([LabeledSequence.OfNumbers([1, 2], 2, "a"), LabeledSequence.OfNumbers([3, 4], 2, "b")]),
            s_small with { Split = [1, 0], Epochs = 1 });
        Assert.Contains("expected whole steps of 2 numbers, found 3 numbers",
            Assert.Throws<UserErrorException>(() => model.Predict([LabeledSequence.OfNumbers([1, 2, 3], 2)])).Message);
    }

    [Fact]
    public void A_prediction_can_be_cancelled()
    {
        LabelModel model = LabelModel.Train(LabelData.From(s_texts), s_small with { Epochs = 1 });
        Assert.Throws<OperationCanceledException>(() => model.Predict(["red"], null, new CancellationToken(true)));
    }

    [Theory]
    [InlineData(LabelKind.Tag, PoolingKind.Max, "pooling: each step has a label of its own")]
    [InlineData(LabelKind.Classify, PoolingKind.None, "pooling: a sequence has one label")]
    public void A_pooling_that_the_task_cannot_have_is_refused(LabelKind task, PoolingKind pooling, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<OptionException>(
            () => LabelRun.Begin(LabelOptions.Of(task) with { Pooling = pooling }, LabelData.From(s_texts))).Message);

    [Fact]
    public void A_model_that_is_trained_on_keeps_its_words_and_may_have_another_dropout()
    {
        LabelModel first = LabelModel.Train(LabelData.From(s_texts), s_small);
        // The other way about: else the weights that it begins with may be the best.
        IEnumerable<(string, string)> others = s_texts.Select(one => (one.Text, one.Label == "a" ? "b" : "a"));
        LabelOptions options = s_small with { Dropout = 0, Seed = 3, Split = [1, 0] };
        LabelRun run = LabelRun.Begin(options, LabelData.From(others), new RunSettings { From = first });
        Assert.Equal(first.Encoding.Vocabulary, run.Model.Encoding.Vocabulary);
        Assert.Equal(first.WeightsSha256, run.Model.WeightsSha256);
        Assert.DoesNotContain(run.Model.Network.Spec.Layers, layer => layer is DropoutSpec);
        Assert.NotEqual(first.WeightsSha256, Trained(run));
    }

    [Fact]
    public void Options_of_the_network_reach_the_network()
    {
        LabelOptions options = s_small with { InitialState = InitialState.Learned, LockedDropout = true, Layers = 2, Epochs = 1 };
        NetworkSpec spec = LabelModel.Train(LabelData.From(s_texts), options).Network.Spec;
        RecurrentSpec recurrent = Assert.Single(spec.Layers.OfType<RecurrentSpec>());
        Assert.Equal((InitialState.Learned, true, 0.5f), (recurrent.InitialState, recurrent.LockedDropout, recurrent.Dropout));
        Assert.All(spec.Layers.OfType<DropoutSpec>(), layer => Assert.True(layer.Locked));
    }

    [Fact]
    public void New_data_are_measured_whole_beside_rules_of_the_own_training_part_or_without_them()
    {
        DataFiles files = DataFiles.Of("texts.tsv", string.Concat(s_texts.Select(one => $"{one.Label}\t{one.Text}\n")))
            .With("new.tsv", string.Concat(Enumerable.Repeat("b\tred\n", 7)));
        ITaskRun run = LabelTask.Classify.Begin(s_small with { Data = ["texts.tsv"] }, files);
        run.Train();
        TaskVerb verb = LabelTask.Classify.Evaluate;
        LabelEvaluation measured = (LabelEvaluation)verb.Ask(run.Model, new LabelTask.Measure(["new.tsv"]), new TaskCall(files));
        Assert.Equal((7, "new.tsv"), (measured.Sequences, measured.Part));
        Assert.Equal(["naive Bayes", "logistic regression"], measured.Baselines.Skip(1).Select(one => one.Name));
        // What is commonest in the training part, not in what is measured.
        Assert.Equal(1, measured.Baselines[0].Accuracy + (measured.Baselines[0].Name == "always 'a'" ? 1 : 0));

        LabelModel memory = LabelModel.Train(LabelData.From(s_texts), s_small with { Epochs = 1 });
        List<string> notes = [];
        measured = (LabelEvaluation)verb.Ask(memory, new LabelTask.Measure(["new.tsv"]), new TaskCall(files, Note: notes.Add));
        Assert.Empty(measured.Baselines);
        Assert.Contains("the simple rules are left out", Assert.Single(notes));
    }
}
