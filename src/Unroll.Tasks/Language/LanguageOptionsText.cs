using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

/// <summary>The JSON of <see cref="LanguageOptions"/>: what is written and, below it, read.</summary>
internal static class LanguageOptionsText
{
    internal static void Write(Utf8JsonWriter json, LanguageOptions options)
    {
        json.WriteTexts("data", options.Data);
        json.WriteUnlessNull("valid", options.Valid);
        json.WriteUnlessNull("test", options.Test);
        json.WriteNumbers("split", options.Split);
        json.WriteString("unit", options.Unit);
        json.WriteUnlessNull("vocabulary", options.Vocabulary);
        json.WriteNumber("least-count", options.MinCount);
        json.WriteNumber("embedding", options.Embedding);
        json.WriteString("cell", options.Cell);
        json.WriteNumber("hidden", options.Hidden);
        json.WriteNumber("layers", options.Layers);
        json.WriteNumber("dropout", options.Dropout);
        json.WriteBoolean("locked", options.Locked);
        json.WriteBoolean("tied", options.Tied);
        json.WriteNumber("batch", options.Batch);
        json.WriteWholes("bptt", options.Bptt);
        LearningOptionsText.Write(json, options.Learning);
    }

    internal static LanguageOptions Read(JsonRecord json) => new()
    {
        Data = json.Texts("data"),
        Valid = json.TextOrNull("valid"),
        Test = json.TextOrNull("test"),
        Split = json.Reals("split"),
        Unit = json.Text("unit"),
        Vocabulary = json.WholeOrNull("vocabulary"),
        MinCount = json.Whole("least-count"),
        Embedding = json.Whole("embedding"),
        Cell = json.Text("cell"),
        Hidden = json.Whole("hidden"),
        Layers = json.Whole("layers"),
        Dropout = json.Real("dropout"),
        Locked = json.Flag("locked"),
        Tied = json.Flag("tied"),
        Batch = json.Whole("batch"),
        Bptt = json.Wholes("bptt"),
        Learning = LearningOptionsText.Read(json),
    };
}
