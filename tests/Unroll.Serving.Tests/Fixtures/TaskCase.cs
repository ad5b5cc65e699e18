using Unroll.Core;
using Unroll.Networks;
using Unroll.Serving.Sessions;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Language;
using Unroll.Tasks.Music;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;

namespace Unroll.Serving.Tests.Fixtures;

/// <summary>A small model of a task, and steps of it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Model">The model.</param>
/// <param name="Options">How its sessions begin.</param>
/// <param name="Step">The step at a position of a session, as JSON.</param>
internal sealed record TaskCase(string Name, ITaskModel Model, SessionConfiguration Options, Func<Rng, string> Step)
{
    private static readonly Lazy<TaskCase[]> s_all = new(() =>
    [
        Tagger(1), Numbers(1), Language(1), Members(), Speech(), Forecast("windows", new() { Window = 4, Horizon = 2 }),
        Forecast("through series", new() { Bptt = [5, 10], Window = 6, Horizon = 2, Season = 1 }), Music(MusicKeys.Independent),
        Music(MusicKeys.Joint),
    ]);

    private static readonly string[] s_words = ["send", "five", "lamps", "for", "unheard"];

    public static IReadOnlyList<TaskCase> All => s_all.Value;

    public static TheoryData<string> Names => [.. All.Select(one => one.Name)];

    public static TaskCase Of(string name) => All.Single(one => one.Name == name);

    /// <summary>A list of steps from some position of some session.</summary>
    public string Steps(ulong session, long position, int count) =>
        $"[{string.Join(',', Enumerable.Range(0, count).Select(i => Step(new Rng(session).At((ulong)(position + i)))))}]";

    /// <summary>A tagger of words.</summary>
    public static TaskCase Tagger(ulong seed)
    {
        LabelOptions options = LabelOptions.Of(LabelKind.Tag) with { Direction = ReadingDirection.Forward, Hidden = 5, Layers = 2, Embedding = 3 };
        return new("tagger", Labels(options, seed, LabeledSequence.OfTokens(["send", "five", "lamps", "for"], ["O", "COUNT", "THING", "O"])), new(),
            draws => $"\"{s_words[draws.Below(s_words.Length, 0)]}\"");
    }

    /// <summary>A tagger of rows of three numbers.</summary>
    public static TaskCase Numbers(ulong seed, int hidden = 6)
    {
        LabelOptions options = LabelOptions.Of(LabelKind.Tag) with { Direction = ReadingDirection.Forward, Hidden = hidden, Layers = 2 };
        LabeledSequence rows = LabeledSequence.OfNumbers([1, 2, 3, 4, 5, 6.5f, -1, 0, 2], 3, ["up", "down", "up"]);
        return new("numbers", Labels(options, seed, rows), new(), draws =>
            FormattableString.Invariant($"[{(float)draws.Normal(0):R},{(float)draws.Normal(1):R},{(float)draws.Normal(2):R}]"));
    }

    /// <summary>A language model of characters, whose sessions read and draw.</summary>
    public static TaskCase Language(ulong seed) => new("language", Characters(seed, 1),
        new() { Settings = new() { Sampling = new SamplingOptions { Seed = 7, Temperature = 0.8, TopK = 9 } } },
        draws => draws.Below(3, 0) == 0 ? $"{{\"draw\":{1 + draws.Below(4, 1)}}}" : $"\"{"the sailor "[draws.Below(11, 2)]}he\"");

    private static TaskCase Members() => Language(3) with { Name = "members", Model = Characters(3, 2) };

    private static LanguageModel Characters(ulong seed, int members) => LanguageModel.Train(GrammarText.Generate(30), new LanguageOptions
    {
        Unit = TextUnit.Char, Embedding = 4, Hidden = 6, Layers = 2, Batch = 4, Bptt = [8], Dropout = 0, Epochs = 1, Seed = seed, Members = members,
    });

    private static LabelModel Labels(LabelOptions options, ulong seed, params LabeledSequence[] training)
    {
        LabelModel model = new(options, LabelEncoding.Learn(training, options));
        Initialization.Apply(model.Network, new InitializationOptions(), new Rng(seed));
        return model;
    }

    private static TaskCase Forecast(string kind, ForecastOptions options) =>
        new($"forecast, {kind}", ForecastModel.Train(
            Series.Groups(Enumerable.Range(0, 80), _ => "", t => new DateTime(2024, 1, 1).AddDays(t),
                [new("y", t => 40 + 0.2 * t + 6 * Math.Sin(t * 0.9))])[0],
            options with { Column = ["y"], Hidden = 5, Epochs = 1 }), new(),
            draws => FormattableString.Invariant($"{{\"row\":[{40 + 10 * draws.Uniform(0):R}]}}"));

    private static TaskCase Music(MusicKeys keys)
    {
        PianoRoll[] rolls = [.. Enumerable.Range(0, 12)
            .Select(i => new PianoRoll([.. Enumerable.Range(i, 9).Select(t => t % 2 == 0 ? (int[])[60, 64, 67] : [62, 65, 69])]))];
        MusicModel model = MusicModel.Train(MusicData.Rolls(rolls), new MusicOptions { Keys = keys, Hidden = 6, Layers = 1, Epochs = 1 });
        return new($"music, {keys}", model, new(), draws => keys == MusicKeys.Joint && draws.Below(3, 0) == 0 ? "{\"draw\":2}"
            : $"[{60 + draws.Below(5, 1)},{66 + draws.Below(5, 2)}]");
    }

    private static TaskCase Speech()
    {
        string folder = Directory.CreateTempSubdirectory("unroll-tones-").FullName;
        try
        {
            foreach ((string word, double hertz) in ((string, double)[])[("hi", 1500), ("lo", 400), ("mid", 800)])
                foreach (string voice in (string[])["ann", "bob"])
                    for (int take = 0; take < 4; take++)
                        WavFile.Write(Path.Combine(folder, $"{word}_{voice}_{take}.wav"),
                            [.. Enumerable.Range(0, 1200 + 100 * take).Select(n => (float)(0.3 * Math.Sin(2 * Math.PI * hertz * n / 8000)))], 8000);
            SpeechRun run = SpeechRun.Begin(new SpeechOptions
            {
                Data = [folder], Pattern = "{label}_{speaker}_*", Mode = SpeechMode.Ctc, Split = [0.5, 0.25], Hidden = 8, Layers = 1, Dropout = 0,
                Normalize = FeatureNormalization.Training, Epochs = 2, Batch = 3,
                Features = new FeatureOptions { Mels = 12, Deltas = 1 }, Join = [2, 3],
                Direction = ReadingDirection.Forward,
            }, Unroll.Tasks.Data.DataFiles.Disk, new RunSettings());
            foreach (Unroll.Training.TrainingProgress _ in run.Loop.Run()) { }
            return new("speech", run.Model, new() { Settings = new() { Rate = 11025 } }, draws =>
                $"[{string.Join(',', Enumerable.Range(0, 150).Select(n => FormattableString.Invariant($"{0.3 * draws.Normal((ulong)n):F4}")))}]");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
