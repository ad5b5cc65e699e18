using System.Text.Json;
using Unroll.Core;

namespace Unroll.Inspection.Flow;

/// <summary>
/// The state of a network after some updates of a training run, always for the same sequence: a line of <c>inspect.jsonl</c>.
/// </summary>
/// <param name="Update">How many updates had been made.</param>
/// <param name="Every">After how many updates the next line follows.</param>
/// <param name="Loss">The mean loss of the sequence.</param>
/// <param name="Layers">Each recurrent layer and direction, from input to output.</param>
public sealed record TrainingSnapshot(long Update, int Every, double Loss, IReadOnlyList<LayerSnapshot> Layers)
{
    /// <summary>One line of JSON; what is not finite is null.</summary>
    public string ToJson() => JsonText.Of(json =>
    {
        json.WriteNumber("update", Update);
        json.WriteNumber("every", Every);
        Number(json, "loss", Loss);
        json.WriteObjects("layers", Layers, (_, layer) => Write(json, layer));
    }, indented: false);

    /// <summary>Reads what <see cref="ToJson"/> wrote; null where the line is not such a one.</summary>
    public static TrainingSnapshot? FromJson(string line)
    {
        try
        {
            return JsonRecord.Parse(line, json => new TrainingSnapshot(json.GetProperty("update").GetInt64(), json.GetProperty("every").GetInt32(),
                Number(json, "loss"), [.. json.GetProperty("layers").EnumerateArray().Select(Layer)]));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, LayerSnapshot layer)
    {
        json.WriteString("place", layer.Place);
        json.WriteNumber("units", layer.Units);
        json.WriteNumber("dead_units", layer.DeadUnits);
        Number(json, "mean_abs_h", layer.MeanAbsH);
        Number(json, "growth", layer.Growth);
        json.WriteObjects("gates", layer.Gates, (_, gate) =>
        {
            json.WriteString("gate", gate.Gate);
            Number(json, "near_lower", gate.NearLower);
            Number(json, "near_upper", gate.NearUpper);
        });
        json.WriteWholes("steps", layer.Steps);
        json.WriteStartArray("norms");
        foreach (double norm in layer.Norms) Number(json, norm);
        json.WriteEndArray();
    }

    private static LayerSnapshot Layer(JsonElement json) => new(json.GetProperty("place").GetString()!, json.GetProperty("units").GetInt32())
    {
        DeadUnits = json.GetProperty("dead_units").GetInt32(),
        MeanAbsH = Number(json, "mean_abs_h"),
        Growth = Number(json, "growth"),
        Gates = [.. json.GetProperty("gates").EnumerateArray().Select(gate =>
            new GateSnapshot(gate.GetProperty("gate").GetString()!, Number(gate, "near_lower"), Number(gate, "near_upper")))],
        Steps = [.. json.GetProperty("steps").EnumerateArray().Select(step => step.GetInt32())],
        Norms = [.. json.GetProperty("norms").EnumerateArray().Select(Number)],
    };

    private static double Number(JsonElement json, string name) => Number(json.GetProperty(name));

    private static double Number(JsonElement json) => json.ValueKind == JsonValueKind.Number ? json.GetDouble() : double.NaN;

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        Number(json, value);
    }

    // As a float: the digits of a double would say more than the engine knows.
    private static void Number(Utf8JsonWriter json, double value)
    {
        if (float.IsFinite((float)value)) json.WriteNumberValue((float)value);
        else json.WriteNullValue();
    }
}

/// <summary>One recurrent layer and direction at one time of a training run.</summary>
/// <param name="Place">By PyTorch's name: <c>"encoder.l0_reverse"</c>.</param>
/// <param name="Units">How many units.</param>
public sealed record LayerSnapshot(string Place, int Units)
{
    /// <summary>Each gate.</summary>
    public IReadOnlyList<GateSnapshot> Gates { get; init; } = [];

    /// <summary>Units whose output moves by less than 10⁻³ over the sequence and whose gates get no gradient.</summary>
    public int DeadUnits { get; init; }

    /// <summary>The mean of |h| over steps and units.</summary>
    public double MeanAbsH { get; init; }

    /// <summary>
    /// The growth of ‖∂L/∂h‖ for a step that the gradient goes back, from the step of the loss to the far end of the sequence: the root of the ratio.
    /// NaN where the gradient does not reach it or the sequence is too short.
    /// </summary>
    public double Growth { get; init; }

    /// <summary>The steps at which <see cref="Norms"/> are given, in the order of time: at most 48, the first and the last among them.</summary>
    public IReadOnlyList<int> Steps { get; init; } = [];

    /// <summary>‖∂L/∂h⟨t⟩‖ at each of <see cref="Steps"/>.</summary>
    public IReadOnlyList<double> Norms { get; init; } = [];
}

/// <summary>One gate at one time of a training run.</summary>
/// <param name="Gate">Its letter.</param>
/// <param name="NearLower">The share of values near its lower bound, 0 … 1; see <see cref="GateStatistics"/>.</param>
/// <param name="NearUpper">The share of values near its upper bound, 0 … 1.</param>
public readonly record struct GateSnapshot(string Gate, double NearLower, double NearUpper);
