using System.Net;
using System.Text.Json;
using Unroll.Inspection;
using Unroll.Numerics;
using Unroll.Serving.Tests.Fixtures;
using Unroll.Tasks.Data;

namespace Unroll.Serving.Tests.Http;

/// <summary>Looking ahead in a session and into a model changes nothing, and shows what then happens.</summary>
public sealed class LookTests
{
    public static TheoryData<string> Tasks => TaskCase.Names;

    [Theory, MemberData(nameof(Tasks))]
    public async Task A_look_says_what_the_session_says_next_and_leaves_it_where_it_is(string name)
    {
        TaskCase task = TaskCase.Of(name);
        await using Server server = await Server.Start(null, ("m", task));
        const string At = "/v1/models/m/sessions/s";
        Assert.Equal(HttpStatusCode.Created, (await server.Send("POST", "/v1/models/m/sessions", Begin(task))).Status);
        await server.Send("POST", $"{At}/steps", $"{{\"at\":0,\"steps\":{task.Steps(5, 0, 3)}}}");
        string body = $"{{\"at\":3,\"steps\":{task.Steps(5, 3, 4)}}}";
        byte[] before = (await server.Send("GET", $"{At}/snapshot")).Bytes;
        Reply look = await server.Send("POST", $"{At}/look", body);
        Assert.Equal(HttpStatusCode.OK, look.Status);
        Assert.Equal(before, (await server.Send("GET", $"{At}/snapshot")).Bytes);
        Assert.Equal(look.Raw("answers"), (await server.Send("POST", $"{At}/steps", body)).Raw("answers"));
        JsonElement[] layers = [.. look.Json.GetProperty("layers").EnumerateArray()];
        int rounds = look.Json.GetProperty("rounds").GetArrayLength();
        if (rounds > 0)
            Assert.All(layers.SelectMany(layer => layer.GetProperty("gates").EnumerateArray()),
                gate => Assert.Equal(rounds, gate.GetProperty("values").GetArrayLength()));
    }

    [Fact]
    public async Task Gates_of_a_look_are_those_of_the_whole_sequence()
    {
        TaskCase task = TaskCase.Of("tagger");
        await using Server server = await Server.Start(null, ("m", task));
        await server.Send("POST", "/v1/models/m/sessions", "{\"session\":\"s\"}");
        Reply look = await server.Send("POST", "/v1/models/m/sessions/s/look", "{\"at\":0,\"steps\":[\"send\",\"five\",\"lamps\"]}");
        InspectionSubject subject = task.Model.Subject("-", 0, DataFiles.Disk.With("-", "send five lamps\n"));
        using ThreadTeam threads = new(1);
        Gates whole = Gates.Of(subject, threads);
        JsonElement[] layers = [.. look.Json.GetProperty("layers").EnumerateArray()];
        Assert.Equal(whole.Layers.Select(layer => layer.Name), layers.Select(layer => layer.GetProperty("layer").GetString()));
        for (int l = 0; l < layers.Length; l++)
            foreach ((int g, JsonElement gate) in layers[l].GetProperty("gates").EnumerateArray().Index())
                foreach ((int t, JsonElement step) in gate.GetProperty("values").EnumerateArray().Index())
                    foreach ((int unit, JsonElement value) in step.EnumerateArray().Index())
                        Assert.Equal(whole.Layers[l].Traces[g].Values[t][unit], value.GetSingle(), 1e-5f);        // five digits are sent
    }

    [Fact]
    public async Task A_model_is_inspected_on_the_data_of_the_request()
    {
        await using Server server = await Server.Start(null, ("m", TaskCase.Of("tagger")));
        Reply reply = await server.Send("POST", "/v1/models/m/inspect?data=typed.txt&step=1", "send five lamps\n");
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal("[\"send\",\"five\",\"lamps\"]", reply.Raw("labels"));
        JsonElement saliency = reply.Json.GetProperty("saliency");
        float[] values = [.. saliency.GetProperty("values").EnumerateArray().Select(value => value.GetSingle())];
        Assert.Equal((3, 0f), (values.Length, values[2]));                        // a causal model: the last word cannot count for the second
        Assert.True(values[0] > 0 && values[1] > 0);
    }

    [Theory]
    [InlineData("inspect?step=9", "send", HttpStatusCode.BadRequest)]
    [InlineData("inspect?step=x", "send", HttpStatusCode.BadRequest)]
    [InlineData("inspect?member=2", "send", HttpStatusCode.BadRequest)]
    [InlineData("inspect?data=..%2fsecret", "send", HttpStatusCode.BadRequest)]
    [InlineData("inspect?sequence=5", "send", HttpStatusCode.BadRequest)]
    [InlineData("inspect", "", HttpStatusCode.BadRequest)]
    [InlineData("sessions/s/look", "{\"at\":0,\"steps\":[]}", HttpStatusCode.BadRequest)]
    [InlineData("sessions/s/look", "{\"at\":0,\"steps\":[1,2]}", HttpStatusCode.BadRequest)]
    [InlineData("sessions/s/look", "{\"at\":4,\"steps\":[\"send\"]}", HttpStatusCode.Conflict)]
    [InlineData("sessions/t/look", "{\"at\":0,\"steps\":[\"send\"]}", HttpStatusCode.NotFound)]
    [InlineData("notes", "{\"symbols\":[\"C\"]}", HttpStatusCode.BadRequest)]
    public async Task What_cannot_be_looked_at_is_refused_in_a_line(string path, string body, HttpStatusCode status)
    {
        await using Server server = await Server.Start(null, ("m", TaskCase.Of("tagger")));
        await server.Send("POST", "/v1/models/m/sessions", "{\"session\":\"s\"}");
        Reply reply = await server.Send("POST", $"/v1/models/m/{path}", body);
        Assert.Equal(status, reply.Status);
        Assert.NotEmpty(reply.Json.GetProperty("detail").GetString()!);
    }

    [Fact]
    public async Task A_sequence_or_a_look_that_is_too_long_is_refused()
    {
        await using Server server = await Server.Start(null, ("m", TaskCase.Of("tagger")), ("l", TaskCase.Of("language")));
        Reply inspected = await server.Send("POST", "/v1/models/m/inspect", string.Join(' ', Enumerable.Repeat("send", 300)) + "\n");
        Assert.Equal(HttpStatusCode.BadRequest, inspected.Status);
        Assert.Contains("at most 256 steps, found 300", inspected.Text);
        await server.Send("POST", "/v1/models/l/sessions", "{\"session\":\"s\"}");
        Reply looked = await server.Send("POST", "/v1/models/l/sessions/s/look", "{\"at\":0,\"steps\":[{\"draw\":1000000}]}");
        Assert.Equal(HttpStatusCode.BadRequest, looked.Status);
        Assert.Contains("at most 512 rounds", looked.Text);
    }

    [Fact]
    public async Task A_forecast_of_a_window_shows_the_window_and_which_rows_counted()
    {
        await using Server server = await Server.Start(null, ("m", TaskCase.Of("forecast, windows")));
        await server.Send("POST", "/v1/models/m/sessions", "{\"session\":\"s\"}");
        string steps = string.Join(',', Enumerable.Range(0, 20).Select(t => $"{{\"row\":[{40 + t}]}}"));
        Reply look = await server.Send("POST", "/v1/models/m/sessions/s/look", $"{{\"at\":0,\"steps\":[{steps}],\"last\":true,\"explain\":true}}");
        Assert.Equal(HttpStatusCode.OK, look.Status);
        Assert.Single(look.Json.GetProperty("answers").EnumerateArray());
        Assert.Equal(4, look.Json.GetProperty("labels").GetArrayLength());
        float[] values = [.. look.Json.GetProperty("saliency").GetProperty("values").EnumerateArray().Select(value => value.GetSingle())];
        Assert.Equal(4, values.Length);
        Assert.True(values.Sum() > 0);
    }

    private static string Begin(TaskCase task)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("session", "s");
            task.Options.WriteJson(json);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }
}
