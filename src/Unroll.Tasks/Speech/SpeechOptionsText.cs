using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tasks.Speech;

/// <summary>The JSON of <see cref="SpeechOptions"/>: what is written and, below it, read.</summary>
internal static class SpeechOptionsText
{
    internal static void Write(Utf8JsonWriter json, SpeechOptions options)
    {
        json.WriteString("data", options.Data);
        json.WriteString("pattern", options.Pattern);
        json.WriteUnlessNull("path", options.Path);
        json.WriteUnlessNull("label", options.Label);
        json.WriteUnlessNull("folder", options.Folder);
        json.WriteNumbers("split", options.Split);
        json.WriteUnlessNull("hold-out", options.HoldOut);
        if (options.CrossValidate) json.WriteBoolean("cross-validate", true);
        json.WriteString("mode", options.Mode);
        json.WriteWholes("join", options.Join);
        json.WriteUnlessNull("rate", options.Rate);
        WriteFeatures(json, options.Features);
        json.WriteString("normalise", options.Normalize);
        if (options.Tail is double tail) json.WriteNumber("tail", tail);
        json.WriteNumber("speed", options.Augmentation.Speed);
        json.WriteNumber("shift", options.Augmentation.Shift);
        json.WriteNumber("noise", options.Augmentation.Noise);
        json.WriteNumber("mask", options.Augmentation.Mask);
        json.WriteString("cell", options.Cell);
        json.WriteNumber("hidden", options.Hidden);
        json.WriteNumber("layers", options.Layers);
        json.WriteBoolean("forward", options.Forward);
        json.WriteString("pool", options.Pool);
        json.WriteNumber("dropout", options.Dropout);
        json.WriteNumber("epochs", options.Epochs);
        json.WriteNumber("batch", options.Batch);
        json.WriteNumber("lr", options.LearningRate);
        json.WriteString("schedule", options.Schedule);
        json.WriteString("optimizer", options.Optimizer);
        json.WriteNumber("clip", options.Clip);
        json.WriteUnlessNull("patience", options.Patience);
        json.WriteNumber("seed", options.Seed);
    }

    internal static SpeechOptions Read(JsonRecord json) => new()
    {
        Data = json.Text("data"),
        Pattern = json.Text("pattern"),
        Path = json.TextOrNull("path"),
        Label = json.TextOrNull("label"),
        Folder = json.TextOrNull("folder"),
        Split = json.Reals("split"),
        HoldOut = json.TextOrNull("hold-out"),
        CrossValidate = json.Flag("cross-validate", false),
        Mode = json.Text("mode"),
        Join = json.Wholes("join"),
        Rate = json.WholeOrNull("rate"),
        Features = ReadFeatures(json),
        Normalize = json.Text("normalise"),
        Tail = json.SingleOrNull("tail"),
        Augmentation = new AugmentationOptions
        {
            Speed = json.Real("speed"), Shift = json.Real("shift"), Noise = json.Real("noise"), Mask = json.Real("mask"),
        },
        Cell = json.Text("cell"),
        Hidden = json.Whole("hidden"),
        Layers = json.Whole("layers"),
        Forward = json.Flag("forward"),
        Pool = json.Text("pool"),
        Dropout = json.Real("dropout"),
        Epochs = json.Whole("epochs"),
        Batch = json.Whole("batch"),
        LearningRate = json.Real("lr"),
        Schedule = json.Text("schedule"),
        Optimizer = json.Text("optimizer"),
        Clip = json.Real("clip"),
        Patience = json.WholeOrNull("patience"),
        Seed = json.Unsigned("seed"),
    };

    private static void WriteFeatures(Utf8JsonWriter json, FeatureOptions features)
    {
        json.WriteNumber("frame", features.WindowMs);
        json.WriteNumber("hop", features.HopMs);
        json.WriteNumber("pre-emphasis", features.PreEmphasis);
        json.WriteNumber("mels", features.Mels);
        json.WriteString("mel-scale", features.Scale == MelScale.Htk ? "htk" : "slaney");
        json.WriteNumber("low", features.LowHz);
        if (features.HighHz is double high) json.WriteNumber("high", high);
        json.WriteNumber("cepstra", features.Cepstra);
        json.WriteNumber("deltas", features.Deltas);
    }

    private static FeatureOptions ReadFeatures(JsonRecord json) => new()
    {
        WindowMs = json.Real("frame"),
        HopMs = json.Real("hop"),
        PreEmphasis = json.Real("pre-emphasis"),
        Mels = json.Whole("mels"),
        Scale = json.Choice<MelScale>("mel-scale"),
        LowHz = json.Real("low"),
        HighHz = json.SingleOrNull("high"),
        Cepstra = json.Whole("cepstra"),
        Deltas = json.Whole("deltas"),
    };
}
