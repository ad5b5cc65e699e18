using System.CommandLine;
using System.Globalization;
using Unroll.Core;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Speech;

namespace Unroll.Cli;

/// <summary>The options of a speech run on the command line, one for each property of <see cref="SpeechOptions"/>.</summary>
internal static class SpeechArguments
{
    internal static TaskArguments<SpeechOptions> Make()
    {
        SpeechOptions usual = new();
        TaskArguments<SpeechOptions> all = new();
        AddData(all);
        all.Add(Opt.Switch("--cross-validate", "hold out each speaker in turn"), (o, v) => o with { CrossValidate = v });
        all.Add(Opt.Text("--mode", "WORD", "a label for a recording, or strings of words: " + Words(SpeechOptions.ModeWords, usual.Mode)), (o, v) => o with { Mode = v });
        all.Add(Opt.Text("--join", "LEAST..MOST", "join so many recordings to a string, in mode ctc"), (o, v) => o with { Join = Range(v) });
        AddFeatures(all);
        all.Add(Opt.Number("--speed", "greatest random change of speed, and with it of pitch and resonances (default 0.2)"), (o, v) => o with { Augmentation = o.Augmentation with { Speed = v!.Value } });
        all.Add(Opt.Number("--shift", "longest random silence around a recording, in seconds (default 0)"),
            (o, v) => o with { Augmentation = o.Augmentation with { Shift = v!.Value } });
        all.Add(Opt.Number("--noise", "greatest random noise, as a share of the recording's loudness (default 0.2)"),
            (o, v) => o with { Augmentation = o.Augmentation with { Noise = v!.Value } });
        all.Add(Opt.Number("--mask", "greatest share of filters and of steps that is hidden at random (default 0.2)"),
            (o, v) => o with { Augmentation = o.Augmentation with { Mask = v!.Value } });
        all.Add(Opt.Number("--tail", "seconds of silence after every recording (default: 0.2 with --forward in mode ctc, else 0)"), (o, v) => o with { Tail = v });
        all.Add(Opt.Text("--cell", "CELL", Words(ForecastOptions.CellWords, usual.Cell)), (o, v) => o with { Cell = v });
        all.Add(Opt.Whole("--hidden", "N", $"units of each layer and direction (default {usual.Hidden})"), (o, v) => o with { Hidden = v!.Value });
        all.Add(Opt.Whole("--layers", "N", $"recurrent layers (default {usual.Layers})"), (o, v) => o with { Layers = v!.Value });
        all.Add(Opt.Switch("--forward", "read in the order of time alone, so that the model can listen to a stream"), (o, v) => o with { Forward = v });
        all.Add(Opt.Text("--pool", "WORD", "how steps become one, in mode word: " + Words(SpeechOptions.PoolWords, usual.Pool)), (o, v) => o with { Pool = v });
        all.Add(Opt.Number("--dropout", "probability between layers and below the last (default 0.3)"), (o, v) => o with { Dropout = v!.Value });
        all.Add(Opt.Whole("--epochs", "N", $"passes over the training part at most (default {usual.Epochs})"), (o, v) => o with { Epochs = v!.Value });
        all.Add(Opt.Whole("--batch", "N", $"recordings or strings of a batch (default {usual.Batch})"), (o, v) => o with { Batch = v!.Value });
        all.Add(Opt.Number("--lr", "learning rate (default 0.003)"), (o, v) => o with { LearningRate = v!.Value });
        all.Add(Opt.Text("--schedule", "WORD", Words(Training.Schedule.Kinds, usual.Schedule)), (o, v) => o with { Schedule = v });
        all.Add(Opt.Text("--optimizer", "WORD", Words(Training.OptimizerOptions.Kinds, usual.Optimizer)), (o, v) => o with { Optimizer = v });
        all.Add(Opt.Number("--clip", "limit of the gradients' norm (default 1; 0: none)"), (o, v) => o with { Clip = v!.Value });
        all.Add(Opt.Whole("--patience", "N", "epochs without improvement before stopping (default: never)"), (o, v) =>
            o with { Patience = v });
        all.Add(Opt.Seed("--seed", "seed of every random draw (default 1)"), (o, v) => o with { Seed = v!.Value });
        return all;
    }

    /// <summary>The options that say which recordings there are and how they are dealt out.</summary>
    internal static void AddData(TaskArguments<SpeechOptions> all)
    {
        all.Add(Opt.Text("--data", "tones|FOLDER|FILE.csv", "made-up words (default), a folder of WAV files, or a manifest with the columns path, label"),
            (o, v) => o with { Data = v });
        all.Add(Opt.Text("--pattern", "PATTERN", "what file names in a folder say (default {label}_*; also {speaker}, {part}, and folders: {label}/*)"),
            (o, v) => o with { Pattern = v });
        all.Add(Opt.Text("--path", "COLUMN", "the manifest's column of files (default path or file)"), (o, v) => o with { Path = v });
        all.Add(Opt.Text("--label", "COLUMN", "the manifest's column of words (default label or text)"), (o, v) => o with { Label = v });
        all.Add(Opt.Text("--folder", "FOLDER", "where the manifest's paths begin (default: its own folder)"), (o, v) => o with { Folder = v });
        all.Add(Opt.Numbers("--split", "TRAIN,VALID", "shares to train on and to validate on; the rest tests (default 0.8,0.1)"), (o, v) => o with { Split = v! });
        all.Add(Opt.Text("--hold-out", "SPEAKER", "test on this speaker and train on all others"), (o, v) => o with { HoldOut = v });
    }

    private static void AddFeatures(TaskArguments<SpeechOptions> all)
    {
        FeatureOptions usual = new SpeechOptions().Features;
        all.Add(Opt.Whole("--rate", "N", "samples a second (default: the recordings' own, at most 16000)"), (o, v) => o with { Rate = v });
        all.Add(Opt.Number("--frame", "milliseconds of a window (default 25)"), (o, v) => o with { Features = o.Features with { WindowMs = v!.Value } });
        all.Add(Opt.Number("--hop", "milliseconds from window to window (default 10)"), (o, v) => o with { Features = o.Features with { HopMs = v!.Value } });
        all.Add(Opt.Number("--pre-emphasis", "weight of the sample before that is taken off (default 0.97)"),
            (o, v) => o with { Features = o.Features with { PreEmphasis = v!.Value } });
        all.Add(Opt.Whole("--mels", "N", $"mel filters (default {usual.Mels})"), (o, v) => o with { Features = o.Features with { Mels = v!.Value } });
        all.Add(Opt.Text("--mel-scale", "WORD", "htk|slaney (default htk)"), (o, v) => o with { Features = o.Features with { Scale = Scale(v) } });
        all.Add(Opt.Number("--low", "where the filters begin, in Hz (default 20)"), (o, v) => o with { Features = o.Features with { LowHz = v!.Value } });
        all.Add(Opt.Number("--high", "where the filters end, in Hz (default: half the rate)"), (o, v) => o with { Features = o.Features with { HighHz = v } });
        all.Add(Opt.Whole("--cepstra", "N", "cepstral coefficients of the filters, MFCC (default 13; 0: the filters themselves)"),
            (o, v) => o with { Features = o.Features with { Cepstra = v!.Value } });
        all.Add(Opt.Whole("--deltas", "N", $"orders of differences in time, 0 to 2 (default {usual.Deltas})"),
            (o, v) => o with { Features = o.Features with { Deltas = v!.Value } });
        all.Add(Opt.Text("--normalise", "WORD", Words(SpeechOptions.NormalizeWords, "auto")), (o, v) => o with { Normalize = v });
    }

    private static MelScale Scale(string word) => word switch
    {
        "htk" => MelScale.Htk,
        "slaney" => MelScale.Slaney,
        _ => throw new UserErrorException($"mel-scale: there is no '{word}'; expected htk or slaney."),
    };

    /// <summary>Least and most, from <c>3..7</c>; what is no number becomes 0, which the options refuse.</summary>
    internal static int[] Range(string text)
    {
        string[] ends = text.Split("..") is { Length: 2 } dots ? dots : text.Split(',');
        int[] numbers = [.. ends.Select(end => int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out int v) ? v : 0)];
        return numbers.Length == 1 ? [numbers[0], numbers[0]] : numbers;
    }

    private static string Words(IReadOnlyList<string> words, string usual) => TaskArguments<SpeechOptions>.Words(words, usual);
}
