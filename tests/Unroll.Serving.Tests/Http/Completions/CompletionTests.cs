using System.Net;
using System.Text.Json;
using Unroll.Serving.Http.Completions;
using Unroll.Serving.Tests.Fixtures;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Tests.Http.Completions;

/// <summary>Completions in the shape that clients of OpenAI read: the text is that of <c>unroll sample</c>.</summary>
public sealed class CompletionTests
{
    private static readonly LanguageModel s_model = (LanguageModel)TaskCase.Of("language").Model;
    private static readonly LanguageModel s_words = LanguageModel.Train(GrammarText.Generate(200), new LanguageOptions
    {
        Unit = TextUnit.Word, Embedding = 4, Hidden = 6, Layers = 1, Batch = 4, Bptt = [8], Dropout = 0, Epochs = 1,
    });

    private static Task<Server> Begun(ServingLimits? limits = null) => Server.Start(options => options.Limits = limits ?? options.Limits,
        ("lm", TaskCase.Of("language")), ("members", TaskCase.Of("members")), ("m", TaskCase.Tagger(1)),
        ("words", TaskCase.Of("language") with { Model = s_words }));

    private static async Task<JsonElement> Ask(Server server, string body)
    {
        Reply reply = await server.Send("POST", "/v1/completions", body);
        Assert.True(reply.Status == HttpStatusCode.OK, reply.Text);
        return reply.Json;
    }

    private static string[] Texts(JsonElement answer) =>
        [.. answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()!)];

    private static async Task<JsonElement[]> Events(Server server, string body)
    {
        Reply reply = await server.Send("POST", "/v1/completions", body);
        Assert.Equal("text/event-stream", reply.Type);
        string[] events = reply.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        return [.. events[..^1].Select(one => JsonDocument.Parse(one["data: ".Length..]).RootElement)];
    }

    [Theory, InlineData("lm", "the s", 40), InlineData("members", "a", 30), InlineData("lm", "", 20), InlineData("words", "the old", 15)]
    public async Task A_completion_is_what_the_model_samples(string name, string prompt, int length)
    {
        await using Server server = await Begun();
        LanguageModel model = name == "words" ? s_words : (LanguageModel)TaskCase.Of(name == "lm" ? "language" : name).Model;
        string asked = $"\"model\":\"{name}\",\"prompt\":{JsonSerializer.Serialize(prompt)},\"max_tokens\":{length},"
            + "\"temperature\":0.7,\"seed\":5,\"top_p\":0.9";
        string expected = model.Sample(prompt, length, new SamplingOptions { Temperature = 0.7, Seed = 5, TopP = 0.9 });
        JsonElement whole = await Ask(server, $"{{{asked}}}"), echo = await Ask(server, $"{{{asked},\"echo\":true,\"stream\":false}}");
        Assert.Equal(expected, prompt + Texts(whole).Single());
        Assert.Equal(expected, Texts(echo).Single());
        Assert.Equal(expected, string.Concat((await Events(server, $"{{{asked},\"echo\":true,\"stream\":true}}")).SelectMany(Texts)));
        JsonElement usage = whole.GetProperty("usage");
        int read = model.Encode(prompt, openEnd: true).Length;
        Assert.Equal((read, length, read + length), (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32(),
            usage.GetProperty("total_tokens").GetInt32()));
        Assert.Equal("length", whole.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(("text_completion", name, model.WeightsSha256), (whole.GetProperty("object").GetString(), whole.GetProperty("model").GetString(),
            whole.GetProperty("system_fingerprint").GetString()));
        Assert.Equal(0, server.Host.Sessions);
    }

    [Fact]
    public async Task Several_completions_of_several_prompts_have_seeds_of_their_own()
    {
        await using Server server = await Begun();
        string[] prompts = ["the ", "a cat"], expected = [.. Enumerable.Range(0, 6).Select(i =>
            s_model.Sample(prompts[i / 3], 12, new SamplingOptions { Seed = 9 + (ulong)i })[prompts[i / 3].Length..])];
        const string Asked = "\"model\":\"lm\",\"prompt\":[\"the \",\"a cat\"],\"n\":3,\"seed\":9,\"max_tokens\":12";
        JsonElement whole = await Ask(server, $"{{{Asked}}}");
        Assert.Equal(expected, Texts(whole));
        Assert.Equal((9, 72), (whole.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(),
            whole.GetProperty("usage").GetProperty("completion_tokens").GetInt32()));
        JsonElement[] events = await Events(server, $"{{{Asked},\"stream\":true,\"stream_options\":{{\"include_usage\":true}}}}");
        Assert.Equal(72, events[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        foreach ((int i, string text) in expected.Index())
        {
            JsonElement[] own = [.. events[..^1].Select(one => one.GetProperty("choices")[0]).Where(one => one.GetProperty("index").GetInt32() == i)];
            Assert.Equal(text, string.Concat(own.Select(one => one.GetProperty("text").GetString())));
            Assert.All(own[..^1], one => Assert.Equal(JsonValueKind.Null, one.GetProperty("finish_reason").ValueKind));
            Assert.Equal("length", own[^1].GetProperty("finish_reason").GetString());
        }
    }

    [Fact]
    public async Task A_completion_ends_before_a_stop_and_no_event_has_a_part_of_it()
    {
        await using Server server = await Begun();
        string text = s_model.Sample("", 200), stop = text.Substring(60, 4);
        int at = text.IndexOf(stop, StringComparison.Ordinal);
        string asked = $"\"model\":\"lm\",\"max_tokens\":200,\"stop\":[{JsonSerializer.Serialize(stop)},\"never that\"]";
        JsonElement whole = await Ask(server, $"{{{asked}}}");
        Assert.Equal((text[..at], "stop"), (Texts(whole).Single(), whole.GetProperty("choices")[0].GetProperty("finish_reason").GetString()));
        JsonElement[] events = await Events(server, $"{{{asked},\"stream\":true}}");
        Assert.Equal(text[..at], string.Concat(events.SelectMany(Texts)));
        Assert.Equal("stop", events[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public void Symbols_that_may_begin_a_stop_are_held_back()
    {
        StopTexts stops = new(["abc", "x"]);
        static DrawnSymbol Symbol(string text) => new(text, 0, 0, null);
        string Push(string text) => string.Join('|', stops.Push(Symbol(text)).Select(one => one.Text));
        Assert.Equal(("q", "", "", "a|b|d"), (Push("q"), Push("a"), Push("b"), Push("d")));
        Assert.Equal(("", "ab", ""), (Push("ab"), Push("ab"), Push("c")));
        Assert.True(stops.Stopped);
        stops = new(["abc"]);
        Assert.Equal(("", "za", "ab"), (Push("za"), Push("ab"), string.Join('|', stops.End().Select(one => one.Text))));
    }

    [Fact]
    public async Task Probabilities_are_those_of_the_model()
    {
        await using Server server = await Begun();
        JsonElement told = (await Ask(server, "{\"model\":\"lm\",\"prompt\":\"the \",\"max_tokens\":8,\"logprobs\":2,\"temperature\":2}"))
            .GetProperty("choices")[0].GetProperty("logprobs");
        LanguageSession alone = s_model.NewSession();
        alone.Read(s_model.Encode("the ", openEnd: true));
        string[] tokens = [.. told.GetProperty("tokens").EnumerateArray().Select(one => one.GetString()!)];
        foreach ((int i, string token) in tokens.Index())
        {
            float[] p = [.. alone.Probabilities];
            float[] falling = [.. p.OrderDescending()];
            JsonElement top = told.GetProperty("top_logprobs")[i];
            Assert.Equal(falling[..2].Select(q => Math.Log(q)), top.EnumerateObject().Select(one => one.Value.GetDouble()),
                (a, b) => Math.Abs(a - b) < 1e-6);
            double nats = alone.Read(s_model.Encode(token, openEnd: true));
            Assert.Equal(-nats, told.GetProperty("token_logprobs")[i].GetDouble());
            Assert.Equal(4 + string.Concat(tokens[..i]).Length, told.GetProperty("text_offset")[i].GetInt32());
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"model\":\"lm\",\"prompt\":[]}")]
    [InlineData("{\"model\":\"lm\",\"prompt\":[1,2]}")]
    [InlineData("{\"model\":\"lm\",\"n\":0}")]
    [InlineData("{\"model\":\"lm\",\"n\":100000}")]
    [InlineData("{\"model\":\"lm\",\"max_tokens\":0}")]
    [InlineData("{\"model\":\"lm\",\"max_tokens\":1e9}")]
    [InlineData("{\"model\":\"lm\",\"temperature\":-1}")]
    [InlineData("{\"model\":\"lm\",\"top_p\":0}")]
    [InlineData("{\"model\":\"lm\",\"top_k\":0}")]
    [InlineData("{\"model\":\"lm\",\"best_of\":3}")]
    [InlineData("{\"model\":\"lm\",\"suffix\":\"x\"}")]
    [InlineData("{\"model\":\"lm\",\"logit_bias\":{\"5\":1}}")]
    [InlineData("{\"model\":\"lm\",\"frequency_penalty\":0.5}")]
    [InlineData("{\"model\":\"lm\",\"presence_penalty\":-1}")]
    [InlineData("{\"model\":\"lm\",\"user\":\"me\"}")]
    [InlineData("{\"model\":\"lm\",\"stop\":\"\"}")]
    [InlineData("{\"model\":\"lm\",\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}")]
    [InlineData("{\"model\":\"lm\",\"logprobs\":6}")]
    [InlineData("{\"model\":\"lm\",\"logprobs\":1,\"echo\":true}")]
    [InlineData("{\"model\":\"lm\",\"stream_options\":{\"include_usage\":true}}")]
    [InlineData("{\"model\":\"lm\",\"seed\":-1}")]
    [InlineData("{\"model\":\"m\"}")]
    [InlineData("{\"model\":\"lm\",\"n\":100,\"prompt\":[\"a\",\"b\"]}")]
    public async Task What_is_not_done_is_refused_and_never_ignored(string body)
    {
        await using Server server = await Begun();
        Reply reply = await server.Send("POST", "/v1/completions", body);
        Assert.True(reply.Status == HttpStatusCode.BadRequest, reply.Text);
        JsonElement error = reply.Json.GetProperty("error");
        Assert.Equal(("invalid_request_error", reply.Json.GetProperty("detail").GetString()), (error.GetProperty("type").GetString(),
            error.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task What_is_off_may_be_said()
    {
        await using Server server = await Begun();
        JsonElement whole = await Ask(server, "{\"model\":\"lm\",\"best_of\":1,\"suffix\":null,\"logit_bias\":{},\"frequency_penalty\":0,"
            + "\"presence_penalty\":0,\"logprobs\":null,\"stop\":null,\"top_p\":1,\"stream\":false,\"echo\":false,"
            + "\"temperature\":null,\"max_tokens\":null,\"n\":null,\"seed\":null}");
        Assert.Equal(s_model.Sample("", 16), Texts(whole).Single());
    }

    [Fact]
    public async Task Too_many_are_told_to_come_again_and_leave_nothing_behind()
    {
        await using Server server = await Begun(new ServingLimits { Sessions = 2 });
        Reply reply = await server.Send("POST", "/v1/completions", "{\"model\":\"lm\",\"n\":3,\"stream\":true}");
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limit_error"),
            (reply.Status, reply.Json.GetProperty("error").GetProperty("type").GetString()));
        Assert.Equal(0, server.Host.Sessions);
        Assert.Equal(HttpStatusCode.OK, (await server.Send("POST", "/v1/completions", "{\"model\":\"lm\",\"n\":2,\"stream\":true}")).Status);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_what_was_being_drawn()
    {
        await using Server server = await Begun();
        using (HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent("{\"model\":\"lm\",\"n\":100,\"max_tokens\":1000,\"stream\":true}"),
        })
        {
            using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using Stream body = await response.Content.ReadAsStreamAsync();
            Assert.True(await body.ReadAsync(new byte[100]) > 0);
        }
        while (server.Host.Sessions > 0) await Task.Delay(5);
        Assert.InRange(server.Host.Figures.Steps, 1, 99_999);
    }

    [Fact]
    public async Task Clients_of_OpenAI_find_the_models()
    {
        await using Server server = await Begun();
        JsonElement list = (await server.Send("GET", "/v1/models")).Json;
        Assert.Equal("list", list.GetProperty("object").GetString());
        Assert.Equal(["lm", "m", "members", "words"], list.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetString()));
        JsonElement one = (await server.Send("GET", "/v1/models/lm")).Json;
        Assert.Equal(("lm", "model"), (one.GetProperty("id").GetString(), one.GetProperty("object").GetString()));
    }
}
