using System.Net;
using System.Text.Json;
using Unroll.Serving.Stores;
using Unroll.Serving.Tests.Fixtures;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Tests.Http;

public sealed class EndpointTests
{
    private const string Sessions = "/v1/models/m/sessions", S = $"{Sessions}/s";
    private static readonly TaskCase s_task = TaskCase.Tagger(1);

    private static async Task<Server> Begun(string options = "{\"session\":\"s\"}")
    {
        Server server = await Server.Start(null, ("m", s_task), ("lm", TaskCase.Of("language")));
        Assert.Equal(HttpStatusCode.Created, (await server.Send("POST", Sessions, options)).Status);
        return server;
    }

    [Fact]
    public async Task Models_are_listed_with_their_version()
    {
        await using Server server = await Begun();
        Reply list = await server.Send("GET", "/v1/models");
        JsonElement model = list.Json.GetProperty("models").EnumerateArray().Single(one => one.GetProperty("model").GetString() == "m");
        Assert.Equal((s_task.Model.WeightsSha256, "tag", 1), (model.GetProperty("version").GetString(), model.GetProperty("task").GetString(),
            model.GetProperty("sessions").GetInt32()));
        Assert.True((await server.Send("GET", "/v1/models/m")).Json.TryGetProperty("about", out _));
    }

    [Fact]
    public async Task Steps_are_taken_once_and_have_the_answers_of_the_session_alone()
    {
        await using Server server = await Begun();
        Alone alone = new(s_task);
        Reply first = await server.Send("POST", $"{S}/steps", "{\"at\":0,\"steps\":[\"send\",\"five\"]}");
        Assert.Equal((alone.Take("[\"send\",\"five\"]"), 0, 2, 0),
            (first.Raw("answers"), first.Number("at"), first.Number("position"), first.Number("durable")));
        Reply again = await server.Send("POST", $"{S}/steps", "{\"at\":0,\"steps\":[\"send\",\"five\"]}");
        Assert.Equal((first.Raw("answers"), true), (again.Raw("answers"), again.Json.GetProperty("repeated").GetBoolean()));
        Reply gap = await server.Send("POST", $"{S}/steps", "{\"at\":5,\"steps\":[\"send\"]}");
        Assert.Equal((HttpStatusCode.Conflict, 2, "application/problem+json"), (gap.Status, gap.Number("position"), gap.Type));
        Reply status = await server.Send("GET", S);
        Assert.Equal((2, first.Raw("answers")), (status.Number("position"), status.Json.GetProperty("last").GetProperty("answers").GetRawText()));
    }

    [Fact]
    public async Task A_session_is_saved_restored_forked_rewound_and_deleted()
    {
        await using Server server = await Begun("{\"session\":\"s\",\"keep_every\":2}");
        Alone alone = new(s_task);
        alone.Take("[\"send\",\"five\"]");
        await server.Send("POST", $"{S}/steps", "{\"at\":0,\"steps\":[\"send\",\"five\"]}");
        Reply snapshot = await server.Send("GET", $"{S}/snapshot");
        Assert.Equal("application/octet-stream", snapshot.Type);
        string expected = alone.Take("[\"lamps\"]"), step = "{\"at\":2,\"steps\":[\"lamps\"]}";
        Assert.Equal(HttpStatusCode.Created, (await server.Send("POST", $"{S}/fork", "{\"session\":\"f\"}")).Status);
        Assert.Equal(HttpStatusCode.Created, (await server.Send("POST", Sessions,
            $"{{\"session\":\"r\",\"snapshot\":\"{Convert.ToBase64String(snapshot.Bytes)}\"}}")).Status);
        foreach (string name in (string[])["s", "f", "r"])
            Assert.Equal(expected, (await server.Send("POST", $"{Sessions}/{name}/steps", step)).Raw("answers"));
        Assert.Equal(2, (await server.Send("POST", $"{S}/restore", snapshot.Bytes)).Number("position"));
        Assert.Equal(expected, (await server.Send("POST", $"{S}/steps", step)).Raw("answers"));
        Assert.Equal(2, (await server.Send("POST", $"{S}/rewind", "{\"position\":2}")).Number("position"));
        Reply refused = await server.Send("POST", $"{S}/rewind", "{\"position\":1}");
        Assert.Equal((HttpStatusCode.Conflict, "[2]"), (refused.Status, refused.Raw("kept")));
        Assert.Equal(HttpStatusCode.NoContent, (await server.Send("DELETE", S)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Send("GET", S)).Status);
    }

    [Fact]
    public async Task A_prediction_has_the_bytes_of_the_command_line()
    {
        string text = "send five lamps\nfor five\n", folder = Directory.CreateTempSubdirectory("unroll-serving-").FullName;
        try
        {
            await using Server server = await Begun();
            Reply reply = await server.Send("POST", "/v1/models/m/predict", text);
            TaskAnswer answer = LabelAnswerOf(text);
            Assert.Equal(answer.ToJson() + "\n", reply.Text);
            s_task.Model.Save(Path.Combine(folder, "m.safetensors"));
            await File.WriteAllTextAsync(Path.Combine(folder, "orders.txt"), text);
            Assert.Equal(CommandLine.Run(folder, "Unroll.Cli.dll", "predict", "m.safetensors", "--data", "orders.txt", "--json"), reply.Text);
            Reply unknown = await server.Send("POST", "/v1/models/m/predict?data=orders.txt", text);
            Assert.Equal(HttpStatusCode.BadRequest, unknown.Status);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TaskAnswer LabelAnswerOf(string text)
    {
        TaskVerb verb = TaskList.Find("tag").Predict;
        return verb.Ask(s_task.Model, verb.Options.Parse(verb.Defaults, "data", "-"), new TaskCall(DataFiles.Of("-", text)));
    }

    [Fact]
    public async Task Answers_come_as_events_and_a_client_that_was_cut_off_goes_on()
    {
        await using Server server = await Begun();
        Reply begun = await server.Send("POST", "/v1/models/lm/sessions", "{\"session\":\"t\",\"sampling\":{\"seed\":5}}");
        Assert.Equal(HttpStatusCode.Created, begun.Status);
        const string T = "/v1/models/lm/sessions/t";
        Reply whole = await server.Send("GET", $"{T}/events?at=0&draw=6");
        Assert.Equal("text/event-stream", whole.Type);
        string[] events = whole.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(7, events.Length);
        Assert.StartsWith("id: 6\ndata: {\"at\":5,\"position\":6,", events[5]);
        Assert.Equal("event: end\ndata: {}", events[6]);
        Reply rest = await server.Send("GET", $"{T}/events?at=0&draw=6", (string?)null, null, ("Last-Event-ID", "5"));
        Assert.Equal(events[5..], rest.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries));
        Reply over = await server.Send("GET", $"{T}/events?at=0&draw=6", (string?)null, null, ("Last-Event-ID", "6"));
        Assert.Equal(HttpStatusCode.NoContent, over.Status);
        Reply gap = await server.Send("GET", $"{T}/events?at=0&draw=6", (string?)null, null, ("Last-Event-ID", "2"));
        Assert.Equal((HttpStatusCode.Conflict, 6), (gap.Status, gap.Number("position")));
        Reply posted = await server.Send("POST", $"{S}/steps", "{\"at\":0,\"steps\":[\"send\",{\"no\":1}]}", null, ("Accept", "text/event-stream"));
        events = posted.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Alone alone = new(s_task);
        Assert.Equal($"id: 1\ndata: {{\"at\":0,\"position\":1,\"durable\":0,\"answer\":{alone.Take("[\"send\"]")[1..^1]}}}", events[0]);
        Assert.StartsWith("event: problem\ndata: {", events[1]);
    }

    [Fact]
    public async Task How_the_server_is_can_be_asked()
    {
        await using Server server = await Begun();
        await server.Send("POST", $"{S}/steps", "{\"at\":0,\"steps\":[\"send\",\"five\"]}");
        Assert.Equal("ok", (await server.Send("GET", "/health")).Json.GetProperty("status").GetString());
        Reply metrics = await server.Send("GET", "/metrics");
        Assert.Contains("\n# TYPE unroll_steps_total counter\nunroll_steps_total 2\n", metrics.Text);
        Assert.Contains("\nunroll_sessions 1\n", metrics.Text);
        await server.Host.StopAsync();
        Reply health = await server.Send("GET", "/health"), step = await server.Send("POST", $"{S}/steps", "{\"at\":2,\"steps\":[\"send\"]}");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, "1"), (health.Status, step.Status, step.RetryAfter));
    }

    [Fact]
    public async Task Durable_sessions_say_how_far_they_are()
    {
        string folder = Directory.CreateTempSubdirectory("unroll-serving-").FullName;
        try
        {
            string file = Path.Combine(folder, "s.db");
            await using (Server server = await Server.Start(options => options.Store = file, ("m", s_task)))
            {
                await server.Send("POST", Sessions, "{\"session\":\"s\",\"durability\":\"each\"}");
                Assert.Equal(2, (await server.Send("POST", $"{S}/steps", "{\"at\":0,\"steps\":[\"send\",\"five\"]}")).Number("durable"));
            }
            await using Server other = await Server.Start(options => options.Store = file, ("m", s_task));
            Assert.Equal(2, (await other.Send("GET", S)).Number("position"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
