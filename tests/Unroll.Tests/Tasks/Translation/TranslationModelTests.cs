using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Translation;
using Unroll.Tests.Cli;
using Unroll.Tests.Formats;
using Unroll.Training;

namespace Unroll.Tests.Tasks;

public sealed class TranslationModelTests : IDisposable
{
    private static readonly TranslationOptions s_small = new()
    {
        Unit = TranslationUnit.Char, Embedding = 6, Hidden = 8, Batch = 16, Dropout = 0.1, Epochs = 2, LearningRate = 0.01, Beam = 3,
    };

    // Two to four letters and the same backwards.
    private static readonly (string Source, string Target)[] s_pairs = [.. Enumerable.Range(0, 120).Select(i =>
    {
        string text = string.Concat(Enumerable.Range(0, 2 + i % 3).Select(t => "abcdef"[(i / 3 + t * (i % 5 + 1)) % 6]));
        return (text, string.Concat(text.Reverse()));
    })];

    private static readonly TranslationData s_data = TranslationData.From(s_pairs);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Tasks", "Fixtures", name);

    [Theory, InlineData("char"), InlineData("bpe", "--beam", "2"), InlineData("word")]
    public void A_model_of_before_opens_and_says_the_same_to_the_byte(string name, params string[] more)
    {
        CliRun run =
            CliRun.Of(["predict", Fixture($"translate-{name}.safetensors"), "--data", Fixture($"translate-{name}.input.txt"), "--json", .. more]);
        Assert.True(run.Exit == 0, run.Error);
        Assert.Equal(File.ReadAllText(Fixture($"translate-{name}.expected.json")), run.Out);
    }

    [Fact]
    public void Pairs_in_memory_train_the_very_model_that_a_file_of_them_does()
    {
        string text = string.Concat(s_pairs.Select(pair => $"{pair.Source}\t{pair.Target}\n"));
        TranslationRun read = TranslationRun.Begin(s_small with { Data = ["pairs.tsv"] }, DataFiles.Of("pairs.tsv", text));
        TranslationEvaluation measured = (TranslationEvaluation)((ITaskRun)read).Train()!;
        List<TrainingProgress> told = [];
        TranslationModel model = TranslationModel.Train(s_data, s_small, new Told(told));
        Assert.Equal(read.Model.WeightsSha256, model.WeightsSha256);
        Assert.Equal(2, told.Count(one => one.Epoch is not null));
        Assert.Equal("test", measured.Part);
        Assert.Equal(4, measured.Scores.Count);
    }

    [Fact]
    public void Shared_units_are_one_set_of_symbols_with_one_table_and_open_again()
    {
        TranslationOptions options = s_small with { Unit = TranslationUnit.Bpe, Merges = 5, SharedUnits = true, LabelSmoothing = 0.1 };
        TranslationModel model = TranslationModel.Train(s_data, options);
        Assert.Equal(model.Source.Vocabulary.Symbols, model.Target.Vocabulary.Symbols);
        Assert.Null(model.Parameters.Find("decoder.embedding.weight"));
        Assert.Equal(model.Target.Vocabulary.Size + 2, model.Parameters.Find("source.weight")!.Shape[0]);
        string path = _folder["shared.safetensors"];
        model.Save(path);
        TranslationModel again = TranslationModel.Open(path);
        string[] texts = [.. s_pairs.Take(5).Select(pair => pair.Source)];
        Assert.Equal(model.Translate(texts).Select(one => (one.Text, one.Score)), again.Translate(texts).Select(one => (one.Text, one.Score)));
        Assert.Contains("target-unit", Assert.Throws<OptionException>(() =>
            TranslationModel.Train(s_data, options with { TargetUnit = TranslationUnit.Char })).Message);
    }

    [Fact]
    public void The_best_of_each_line_are_shown_with_their_scores()
    {
        TranslationModel model = TranslationModel.Train(s_data, s_small);
        string path = _folder["pairs.safetensors"], data = _folder["lines.txt"];
        model.Save(path);
        File.WriteAllText(data, "abc\nfa\n");
        string[] lines = CliRun.Of("predict", path, "--data", data, "--n-best", "4").Out.TrimEnd('\n').Split('\n');
        IReadOnlyList<Translation> found = model.Translate(["abc", "fa"], model.Search with { Beam = 4 });
        Assert.Equal(found.SelectMany((one, i) => one.Others.Prepend((one.Text, one.Score)).Take(4)
            .Select(other => FormattableString.Invariant($"{i + 1}\t{other.Score:F4}\t{other.Text}"))), lines);
    }

    [Fact]
    public void A_translation_stops_when_it_is_asked_to()
    {
        TranslationModel model = TranslationModel.Train(s_data, s_small with { Epochs = 1 });
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => model.Translate(["abc"], stop: stop.Token));
        Assert.Null(((ITaskModel)model).NewSession());                   // a translation needs its whole source
    }

    [Fact]
    public void A_model_that_is_trained_on_stays_as_it_is_and_gives_its_symbols_and_weights()
    {
        TranslationModel first = TranslationModel.Train(s_data, s_small with { Epochs = 1 });
        string before = first.WeightsSha256;
        TranslationData other = TranslationData.From([("abz", "zba"), ("fed", "def"), ("ab", "ba"), ("cd", "dc")]);
        TranslationRun run = TranslationRun.Begin(
            first.Options with { Dropout = 0.5, Epochs = 2, Split = [0.7, 0.1] }, other, new RunSettings { From = first });
        Assert.Equal(before, run.Model.WeightsSha256);
        Assert.Equal(first.Source.Vocabulary.Symbols, run.Model.Source.Vocabulary.Symbols);
        ((ITaskRun)run).Train();
        Assert.NotEqual(before, run.Model.WeightsSha256);
        Assert.Equal(before, first.WeightsSha256);
        string message = Assert.Throws<OptionException>(
            () => TranslationRun.Begin(first.Options with { Embedding = 7 }, other, new RunSettings { From = first })).Message;
        Assert.StartsWith("embedding: the model has 6 and it cannot be changed by training on, got 7", message);
        first.Quantize();
        Assert.Contains("weights of 8 bits",
            Assert.Throws<UserErrorException>(() => TranslationRun.Begin(first.Options, other, new RunSettings { From = first })).Message);
    }

    [Fact]
    public void A_model_of_8_bits_comes_back_from_its_file_and_says_the_same()
    {
        TranslationModel model =
            TranslationModel.Train(s_data, s_small with { Layers = 2, InitialState = InitialState.Learned, LockedDropout = true });
        model.Save(_folder["f.safetensors"]);
        Assert.Equal(model.WeightsSha256, TranslationModel.Open(_folder["f.safetensors"]).WeightsSha256);
        Assert.NotNull(model.Parameters.Find("encoder.h0_l0"));
        Assert.Contains(model.Parameters.Find("encoder.h0_l0")!.Values.ToArray(), value => value != 0);
        model.Quantize();
        Assert.All(model.EncoderDecoder.Decoder.Layers, layer => Assert.Equal(WeightPrecision.Int8, layer.Precision));
        model.Save(_folder["q.safetensors"]);
        Assert.True(new FileInfo(_folder["q.safetensors"]).Length < new FileInfo(_folder["f.safetensors"]).Length);
        TranslationModel opened = TranslationModel.Open(_folder["q.safetensors"]);
        Assert.Equal((WeightPrecision.Int8, model.WeightsSha256), (opened.Precision, opened.WeightsSha256));
        string[] texts = ["abc", "fed", "aa"];
        Assert.Equal(model.Translate(texts).Select(one => (one.Text, one.Score)), opened.Translate(texts).Select(one => (one.Text, one.Score)));
    }

    [Fact]
    public void Other_pairs_are_measured_whole_and_the_rules_learn_from_the_models_own()
    {
        string text = string.Concat(s_pairs.Select(pair => $"{pair.Source}\t{pair.Target}\n"));
        TranslationRun run = TranslationRun.Begin(s_small with { Data = ["pairs.tsv"], Epochs = 1 }, DataFiles.Of("pairs.tsv", text));
        ((ITaskRun)run).Train();
        DataFiles files = DataFiles.Of("pairs.tsv", text).With("new.tsv", "train\tabc\tcba\nvalid\tab\tba\ntest\tfa\taf\ntest\tfa\tfa\n");
        (TranslationEvaluation evaluation, List<string> notes) = Measure(files);
        Assert.Equal((3, 4, "new.tsv"), (evaluation.Sentences, evaluation.References, evaluation.Part));
        Assert.Equal(["this model, beam 3", "this model, greedy", "copy of the source", "symbol for symbol"],
            evaluation.Scores.Select(one => one.Name));

        (evaluation, notes) = Measure(DataFiles.Of("new.tsv", "abc\tcba\n"));
        Assert.DoesNotContain("symbol for symbol", evaluation.Scores.Select(one => one.Name));
        Assert.Contains("the simple rules are left out", Assert.Single(notes));

        TranslationEvaluation memory = run.Model.Evaluate(TranslationData.From([("abc", "cba")]));
        Assert.Equal(evaluation.Scores, memory.Scores);

        (TranslationEvaluation, List<string>) Measure(DataFiles from)
        {
            List<string> said = [];
            return ((TranslationEvaluation)TranslationTask.Instance.Evaluate.Ask(
                run.Model, new TranslationQuestion { Data = ["new.tsv"] }, new TaskCall(from, Note: said.Add)), said);
        }
    }

    [Fact]
    public void Every_fold_tests_in_its_turn_and_all_together_are_every_source_once()
    {
        string file = _folder["pairs.tsv"];
        File.WriteAllLines(file, s_pairs.Select(pair => $"{pair.Source}\t{pair.Target}"));
        CliRun run = CliRun.Of("train", "translate", "--data", file, "--folds", "2", "--cross-validate", "--unit", "char", "--embedding", "4",
            "--hidden", "4", "--epochs", "1", "--beam", "1", "--runs", _folder["runs"], "--run", "r", "--json");
        Assert.True(run.Exit == 0, run.Error);
        int sources = s_pairs.Select(pair => pair.Source).Distinct().Count();
        Assert.Equal(sources, run.Json.GetProperty("pooled").GetProperty("sentences").GetInt32());
        Assert.Equal(sources, run.Json.GetProperty("folds").EnumerateArray().Sum(fold => fold.GetProperty("count").GetInt32()));
        Assert.True(run.Json.GetProperty("mean").GetProperty("chrf").GetDouble() >= 0);
        Assert.Contains("--folds: expected at least 2",
            CliRun.Of("train", "translate", "--data", file, "--cross-validate", "--runs", _folder["none"]).Refused());
    }

    [Fact]
    public void The_encoder_begins_with_the_state_that_was_asked_for_and_old_descriptions_with_none()
    {
        EncoderDecoderSpec spec = new()
        {
            SourceVocabulary = 4, TargetVocabulary = 5, Hidden = 6, Embedding = 3, InitialState = InitialState.Learned, LockedDropout = true,
        };
        Assert.Equal(spec, EncoderDecoderSpec.FromJson(spec.ToJson()));
        string old = spec.ToJson().Replace(",\n  \"lockedDropout\": true,\n  \"firstState\": \"Learned\"", "");
        Assert.DoesNotContain("firstState", old);
        Assert.Equal(spec with { InitialState = InitialState.Zero, LockedDropout = false }, EncoderDecoderSpec.FromJson(old));
        Assert.NotNull(EncoderDecoder.Build(spec).Parameters.Find("encoder.h0_l0_reverse"));
    }

    [Fact]
    public void Threads_change_no_bit_of_a_translation()
    {
        TranslationModel model = TranslationModel.Train(s_data, s_small with { Epochs = 1 });
        using ThreadTeam two = new(2) { SmallestShare = 0 };
        string[] texts = [.. s_pairs.Take(40).Select(pair => pair.Source)];
        Assert.Equal(model.Translate(texts).Select(one => (one.Text, one.Score, one.LogProbability)),
            model.Translate(texts, threads: two).Select(one => (one.Text, one.Score, one.LogProbability)));
    }

    private sealed class Told(List<TrainingProgress> all) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => all.Add(value);
    }
}
