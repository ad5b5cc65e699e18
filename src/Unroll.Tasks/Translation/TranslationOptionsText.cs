using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Translation;

/// <summary>The JSON of <see cref="TranslationOptions"/>.</summary>
internal static class TranslationOptionsText
{
    internal static void Write(Utf8JsonWriter json, TranslationOptions options)
    {
        json.WriteTexts("data", options.Data);
        json.WriteTexts("valid", options.Valid);
        json.WriteTexts("test", options.Test);
        json.WriteNumbers("split", options.Split);
        json.WriteString("unit", options.Unit);
        json.WriteUnlessNull("target-unit", options.TargetUnit);
        json.WriteString("tokens", options.Tokens);
        json.WriteBoolean("lower", options.Lower);
        json.WriteNumber("merges", options.Merges);
        json.WriteNumber("min-count", options.MinCount);
        json.WriteNumber("max-length", options.MaxLength);
        json.WriteNumber("embedding", options.Embedding);
        json.WriteString("cell", options.Cell);
        json.WriteNumber("hidden", options.Hidden);
        json.WriteNumber("layers", options.Layers);
        json.WriteBoolean("one-way", options.OneWay);
        json.WriteString("attention", options.Attention);
        json.WriteBoolean("no-feeding", options.NoFeeding);
        json.WriteNumber("dropout", options.Dropout);
        json.WriteNumber("sampling", options.Sampling);
        json.WriteNumber("batch", options.Batch);
        json.WriteNumber("beam", options.Beam);
        json.WriteNumber("length-penalty", options.LengthPenalty);
        LearningOptionsText.Write(json, options.Learning);
    }

    internal static TranslationOptions Read(JsonRecord json) => new()
    {
        Data = json.Texts("data"),
        Valid = json.Texts("valid"),
        Test = json.Texts("test"),
        Split = json.Reals("split"),
        Unit = json.Text("unit"),
        TargetUnit = json.TextOrNull("target-unit"),
        Tokens = json.Text("tokens"),
        Lower = json.Flag("lower"),
        Merges = json.Whole("merges"),
        MinCount = json.Whole("min-count"),
        MaxLength = json.Whole("max-length"),
        Embedding = json.Whole("embedding"),
        Cell = json.Text("cell"),
        Hidden = json.Whole("hidden"),
        Layers = json.Whole("layers"),
        OneWay = json.Flag("one-way"),
        Attention = json.Text("attention"),
        NoFeeding = json.Flag("no-feeding"),
        Dropout = json.Real("dropout"),
        Sampling = json.Real("sampling"),
        Batch = json.Whole("batch"),
        Beam = json.Whole("beam"),
        LengthPenalty = json.Real("length-penalty"),
        Learning = LearningOptionsText.Read(json),
    };
}
