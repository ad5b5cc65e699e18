using Unroll.Core;
using Unroll.Tasks.Data;
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

namespace Unroll.Serving.Browser.Tests;

/// <summary>A model of each kind that has a panel, trained in well under a second each.</summary>
internal static class SmallModels
{
    /// <summary>A label that would be a picture with a script, were it taken for markup.</summary>
    public const string Hostile = "<img/src=x/onerror=document.title='taken'>";

    public static string[] Names => ["chords", "film", "hostile", "keys", "orders", "sales", "text", "tones", "tunes"];

    public static IReadOnlyList<(string Name, ITaskModel Model)> All() =>
    [
        ("chords", Music(MusicKeys.Joint)), ("film", Classifier()), ("hostile", Tagger(Hostile)), ("keys", Music(MusicKeys.Independent)),
        ("orders", Tagger("COUNT")), ("sales", Forecaster()), ("text", Writer()), ("tones", Recognizer()), ("tunes", Tunes()),
    ];

    public static LanguageModel Writer() => LanguageModel.Train(GrammarText.Generate(30), new LanguageOptions
    {
        Unit = TextUnit.Char, Embedding = 4, Hidden = 8, Layers = 1, Batch = 4, Bptt = [8], Dropout = 0, Epochs = 1,
    });

    private static LabelModel Tagger(string count) => LabelModel.Train(LabelData.From(
        Enumerable.Range(0, 12).Select(i => LabeledSequence.OfTokens(
            ["please", "send", i % 2 == 0 ? "five" : "six", "lamps"], ["O", "O", count, "THING"]))),
        LabelOptions.Of(LabelKind.Tag) with { Direction = ReadingDirection.Forward, Hidden = 8, Embedding = 4, Epochs = 30, Batch = 1 });

    private static LabelModel Classifier() => LabelModel.Train(LabelData.From(
        Enumerable.Range(0, 12).Select(i => ($"a {(i % 2 == 0 ? "lovely" : "boring")} film", i % 2 == 0 ? "likes" : "dislikes"))),
        LabelOptions.Of(LabelKind.Classify) with { Hidden = 6, Embedding = 4, Epochs = 2 });

    private static ForecastModel Forecaster() => ForecastModel.Train(
        Series.Groups(Enumerable.Range(0, 80), _ => "", t => new DateTime(2024, 1, 1).AddDays(t), [new("units", t => 40 + 6 * Math.Sin(t * 0.9))])[0],
        new ForecastOptions { Column = ["units"], Window = 6, Horizon = 3, Hidden = 6, Epochs = 3 });

    private static MusicModel Music(MusicKeys keys)
    {
        PianoRoll[] rolls = [.. Enumerable.Range(0, 12)
            .Select(i => new PianoRoll([.. Enumerable.Range(i, 9).Select(t => t % 2 == 0 ? (int[])[60, 64, 67] : [62, 65, 69])]))];
        return MusicModel.Train(MusicData.Rolls(rolls), new MusicOptions { Keys = keys, Hidden = 6, Layers = 1, Epochs = 1 });
    }

    private static MusicModel Tunes() => MusicModel.Train(MusicData.Read(
        new MusicOptions { Data = ["tunes.abc"] }, DataFiles.Of("tunes.abc", string.Concat(Enumerable.Range(1, 12).Select(i =>
            $"X:{i}\nT:{i}\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|cBAG|FEDC|\n\n")))),
        new MusicOptions { Data = ["tunes.abc"], Kind = MusicKind.Tune, Hidden = 24, Layers = 1, Epochs = 30, Dropout = 0, Batch = 4 });

    /// <summary>A tone of a word that the recognizer knows.</summary>
    public static float[] Tone(double hertz, int samples) =>
        [.. Enumerable.Range(0, samples).Select(n => (float)(0.3 * Math.Sin(2 * Math.PI * hertz * n / 8000)))];

    private static SpeechModel Recognizer()
    {
        string folder = Directory.CreateTempSubdirectory("unroll-tones-").FullName;
        try
        {
            foreach ((string word, double hertz) in ((string, double)[])[("hi", 1500), ("lo", 400), ("mid", 800)])
                foreach (string voice in (string[])["ann", "bob"])
                    for (int take = 0; take < 4; take++)
                        WavFile.Write(Path.Combine(folder, $"{word}_{voice}_{take}.wav"), Tone(hertz, 1200 + 100 * take), 8000);
            SpeechRun run = SpeechRun.Begin(new SpeechOptions
            {
                Data = [folder], Pattern = "{label}_{speaker}_*", Mode = SpeechMode.Ctc, Split = [0.5, 0.25], Hidden = 12, Layers = 1, Dropout = 0,
                Normalize = FeatureNormalization.Training, Epochs = 12, Batch = 3, Features = new FeatureOptions { Mels = 12, Deltas = 1 },
                Join = [2, 3], Direction = ReadingDirection.Forward,
            }, DataFiles.Disk, new RunSettings());
            foreach (Unroll.Training.TrainingProgress _ in run.Loop.Run()) { }
            return run.Model;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
