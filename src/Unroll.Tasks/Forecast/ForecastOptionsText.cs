using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Forecast;

/// <summary>The JSON of <see cref="ForecastOptions"/>: what is written and, below it, read. Every option that is always written must be there.</summary>
internal static class ForecastOptionsText
{
    internal static void Write(Utf8JsonWriter json, ForecastOptions options)
    {
        json.WriteString("data", options.Data);
        json.WriteTexts("column", options.Column);
        json.WriteTexts("input", options.Input);
        json.WriteTexts("known", options.Known);
        json.WriteUnlessNull("time", options.Time);
        json.WriteUnlessNull("group", options.Group);
        json.WriteUnlessNull("resample", options.Resample);
        json.WriteString("missing", options.Missing);
        json.WriteNumbers("split", options.Split);
        json.WriteString("transform", options.Transform);
        json.WriteString("anchor", options.Anchor);
        json.WriteUnlessNull("season", options.Season);
        json.WriteUnlessNull("window", options.Window);
        json.WriteNumber("horizon", options.Horizon);
        json.WriteString("cell", options.Cell);
        json.WriteNumber("hidden", options.Hidden);
        json.WriteNumber("layers", options.Layers);
        json.WriteBoolean("bidirectional", options.Bidirectional);
        json.WriteNumber("dropout", options.Dropout);
        json.WriteString("first-state", options.InitialState);
        json.WriteString("loss", options.Loss);
        json.WriteNumber("interval", options.Interval);
        json.WriteUnlessNull("from", options.From);
        json.WriteUnlessNull("epochs", options.Epochs);
        json.WriteNumber("batch", options.Batch);
        json.WriteNumber("lr", options.LearningRate);
        json.WriteString("schedule", options.Schedule);
        json.WriteString("optimizer", options.Optimizer);
        json.WriteNumber("momentum", options.Momentum);
        json.WriteBoolean("nesterov", options.Nesterov);
        json.WriteNumber("clip", options.Clip);
        json.WriteString("clip-by", options.ClipBy);
        json.WriteString("non-finite", options.NonFinite);
        json.WriteWholes("bptt", options.Bptt);
        json.WriteUnlessNull("patience", options.Patience);
        json.WriteNumber("seed", options.Seed);
    }

    internal static ForecastOptions Read(JsonRecord json) => new()
    {
        Data = json.Text("data"),
        Column = json.Texts("column"),
        Input = json.Texts("input"),
        Known = json.Texts("known"),
        Time = json.TextOrNull("time"),
        Group = json.TextOrNull("group"),
        Resample = json.TextOrNull("resample"),
        Missing = json.Text("missing"),
        Split = json.Reals("split"),
        Transform = json.Text("transform"),
        Anchor = json.Text("anchor"),
        Season = json.WholeOrNull("season"),
        Window = json.WholeOrNull("window"),
        Horizon = json.Whole("horizon"),
        Cell = json.Text("cell"),
        Hidden = json.Whole("hidden"),
        Layers = json.Whole("layers"),
        Bidirectional = json.Flag("bidirectional"),
        Dropout = json.Real("dropout"),
        InitialState = json.Text("first-state"),
        Loss = json.Text("loss"),
        Interval = json.Real("interval"),
        From = json.TextOrNull("from"),
        Epochs = json.WholeOrNull("epochs"),
        Batch = json.Whole("batch"),
        LearningRate = json.Real("lr"),
        Schedule = json.Text("schedule"),
        Optimizer = json.Text("optimizer"),
        Momentum = json.Real("momentum"),
        Nesterov = json.Flag("nesterov"),
        Clip = json.Real("clip"),
        ClipBy = json.Text("clip-by"),
        NonFinite = json.Text("non-finite"),
        Bptt = json.Wholes("bptt"),
        Patience = json.WholeOrNull("patience"),
        Seed = json.Unsigned("seed"),
    };
}
