using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>The JSON of <see cref="LabelOptions"/>: what is written and, below it, read.</summary>
internal static class LabelOptionsText
{
    internal static void Write(Utf8JsonWriter json, LabelOptions options)
    {
        json.WriteString("task", options.Task);
        json.WriteTexts("data", options.Data);
        json.WriteTexts("valid", options.Valid);
        json.WriteTexts("test", options.Test);
        json.WriteUnlessNull("label", options.Label);
        json.WriteTexts("labels", options.Labels);
        json.WriteNumber("window", options.Window);
        json.WriteUnlessNull("text", options.Text);
        json.WriteUnlessNull("part", options.Part);
        json.WriteUnlessNull("group", options.Group);
        json.WriteUnlessNull("fold", options.Fold);
        json.WriteNumber("folds", options.Folds);
        json.WriteBoolean("cross-validate", options.CrossValidate);
        json.WriteNumbers("split", options.Split);
        json.WriteString("unit", options.Unit);
        json.WriteNumber("kmer", options.Kmer);
        json.WriteString("image", options.Image);
        json.WriteNumber("shrink", options.Shrink);
        json.WriteBoolean("cased", options.Cased);
        json.WriteNumber("min-count", options.MinCount);
        json.WriteNumber("embedding", options.Embedding);
        json.WriteUnlessNull("vectors", options.Vectors);
        json.WriteString("cell", options.Cell);
        json.WriteNumber("hidden", options.Hidden);
        json.WriteNumber("layers", options.Layers);
        json.WriteBoolean("one-way", options.OneWay);
        json.WriteString("reading", options.Reading);
        json.WriteNumber("dropout", options.Dropout);
        json.WriteNumber("word-dropout", options.WordDropout);
        json.WriteBoolean("both-strands", options.BothStrands);
        json.WriteNumber("batch", options.Batch);
        LearningOptionsText.Write(json, options.Learning);
    }

    internal static LabelOptions Read(JsonRecord json) => new()
    {
        Task = json.Text("task"),
        Data = json.Texts("data"),
        Valid = json.Texts("valid"),
        Test = json.Texts("test"),
        Label = json.TextOrNull("label"),
        Labels = json.Absent("labels") ? [] : json.Texts("labels"),
        Window = json.Whole("window", 200),
        Text = json.TextOrNull("text"),
        Part = json.TextOrNull("part"),
        Group = json.TextOrNull("group"),
        Fold = json.TextOrNull("fold"),
        Folds = json.Whole("folds"),
        CrossValidate = json.Flag("cross-validate", false),
        Split = json.Reals("split"),
        Unit = json.Text("unit"),
        Kmer = json.Whole("kmer"),
        Image = json.TextOrNull("image") ?? "rows",
        Shrink = json.WholeOrNull("shrink") ?? 1,
        Cased = json.Flag("cased"),
        MinCount = json.Whole("min-count"),
        Embedding = json.Whole("embedding"),
        Vectors = json.TextOrNull("vectors"),
        Cell = json.Text("cell"),
        Hidden = json.Whole("hidden"),
        Layers = json.Whole("layers"),
        OneWay = json.Flag("one-way"),
        Reading = json.Text("reading"),
        Dropout = json.Real("dropout"),
        WordDropout = json.Real("word-dropout"),
        BothStrands = json.Flag("both-strands"),
        Batch = json.Whole("batch"),
        Learning = LearningOptionsText.Read(json),
    };
}
