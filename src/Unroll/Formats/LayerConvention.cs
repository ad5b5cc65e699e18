using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Formats;

/// <summary>
/// The conventions under which one recurrent layer's weights are stored, as the model file carries them:
/// <c>{"gates": "rzn", "reset": "before", "update": "keeps-past"}</c>. A reader converts what can be converted exactly and refuses the rest.
/// </summary>
internal static class LayerConvention
{
    /// <summary>Our conventions for a network: an object with a field for each recurrent layer.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="cells">Has its cells.</param>
    public static string ToJson(NetworkSpec spec, CellCatalog cells)
    {
        using MemoryStream utf8 = new();
        using (Utf8JsonWriter json = new(utf8))
        {
            json.WriteStartObject();
            foreach (RecurrentSpec layer in spec.Layers.OfType<RecurrentSpec>())
                Write(json, layer.Name, cells.Make(layer.Cell).Convention);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(utf8.ToArray());
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote and brings every tensor to our conventions.</summary>
    /// <param name="text">The conventions in the file.</param>
    /// <param name="spec">The network in the file.</param>
    /// <param name="cells">Has its cells.</param>
    /// <param name="tensors">The tensors in the file.</param>
    /// <param name="file">The name of the file in errors.</param>
    /// <returns>The same tensors in the same order, converted where the file's convention is another one.</returns>
    /// <exception cref="UserErrorException">A convention is missing, unknown, or cannot be converted.</exception>
    public static IEnumerable<Tensor> Apply(string text, NetworkSpec spec, CellCatalog cells, IEnumerable<Tensor> tensors, string file)
    {
        Dictionary<string, GateConvention> found = Parse(text, file);
        foreach (RecurrentSpec layer in spec.Layers.OfType<RecurrentSpec>())
        {
            ICell cell = cells.Make(layer.Cell);
            GateConvention ours = cell.Convention;
            if (!found.TryGetValue(layer.Name, out GateConvention? theirs))
            {
                if (ours.Gates.Length == 1) continue;                        // of one gate there is one order, which files did not always say
                throw new UserErrorException($"'{file}': unroll.conventions says nothing about layer '{layer.Name}'; save the model again.");
            }
            RequireConvertible(ours, theirs, layer.Name, file);
            if (theirs != ours)
                tensors = tensors.Select(tensor => cell.IsStacked(tensor.Name, $"{layer.Name}.") ? Convert(tensor, cell, theirs, layer.Name)
                    : tensor);
        }
        return tensors;
    }

    private static void RequireConvertible(GateConvention ours, GateConvention theirs, string layer, string file)
    {
        if (theirs.Reset is ResetPlace found && ours.Reset is ResetPlace wanted) GateOrder.RequireReset(file, found, wanted);
        if (!theirs.Gates.Order().SequenceEqual(ours.Gates.Order()) || theirs.Reset != ours.Reset || theirs.Update is null != ours.Update is null)
            throw new UserErrorException(
                $"'{file}': layer '{layer}' is stored as {theirs}, which is no order of the gates of its cell, {ours}; save the model again.");
    }

    private static Tensor Convert(Tensor tensor, ICell cell, GateConvention theirs, string layer)
    {
        GateConvention ours = cell.Convention;
        if (tensor.Type != TensorType.F32 || tensor.Count % ours.Gates.Length != 0) return tensor;   // its shape or type is refused when it is copied
        float[] values = new float[tensor.Count];
        GateOrder.Permute(tensor.Float32, theirs.Gates, values, ours.Gates);
        // Where gates are standardized together, z's weights alone must not change their sign: its gains and biases do.
        bool turned = cell is not IRowCell || !tensor.Name.StartsWith($"{layer}.weight_", StringComparison.Ordinal);
        if (theirs.Update != ours.Update && turned) GateOrder.TurnUpdateGate(values, ours.Gates);
        return Tensor.Of(tensor.Name, tensor.Shape, values);
    }

    private static void Write(Utf8JsonWriter json, string layer, GateConvention ours)
    {
        json.WriteStartObject(layer);
        json.WriteString("gates", ours.Gates);
        if (ours.Reset is ResetPlace reset) json.WriteString("reset", GateConvention.WordOf(reset));
        if (ours.Update is UpdatePolarity update) json.WriteString("update", GateConvention.WordOf(update));
        json.WriteEndObject();
    }

    private static Dictionary<string, GateConvention> Parse(string text, string file)
    {
        try
        {
            return JsonRecord.Parse(text, root => root.EnumerateObject().ToDictionary(layer => layer.Name, layer => Parse(layer.Value)));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new UserErrorException($"'{file}': unroll.conventions is not what a model file has there; save the model again.", e);
        }
    }

    // Another order of ours is still ours: what is told apart is gates, reset and update. What is there and unknown is no convention of ours: refuse
    // it rather than guess.
    private static GateConvention Parse(JsonElement json)
    {
        string? reset = json.TryGetProperty("reset", out JsonElement r) ? r.GetString() : null;
        string? update = json.TryGetProperty("update", out JsonElement u) ? u.GetString() : null;
        return new(
            GateConvention.Ours,
            json.GetProperty("gates").GetString() is string gates && gates.All(char.IsAsciiLetter) ? gates
                : throw new JsonException("gates are letters"),
            reset switch
            {
                null => null,
                "before" => ResetPlace.BeforeProduct,
                "after" => ResetPlace.AfterProduct,
                _ => throw new JsonException("unknown place of the reset"),
            },
            update switch
            {
                null => null,
                "keeps-past" => UpdatePolarity.KeepsPast,
                "takes-candidate" => UpdatePolarity.TakesCandidate,
                _ => throw new JsonException("unknown polarity"),
            });
    }
}
