using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Speech;

/// <summary>
/// Everything that decides a speech run: data, features, model, training. The keys of its JSON are the options of the command line and of its
/// configuration files. Every property throws a <see cref="UserErrorException"/> for a value out of its range.
/// </summary>
public sealed record SpeechOptions
{
    /// <summary><c>tones</c> (made-up words, computed), a folder of WAV files, or a manifest: a CSV file.</summary>
    public string Data { get; init; } = "tones";

    /// <summary>What the names in a folder say; see <see cref="RecordingPattern"/>.</summary>
    public string Pattern { get; init; } = "{label}_*";

    /// <summary>The manifest's column with the paths; null: <c>path</c> or <c>file</c>.</summary>
    public string? Path { get; init; }

    /// <summary>The manifest's column with the words; null: <c>label</c> or <c>text</c>.</summary>
    public string? Label { get; init; }

    /// <summary>Where the manifest's paths begin; null: its own folder.</summary>
    public string? Folder { get; init; }

    /// <summary>The shares of the recordings to train on and to validate on; the rest tests. Parts that the data name themselves stay.</summary>
    public IReadOnlyList<double> Split { get; init => field = Check.Shares(value, "0.8,0.1"); } = [0.8, 0.1];

    /// <summary>A speaker whose recordings test, while all others train and validate, whatever parts the data name; null: none.</summary>
    public string? HoldOut { get; init; }

    /// <summary>Whether every speaker is held out in turn: one run for each, see <see cref="EachSpeaker"/>.</summary>
    public bool CrossValidate { get; init; }

    /// <summary><c>word</c>: one label for a recording; <c>ctc</c>: a string of words, none of which is marked in time.</summary>
    public string Mode { get; init => field = Check.OneOf(ModeWords, value, "mode"); } = "word";

    /// <summary>Least and most recordings that are joined to one string, in <c>ctc</c>; empty: recordings as they are.</summary>
    public IReadOnlyList<int> Join { get; init => field = Range(value); } = [];

    /// <summary>Samples a second that the network hears; null: the commonest rate of the recordings, at most 16000.</summary>
    public int? Rate { get; init => field = value is int v ? Check.Between(1000, 96_000, v, "rate") : null; }

    /// <summary>What a step looks like; its rate is set by <see cref="Rate"/>.</summary>
    public FeatureOptions Features { get; init; } = new() { Mels = 24, Cepstra = 13 };

    /// <summary>
    /// Mean 0 and deviation 1 of each feature over the <c>recording</c>, or by statistics of the <c>training</c> part, or <c>none</c>; <c>auto</c>:
    /// the recording for a network that reads it from both ends, else the training part.
    /// </summary>
    public string Normalize { get; init => field = Check.OneOf(NormalizeWords, value, "normalise"); } = "auto";

    /// <summary>
    /// Seconds of a quiet room after every recording, in training and later: a network that writes down words in the order of time needs a moment after the last
    /// one; null: 0.2 for such a network in mode <c>ctc</c>, else none.
    /// </summary>
    public double? Tail { get; init => field = value is double v ? Check.Between(0, 10, v, "tail") : null; }

    /// <summary>Random changes of the training part.</summary>
    public AugmentationOptions Augmentation { get; init; } = new() { Speed = 0.2, Noise = 0.2 };

    /// <summary><c>lstm</c>, <c>gru</c>, <c>gru-after</c>, <c>rnn</c>, <c>residual</c>, <c>lstm-ln</c> or <c>gru-ln</c>.</summary>
    public string Cell { get; init => field = Check.OneOf(ForecastOptions.CellWords, value, "cell"); } = "gru";

    /// <summary>Units of each layer and direction.</summary>
    public int Hidden { get; init => field = Check.Between(1, 16_384, value, "hidden"); } = 64;

    /// <summary>Recurrent layers on top of each other.</summary>
    public int Layers { get; init => field = Check.Between(1, 64, value, "layers"); } = 2;

    /// <summary>Whether the network reads in the order of time alone, so that it can listen to a stream.</summary>
    public bool Forward { get; init; }

    /// <summary>How the steps of a recording become one, for <c>word</c>: <c>mean</c>, <c>max</c>, <c>attention</c> or <c>last</c>.</summary>
    public string Pool { get; init => field = Check.OneOf(PoolWords, value, "pool"); } = "attention";

    /// <summary>Probability that an output between two layers, and below the last, is dropped in training.</summary>
    public double Dropout { get; init => field = Check.Between(0, 0.99, value, "dropout"); } = 0.3;

    /// <summary>Passes over the training part, at most.</summary>
    public int Epochs { get; init => field = Check.Between(1, 1_000_000, value, "epochs"); } = 30;

    /// <summary>Recordings or strings of a batch.</summary>
    public int Batch { get; init => field = Check.Between(1, 1_000_000, value, "batch"); } = 32;

    /// <summary>The learning rate.</summary>
    public double LearningRate { get; init => field = Check.Between(1e-9, 100, value, "lr"); } = 3e-3;

    /// <summary><c>constant</c>, <c>step</c>, <c>cosine</c> or <c>plateau</c>: how the learning rate goes.</summary>
    public string Schedule { get; init => field = Check.OneOf(Unroll.Training.Schedule.Kinds, value, "schedule"); } = "cosine";

    /// <summary><c>adam</c>, <c>adamw</c>, <c>sgd</c>, <c>rmsprop</c> or <c>adagrad</c>.</summary>
    public string Optimizer { get; init => field = Check.OneOf(OptimizerOptions.Kinds, value, "optimizer"); } = "adam";

    /// <summary>The limit of the norm of all gradients together; 0: none.</summary>
    public double Clip { get; init => field = Check.Between(0, 1e9, value, "clip"); } = 1;

    /// <summary>Epochs without a better validation score after which training stops; null: never.</summary>
    public int? Patience { get; init => field = value is int v ? Check.Between(1, 1_000_000, v, "patience") : null; }

    /// <summary>The seed of every random draw.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The words of <see cref="Mode"/>.</summary>
    public static IReadOnlyList<string> ModeWords { get; } = ["word", "ctc"];

    /// <summary>The words of <see cref="Normalize"/>.</summary>
    public static IReadOnlyList<string> NormalizeWords { get; } = ["auto", "recording", "training", "none"];

    /// <summary>The words of <see cref="Pool"/>.</summary>
    public static IReadOnlyList<string> PoolWords { get; } = ["mean", "max", "attention", "last"];

    /// <summary>The options as indented JSON; what is null is left out.</summary>
    public string ToJson() => JsonText.Of(json => SpeechOptionsText.Write(json, this));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">What errors call it: the file's path.</param>
    /// <exception cref="UserErrorException">It is no such JSON, has a key that is not an option, or a value out of range.</exception>
    public static SpeechOptions FromJson(string json, string where)
    {
        try
        {
            return JsonRecord.Read(json, SpeechOptionsText.Read, "option");
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"{where}: not the options of a speech run: {e.Message.TrimEnd('.')}; begin a run of another name.", e);
        }
    }

    /// <summary>The same for other data: what belongs to the old ones alone (columns, the folder of a manifest, a speaker) is as if it had not been said.</summary>
    /// <param name="data">As <see cref="Data"/>.</param>
    public SpeechOptions Of(string data) => this with { Data = data, Path = null, Label = null, Folder = null, HoldOut = null };

    /// <summary>One run for each speaker of the data, who is held out of it.</summary>
    /// <exception cref="UserErrorException">There are fewer than two speakers, or one is held out already.</exception>
    public IReadOnlyList<SpeechOptions> EachSpeaker()
    {
        if (HoldOut is { } one) throw new UserErrorException($"cross-validate: every speaker is held out in turn; leave --hold-out {one} out.");
        string[] speakers = [.. SpeechParts.List(this).Select(recording => recording.Speaker ?? "").Distinct().Order(StringComparer.Ordinal)];
        if (speakers.Length < 2 || speakers[0].Length == 0)
            throw new UserErrorException($"cross-validate: expected recordings of at least two speakers, each with a speaker's name, " +
                $"found {(speakers.Any(name => name.Length == 0) ? "some without" : $"'{speakers[0]}' alone")}; see --pattern.");
        return [.. speakers.Select(speaker => this with { HoldOut = speaker, CrossValidate = false })];
    }

    /// <summary>Throws where options contradict each other.</summary>
    internal void CheckTogether()
    {
        if (Join.Count > 0 && Mode != "ctc")
            throw new UserErrorException("join: a string of several recordings has no single label; choose --mode ctc, or leave --join out.");
        if (Mode == "ctc" && Augmentation.Mask > 0.5)
            throw new UserErrorException($"mask: expected at most 0.5 in mode ctc, because words that are hidden cannot be written down, got {Augmentation.Mask}.");
    }

    private static IReadOnlyList<int> Range(IReadOnlyList<int> value) =>
        value.Count == 0 || (value.Count == 2 && value[0] >= 1 && value[1] >= value[0] && value[1] <= 1000)
            ? value
            : throw new UserErrorException($"join: expected the least and the most recordings of a string, such as 3,7, got {string.Join(',', value)}.");
}
