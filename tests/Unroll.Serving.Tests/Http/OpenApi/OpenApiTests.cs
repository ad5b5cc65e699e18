using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Unroll.Serving.Tests.Fixtures;

namespace Unroll.Serving.Tests.Http.OpenApi;

/// <summary>The description of the endpoints says what the server does: every route is in it, and every answer is as it says.</summary>
public sealed class OpenApiTests
{
    private const string S = "/v1/models/m/sessions/s", V2 = "/v2/models/m";
    private static readonly TaskCase s_task = TaskCase.Tagger(1);

    private static Task<Server> Begun() => Server.Start(null, ("m", s_task), ("lm", TaskCase.Of("language")));

    private static async Task<JsonElement> Document(Server server) => (await server.Send("GET", "/openapi/v1.json")).Json;

    [Fact]
    public async Task Every_route_is_in_the_document_and_nothing_else_is()
    {
        await using Server server = await Begun();
        IEnumerable<string> mapped =
            from endpoint in server.Endpoints.OfType<RouteEndpoint>()
            let path = "/" + endpoint.RoutePattern.RawText!.Trim('/')
            where !path.Contains("{**")                      // what is not there
            where path != "/" && !path.StartsWith("/page/", StringComparison.Ordinal)        // for people
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
            where method != "CONNECT"
            select $"{method} {path}";
        IEnumerable<string> described =
            from path in (await Document(server)).GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            select $"{operation.Name.ToUpperInvariant()} {path.Name}";
        Assert.Equal(mapped.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_reference_is_there_and_every_part_of_an_address_is_described()
    {
        await using Server server = await Begun();
        JsonElement document = await Document(server);
        JsonSchema schemas = new(document);
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString());
        void References(JsonElement at)
        {
            if (at.ValueKind == JsonValueKind.Array)
                foreach (JsonElement one in at.EnumerateArray()) References(one);
            if (at.ValueKind != JsonValueKind.Object) return;
            foreach (JsonProperty one in at.EnumerateObject())
                if (one.Name == "$ref") Assert.Equal(JsonValueKind.Object, schemas.At(one.Value.GetString()!).ValueKind);
                else References(one.Value);
        }
        References(document);
        foreach (JsonProperty path in document.GetProperty("paths").EnumerateObject())
            foreach (JsonProperty operation in path.Value.EnumerateObject())
            {
                string[] parameters = operation.Value.TryGetProperty("parameters", out JsonElement own)
                    ? [.. own.EnumerateArray().Where(one => one.GetProperty("in").GetString() == "path")
                        .Select(one => one.GetProperty("name").GetString()!)] : [];
                Assert.Equal(path.Name.Split('{').Skip(1).Select(part => part.Split('}')[0]), parameters);
                Assert.True(operation.Value.GetProperty("responses").TryGetProperty("401", out _));
            }
    }

    public static TheoryData<string, string, string, string?> Requests => new()
    {
        { "GET", "/v1/models", "/v1/models", null },
        { "GET", "/v1/models/{model}", "/v1/models/m", null },
        { "GET", "/v1/models/{model}", "/v1/models/none", null },
        { "POST", "/v1/models/{model}/predict", "/v1/models/m/predict", "send five" },
        { "POST", "/v1/models/{model}/predict", "/v1/models/m/predict?no=1", "send five" },
        { "POST", "/v1/models/{model}/sessions", "/v1/models/m/sessions", "{\"keep_every\":1}" },
        { "POST", "/v1/models/{model}/sessions", "/v1/models/lm/sessions", "{\"sampling\":{\"seed\":2,\"top_k\":3}}" },
        { "POST", "/v1/models/{model}/sessions", "/v1/models/m/sessions", "{\"session\":\"s\"}" },
        { "POST", "/v1/models/{model}/sessions/{session}/steps", $"{S}/steps", "{\"at\":0,\"steps\":[\"send\",\"five\"]}" },
        { "POST", "/v1/models/{model}/sessions/{session}/steps", $"{S}/steps", "{\"at\":9,\"steps\":[\"send\",\"five\"]}" },
        { "GET", "/v1/models/{model}/sessions/{session}", S, null },
        { "POST", "/v1/models/{model}/sessions/{session}/fork", $"{S}/fork", "{\"session\":\"f\"}" },
        { "POST", "/v1/models/{model}/sessions/{session}/rewind", $"{S}/rewind", "{\"position\":1}" },
        { "POST", "/v1/models/{model}/sessions/{session}/restore", $"{S}/restore", "none" },
        { "GET", "/v1/models/{model}/sessions/{session}/sound", $"{S}/sound", null },
        { "GET", "/v1/models/{model}/sessions/{session}/events", $"{S}/events", null },
        { "GET", "/v1/models/{model}/sessions", "/v1/models/m/sessions", null },
        { "POST", "/v1/models/{model}/sessions/{session}/look", $"{S}/look", "{\"at\":1,\"steps\":[\"five\"]}" },
        { "POST", "/v1/models/{model}/sessions/{session}/look", $"{S}/look", "{\"at\":9,\"steps\":[\"five\"]}" },
        { "POST", "/v1/models/{model}/inspect", "/v1/models/m/inspect", "send five" },
        { "POST", "/v1/models/{model}/inspect", "/v1/models/m/inspect?member=2", "send five" },
        { "POST", "/v1/models/{model}/notes", "/v1/models/m/notes", "{\"symbols\":[\"A\"]}" },
        { "GET", "/v1/runs", "/v1/runs", null },
        { "GET", "/v1/runs/{run}", "/v1/runs/none", null },
        { "POST", "/v1/completions", "/v1/completions", "{\"model\":\"lm\",\"prompt\":\"a\",\"logprobs\":2,\"n\":2}" },
        { "POST", "/v1/completions", "/v1/completions", "{\"model\":\"lm\",\"echo\":true}" },
        { "POST", "/v1/completions", "/v1/completions", "{\"model\":\"m\"}" },
        { "GET", "/v2", "/v2", null },
        { "GET", "/v2/health/live", "/v2/health/live", null },
        { "GET", "/v2/health/ready", "/v2/health/ready", null },
        { "GET", "/v2/models/{model}", "/v2/models/lm", null },
        { "GET", "/v2/models/{model}/ready", $"{V2}/ready", null },
        { "GET", "/v2/models/{model}/versions/{version}", $"{V2}/versions/1", null },
        { "POST", "/v2/models/{model}/infer", $"{V2}/infer",
            "{\"id\":\"7\",\"parameters\":{\"sequence_id\":\"a\",\"sequence_start\":true},"
            + "\"inputs\":[{\"name\":\"text\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"five\"]}]}" },
        { "POST", "/v2/models/{model}/infer", $"{V2}/infer", "{\"inputs\":[]}" },
        { "GET", "/health", "/health", null },
        { "GET", "/openapi/v1.json", "/openapi/v1.json", null },
    };

    [Fact]
    public async Task Every_request_and_every_answer_is_as_the_document_says()
    {
        await using Server server = await Begun();
        JsonElement document = await Document(server);
        JsonSchema schemas = new(document);
        foreach (var row in Requests)
        {
            (string method, string route, string path, string? body) = row.Data;
            Reply reply = await server.Send(method, path, body);
            string what = $"{method} {path} {body}: {(int)reply.Status}";
            JsonElement operation = document.GetProperty("paths").GetProperty(route).GetProperty(method.ToLowerInvariant());
            Assert.True(operation.GetProperty("responses").TryGetProperty($"{(int)reply.Status}", out JsonElement response), what);
            JsonElement schema = response.GetProperty("content").GetProperty(reply.Type!).GetProperty("schema");
            Assert.Equal([], schemas.Faults(reply.Json, schema, what));
            if (reply.Status is HttpStatusCode.OK or HttpStatusCode.Created && body is ['{', ..])
                Assert.Equal([], schemas.Faults(JsonDocument.Parse(body).RootElement,
                    operation.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema"), what));
        }
    }
}
