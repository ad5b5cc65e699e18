using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Unroll.Serving.Tests.Fixtures;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Serving.Tests.Http.Sounds;

/// <summary>Sounds over WebSockets: the words and bits of the steps endpoint, and the words of a prediction for the file.</summary>
public sealed class SoundTests
{
    private const string Alice = "alice-has-this-key", Bob = "bob-has-another-key", S = "/v1/models/speech/sessions/s";
    private const int Rate = 8000;
    private static readonly TaskCase s_task = TaskCase.Of("speech") with { Options = new() };

    private static Task<Server> Begun(ServingLimits? limits = null, bool keyed = false) => Server.Start(options =>
    {
        options.Limits = limits ?? options.Limits;
        if (keyed) (options.Keys["alice"], options.Keys["bob"]) = (Alice, Bob);
    }, ("speech", s_task), ("m", TaskCase.Tagger(1)));

    private static short[] Tones() => [.. Enumerable.Range(0, 6000).Select(n =>
        (short)(9000 * Math.Sin(2 * Math.PI * (n / 2000 == 0 ? 1500 : n / 2000 == 1 ? 400 : 800) * n / Rate)))];

    private static byte[] Bytes(ReadOnlySpan<short> samples)
    {
        byte[] bytes = new byte[2 * samples.Length];
        for (int i = 0; i < samples.Length; i++) BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(2 * i), samples[i]);
        return bytes;
    }

    private static string Step(IEnumerable<short> samples) =>
        $"[{string.Join(',', samples.Select(s => FormattableString.Invariant($"{s / 32768f:R}")))}]";

    private static async Task<ClientWebSocket> Open(Server server, string path, string? key = null, string? origin = null)
    {
        ClientWebSocket socket = new();
        if (key is not null) socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Client.BaseAddress!.Port}{path}"), CancellationToken.None);
        return socket;
    }

    private static async Task<string?> Receive(ClientWebSocket socket)
    {
        using MemoryStream bytes = new();
        byte[] piece = new byte[4096];
        while (true)
        {
            WebSocketReceiveResult result = await socket.ReceiveAsync(piece, CancellationToken.None);
            if (result.MessageType == WebSocketMessageType.Close) return null;
            bytes.Write(piece, 0, result.Count);
            if (result.EndOfMessage) return Encoding.UTF8.GetString(bytes.ToArray());
        }
    }

    private static Task Say(ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    private static async Task<JsonElement> Ask(ClientWebSocket socket, byte[] samples)
    {
        await socket.SendAsync(samples, WebSocketMessageType.Binary, true, CancellationToken.None);
        return JsonDocument.Parse((await Receive(socket))!).RootElement;
    }

    [Theory, InlineData(150), InlineData(1000), InlineData(6000)]
    public async Task Words_come_back_as_from_the_steps_endpoint_and_from_the_file(int piece)
    {
        await using Server server = await Begun();
        Assert.Equal(HttpStatusCode.Created, (await server.Send("POST", "/v1/models/speech/sessions", "{\"session\":\"s\"}")).Status);
        using ClientWebSocket socket = await Open(server, $"{S}/sound?rate={Rate}");
        Assert.Equal("{\"session\":\"s\",\"position\":0,\"rate\":8000}\n", await Receive(socket));
        Alone alone = new(s_task);
        List<string> words = [];
        void Words(JsonElement answer) =>
            words.AddRange(answer.GetProperty("words").EnumerateArray().Select(word => word.GetProperty("word").GetString()!));
        foreach ((int i, short[] some) in Tones().Chunk(piece).Index())
        {
            JsonElement said = await Ask(socket, Bytes(some));
            Assert.Equal((alone.Take($"[{Step(some)}]"), i, i + 1), ($"[{said.GetProperty("answer").GetRawText()}]",
                said.GetProperty("at").GetInt32(), said.GetProperty("position").GetInt32()));
            Words(said.GetProperty("answer"));
        }
        await Say(socket, "end");
        JsonElement last = JsonDocument.Parse((await Receive(socket))!).RootElement;
        Assert.Equal(alone.Take("[\"end\"]"), $"[{last.GetProperty("answer").GetRawText()}]");
        Words(last.GetProperty("answer"));
        Assert.Null(await Receive(socket));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);

        string file = Path.GetTempFileName();
        WavFile.Write(file, [.. Tones().Select(s => s / 32768f)], Rate);
        byte[] wav = await File.ReadAllBytesAsync(file);
        File.Delete(file);
        Reply predicted = await server.Send("POST", "/v1/models/speech/predict?beam=0", wav);
        Assert.True(predicted.Status == HttpStatusCode.OK, predicted.Text);
        JsonElement whole = predicted.Json.EnumerateObject().First(one => one.Value.ValueKind == JsonValueKind.Array).Value[0];
        Assert.Equal(whole.GetProperty("words").EnumerateArray().Select(word => word.GetProperty("word").GetString()), words);
    }

    [Fact]
    public async Task A_message_whose_answer_was_lost_is_sent_again_and_taken_once()
    {
        await using Server server = await Begun();
        await server.Send("POST", "/v1/models/speech/sessions", "{\"session\":\"s\"}");
        byte[] first = Bytes(Tones().AsSpan(0, 800)), second = Bytes(Tones().AsSpan(800, 800));
        string answer;
        using (ClientWebSocket socket = await Open(server, $"{S}/sound"))
        {
            await Receive(socket);
            answer = (await Ask(socket, first)).GetProperty("answer").GetRawText();
        }
        using (ClientWebSocket socket = await Open(server, $"{S}/sound?at=0"))
        {
            await Receive(socket);
            Assert.Equal(answer, (await Ask(socket, first)).GetProperty("answer").GetRawText());
            Assert.Equal(2, (await Ask(socket, second)).GetProperty("position").GetInt32());
        }
        using ClientWebSocket gap = await Open(server, $"{S}/sound?at=0");
        await Receive(gap);
        JsonElement problem = await Ask(gap, first);
        Assert.Equal((409, 2), (problem.GetProperty("status").GetInt32(), problem.GetProperty("position").GetInt32()));
        Assert.Null(await Receive(gap));
        Assert.Equal(4409, (int)gap.CloseStatus!);
        Assert.Contains("stands at 2", gap.CloseStatusDescription);
    }

    [Theory, InlineData("/v1/models/speech/sessions/none/sound"), InlineData("/v1/models/m/sessions/s/sound"), InlineData($"{S}/sound?rate=16000")]
    [InlineData($"{S}/sound?at=x"), InlineData("/v1/models/m/sessions/w/sound")]
    public async Task What_is_wrong_is_said_before_the_socket_is_open(string path)
    {
        await using Server server = await Begun();
        await server.Send("POST", "/v1/models/speech/sessions", "{\"session\":\"s\"}");
        await server.Send("POST", "/v1/models/m/sessions", "{\"session\":\"w\"}");
        await Assert.ThrowsAsync<WebSocketException>(() => Open(server, path));
    }

    [Theory, InlineData("hello", 4400), InlineData("\"end\"x", 4400)]
    public async Task Messages_that_are_none_end_it(string text, int code)
    {
        await using Server server = await Begun();
        await server.Send("POST", "/v1/models/speech/sessions", "{\"session\":\"s\"}");
        using ClientWebSocket socket = await Open(server, $"{S}/sound");
        await Receive(socket);
        await Say(socket, text);
        Assert.Equal(400, JsonDocument.Parse((await Receive(socket))!).RootElement.GetProperty("status").GetInt32());
        Assert.Null(await Receive(socket));
        Assert.Equal(code, (int)socket.CloseStatus!);
        using ClientWebSocket odd = await Open(server, $"{S}/sound");
        await Receive(odd);
        Assert.Equal(400, (await Ask(odd, new byte[3])).GetProperty("status").GetInt32());
        Assert.Equal(0, (await server.Send("GET", S)).Number("position"));
    }

    [Fact]
    public async Task A_message_that_is_too_long_and_one_that_never_comes_end_it()
    {
        await using Server server = await Begun(new ServingLimits { Idle = TimeSpan.FromMilliseconds(300) });
        await server.Send("POST", "/v1/models/speech/sessions", "{\"session\":\"s\"}");
        using ClientWebSocket socket = await Open(server, $"{S}/sound");
        await Receive(socket);
        Task sending = socket.SendAsync(new byte[(1 << 20) + 2], WebSocketMessageType.Binary, true, CancellationToken.None);
        Assert.Null(await Receive(socket));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, socket.CloseStatus);
        await sending.ContinueWith(_ => { });
        using ClientWebSocket silent = await Open(server, $"{S}/sound");
        await Receive(silent);
        Assert.Null(await Receive(silent));
        Assert.Equal(4408, (int)silent.CloseStatus!);
    }

    [Fact]
    public async Task The_key_comes_with_the_request_or_in_the_first_message()
    {
        await using Server server = await Begun(keyed: true);
        await server.Send("POST", "/v1/models/speech/sessions", "{\"session\":\"s\"}", Alice);
        using ClientWebSocket header = await Open(server, $"{S}/sound", Alice), message = await Open(server, $"{S}/sound");
        Assert.Contains("\"rate\":8000", await Receive(header));
        await Say(message, $"{{\"key\":\"{Alice}\"}}");
        Assert.Contains("\"rate\":8000", await Receive(message));
        await Assert.ThrowsAsync<WebSocketException>(() => Open(server, $"{S}/sound", "no"));
        await Assert.ThrowsAsync<WebSocketException>(() => Open(server, $"{S}/sound", Bob));
        foreach ((string said, int code) in ((string, int)[])
        [
            ("{\"key\":\"no\"}", 4401), ("{\"key\":7}", 4401), ($"{{\"key\":\"{Bob}\"}}", 4404), ("[", 4400),
        ])
        {
            using ClientWebSocket other = await Open(server, $"{S}/sound");
            await Say(other, said);
            await Receive(other);
            Assert.Null(await Receive(other));
            Assert.Equal(code, (int)other.CloseStatus!);
        }
    }

    [Fact]
    public async Task A_stranger_takes_no_place_of_those_who_have_a_key()
    {
        await using Server server = await Begun(new ServingLimits { Sounds = 1 }, keyed: true);
        await server.Send("POST", "/v1/models/speech/sessions", "{\"session\":\"s\"}", Alice);
        using ClientWebSocket stranger = await Open(server, $"{S}/sound");
        await Assert.ThrowsAsync<WebSocketException>(() => Open(server, $"{S}/sound"));
        using ClientWebSocket alice = await Open(server, $"{S}/sound", Alice);
        Assert.Contains("\"rate\":8000", await Receive(alice));
        await Say(stranger, $"{{\"key\":\"{Alice}\"}}");
        Assert.Contains("429", await Receive(stranger));
        Assert.Null(await Receive(stranger));
        Assert.Equal(4429, (int)stranger.CloseStatus!);
    }

    [Fact]
    public async Task The_message_that_says_a_key_is_short()
    {
        await using Server server = await Begun(keyed: true);
        using ClientWebSocket stranger = await Open(server, $"{S}/sound");
        await Say(stranger, $"{{\"key\":\"{new string('a', 5000)}\"}}");
        Assert.Null(await Receive(stranger));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, stranger.CloseStatus);
    }

    [Fact]
    public async Task Pages_of_other_sites_do_not_get_in()
    {
        await using Server server = await Begun();
        await server.Send("POST", "/v1/models/speech/sessions", "{\"session\":\"s\"}");
        await Assert.ThrowsAsync<WebSocketException>(() => Open(server, $"{S}/sound", origin: "https://example.org"));
        using ClientWebSocket own = await Open(server, $"{S}/sound", origin: server.Client.BaseAddress!.ToString().TrimEnd('/'));
        Assert.NotNull(await Receive(own));
    }

    [Fact]
    public async Task As_many_are_heard_as_may_be()
    {
        await using Server server = await Begun(new ServingLimits { Sounds = 1 });
        await server.Send("POST", "/v1/models/speech/sessions", "{\"session\":\"s\"}");
        using (ClientWebSocket first = await Open(server, $"{S}/sound"))
        {
            await Receive(first);
            await Assert.ThrowsAsync<WebSocketException>(() => Open(server, $"{S}/sound"));
            await Say(first, "end");
            while (await Receive(first) is not null) { }
        }
        await server.Send("POST", "/v1/models/speech/sessions", "{\"session\":\"t\"}");
        for (int tries = 0; ; tries++)                       // the first leaves when it has closed
            try
            {
                using ClientWebSocket next = await Open(server, "/v1/models/speech/sessions/t/sound");
                Assert.NotNull(await Receive(next));
                break;
            }
            catch (WebSocketException) when (tries < 200)
            {
                await Task.Delay(10);
            }
    }
}
