using System.Globalization;
using System.Text.Json;

namespace Unroll.Exchange.Hdf5.Keras.Writing;

/// <summary>A layer of Keras that is written: its class, its arguments and its variables.</summary>
/// <param name="Class">The class: <c>LSTM</c>.</param>
/// <param name="Name">Its name; null: Keras gives it one.</param>
internal sealed record KerasPart(string Class, string? Name)
{
    /// <summary>Arguments by name: whole numbers, numbers, truth values and texts.</summary>
    public List<(string Name, object Value)> Arguments { get; init; } = [];

    /// <summary>The layer inside of it: <c>Bidirectional</c>'s.</summary>
    public KerasPart? Inner { get; init; }

    /// <summary>The variables by where they lie below the layer.</summary>
    public List<(string Part, List<(int[] Shape, float[] Values)> Variables)> Variables { get; } = [];

    /// <summary>In Python: <c>layers.LSTM(units=4, return_sequences=True)</c>.</summary>
    public string Code => $"layers.{Class}({string.Join(", ", Terms())})";

    private IEnumerable<string> Terms()
    {
        if (Inner is not null) yield return Inner.Code;
        foreach ((string name, object value) in Arguments) yield return $"{name}={Python(value)}";
        if (Name is not null) yield return $"name={Python(Name)}";
    }

    private static string Python(object value) => value switch
    {
        bool yes => yes ? "True" : "False",
        int number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => $"\"{value}\"",
    };

    /// <summary>As Keras's configurations have it.</summary>
    public void Write(Utf8JsonWriter json, string? name = null, bool backwards = false)
    {
        json.WriteStartObject();
        json.WriteString("module", "keras.layers");
        json.WriteString("class_name", Class);
        json.WriteStartObject("config");
        json.WriteString("name", name ?? Name);
        foreach ((string argument, object value) in Arguments)
            switch (value)
            {
                case bool yes: json.WriteBoolean(argument, yes); break;
                case int number: json.WriteNumber(argument, number); break;
                case double number: json.WriteNumber(argument, number); break;
                default: json.WriteString(argument, (string)value); break;
            }
        if (backwards) json.WriteBoolean("go_backwards", true);
        if (Inner is not null)
        {
            json.WritePropertyName("layer");
            Inner.Write(json, $"forward_{Name}");
            json.WritePropertyName("backward_layer");
            Inner.Write(json, $"backward_{Name}", backwards: true);
        }
        json.WriteEndObject();
        json.WriteNull("registered_name");
        json.WriteEndObject();
    }
}
