using System.Net;
using System.Net.Sockets;
using System.Text;
using Unroll.Serving.Tests.Fixtures;

namespace Unroll.Serving.Tests.Http;

/// <summary>Whatever is sent is refused as what it is: never with 500, and no other session changes.</summary>
public sealed class HostileTests
{
    private const string Alice = "alice-has-this-key", Bob = "bob-has-another-key", S = "/v1/models/m/sessions/s";
    private static readonly TaskCase s_task = TaskCase.Tagger(1);

    private static Task<Server> Keyed(ServingLimits? limits = null) => Server.Start(options =>
    {
        (options.Keys["alice"], options.Keys["bob"], options.BodyBytes) = (Alice, Bob, 100_000);
        options.Limits = limits ?? options.Limits;
    }, ("m", s_task), ("numbers", TaskCase.Numbers(1)), ("lm", TaskCase.Of("language")));

    public static TheoryData<string, string, string, int> Requests => new()
    {
        { "GET", "/v1/models/none", "", 404 },
        { "GET", "/v1/models/..%2f..%2fetc%2fpasswd", "", 404 },
        { "GET", "/v1/models/m/sessions/none", "", 404 },
        { "GET", "/v1/models/lm/sessions/s", "", 404 },
        { "GET", "/v1/none", "", 404 },
        { "PUT", "/v1/models", "", 404 },
        { "POST", "/v1/models/m/sessions", "{", 400 },
        { "POST", "/v1/models/m/sessions", "[]", 400 },
        { "POST", "/v1/models/m/sessions", "null", 400 },
        { "POST", "/v1/models/m/sessions", "{\"session\":\"../x\"}", 400 },
        { "POST", "/v1/models/m/sessions", "{\"session\":\"s\"}", 409 },
        { "POST", "/v1/models/m/sessions", "{\"sesion\":\"x\"}", 400 },
        { "POST", "/v1/models/m/sessions", "{\"durability\":\"each\"}", 400 },
        { "POST", "/v1/models/m/sessions", "{\"durability\":\"every:0\"}", 400 },
        { "POST", "/v1/models/m/sessions", "{\"keep_every\":-1}", 400 },
        { "POST", "/v1/models/m/sessions", "{\"keep_last\":1e9}", 400 },
        { "POST", "/v1/models/m/sessions", "{\"sampling\":{}}", 400 },
        { "POST", "/v1/models/lm/sessions", "{\"sampling\":{\"temperature\":1e999}}", 400 },
        { "POST", "/v1/models/lm/sessions", "{\"rate\":8000}", 400 },
        { "POST", "/v1/models/m/sessions", "{\"snapshot\":\"!\"}", 400 },
        { "POST", "/v1/models/m/sessions", "{\"snapshot\":\"AAAA\"}", 400 },
        { "POST", $"{S}/steps", "", 400 },
        { "POST", $"{S}/steps", "{\"at\":0}", 400 },
        { "POST", $"{S}/steps", "{\"at\":0,\"steps\":[]}", 400 },
        { "POST", $"{S}/steps", "{\"at\":0,\"steps\":\"send\"}", 400 },
        { "POST", $"{S}/steps", "{\"at\":-1,\"steps\":[\"send\"]}", 400 },
        { "POST", $"{S}/steps", "{\"at\":1.5,\"steps\":[\"send\"]}", 400 },
        { "POST", $"{S}/steps", "{\"at\":99,\"steps\":[\"send\"]}", 409 },
        { "POST", $"{S}/steps", "{\"at\":0,\"steps\":[1e999]}", 400 },
        { "POST", $"{S}/steps", "{\"at\":0,\"steps\":[[1,2,3]]}", 400 },
        { "POST", $"{S}/steps", "{\"at\":0,\"steps\":[\"\\ud800\"]}", 400 },
        { "POST", $"{S}/steps", "{\"at\":0,\"at\":0,\"steps\":[\"send\"]}", 400 },
        { "POST", "/v1/models/numbers/sessions/n/steps", "{\"at\":0,\"steps\":[[1,2]]}", 400 },
        { "POST", "/v1/models/numbers/sessions/n/steps", "{\"at\":0,\"steps\":[[1,2,NaN]]}", 400 },
        { "POST", "/v1/models/numbers/sessions/n/steps", "{\"at\":0,\"steps\":[[1,2,1e39]]}", 400 },
        { "POST", $"{S}/rewind", "{\"position\":7}", 409 },
        { "POST", $"{S}/rewind", "{}", 400 },
        { "POST", $"{S}/restore", "no snapshot", 400 },
        { "POST", $"{S}/restore", "", 400 },
        { "POST", $"{S}/fork", "{\"session\":\"s\"}", 409 },
        { "GET", $"{S}/events?draw=3", "", 400 },
        { "GET", $"{S}/events", "", 400 },
        { "GET", "/v1/models/lm/sessions/t/events?at=0&draw=99999999999", "", 400 },
        { "GET", "/v1/models/lm/sessions/t/events?at=x&draw=1", "", 400 },
        { "POST", "/v1/models/m/predict?words=/etc/passwd", "x", 400 },
        { "POST", "/v1/models/m/predict?explain=-1", "x", 400 },
        { "GET", "/v1/models/m/sessions/s/sound", "", 400 },
        { "GET", "/v1/models/m/sessions/none/sound", "", 400 },
        { "PATCH", S, "", 404 },
        { "POST", "/v1/completions", "", 400 },
        { "POST", "/v1/completions", "{\"model\":\"none\"}", 404 },
        { "POST", "/v1/completions", "{\"model\":\"../lm\"}", 404 },
        { "POST", "/v1/completions", "{\"model\":\"lm\",\"prompt\":\"\\ud800\"}", 400 },
        { "POST", "/v1/completions", "{\"model\":\"lm\",\"prompt\":{}}", 400 },
        { "POST", "/v1/completions", "{\"model\":\"lm\",\"max_tokens\":99999999999}", 400 },
        { "POST", "/v1/completions", "{\"model\":\"lm\",\"temperature\":1e999}", 400 },
        { "POST", "/v1/completions", "{\"model\":\"lm\",\"seed\":18446744073709551616}", 400 },
        { "POST", "/v1/completions", "{\"model\":\"lm\",\"stream\":\"yes\"}", 400 },
        { "GET", "/v1/completions", "", 404 },
        { "GET", "/v2/none", "", 404 },
        { "DELETE", "/v2/models/m", "", 404 },
        { "GET", "/v2/models/none", "", 404 },
        { "GET", "/v2/models/m/versions/..%2f..%2fetc", "", 404 },
        { "POST", "/v1/models/m/notes", "{\"symbols\":[\"\"]}", 400 },
        { "POST", "/v2/models/m/infer", "", 400 },
        { "POST", "/v2/models/m/infer", "{\"outputs\":[{\"name\":\"label\"},{\"name\":\"label\"}]," + Input("BYTES", "[1]", "[\"a\"]")[1..], 400 },
        { "POST", "/v2/models/m/infer", "[]", 400 },
        { "POST", "/v2/models/m/infer", "{\"inputs\":[]}", 400 },
        { "POST", "/v2/models/m/infer", "{\"inputs\":[{}]}", 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[1,1]", "[\"a\"]"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[0]", "[]"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[-1]", "[\"a\"]"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[9007199254740992]", "[\"a\"]"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[2]", "[\"a\"]"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[1]", "[7]"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[1]", "[[\"a\"],[\"b\"]]"), 400 },
        { "POST", "/v2/models/m/infer", Input("FP64", "[1]", "[\"a\"]"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[1]", "[\"a\"]", ",\"parameters\":{\"binary_data_size\":9}"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[1]", "[\"a\"]", after: ",\"parameters\":{\"sequence_id\":-1}"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[1]", "[\"a\"]", after: ",\"parameters\":{\"sequence_id\":[1]}"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[1]", "[\"a\"]", after: ",\"parameters\":{\"sequence_end\":true}"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[1]", "[\"a\"]", after: ",\"parameters\":{\"sequence_id\":\"s\"}"), 404 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[1]", "[\"a\"]", after: ",\"parameters\":{\"priority\":1}"), 400 },
        { "POST", "/v2/models/m/infer", Input("BYTES", "[1]", "[\"a\"]", after: ",\"outputs\":[{\"name\":\"state\"}]"), 400 },
        { "POST", "/v2/models/numbers/infer", Input("FP32", "[1,3]", "[1,2,NaN]").Replace("text", "features"), 400 },
        { "POST", "/v2/models/numbers/infer", Input("FP32", "[1,3]", "[1,2,1e39]").Replace("text", "features"), 400 },
        { "POST", "/v2/models/lm/infer", Input("INT64", "[1]", "[1e30]").Replace("text", "symbols"), 400 },
    };

    private static string Input(string datatype, string shape, string data, string more = "", string after = "") =>
        $"{{\"inputs\":[{{\"name\":\"text\",\"datatype\":\"{datatype}\",\"shape\":{shape},\"data\":{data}{more}}}]{after}}}";

    [Fact]
    public async Task Nothing_is_answered_with_500_and_no_other_session_changes()
    {
        await using Server server = await Keyed();
        foreach ((string model, string name) in ((string, string)[])[("m", "s"), ("numbers", "n"), ("lm", "t")])
            Assert.Equal(HttpStatusCode.Created,
                (await server.Send("POST", $"/v1/models/{model}/sessions", $"{{\"session\":\"{name}\"}}", Alice)).Status);
        byte[] before = (await server.Send("GET", $"{S}/snapshot", (byte[]?)null, Alice)).Bytes;
        foreach (var row in Requests)
        {
            (string method, string path, string body, int status) = row.Data;
            Reply reply = await server.Send(method, path, body.Length == 0 ? null : body, Alice);
            Assert.True((int)reply.Status == status, $"{method} {path} {body}: expected {status}, got {(int)reply.Status} {reply.Text}");
            Assert.Equal("application/problem+json", reply.Type);
            Assert.Equal(status, reply.Number("status"));
        }
        string deep = $"{{\"at\":0,\"steps\":[{new string('[', 5000)}{new string(']', 5000)}]}}";
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Send("POST", $"{S}/steps", deep, Alice)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Send("POST", $"{S}/steps", [0x7B, 0xFF, 0xFE, 0x7D], Alice)).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.Send("POST", $"{S}/restore", new byte[200_000], Alice)).Status);
        foreach (string length in (string[])["-1", "x", "1000000", "3"])
            Assert.Equal(HttpStatusCode.BadRequest, (await server.Send("POST", "/v2/models/m/infer", Input("BYTES", "[1]", "[\"a\"]"), Alice,
                ("Inference-Header-Content-Length", length))).Status);
        byte[] other = (await server.Send("GET", "/v1/models/numbers/sessions/n/snapshot", (byte[]?)null, Alice)).Bytes;
        Assert.Equal(HttpStatusCode.Conflict, (await server.Send("POST", $"{S}/restore", other, Alice)).Status);
        for (int i = 0; i < before.Length; i += 11)
        {
            byte[] damaged = [.. before];
            damaged[i] ^= 1;
            Assert.Equal(HttpStatusCode.BadRequest, (await server.Send("POST", $"{S}/restore", damaged, Alice)).Status);
        }
        Assert.Equal(before, (await server.Send("GET", $"{S}/snapshot", (byte[]?)null, Alice)).Bytes);
    }

    [Fact]
    public async Task What_is_no_request_of_HTTP_is_refused_too()
    {
        await using Server server = await Keyed();
        foreach ((string request, int least, int most) in ((string, int, int)[])
        [
            ("GET /v1/models/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 404, 404),
            ("GET /v1/models/m%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400, 400),
            ("GET //v1//models HTTP/1.1\r\nHost: x\r\n\r\n", 404, 404),
            ("GET /v1/models/%c0%ae%c0%ae HTTP/1.1\r\nHost: x\r\n\r\n", 400, 401),
            ($"GET /{new string('a', 20_000)} HTTP/1.1\r\nHost: x\r\n\r\n", 414, 414),
            ($"GET /v1/models HTTP/1.1\r\nHost: x\r\n{string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: 1\r\n"))}\r\n", 431, 431),
            ($"GET /v1/models HTTP/1.1\r\nHost: x\r\nX: {new string('a', 40_000)}\r\n\r\n", 431, 431),
            ("GET /v1/models HTTP/1.1\r\n\r\n", 400, 400),
            ("GET /v1/models HTTP/9.9\r\nHost: x\r\n\r\n", 505, 505),
            ("\0\0\0\0\r\n\r\n", 400, 400),
            ("POST /v1/models/m/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, 400),
            ("POST /v1/models/m/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, 400),
            ($"POST /v1/models/m/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Alice}\r\n"
                + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, 400),
            ($"GET {S}/sound HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Alice}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 400, 400),
        ])
        {
            using TcpClient client = new();
            await client.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
            byte[] reply = new byte[12];
            await client.GetStream().ReadExactlyAsync(reply);
            int status = int.Parse(Encoding.ASCII.GetString(reply.AsSpan(9, 3)));
            Assert.True(status >= least && status <= most, $"{request[..Math.Min(60, request.Length)]}: {status}");
        }
    }

    [Fact]
    public async Task A_session_is_there_for_its_key_alone()
    {
        await using Server server = await Keyed();
        await server.Send("POST", "/v1/models/m/sessions", "{\"session\":\"s\"}", Alice);
        foreach (string? key in (string?[])[null, "", "no", Alice[..^1], Alice + "x", "Basic x"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.Send("GET", S, (string?)null, key)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Send("GET", S, (string?)null, Bob)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Send("DELETE", S, (string?)null, Bob)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.Send("GET", S, (string?)null, Alice)).Status);
    }

    [Fact]
    public async Task Without_keys_other_sites_and_other_names_of_the_machine_are_refused()
    {
        await using Server server = await Server.Start(null, ("m", s_task));
        Assert.Equal(HttpStatusCode.OK, (await server.Send("GET", "/v1/models")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized,
            (await server.Send("GET", "/v1/models", (string?)null, null, ("Origin", "https://example.org"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Send("GET", "/v1/models", (string?)null, null, ("Host", "example.org"))).Status);
        Assert.Equal(HttpStatusCode.OK,
            (await server.Send("GET", "/v1/models", (string?)null, null, ("Origin", server.Client.BaseAddress!.ToString().TrimEnd('/')))).Status);
    }

    [Fact]
    public async Task What_is_too_much_is_told_when_to_come_again()
    {
        await using Server server = await Keyed(new ServingLimits { Sessions = 1, Steps = 2 });
        await server.Send("POST", "/v1/models/m/sessions", "{\"session\":\"s\"}", Alice);
        Reply full = await server.Send("POST", "/v1/models/m/sessions", "{}", Alice);
        Assert.Equal((HttpStatusCode.TooManyRequests, "1"), (full.Status, full.RetryAfter));
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Send("POST", $"{S}/steps", "{\"at\":0,\"steps\":[\"a\",\"a\",\"a\"]}", Alice)).Status);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_takes_nothing()
    {
        await using Server server = await Keyed();
        await server.Send("POST", "/v1/models/lm/sessions", "{\"session\":\"t\"}", Alice);
        using (TcpClient client = new())
        {
            await client.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
            string body = "{\"at\":0,\"steps\":[{\"draw\":1000000}]}";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /v1/models/lm/sessions/t/steps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Alice}\r\n"
                + $"Content-Length: {body.Length}\r\n\r\n{body}"));
            while (server.Host.Figures.Rounds < 5) await Task.Delay(1);
        }
        Reply status = await server.Send("GET", "/v1/models/lm/sessions/t", (string?)null, Alice);
        Assert.Equal(0, status.Number("position"));
    }
}
