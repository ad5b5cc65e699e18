using System.Text.Json;

namespace Unroll.Serving.Http.Inference;

//  https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md

/// <summary>A tensor of a request or a response: numbers in single precision, or texts.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datatype">Its type's name in the protocol.</param>
/// <param name="Shape">Its sizes, the last running fastest.</param>
internal sealed record Tensor(string Name, string Datatype, IReadOnlyList<long> Shape)
{
    /// <summary>Its elements where they are numbers.</summary>
    public float[] Numbers { get; init; } = [];

    /// <summary>Its elements where they are texts.</summary>
    public string[] Texts { get; init; } = [];

    /// <summary>Whether its elements are texts.</summary>
    public bool IsText => Datatype == TensorForm.Bytes;

    /// <summary>Writes its members, but for its elements.</summary>
    public void WriteHead(Utf8JsonWriter json)
    {
        json.WriteString("name", Name);
        json.WriteString("datatype", Datatype);
        json.WriteStartArray("shape");
        foreach (long size in Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
    }

    /// <summary>Writes its elements as a flat list.</summary>
    public void WriteData(Utf8JsonWriter json)
    {
        json.WriteStartArray("data");
        foreach (string text in Texts) json.WriteStringValue(text);
        foreach (float number in Numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}

/// <summary>What tensors of some name look like.</summary>
/// <param name="Name">The name.</param>
/// <param name="Datatypes">The types that are taken; the first is the one that is told and sent.</param>
/// <param name="Shape">The sizes; −1: any.</param>
internal sealed record TensorForm(string Name, IReadOnlyList<string> Datatypes, IReadOnlyList<long> Shape)
{
    /// <summary>Texts in UTF-8.</summary>
    public const string Bytes = "BYTES";

    /// <summary>Numbers in single precision.</summary>
    public const string Single = "FP32";

    /// <summary>Whole numbers.</summary>
    public const string Long = "INT64", Int = "INT32";

    /// <summary>Writes its members.</summary>
    public void Write(Utf8JsonWriter json) => new Tensor(Name, Datatypes[0], Shape).WriteHead(json);
}
