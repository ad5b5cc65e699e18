using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Serving.Tests.Http.Inference;

//  https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
//  https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_sequence.md
//  https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md

/// <summary>A client of the Open Inference Protocol that was written from its specification and knows nothing of this server.</summary>
internal sealed class OpenInferenceClient(HttpClient http, string? key = null)
{
    /// <summary>A tensor, as the protocol has it; texts for BYTES, else numbers.</summary>
    internal sealed record Tensor(string Name, string Datatype, long[] Shape, double[] Numbers, string[] Texts);

    /// <summary>A response: its status, what it is, or what is wrong.</summary>
    internal sealed record Response(int Status, string? Error, string? Id, string? Model, string? Version, IReadOnlyList<Tensor> Outputs)
    {
        public Tensor this[string name] => Outputs.Single(one => one.Name == name);
    }

    public async Task<(int Status, JsonElement Json)> Get(string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        Authorize(request);
        using HttpResponseMessage response = await http.SendAsync(request);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement);
    }

    public async Task<Response> Infer(string model, Tensor input, object? sequence = null, bool start = false, bool end = false, string? id = null,
        string[]? outputs = null, bool binary = false, string? version = null)
    {
        JsonObject one = new()
        {
            ["name"] = input.Name, ["datatype"] = input.Datatype, ["shape"] = new JsonArray([.. input.Shape.Select(n => (JsonNode)n)]),
        };
        byte[] bytes = binary ? Bytes(input) : [];
        if (binary) one["parameters"] = new JsonObject { ["binary_data_size"] = bytes.Length };
        else
            one["data"] = new JsonArray([.. input.Datatype == "BYTES" ? input.Texts.Select(text => (JsonNode?)text)
                : input.Numbers.Select(n => input.Datatype == "FP32" ? (JsonNode?)(float)n : (JsonNode?)(long)n)]);
        JsonObject parameters = [];
        if (sequence is not null) parameters["sequence_id"] = sequence is string text ? text : (ulong)Convert.ToInt64(sequence);
        if (sequence is not null) (parameters["sequence_start"], parameters["sequence_end"]) = (start, end);
        if (binary) parameters["binary_data_output"] = true;
        JsonObject json = new() { ["inputs"] = new JsonArray(one) };
        if (id is not null) json["id"] = id;
        if (parameters.Count > 0) json["parameters"] = parameters;
        if (outputs is not null) json["outputs"] = new JsonArray([.. outputs.Select(name => (JsonNode)new JsonObject { ["name"] = name })]);
        byte[] head = Encoding.UTF8.GetBytes(json.ToJsonString());
        using HttpRequestMessage request = new(HttpMethod.Post,
            $"/v2/models/{model}{(version is null ? "" : $"/versions/{version}")}/infer") { Content = new ByteArrayContent([.. head, .. bytes]) };
        if (binary) request.Headers.Add("Inference-Header-Content-Length", $"{head.Length}");
        Authorize(request);
        using HttpResponseMessage response = await http.SendAsync(request);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        int length = response.Headers.TryGetValues("Inference-Header-Content-Length", out IEnumerable<string>? said)
            ? int.Parse(said.Single()) : body.Length;
        return Read((int)response.StatusCode, JsonDocument.Parse(body.AsMemory(0, length)).RootElement, body.AsSpan(length));
    }

    private void Authorize(HttpRequestMessage request)
    {
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
    }

    private static Response Read(int status, JsonElement json, ReadOnlySpan<byte> bytes)
    {
        if (status != 200) return new Response(status, json.GetProperty("error").GetString(), null, null, null, []);
        List<Tensor> outputs = [];
        foreach (JsonElement one in json.GetProperty("outputs").EnumerateArray())
        {
            string datatype = one.GetProperty("datatype").GetString()!;
            int size = one.TryGetProperty("parameters", out JsonElement own) ? own.GetProperty("binary_data_size").GetInt32() : -1;
            double[] numbers = datatype == "BYTES" ? [] : size >= 0 ? Singles(bytes[..size])
                : [.. one.GetProperty("data").EnumerateArray().Select(n => (double)n.GetSingle())];
            string[] texts = datatype != "BYTES" ? [] : size >= 0 ? Texts(bytes[..size])
                : [.. one.GetProperty("data").EnumerateArray().Select(n => n.GetString()!)];
            if (size >= 0) bytes = bytes[size..];
            outputs.Add(new Tensor(one.GetProperty("name").GetString()!, datatype,
                [.. one.GetProperty("shape").EnumerateArray().Select(n => n.GetInt64())], numbers, texts));
        }
        Assert.True(bytes.IsEmpty);
        return new Response(status, null, json.TryGetProperty("id", out JsonElement id) ? id.GetString() : null,
            json.GetProperty("model_name").GetString(), json.GetProperty("model_version").GetString(), outputs);
    }

    private static byte[] Bytes(Tensor tensor)
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        foreach (string text in tensor.Texts)
        {
            writer.Write(Encoding.UTF8.GetByteCount(text));
            writer.Write(Encoding.UTF8.GetBytes(text));
        }
        foreach (double number in tensor.Numbers)
            if (tensor.Datatype == "FP32") writer.Write((float)number);
            else if (tensor.Datatype == "INT32") writer.Write((int)number);
            else writer.Write((long)number);
        return bytes.ToArray();
    }

    private static double[] Singles(ReadOnlySpan<byte> bytes)
    {
        double[] numbers = new double[bytes.Length / 4];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
        return numbers;
    }

    private static string[] Texts(ReadOnlySpan<byte> bytes)
    {
        List<string> texts = [];
        for (; bytes.Length > 0; bytes = bytes[(4 + BinaryPrimitives.ReadInt32LittleEndian(bytes))..])
            texts.Add(Encoding.UTF8.GetString(bytes.Slice(4, BinaryPrimitives.ReadInt32LittleEndian(bytes))));
        return [.. texts];
    }
}
