using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Unroll.Tests.Formats;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Speech;

public sealed class SpeechGrammarTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly SpeechDescription s_abc = new(new SpeechOptions { Mode = SpeechMode.Ctc }, 8000, ["a", "b", "c"], [], []);

    private static double LogEnd(ICtcGrammar grammar, params int[] labels)
    {
        object? state = grammar.Start;
        foreach (int label in labels)
            if ((state = grammar.Follow(state!, label)) is null) return double.NaN;
        return grammar.LogEnd(state!);
    }

    [Fact]
    public void A_word_list_allows_strings_of_its_words_alone()
    {
        SpeechGrammar grammar = SpeechGrammar.Of(s_abc, WordTree.Of([[1], [1, 2], [2, 3]]))!;
        Assert.Equal(0, LogEnd(grammar));
        foreach (int[] said in (int[][])[[1], [1, 2], [1, 2, 3], [1, 1, 2, 2, 3], [2, 3, 1]]) Assert.Equal(0, LogEnd(grammar, said));
        Assert.Equal(double.NegativeInfinity, LogEnd(grammar, 1, 1, 2, 2));                 // "b c" has begun
        foreach (int[] said in (int[][])[[3], [2, 1], [1, 3], [1, 2, 2, 1]]) Assert.True(double.IsNaN(LogEnd(grammar, said)));
        Assert.Null(SpeechGrammar.Of(s_abc));
    }

    [Fact]
    public void An_ngram_weighs_by_its_probabilities_relative_to_all_words_alike()
    {
        SpeechNGram ngram = SpeechNGram.Of(2, [[1, 2], [1, 2], [1, 3], [2, 1, 2]]) with { Weight = 0.5 };
        SpeechGrammar grammar = SpeechGrammar.Of(s_abc with { NGram = ngram })!;
        double expected = 0.5 * (4 * Math.Log(4) - ngram.Fit(3).Nats([0, 1, 2, 1, 0], 1));
        Assert.Equal(expected, LogEnd(grammar, 1, 2, 1), 1e-12);
        Assert.True(LogEnd(grammar, 1, 2) > LogEnd(grammar, 1, 3) && LogEnd(grammar, 1, 3) > LogEnd(grammar, 3, 3));
        Assert.Null(SpeechGrammar.Of(s_abc with { NGram = ngram with { Weight = 0 } }));
    }

    [Fact]
    public void Texts_of_unknown_words_are_refused_by_line()
    {
        DataFiles files = DataFiles.Of("list", "a b\n\n c \nb d\n").With("good", "a b\r\n\n  c\n").With("none", " \n");
        Assert.Equal("list, line 4: 'd' is no word of the model; expected words among a, b, c.",
            Assert.Throws<UserErrorException>(() => SpeechTexts.Read("list", s_abc, files)).Message);
        Assert.Equal([[1, 2], [3]], SpeechTexts.Read("good", s_abc, files));
        Assert.Equal("none: expected words on each line, found none.",
            Assert.Throws<UserErrorException>(() => SpeechTexts.Read("none", s_abc, files)).Message);
    }

    // The weight comes from the validation part, and the file says all of it.
    [Fact]
    public void A_run_weighs_its_ngram_and_the_saved_model_searches_with_it()
    {
        SpeechOptions options = SpeechTests.Small(_folder["data"], SpeechMode.Ctc) with { NGram = 2, NGramText = _folder["texts"], Epochs = 6 };
        File.WriteAllText(_folder["texts"], "hi lo mid\nhi lo mid\nlo mid\n");
        using ThreadTeam team = new(2);
        SpeechRun run = SpeechRun.Begin(options, DataFiles.Disk, new RunSettings
        {
            Threads = team, Folder = () => RunDirectory.Create(_folder.Path, "run", SpeechOptions.Table.ToJson(options)),
        });
        foreach (TrainingProgress _ in run.Loop.Run()) { }
        Assert.NotNull(run.Finish());
        SpeechModel again = (SpeechModel)TaskList.Open(Path.Combine(_folder.Path, "run", "model.safetensors"));
        Assert.Equal(run.Model.Description.ToJson(), again.Description.ToJson());
        Assert.Contains(again.Description.NGram!.Weight, SpeechNGram.Weights);
        Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3, 0, 2, 3, 0], again.Description.NGram.Texts);

        again.Description = again.Description with { NGram = again.Description.NGram with { Weight = 10 } };
        DataFiles files = DataFiles.Disk.With("list", "mid\n");
        Assert.All(Recognize(again, files, "list"), text =>
            Assert.All(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), word => Assert.Equal("mid", word)));
        Assert.StartsWith("words: it says what beam search", Assert.Throws<OptionException>(() => Recognize(again, files, "list", beam: 0)).Message);
    }

    [Fact]
    public void Without_a_validation_part_a_weight_is_needed_and_words_need_strings()
    {
        SpeechOptions options = SpeechTests.Small(_folder["data"], SpeechMode.Ctc) with { Join = [], NGram = 2, Split = [0.75, 0] };
        Assert.StartsWith("ngram-weight: there is no validation part", Assert.Throws<OptionException>(() => SpeechTests.Train(options)).Message);
        SpeechModel model = SpeechTests.Train(SpeechTests.Small(_folder["data"]) with { Epochs = 1 }).Model;
        Assert.EndsWith("gives a recording one label; leave it out.",
            Assert.Throws<OptionException>(() => Recognize(model, DataFiles.Of("list", "mid"), "list")).Message);
    }

    private string[] Recognize(SpeechModel model, DataFiles files, string words, int beam = 8)
    {
        SpeechAnswer answer = (SpeechAnswer)SpeechTask.Instance.Predict.Ask(
            model, new SpeechPredictOptions { Data = [_folder["data"]], Words = words, Beam = beam }, new TaskCall(files));
        return [.. answer.Recordings.Select(one => one.Text)];
    }
}
