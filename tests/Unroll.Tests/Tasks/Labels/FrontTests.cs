using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks.Labels;

/// <summary>Labeling models that begin with the embedding and the recurrent layers of another model.</summary>
public sealed class FrontTests
{
    private static readonly LabelOptions s_options = new() { Hidden = 5, Embedding = 4, Epochs = 1, Cell = "gru" };

    private static LabelData Texts => LabelData.From([.. Enumerable.Range(0, 40).Select(i =>
        LabeledSequence.OfText($"the {(i % 2 == 0 ? "good" : "bad")} film number{i % 7}", i % 2 == 0 ? "yes" : "no"))]);

    private static LanguageModel Trained(int hidden = 5, string cell = "gru", bool reverse = false) => LanguageModel.Train(
        string.Concat(Enumerable.Repeat("the good film is a film of the good\n", 30)),
        new LanguageOptions
        {
            Unit = Unroll.Tasks.Data.Text.TextUnit.Word, Hidden = hidden, Embedding = 4, Cell = cell, Epochs = 1, Batch = 2, Reverse = reverse,
        });

    [Fact]
    public void A_classifier_begins_with_a_language_model_symbol_by_symbol_and_layer_by_layer()
    {
        LanguageModel front = Trained();
        List<string> notes = [];
        LabelRun run = LabelRun.Begin(s_options, Texts, new RunSettings { From = front, Note = notes.Add });
        (ParameterStore from, ParameterStore to) = (front.Network.Parameters, run.Model.Network.Parameters);
        foreach (string own in (string[])["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"])
            Assert.Equal(from.Find($"rnn.{own}")!.Values, to.Find($"encoder.{own}")!.Values);
        Assert.False(from.Find("rnn.weight_ih_l0")!.Values.SequenceEqual(to.Find("encoder.weight_ih_l0_reverse")!.Values));
        int there = front.Description.Vocabulary["good"], here = run.Model.Encoding.Vocabulary.ToList().IndexOf("good");
        Assert.True(there > 0 && here > 0);
        Assert.Equal(from.Find("embedding.weight")!.Values.Slice(4 * there, 4), to.Find("embedding.weight")!.Values.Slice(4 * here, 4));
        string note = Assert.Single(notes, line => line.StartsWith("from: copied embedding.weight (", StringComparison.Ordinal));
        Assert.Contains("encoder.weight_hh_l0", note);
        Assert.Contains("from-reverse", note);
        Assert.Contains("head.weight", note.Split("new: ")[1]);
        ((ITaskRun)run).Train();
    }

    [Fact]
    public void A_language_model_of_reversed_text_gives_the_weights_that_read_from_the_end()
    {
        LanguageModel forward = Trained(), reversed = Trained(reverse: true);
        List<string> notes = [];
        LabelRun run = LabelRun.Begin(s_options, Texts, new RunSettings { From = forward, FromReverse = reversed, Note = notes.Add });
        ParameterStore to = run.Model.Network.Parameters;
        foreach (string own in (string[])["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"])
        {
            Assert.Equal(forward.Network.Parameters.Find($"rnn.{own}")!.Values, to.Find($"encoder.{own}")!.Values);
            Assert.Equal(reversed.Network.Parameters.Find($"rnn.{own}")!.Values, to.Find($"encoder.{own}_reverse")!.Values);
        }
        string note = Assert.Single(notes, line => line.StartsWith("from: ", StringComparison.Ordinal));
        Assert.Contains("encoder.weight_hh_l0_reverse", note.Split("new: ")[0]);
        Assert.Equal("from", Assert.Throws<OptionException>(() => LabelRun.Begin(s_options, Texts, new RunSettings { From = reversed })).Option);
    }

    [Fact]
    public void Another_cell_or_size_is_refused()
    {
        OptionException Refused(LanguageModel front) =>
            Assert.Throws<OptionException>(() => LabelRun.Begin(s_options, Texts, new RunSettings { From = front }));
        Assert.Equal("cell", Refused(Trained(cell: "lstm")).Option);
        Assert.Equal("hidden", Refused(Trained(hidden: 6)).Option);
        Assert.Equal("from-reverse", Assert.Throws<OptionException>(() => LabelRun.Begin(s_options, Texts,
            new RunSettings { From = Trained(), FromReverse = Trained() })).Option);
        Assert.Equal("from-front", Assert.Throws<OptionException>(() => LabelRun.Begin(s_options with { FromFront = true }, Texts)).Option);
    }

    [Fact]
    public void A_model_of_other_labels_begins_with_the_front_of_one()
    {
        string Bases(int i) => string.Concat(Enumerable.Range(0, 12).Select(t => "ACGT"[(i * 7 + t * t + i / 3) % 4]));
        LabelData Sites(string yes, int length) => LabelData.From([.. Enumerable.Range(0, 40).Select(i =>
            LabeledSequence.OfText(Bases(i)[..length], i % 2 == 0 ? yes : "other"))]);
        LabelOptions options = LabelOptions.Of(LabelKind.Dna) with { Hidden = 4, Epochs = 2, Batch = 8, Filters = 3 };
        LabelRun first = LabelRun.Begin(options, Sites("sigma", 12));
        ((ITaskRun)first).Train();
        LabelRun second = LabelRun.Begin(options with { FromFront = true }, Sites("splice", 10), new RunSettings { From = first.Model });
        Assert.Contains("splice", second.Model.Classes);
        foreach (string name in (string[])["filters.weight", "encoder.weight_ih_l0", "encoder.weight_hh_l0_reverse"])
            Assert.Equal(first.Model.Network.Parameters.Find(name)!.Values, second.Model.Network.Parameters.Find(name)!.Values);
        Assert.False(first.Model.Network.Parameters.Find("head.weight")!.Values
            .SequenceEqual(second.Model.Network.Parameters.Find("head.weight")!.Values));
    }
}
