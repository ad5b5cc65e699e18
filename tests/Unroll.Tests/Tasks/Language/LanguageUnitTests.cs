using Unroll.Core;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks.Language;

/// <summary>Pieces of words, and texts that are read from their end.</summary>
public sealed class LanguageUnitTests : IDisposable
{
    private static readonly string s_text = string.Concat(Enumerable.Repeat("low lower <unk> newest\nthe widest lowest, no\n", 25));
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static LanguageOptions Small(TextUnit unit) => LanguageOptions.Defaults(unit) with
    {
        Optimizer = OptimizerKind.Adam, LearningRate = 0.02, Epochs = 2, Embedding = 4, Hidden = 4, Layers = 1, Batch = 4, Bptt = [8], Dropout = 0,
        Split = [0.8, 0.1],
    };

    [Fact]
    public void Pieces_of_words_are_joined_to_the_text_again()
    {
        LanguageModel model = LanguageModel.Train(s_text, Small(TextUnit.Bpe) with { Merges = 20 });
        int[] symbols = model.Encode(s_text);
        Assert.DoesNotContain(Vocabulary.Unknown, symbols);
        Assert.Equal(s_text, model.Written("", symbols));
        Assert.Equal(20, model.Description.Merges.Count);
        Assert.True(symbols.Length < s_text.Length / 2);

        string path = _folder["bpe.safetensors"];
        model.Save(path);
        LanguageModel opened = LanguageModel.Open(path);
        Assert.Equal(model.Description.Merges, opened.Description.Merges);
        Assert.Equal(symbols, opened.Encode(s_text));
        Assert.Equal(model.Sample("low", 20), opened.Sample("low", 20));
    }

    [Fact]
    public void Scores_say_what_a_character_and_a_word_cost_in_every_unit()
    {
        foreach (TextUnit unit in Enum.GetValues<TextUnit>())
        {
            LanguageModel model = LanguageModel.Train(s_text, Small(unit) with { Merges = unit == TextUnit.Bpe ? 20 : 5_000 });
            LanguageEvaluation evaluation = LanguageEvaluation.Of(model, "text", "low no\nthe", "");
            Assert.Equal((10, 5), (evaluation.Characters, evaluation.Words));                    // the last line ends too
            using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(evaluation.ToJson());
            Assert.Equal(evaluation.Scores.Total / 10, json.RootElement.GetProperty("nats_per_character").GetDouble(), 1e-9);
            Assert.Equal(evaluation.Scores.Total / 5, json.RootElement.GetProperty("nats_per_word").GetDouble(), 1e-9);
        }
    }

    [Fact]
    public void Read_from_its_end_a_text_is_another_one_read_forward()
    {
        string turned = new([.. s_text.Reverse()]);
        LanguageOptions options = Small(TextUnit.Char) with { Split = [1, 0] };
        LanguageModel reverse = LanguageModel.Train(s_text, options with { Reverse = true }), forward = LanguageModel.Train(turned, options);
        Assert.Equal(forward.WeightsSha256, reverse.WeightsSha256);

        LanguageScores scores = reverse.Score("no low");
        Assert.Equal(forward.Score("wol on").Nats.Reverse(), scores.Nats);
        Assert.Equal("n", scores.SymbolAt(0));
        string written = reverse.Sample("est\n", 30);
        Assert.EndsWith("est\n", written);
        Assert.Equal(new string([.. forward.Sample("\ntse", 30).Reverse()]), written);

        string path = _folder["reverse.safetensors"];
        reverse.Save(path);
        Assert.True(LanguageModel.Open(path).Options.Reverse);
        Assert.Equal("reverse", Assert.Throws<OptionException>(() => LanguageRun.Begin(options, new LanguageData(s_text),
            new RunSettings { From = reverse })).Option);
    }

    [Fact]
    public void Options_that_have_no_effect_are_refused()
    {
        LanguageOptions options = Small(TextUnit.Word);
        Assert.Equal("merges", Assert.Throws<OptionException>(() => LanguageRun.Begin(options with { Merges = 7 }, new LanguageData(s_text))).Option);
        Assert.Equal("dropout-hidden",
            Assert.Throws<OptionException>(() => LanguageRun.Begin(options with { DropoutHidden = 0.1 }, new LanguageData(s_text))).Option);
        Assert.Equal("unknown-word", Assert.Throws<OptionException>(() => LanguageRun.Begin(
            Small(TextUnit.Bpe) with { UnknownWord = "<unk>" }, new LanguageData(s_text))).Option);
    }
}
