using System.Text.Json;
using Unroll.Core;
using Unroll.Serving.Tests.Fixtures;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Language;
using static Unroll.Serving.Tests.Http.Inference.OpenInferenceClient;

namespace Unroll.Serving.Tests.Http.Inference;

/// <summary>The Open Inference Protocol: what a client that was written from its specification gets, to the bit what a session alone says.</summary>
public sealed class InferenceTests
{
    private static readonly TaskCase s_words = TaskCase.Tagger(1), s_numbers = TaskCase.Numbers(1), s_language = TaskCase.Of("language");

    private static Task<Server> Begun(ServingLimits? limits = null) => Server.Start(options => options.Limits = limits ?? options.Limits,
        ("m", s_words), ("numbers", s_numbers), ("lm", s_language),
        ("forecast", TaskCase.Of("forecast, windows")), ("speech", TaskCase.Of("speech")));

    private static Tensor Words(params string[] words) => new("text", "BYTES", [words.Length], [], words);

    private static Tensor Rows(params float[] numbers) => new("features", "FP32", [numbers.Length / 3, 3], [.. numbers], []);

    private static double[] Alone(LabelSession session, string word) => [.. session.Step(word).Probabilities.Select(p => (double)p)];

    private static LabelSession NewSession(TaskCase task) => (LabelSession)task.Model.NewSession()!;

    private static double[] Expected(TaskCase task, IEnumerable<float[]> rows)
    {
        LabelSession session = NewSession(task);
        List<double> all = [];
        foreach (float[] row in rows) all.AddRange(session.Step(row).Probabilities.Select(p => (double)p));
        return [.. all];
    }

    [Fact]
    public async Task The_server_and_its_models_say_what_they_are()
    {
        await using Server server = await Begun();
        OpenInferenceClient client = new(server.Client);
        (int status, JsonElement about) = await client.Get("/v2");
        Assert.Equal((200, "unroll"), (status, about.GetProperty("name").GetString()));
        Assert.Contains("sequence(string_id)", about.GetProperty("extensions").EnumerateArray().Select(one => one.GetString()));
        Assert.True((await client.Get("/v2/health/live")).Json.GetProperty("live").GetBoolean());
        Assert.Equal(200, (await client.Get("/v2/health/ready")).Status);
        JsonElement ready = (await client.Get("/v2/models/m/ready")).Json;
        Assert.Equal(("m", true), (ready.GetProperty("name").GetString(), ready.GetProperty("ready").GetBoolean()));
        JsonElement model = (await client.Get("/v2/models/numbers")).Json;
        string version = model.GetProperty("versions")[0].GetString()!;
        Assert.Equal(s_numbers.Model.WeightsSha256, version);
        Assert.Equal("{\"name\":\"features\",\"datatype\":\"FP32\",\"shape\":[-1,3]}", model.GetProperty("inputs")[0].GetRawText());
        Assert.Equal("{\"name\":\"label\",\"datatype\":\"BYTES\",\"shape\":[-1]}", model.GetProperty("outputs")[1].GetRawText());
        Assert.Equal(200, (await client.Get($"/v2/models/numbers/versions/{version}/ready")).Status);
        (status, JsonElement other) = await client.Get("/v2/models/numbers/versions/1");
        Assert.Equal((404, true), (status, other.TryGetProperty("error", out _)));
        await server.Host.StopAsync();
        Assert.Equal(503, (await client.Get("/v2/health/ready")).Status);
        Assert.Equal(200, (await client.Get("/v2/health/live")).Status);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_request_without_a_sequence_is_a_whole_one(bool binary)
    {
        await using Server server = await Begun();
        OpenInferenceClient client = new(server.Client);
        for (int i = 0; i < 2; i++)
        {
            Response response = await client.Infer("numbers", Rows(1, 2, 3, -0.5f, 1e-9f, 7), id: "42", binary: binary);
            Assert.Equal((200, "42", "numbers", s_numbers.Model.WeightsSha256), (response.Status, response.Id, response.Model, response.Version));
            Assert.Equal([2, 2], response["probabilities"].Shape);
            Assert.Equal(Expected(s_numbers, [[1, 2, 3], [-0.5f, 1e-9f, 7]]), response["probabilities"].Numbers);
            Assert.All(response["label"].Texts, label => Assert.Contains(label, (string[])["up", "down"]));
        }
        Response asked = await client.Infer("m", Words("send", "five", "ünheard"), outputs: ["label"], binary: binary);
        LabelSession alone = NewSession(s_words);
        Assert.Equal([alone.Step("send").Label, alone.Step("five").Label, alone.Step("ünheard").Label], asked.Outputs.Single().Texts);
        Assert.Equal(0, server.Host.Sessions);
    }

    [Theory, InlineData(7L), InlineData("seven")]
    public async Task A_sequence_goes_on_from_request_to_request_and_is_gone_after_its_end(object id)
    {
        await using Server server = await Begun();
        OpenInferenceClient client = new(server.Client);
        double[] expected = Expected(s_numbers, [[1, 2, 3], [4, 5, 6], [7, 8, 9], [0, 0, 1]]);
        Response first = await client.Infer("numbers", Rows(1, 2, 3), id, start: true);
        Response second = await client.Infer("numbers", Rows(4, 5, 6, 7, 8, 9), id);
        Response last = await client.Infer("numbers", Rows(0, 0, 1), id, end: true);
        double[] said = [.. first["probabilities"].Numbers, .. second["probabilities"].Numbers, .. last["probabilities"].Numbers];
        Assert.Equal(expected, said);
        Assert.Equal(0, server.Host.Sessions);
        Response over = await client.Infer("numbers", Rows(1, 2, 3), id);
        Assert.Equal(404, over.Status);
        Assert.Contains("sequence_start", over.Error);
        Response whole = await client.Infer("numbers", Rows(1, 2, 3, 4, 5, 6), id, start: true, end: true);
        Assert.Equal(expected[..4], whole["probabilities"].Numbers);
        Assert.Equal(0, server.Host.Sessions);
    }

    [Fact]
    public async Task A_start_begins_anew_and_what_is_refused_changes_nothing()
    {
        await using Server server = await Begun();
        OpenInferenceClient client = new(server.Client);
        await client.Infer("m", Words("send", "five"), 1, start: true);
        Response again = await client.Infer("m", Words("lamps"), 1, start: true);
        LabelSession alone = NewSession(s_words);
        Assert.Equal(Alone(alone, "lamps"), again["probabilities"].Numbers);
        Tensor send = Words("send");
        foreach (Tensor wrong in (Tensor[])[send with { Name = "words" }, send with { Shape = [2] }, Words("send", ""), Rows(1, 2, 3)])
            Assert.Equal(400, (await client.Infer("m", wrong, 1)).Status);
        Assert.Equal(400, (await client.Infer("m", Words("for"), 1, outputs: ["logits"])).Status);
        Assert.Equal(404, (await client.Infer("m", Words("for"), 1, version: "1")).Status);
        Assert.Equal(404, (await client.Infer("m", Words("for"), "1")).Status);
        Assert.Equal(400, (await client.Infer("m", Words("for"), 0, start: true)).Status);
        Assert.Equal(Alone(alone, "for"), (await client.Infer("m", Words("for"), 1))["probabilities"].Numbers);
        Assert.Equal(400, (await client.Infer("m", Words("send", ""), 2, start: true)).Status);
        Assert.Equal(404, (await client.Infer("m", Words("send"), 2)).Status);
        Assert.Equal(1, server.Host.Sessions);
    }

    [Fact]
    public async Task A_language_model_reads_symbols_or_texts()
    {
        await using Server server = await Begun();
        OpenInferenceClient client = new(server.Client);
        LanguageModel model = (LanguageModel)s_language.Model;
        int[] symbols = model.Encode("the s", openEnd: true);
        LanguageSession alone = model.NewSession();
        List<double> expected = [];
        foreach (int symbol in symbols)
        {
            alone.Read(symbol);
            expected.AddRange([.. alone.Probabilities.ToArray().Select(p => (double)p)]);
        }
        foreach (string datatype in (string[])["INT64", "INT32"])
            foreach (bool binary in (bool[])[false, true])
            {
                Tensor input = new("symbols", datatype, [symbols.Length], [.. symbols.Select(s => (double)s)], []);
                Assert.Equal(expected, (await client.Infer("lm", input, binary: binary))["probabilities"].Numbers);
            }
        Assert.Equal(expected[^model.Network.OutputSize..], (await client.Infer("lm", Words("the s")))["probabilities"].Numbers);
        Assert.Equal(400, (await client.Infer("lm", new Tensor("symbols", "INT64", [1], [1e6], []))).Status);
        Assert.Equal(400, (await client.Infer("lm", new Tensor("symbols", "INT64", [1], [-1], []))).Status);
    }

    [Fact]
    public async Task Models_without_labels_answer_as_their_sessions_do()
    {
        await using Server server = await Begun();
        OpenInferenceClient client = new(server.Client);
        string[] steps = [.. Enumerable.Range(0, 6).Select(t => $"{{\"row\":[{40 + t}]}}")];
        Alone forecast = new(TaskCase.Of("forecast, windows"));
        Response said = await client.Infer("forecast", new Tensor("steps", "BYTES", [6], [], steps));
        Assert.Equal(forecast.Take($"[{string.Join(',', steps)}]"), $"[{string.Join(',', said["answers"].Texts)}]");
        Assert.Equal(400, (await client.Infer("forecast", new Tensor("steps", "BYTES", [1], [], ["{"]))).Status);
        TaskCase sound = TaskCase.Of("speech");
        Alone speech = new(sound with { Options = new() });
        string samples = sound.Step(new Rng(3));
        Response heard = await client.Infer("speech",
            new Tensor("samples", "FP32", [150], [.. JsonDocument.Parse(samples).RootElement.EnumerateArray().Select(s => s.GetDouble())], []));
        Assert.Equal(speech.Take($"[{samples}]"), $"[{heard["answers"].Texts.Single()}]");
    }

    [Fact]
    public async Task Many_sequences_at_once_never_mix()
    {
        await using Server server = await Begun();
        OpenInferenceClient client = new(server.Client);
        await Parallel.ForEachAsync(Enumerable.Range(1, 40), new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (id, _) =>
        {
            float[][] rows = [.. Enumerable.Range(0, 12).Select(t => (float[])[id, t, new Rng((ulong)id).Normal((ulong)t) is var n ? (float)n : 0])];
            List<double> said = [];
            foreach ((int t, float[] row) in rows.Index())
                said.AddRange((await client.Infer("numbers", Rows(row), id, start: t == 0, end: t == rows.Length - 1))["probabilities"].Numbers);
            Assert.Equal(Expected(s_numbers, rows), said);
        });
        Assert.Equal(0, server.Host.Sessions);
    }

    [Fact]
    public async Task Requests_of_a_sequence_that_overtake_each_other_are_each_taken_once()
    {
        await using Server server = await Begun();
        OpenInferenceClient client = new(server.Client);
        await client.Infer("numbers", Rows(0, 0, 0), "s", start: true);
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => client.Infer("numbers", Rows(1, 2, 3), "s")));
        double[] expected = Expected(s_numbers, [[0, 0, 0], .. Enumerable.Range(0, 31).Select(_ => (float[])[1, 2, 3])]);
        Assert.Equal(expected[^2..], (await client.Infer("numbers", Rows(1, 2, 3), "s"))["probabilities"].Numbers);
    }

    [Fact]
    public async Task A_sequence_that_rests_too_long_ends_and_says_so()
    {
        await using Server server = await Begun(new ServingLimits { Idle = TimeSpan.FromMilliseconds(50) });
        OpenInferenceClient client = new(server.Client);
        await client.Infer("m", Words("send"), 1, start: true);
        while (server.Host.Sessions > 0) await Task.Delay(5);
        Assert.Contains("sequence_start", (await client.Infer("m", Words("send"), 1)).Error);
    }

    [Fact]
    public async Task A_sequence_is_there_for_its_key_alone()
    {
        await using Server server = await Server.Start(
            options => (options.Keys["a"], options.Keys["b"]) = ("the-key-of-one-owner", "the-key-of-another"), ("m", s_words));
        OpenInferenceClient a = new(server.Client, "the-key-of-one-owner"), b = new(server.Client, "the-key-of-another"), none = new(server.Client);
        await a.Infer("m", Words("send"), 1, start: true);
        Assert.Equal(404, (await b.Infer("m", Words("five"), 1)).Status);
        Assert.Equal(200, (await b.Infer("m", Words("five"), 1, start: true, end: true)).Status);
        Assert.Equal(401, (await none.Infer("m", Words("five"), 1)).Status);
        LabelSession alone = NewSession(s_words);
        alone.Step("send");
        Assert.Equal(Alone(alone, "five"), (await a.Infer("m", Words("five"), 1))["probabilities"].Numbers);
    }
}
