using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>A model's answer: the same object for a program, a command line and a server, with the JSON that all of them send.</summary>
public abstract record TaskAnswer
{
    /// <summary>Writes the members of the answer's JSON object.</summary>
    /// <param name="json">An object that has been started.</param>
    public abstract void WriteJson(Utf8JsonWriter json);

    /// <summary>The answer as one JSON object on one line.</summary>
    public string ToJson() => JsonText.Of(WriteJson, indented: false);
}

/// <summary>How good a model is on data, compared with simple rules.</summary>
public abstract record TaskEvaluation : TaskAnswer
{
    /// <summary>What was measured: <c>test</c>, <c>validation</c>, <c>training</c>, or the name of data.</summary>
    public string Part { get; init; } = "test";

    /// <summary>What members are compared by, by name, first the measure that the field reads; empty: they are not.</summary>
    public virtual IReadOnlyList<(string Name, double Value)> Measures => [];

    /// <summary>Of a model with several members, what each of them alone has on the same data, without the simple rules; else empty.</summary>
    public IReadOnlyList<TaskEvaluation> Members { get; init; } = [];

    /// <summary>
    /// How many predictions are others than in another evaluation on the same data; null: they are no choices but numbers, or not known one by one.
    /// </summary>
    /// <param name="other">Of a model of the same task.</param>
    public virtual PredictionChange? ChangeFrom(TaskEvaluation other) => null;

    /// <summary>
    /// What a cross-validation keeps of a fold; null: the task has no folds. It can be written to a file and read again.
    /// </summary>
    public virtual FoldScore? AsFold() => null;
}

/// <summary>Members of JSON objects; what is not finite or not defined is null.</summary>
public static class AnswerJson
{
    /// <summary>A number, or null where it is not finite or not there.</summary>
    public static void Number(this Utf8JsonWriter json, string name, double? value)
    {
        if (value is double number && double.IsFinite(number)) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }

    /// <summary>An object for each of some things.</summary>
    public static void Objects<T>(this Utf8JsonWriter json, string name, IEnumerable<T> values, Action<Utf8JsonWriter, T> members)
    {
        json.WriteStartArray(name);
        foreach (T value in values)
        {
            json.WriteStartObject();
            members(json, value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>An object whose members are numbers by name, such as the scores of simple rules.</summary>
    public static void Numbers(this Utf8JsonWriter json, string name, IEnumerable<(string Name, double Value)> values)
    {
        json.WriteStartObject(name);
        foreach ((string member, double value) in values) json.Number(member, value);
        json.WriteEndObject();
    }

    /// <summary>A list of texts.</summary>
    public static void Texts(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
