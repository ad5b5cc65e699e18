using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Unroll.Core;
using Unroll.Formats;

namespace Unroll.Serving.Http.Inference;

//  https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_sequence.md
//  https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md

/// <summary>A request of the Open Inference Protocol.</summary>
/// <param name="Id">What its sender calls it; null: nothing.</param>
/// <param name="Sequence">The sequence that it belongs to; null: none.</param>
/// <param name="Start">Whether it is the sequence's first.</param>
/// <param name="End">Whether it is the sequence's last.</param>
/// <param name="Outputs">The outputs that it asks for, and whether as bytes; empty: all.</param>
/// <param name="Binary">Whether outputs come as bytes where it does not say.</param>
internal sealed record InferenceRequest(
    string? Id, string? Sequence, bool Start, bool End, IReadOnlyList<(string Name, bool? Binary)> Outputs, bool Binary)
{
    /// <summary>How long the JSON is where bytes follow it.</summary>
    public const string JsonLength = "Inference-Header-Content-Length";

    private const int MostNames = 200;
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What its inputs are read from; they are read once it is known which model they are for.</summary>
    public required Func<IReadOnlyList<TensorForm>, Tensor> Input { get; init; }

    /// <summary>Reads a request.</summary>
    /// <exception cref="JsonException">It is not JSON, or has a member that is unknown or of another kind.</exception>
    /// <exception cref="ServingException">What it says is none of what is expected.</exception>
    public static InferenceRequest Read(byte[] body, IHeaderDictionary headers)
    {
        string length = headers[JsonLength].ToString();
        int json = length.Length == 0 ? body.Length
            : int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int own) && own <= body.Length ? own
            : throw new ServingException(Refusal.Invalid, $"{JsonLength}: expected at most the body's {body.Length} bytes, found '{length}'.");
        string text;
        try
        {
            text = s_strict.GetString(body.AsSpan(0, json));
        }
        catch (DecoderFallbackException e)
        {
            throw new JsonException("it is not JSON: a text in it is not UTF-8", e);
        }
        return JsonRecord.Read(text, record => Read(record, text, body.AsMemory(json)));
    }

    private static InferenceRequest Read(JsonRecord json, string text, ReadOnlyMemory<byte> bytes)
    {
        string? id = json.TextOrNull("id");
        Parameters own = json.ObjectOrNull("parameters", Parameters.Read) ?? new Parameters(null, false, false, false);
        if ((own.Start || own.End) && own.Sequence is null)
            throw new ServingException(Refusal.Invalid, "parameters: sequence_start and sequence_end need a sequence_id that is not 0 or empty.");
        json.Element("inputs");                              // read below, once the model is known
        (string, bool?)[] outputs = json.Absent("outputs") ? [] : json.Objects("outputs", one => (one.Text("name"),
            one.ObjectOrNull("parameters", p => new Flagged(p.Absent("binary_data") ? null : p.Flag("binary_data")))?.Value));
        if (outputs.Length > MostNames)
            throw new ServingException(Refusal.Invalid, $"outputs: expected at most {MostNames}, found {outputs.Length}.");
        return new InferenceRequest(id, own.Sequence, own.Start, own.End, outputs, own.Binary)
        {
            Input = forms => JsonRecord.Read(text, record => InputOf(record, forms, bytes)),
        };
    }

    private static Tensor InputOf(JsonRecord json, IReadOnlyList<TensorForm> forms, ReadOnlyMemory<byte> bytes)
    {
        foreach (string other in (string[])["id", "parameters", "outputs"]) json.Ignore(other);
        TensorReader reader = new(bytes);
        Tensor[] inputs = json.Objects("inputs", one => reader.Read(one, forms));
        reader.End();
        return inputs is [var input] ? input : throw new ServingException(Refusal.Invalid,
            $"inputs: expected one of {string.Join(", ", forms.Select(one => $"'{one.Name}'"))}, found {inputs.Length}.");
    }

    /// <summary>The name of the session that a sequence is: of a model, and of an owner as all sessions are.</summary>
    public string SessionOf(string model) =>
        $"sequence-{Convert.ToHexStringLower(Sha256.HashData(Encoding.UTF8.GetBytes($"{model}\n{Sequence}")))[..32]}";

    private sealed record Flagged(bool? Value);

    private sealed record Parameters(string? Sequence, bool Start, bool End, bool Binary)
    {
        public static Parameters Read(JsonRecord json) => new(json.Absent("sequence_id") ? null : Id(json.Element("sequence_id")),
            json.Flag("sequence_start", false), json.Flag("sequence_end", false), json.Flag("binary_data_output", false));

        // 7 and "7" are two sequences; 0 and "" are none.
        private static string? Id(JsonElement id) => id.ValueKind switch
        {
            JsonValueKind.String => id.GetString() is { Length: > 0 } text ? $"\"{text}\"" : null,
            JsonValueKind.Number when id.TryGetUInt64(out ulong number) => number == 0 ? null : number.ToString(CultureInfo.InvariantCulture),
            _ => throw new ServingException(Refusal.Invalid, "sequence_id: expected a text or a whole number of at least 0."),
        };
    }
}
