using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>The JSON of <see cref="LearningOptions"/>, as members of the object that a task's options are.</summary>
internal static class LearningOptionsText
{
    internal static void Write(Utf8JsonWriter json, LearningOptions options)
    {
        json.WriteUnlessNull("epochs", options.Epochs);
        json.WriteUnlessNull("patience", options.Patience);
        json.WriteNumber("lr", options.LearningRate);
        json.WriteString("schedule", options.Schedule);
        json.WriteNumber("decay", options.Decay);
        json.WriteUnlessNull("plateau", options.Plateau);
        json.WriteString("optimizer", options.Optimizer);
        json.WriteNumber("momentum", options.Momentum);
        json.WriteBoolean("nesterov", options.Nesterov);
        if (options.WeightDecay is double decay) json.WriteNumber("weight-decay", decay);
        json.WriteNumber("clip", options.Clip);
        json.WriteString("clip-by", options.ClipBy);
        json.WriteString("non-finite", options.NonFinite);
        json.WriteNumber("seed", options.Seed);
    }

    internal static LearningOptions Read(JsonRecord json) => new()
    {
        Epochs = json.WholeOrNull("epochs"),
        Patience = json.WholeOrNull("patience"),
        LearningRate = json.Real("lr"),
        Schedule = json.Text("schedule"),
        Decay = json.Real("decay"),
        Plateau = json.WholeOrNull("plateau"),
        Optimizer = json.Text("optimizer"),
        Momentum = json.Real("momentum"),
        Nesterov = json.Flag("nesterov"),
        WeightDecay = json.Absent("weight-decay") ? null : json.Real("weight-decay"),
        Clip = json.Real("clip"),
        ClipBy = json.Text("clip-by"),
        NonFinite = json.Text("non-finite"),
        Seed = json.Unsigned("seed"),
    };
}
