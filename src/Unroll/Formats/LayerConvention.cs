using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Formats;

/// <summary>
/// The conventions under which one recurrent layer's weights are stored, as the model file carries them:
/// <c>{"gates": "rzn", "reset": "before", "update": "keeps-past"}</c>. A reader converts what can be converted exactly and refuses the rest.
/// </summary>
/// <param name="Gates">One letter per gate, in the order of the blocks.</param>
/// <param name="Reset">Where a GRU resets; null for other cells.</param>
/// <param name="Update">What a GRU's update gate multiplies; null for other cells.</param>
internal sealed record LayerConvention(string Gates, ResetPlace? Reset = null, UpdatePolarity? Update = null)
{
    private static readonly string[] s_stacked = ["weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l", "gain_ih_l", "gain_hh_l"];

    /// <summary>Our convention for a cell.</summary>
    /// <param name="cell">The cell.</param>
    public static LayerConvention Of(ICell cell) => cell.Name switch
    {
        "gru" => new(cell.Gates, ResetPlace.BeforeProduct, GateConvention.Ours.Update),
        "gru-after" or "gru-ln" => new(cell.Gates, ResetPlace.AfterProduct, GateConvention.Ours.Update),
        _ => new(cell.Gates),
    };

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
                Of(cells.Make(layer.Cell)).Write(json, layer.Name);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(utf8.ToArray());
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote and brings every tensor to our conventions.</summary>
    /// <param name="text">The conventions in the file.</param>
    /// <param name="spec">The network in the file.</param>
    /// <param name="cells">Has its cells.</param>
    /// <param name="tensors">The tensors in the file.</param>
    /// <param name="file">What to call the file in errors.</param>
    /// <returns>The same tensors in the same order, converted where the file's convention is another one.</returns>
    /// <exception cref="UserErrorException">A convention is missing, unknown, or cannot be converted.</exception>
    public static IEnumerable<Tensor> Apply(string text, NetworkSpec spec, CellCatalog cells, IEnumerable<Tensor> tensors, string file)
    {
        Dictionary<string, LayerConvention> found = Parse(text, file);
        foreach (RecurrentSpec layer in spec.Layers.OfType<RecurrentSpec>())
        {
            LayerConvention ours = Of(cells.Make(layer.Cell));
            if (!found.TryGetValue(layer.Name, out LayerConvention? theirs))
            {
                if (ours.Gates.Length == 1) continue;                        // of one gate there is one order, which files did not always say
                throw new UserErrorException($"'{file}': unroll.conventions says nothing about layer '{layer.Name}'; save the model again.");
            }
            ours.RequireConvertible(theirs, layer.Name, file);
            if (theirs != ours) tensors = tensors.Select(tensor => IsStacked(tensor, layer.Name) ? ours.Convert(tensor, theirs, layer) : tensor);
        }
        return tensors;
    }

    private void RequireConvertible(LayerConvention theirs, string layer, string file)
    {
        if (theirs.Reset is ResetPlace found && Reset is ResetPlace wanted) GateConvention.RequireReset(file, found, wanted);
        if (!theirs.Gates.Order().SequenceEqual(Gates.Order()) || theirs.Reset != Reset || theirs.Update is null != Update is null)
            throw new UserErrorException(
                $"'{file}': layer '{layer}' is stored as {theirs}, which is no order of the gates of its cell, {this}; save the model again.");
    }

    private Tensor Convert(Tensor tensor, LayerConvention theirs, RecurrentSpec layer)
    {
        if (tensor.Type != TensorType.F32 || tensor.Count % Gates.Length != 0) return tensor;      // its shape or type is refused when it is copied
        float[] values = new float[tensor.Count];
        GateOrder.Permute(tensor.Float32, theirs.Gates, values, Gates);
        // r and z are standardized together, so that z's weights alone must not change their sign: its gain and bias do.
        bool turned = layer.Cell.Kind != "gru-ln" || !tensor.Name.StartsWith($"{layer.Name}.weight_", StringComparison.Ordinal);
        if (theirs.Update != Update && turned) GateOrder.TurnUpdateGate(values, Gates);
        return Tensor.Of(tensor.Name, tensor.Shape, values);
    }

    private static bool IsStacked(Tensor tensor, string layer) =>
        s_stacked.Any(stem => tensor.Name.StartsWith($"{layer}.{stem}", StringComparison.Ordinal));

    /// <summary><c>gates rzn, reset before, update keeps-past</c></summary>
    public override string ToString() => $"gates {Gates}"
        + (Reset is ResetPlace reset ? $", reset {WordOf(reset)}" : "") + (Update is UpdatePolarity update ? $", update {WordOf(update)}" : "");

    private static string WordOf(ResetPlace reset) => reset == ResetPlace.BeforeProduct ? "before" : "after";

    private static string WordOf(UpdatePolarity update) => update == UpdatePolarity.KeepsPast ? "keeps-past" : "takes-candidate";

    private void Write(Utf8JsonWriter json, string layer)
    {
        json.WriteStartObject(layer);
        json.WriteString("gates", Gates);
        if (Reset is ResetPlace reset) json.WriteString("reset", WordOf(reset));
        if (Update is UpdatePolarity update) json.WriteString("update", WordOf(update));
        json.WriteEndObject();
    }

    private static Dictionary<string, LayerConvention> Parse(string text, string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.EnumerateObject().ToDictionary(layer => layer.Name, layer => Parse(layer.Value));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new UserErrorException($"'{file}': unroll.conventions is not what a model file has there; save the model again.", e);
        }
    }

    // What is there and unknown is no convention of ours: refuse it rather than guess.
    private static LayerConvention Parse(JsonElement json)
    {
        string? reset = json.TryGetProperty("reset", out JsonElement r) ? r.GetString() : null;
        string? update = json.TryGetProperty("update", out JsonElement u) ? u.GetString() : null;
        return new(
            json.GetProperty("gates").GetString() is string gates && gates.All(char.IsAsciiLetter) ? gates : throw new JsonException("gates are letters"),
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
