using Unroll.Core;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks.Speech;

public sealed class SpeechOptionsTests : IDisposable
{
    private static readonly OptionTable<SpeechOptions> s_table = SpeechOptions.Table;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // A value that is not the default, for every option: what is added without one here fails the law below.
    private static readonly (string Name, string Value)[] s_others =
    [
        ("data", "a,b"), ("pattern", "{label}/*"), ("path", "wave"), ("label", "said"), ("folder", "there"), ("valid", "c"), ("test", "d"),
            ("split", "0.6,0.3"),
        ("fold", "bob"), ("folds", "4"), ("cross-validate", "true"), ("mode", "ctc"), ("join", "3..7"), ("rate", "16000"), ("frame", "20"),
            ("hop", "5"),
        ("pre-emphasis", "0.5"), ("mels", "30"), ("mel-scale", "slaney"), ("low", "50"), ("high", "3000"), ("cepstra", "0"), ("deltas", "2"),
        ("normalize", "training"), ("tail", "0.25"), ("speed", "0.1"), ("shift", "0.5"), ("noise", "0.1"), ("mask", "0.3"), ("cell", "lstm"),
            ("hidden", "9"),
        ("layers", "3"), ("direction", "forward"), ("pooling", "max"), ("dropout", "0.1"), ("locked-dropout", "true"), ("initial-state", "learned"),
        ("from", "m"), ("epochs", "7"), ("patience", "4"), ("batch", "5"), ("shards", "4"), ("lr", "0.1"), ("schedule", "step"), ("lr-factor", "0.5"),
            ("lr-patience", "3"),
        ("warmup", "2"), ("optimizer", "sgd"), ("momentum", "0.9"), ("nesterov", "true"), ("weight-decay", "0.01"), ("clip", "2"),
            ("clip-by", "value"),
        ("non-finite", "skip"), ("seed", "9"), ("training-seed", "3"), ("members", "4"), ("from-member", "2"),
        ("choose-epoch", "speaker"), ("features", "mfcc,mel"), ("masks", "2"), ("vtlp", "0.1"), ("tempo", "0.05"), ("ngram", "2"),
            ("ngram-text", "texts"), ("ngram-weight", "0.5"),
        ("average", "ema"), ("average-decay", "0.5"), ("average-epochs", "2"), ("average-wait", "9"),
    ];

    [Fact]
    public void Every_option_is_read_written_and_read_again()
    {
        Assert.Equal(s_table.OfferedBy("speech").Select(line => line.Name).Order(), s_others.Select(one => one.Name).Order());
        foreach ((string name, string value) in s_others)
        {
            SpeechOptions set = s_table.Parse(new SpeechOptions(), name, value);
            Assert.Equal(value, s_table.Find(name)!.Text(set));
            Assert.NotEqual(value, s_table.Find(name)!.Text(new SpeechOptions()));
            SpeechOptions again = (SpeechOptions)TaskList.OptionsOf(SpeechTask.Instance, s_table.ToJson(set), "x");
            Assert.Equal(s_table.ToJson(set), s_table.ToJson(again));
            Assert.Equal(value, s_table.Find(name)!.Text(again));
        }
    }

    [Theory]
    [InlineData("hold-out", "bob", "fold")]
    [InlineData("forward", "true", "direction", "forward")]
    [InlineData("pool", "mean", "pooling")]
    [InlineData("normalise", "none", "normalize")]
    [InlineData("plateau", "5", "lr-patience")]
    public void Names_of_before_are_taken(string was, string value, string now, string? becomes = null) =>
        Assert.Equal(becomes ?? value, s_table.Find(now)!.Text(s_table.Parse(new SpeechOptions(), was, value)));

    [Fact]
    public void What_cannot_be_is_refused_by_the_name_of_its_option()
    {
        SpeechOptions word = new(), ctc = new() { Mode = SpeechMode.Ctc };
        foreach ((SpeechOptions options, string part) in ((SpeechOptions, string)[])
        [
            (word with { Split = [0.9, 0.2] }, "split: expected the shares"),
                (ctc with { Join = [3, 2] }, "join: expected the minimum and the maximum"),
            (word with { Join = [2, 3] }, "join: a string of several recordings"),
                (word with { Pooling = PoolingKind.None }, "pooling: in mode word"),
            (word with { Pooling = PoolingKind.Flatten }, "pooling: recordings differ in length"),
                (ctc with { Pooling = PoolingKind.Mean }, "pooling: in mode ctc"),
            (ctc with { Augmentation = new AugmentationOptions { Mask = 0.6 } }, "mask: expected at most 0.5"),
                (word with { Hidden = 0 }, "hidden: expected"),
            (word with { Features = word.Features with { Cepstra = 25 } }, "cepstra: expected at most 24"),
                (word with { Cell = "gruu" }, "cell: there is no 'gruu'"),
            (word with { Momentum = 0.5 }, "momentum: adam has none"),
            (word with { Augmentation = new AugmentationOptions { Mask = 0, Masks = 2 } }, "masks: mask is 0"),
                (word with { Kinds = ["mel", "chroma"] }, "features: expected some of mfcc, mel"),
            (word with { Kinds = ["mel"], Features = word.Features with { Cepstra = 0 } }, "features: the option cepstra"),
                (word with { ChooseEpoch = EpochChoice.Last, Patience = 3 }, "patience: the last epoch is kept"),
            (word with { ChooseEpoch = EpochChoice.Speaker, Valid = ["v"] }, "choose-epoch: valid names"),
                (word with { NGram = 2 }, "ngram: a recording with one label"),
            (ctc with { NGram = 2, Join = [2, 3] }, "ngram: strings that are joined"), (ctc with { NGramText = "t" }, "ngram-text: it is what"),
                (ctc with { NGramWeight = 1 }, "ngram-weight: it is the weight"),
        ])
            Assert.StartsWith(part, Assert.Throws<OptionException>(() => SpeechRun.Begin(options, DataFiles.Disk)).Message);
        Assert.Equal("hop: expected a number from 1 to 1000, got 0.", Assert.Throws<OptionException>(() => s_table.Parse(word, "hop", "0")).Message);
        Assert.Contains("expected one of word, ctc", Assert.Throws<OptionException>(() => s_table.Parse(word, "mode", "sentence")).Message);
    }

    [Fact]
    public void The_mode_sets_the_pooling_that_it_cannot_do_without()
    {
        Assert.Equal(PoolingKind.None, new SpeechOptions { Mode = SpeechMode.Ctc }.Pooling);
        Assert.Equal(PoolingKind.Mean, new SpeechOptions { Pooling = PoolingKind.Mean, Mode = SpeechMode.Word }.Pooling);
        Assert.Equal(PoolingKind.Attention, (new SpeechOptions { Mode = SpeechMode.Ctc } with { Mode = SpeechMode.Word }).Pooling);
    }

    [Theory]
    [InlineData(PoolingKind.Last)]
    [InlineData(PoolingKind.Mean)]
    [InlineData(PoolingKind.Max)]
    [InlineData(PoolingKind.Attention)]
    [InlineData(PoolingKind.Center)]
    public void Every_pooling_trains(PoolingKind pooling)
    {
        SpeechOptions options = SpeechTests.Small(_folder["data"]) with { Pooling = pooling, Epochs = 1 };
        SpeechModel both = SpeechTests.Train(options).Model, forward = SpeechTests.Train(options with { Direction = ReadingDirection.Forward }).Model;
        both.Save(_folder["m.safetensors"]);
        Assert.Equal(pooling, SpeechModel.Open(_folder["m.safetensors"]).Options.Pooling);
        Assert.NotEqual(both.Network.Parameters.Length, forward.Network.Parameters.Length);
    }

    [Theory]
    [InlineData("speech-words", 2)]
    [InlineData("speech-ctc", 1)]
    public void A_model_of_an_earlier_version_gives_the_answers_that_it_gave(string name, int best)
    {
        string At(string file) => Path.Combine(AppContext.BaseDirectory, "Tasks", "Fixtures", file);
        ITaskModel model = TaskList.Open(At($"{name}.safetensors"));
        DataFiles files = DataFiles.Disk.With($"{name}.input.wav", File.ReadAllBytes(At($"{name}.input.wav")));
        TaskAnswer answer = SpeechTask.Instance.Predict.Ask(model, new SpeechPredictOptions { Data = [$"{name}.input.wav"], Best = best },
            new TaskCall(files));
        Assert.Equal(File.ReadAllText(At($"{name}.expected.json")).TrimEnd(), answer.ToJson());
        Assert.Equal(name == "speech-ctc" ? PoolingKind.None : PoolingKind.Attention, model.Options.Pooling);
        Assert.Equal(name == "speech-ctc" ? ReadingDirection.Forward : ReadingDirection.Both, model.Options.Direction);
        SpeechOptions.Table.Check((SpeechOptions)model.Options);
    }

    [Fact]
    public void A_damaged_description_is_refused()
    {
        SpeechModel model = SpeechTests.Train(SpeechTests.Small(_folder["data"]) with { Epochs = 1 }).Model;
        string text = model.Description.ToJson();
        Assert.Equal(text, SpeechDescription.FromJson(text, "m").ToJson());
        foreach ((string part, string by) in ((string, string)[])[("\"words\"", "\"wörds\""), ("\"hidden\"", "\"hiden\""),
            ("\"options\"", "\"option\""), ("{", "")])
            Assert.Contains("'m' is a damaged speech model",
                Assert.Throws<UserErrorException>(() => SpeechDescription.FromJson(text.Replace(part, by), "m")).Message);
    }
}
