using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks.Language;

public sealed class LanguageRunTests : IDisposable
{
    private static readonly string s_text = GrammarText.Generate(40), s_other = GrammarText.Generate(20, seed: 3);
    private static readonly LanguageOptions s_small = new()
    {
        Embedding = 4, Hidden = 6, Layers = 1, Batch = 4, Bptt = [8], Dropout = 0, LearningRate = 0.02, Epochs = 2,
    };

    private readonly TempFolder _folder = new();
    private readonly List<string> _notes = [];

    public void Dispose() => _folder.Dispose();

    private LanguageModel FromFile(LanguageOptions options)
    {
        File.WriteAllText(_folder["t.txt"], s_text);
        ITaskRun run = LanguageTask.Instance.Begin(options with { Data = [_folder["t.txt"]] }, DataFiles.Disk);
        run.Train();
        return (LanguageModel)run.Model;
    }

    private LanguageEvaluation Evaluated(LanguageModel model, string? data, DataFiles? files = null) =>
        (LanguageEvaluation)LanguageTask.Instance.Evaluate.Ask(
            model, new LanguageQuestion { Data = data }, new TaskCall(files ?? DataFiles.Disk, Note: _notes.Add));

    [Fact]
    public void Text_in_memory_in_a_stream_and_in_a_file_trains_the_same_model()
    {
        string sha256 = FromFile(s_small).WeightsSha256;
        LanguageModel memory = LanguageModel.Train(s_text.Replace("\n", "\r\n"), s_small);
        LanguageRun stream = LanguageRun.Begin(s_small, LanguageData.Of(new MemoryStream(Encoding.UTF8.GetBytes(s_text)), s_small));
        stream.Train();
        Assert.Equal((sha256, sha256), (memory.WeightsSha256, stream.Model.WeightsSha256));
        Assert.Empty(memory.Options.Data);
        memory.Save(_folder["m.safetensors"]);
        Assert.Equal(sha256, LanguageModel.Open(_folder["m.safetensors"]).WeightsSha256);
        Assert.Contains("expected a text file, got none", Assert.Throws<UserErrorException>(() => Evaluated(memory, null)).Message);
    }

    [Fact]
    public void A_text_of_the_training_part_is_measured_with_a_word()
    {
        LanguageModel model = FromFile(s_small);
        Evaluated(model, _folder["t.txt"]);
        Assert.Contains("begins with the text that the model was trained on; what is measured on that is memory", Assert.Single(_notes));
        _notes.Clear();
        Evaluated(model, "new", DataFiles.Of("new", string.Concat(s_text.Split('\n').Skip(2).Take(6).Select(line => line + "\n"))));
        Assert.Contains("in the training part too; what is measured on that is memory", Assert.Single(_notes));
    }

    [Fact]
    public void Another_text_is_measured_whole_and_n_grams_are_counted_on_the_models_own_training_part()
    {
        LanguageModel model = FromFile(s_small);
        LanguageData own = LanguageData.Of(s_text, s_small);
        LanguageEvaluation other = Evaluated(model, "other", DataFiles.Of("other", s_other)),
            expected = LanguageEvaluation.Of(model, "other", s_other, own.Train);
        Assert.Equal(s_other.Length, other.Scores.Count);
        Assert.Equal(["uniform", "unigram", "bigram", "5-gram"], other.Baselines.Select(b => b.Name));
        Assert.Equal(expected.ToJson(), other.ToJson());
        Assert.Empty(_notes);
        Assert.Equal("test", Evaluated(model, null).Part);
    }

    [Fact]
    public void Where_the_training_part_cannot_be_read_again_or_is_another_a_note_says_so()
    {
        LanguageModel model = FromFile(s_small);
        DataFiles files = DataFiles.Of("other", s_other);
        File.WriteAllText(_folder["t.txt"], s_text[5..]);
        Assert.Equal(["uniform", "unigram"], Evaluated(model, "other", files).Baselines.Select(b => b.Name));
        Assert.Contains("the text has changed", Assert.Single(_notes));
        File.Delete(_folder["t.txt"]);
        _notes.Clear();
        Assert.Equal(["uniform", "unigram"], Evaluated(model, "other", files).Baselines.Select(b => b.Name));
        Assert.Contains("there is no such file", Assert.Single(_notes));
    }

    [Fact]
    public void Training_on_keeps_vocabulary_and_model_and_takes_other_learning()
    {
        LanguageModel first = LanguageModel.Train(s_text, s_small);
        string before = first.WeightsSha256;
        LanguageRun run = LanguageRun.Begin(s_small with { Dropout = 0.1, Epochs = 4, LearningRate = 0.01 }, LanguageData.Of(s_other, s_small),
            new RunSettings { From = first, Note = _notes.Add });
        Assert.Equal((before, 2), (run.Model.WeightsSha256, run.Model.Network.Spec.Layers.Count(layer => layer.Name.StartsWith("dropout"))));
        Assert.Equal(first.Description.Vocabulary.Symbols, run.Model.Description.Vocabulary.Symbols);
        run.Train();
        Assert.NotEqual(before, run.Model.WeightsSha256);
        Assert.Equal(before, first.WeightsSha256);                                           // the model that was given stays as it was
    }

    [Theory]
    [InlineData("direction", "both", "expected forward")]
    [InlineData("pooling", "mean", "expected none")]
    [InlineData("cell", "lstmm", "did you mean 'lstm'")]
    public void What_a_language_model_cannot_have_is_refused_with_the_reason(string option, string value, string expected)
    {
        LanguageOptions options = LanguageOptions.Table.Parse(s_small, option, value);
        OptionException e = Assert.Throws<OptionException>(() => LanguageModel.Train(s_text, options));
        Assert.Equal(option, e.Option);
        Assert.Contains(expected, e.Message);
    }

    [Fact]
    public void Parts_that_are_empty_are_said()
    {
        LanguageOptions all = s_small with { Split = [1, 0] };
        LanguageRun.Begin(all, LanguageData.Of(s_text, all), new RunSettings { Note = _notes.Add });
        Assert.Contains(_notes, note => note.Contains("nothing validates"));
        Assert.Contains(_notes, note => note.Contains("nothing tests, so that the training part is measured"));
    }

    [Fact]
    public void Scoring_and_writing_can_be_ended()
    {
        LanguageModel model = LanguageModel.Train(s_text, s_small with { Epochs = 1 });
        CancellationToken ended = new(canceled: true);
        Assert.Throws<OperationCanceledException>(() => model.Score(s_text, stop: ended));
        Assert.Throws<OperationCanceledException>(() => model.Sample("", 10, stop: ended));
    }
}
