using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Unroll.Serving.Tests.Fixtures;

namespace Unroll.Serving.Tests.Http;

/// <summary>The page as HTTP has it, without a browser; what it shows is tested in <c>Unroll.Serving.Browser.Tests</c>.</summary>
public sealed class PageTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/page/main.js")]
    [InlineData("/page/report.css")]
    [InlineData("/page/echarts.js")]
    public async Task A_file_of_the_page_has_a_policy_and_is_sent_once(string path)
    {
        await using Server server = await Server.Start();
        using HttpResponseMessage first = await server.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        string policy = first.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Equal("nosniff", first.Headers.GetValues("X-Content-Type-Options").Single());
        using HttpRequestMessage again = new(HttpMethod.Get, path) { Headers = { { "If-None-Match", first.Headers.ETag!.ToString() } } };
        using HttpResponseMessage second = await server.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_chart_library_is_sent_as_it_is_stored_and_unpacked_for_who_cannot()
    {
        await using Server server = await Server.Start();
        using HttpRequestMessage zipped = new(HttpMethod.Get, "/page/echarts.js") { Headers = { { "Accept-Encoding", "gzip, br" } } };
        using HttpResponseMessage response = await server.Client.SendAsync(zipped);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync();
        Assert.InRange(bytes.Length, 100_000, 500_000);
        using StreamReader unpacked = new(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
        using HttpRequestMessage refused = new(HttpMethod.Get, "/page/echarts.js") { Headers = { { "Accept-Encoding", "gzip;q=0" } } };
        using HttpResponseMessage plain = await server.Client.SendAsync(refused);
        Assert.Empty(plain.Content.Headers.ContentEncoding);
        Assert.Equal(await unpacked.ReadToEndAsync(), await plain.Content.ReadAsStringAsync());
        Assert.NotEqual(response.Headers.ETag, plain.Headers.ETag);
    }

    [Fact]
    public async Task Nothing_in_the_page_is_written_into_it_or_fetched_from_elsewhere()
    {
        await using Server server = await Server.Start();
        string html = (await server.Send("GET", "/")).Text;
        Assert.DoesNotContain("style=", html);
        Assert.DoesNotMatch("<script[^>]*>[^<]", html);
        Assert.DoesNotMatch(" on[a-z]+=", html);
        foreach (string name in typeof(SessionHost).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".js", StringComparison.Ordinal)))
        {
            using StreamReader script = new(typeof(SessionHost).Assembly.GetManifestResourceStream(name)!);
            string text = await script.ReadToEndAsync();
            Assert.DoesNotMatch("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(|new Function", text);
            Assert.DoesNotMatch("(fetch|import|src|href)[^\n]*https?://", text);
        }
    }

    [Fact]
    public async Task Another_address_of_the_page_is_not_found_and_another_site_gets_nothing()
    {
        await using Server server = await Server.Start();
        Assert.Equal(HttpStatusCode.NotFound, (await server.Send("GET", "/page/secrets.js")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Send("GET", "/page/..%2f..%2fetc%2fpasswd")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Send("GET", "/", (string?)null, null, ("Host", "evil.example"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Send("GET", "/", (string?)null, null, ("Origin", "https://evil.example"))).Status);
    }

    [Fact]
    public async Task With_keys_the_page_comes_without_one_and_says_so()
    {
        await using Server server = await Server.Start(options => options.Keys["ann"] = "a-key-of-sixteen-letters");
        Reply page = await server.Send("GET", "/");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("data-keys=\"yes\"", page.Text);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Send("GET", "/v1/runs")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Send("GET", "/v1/models/x/sessions")).Status);
    }

    [Fact]
    public async Task The_page_can_be_left_out()
    {
        await using Server server = await Server.Start(options => options.Page = false);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Send("GET", "/")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.Send("GET", "/v1/models")).Status);
    }

    [Fact]
    public async Task A_list_shows_an_owners_sessions_alone()
    {
        await using Server server = await Server.Start(options =>
        {
            options.Keys["ann"] = "ann-ann-ann-ann-ann";
            options.Keys["bob"] = "bob-bob-bob-bob-bob";
        }, ("tagger", TaskCase.Of("tagger")));
        const string Sessions = "/v1/models/tagger/sessions";
        await server.Send("POST", Sessions, "{\"session\":\"b\"}", "ann-ann-ann-ann-ann");
        await server.Send("POST", Sessions, "{\"session\":\"a\"}", "ann-ann-ann-ann-ann");
        await server.Send("POST", Sessions, "{\"session\":\"c\"}", "bob-bob-bob-bob-bob");
        await server.Send("POST", $"{Sessions}/b/steps", "{\"at\":0,\"steps\":[\"send\"]}", "ann-ann-ann-ann-ann");
        Reply list = await server.Send("GET", Sessions, (string?)null, "ann-ann-ann-ann-ann");
        JsonElement[] own = [.. list.Json.GetProperty("sessions").EnumerateArray()];
        Assert.Equal(["a", "b"], own.Select(one => one.GetProperty("session").GetString()));
        Assert.Equal([0, 1], own.Select(one => one.GetProperty("position").GetInt32()));
    }

    [Fact]
    public async Task Runs_are_read_from_their_folder_and_nothing_leaves_it()
    {
        string folder = Directory.CreateTempSubdirectory("unroll-runs-").FullName;
        try
        {
            foreach (string run in (string[])["one", "two"])
            {
                Directory.CreateDirectory(Path.Combine(folder, run));
                File.WriteAllText(Path.Combine(folder, run, "config.json"), "{\"task\":\"lm\",\"data\":\"/home/ann/letters.txt\",\"epochs\":3}");
            }
            Directory.CreateDirectory(Path.Combine(folder, "no-run"));
            File.WriteAllText(Path.Combine(folder, "one", "metrics.jsonl"),
                "{\"epoch\":1,\"loss\":2.5,\"x\":\"text\"}\nnot a line\n{\"epoch\":3,\"loss\":1.5}\n{\"epo");
            await using Server server = await Server.Start(options => options.Runs = Path.Combine(folder, "."));
            JsonElement list = (await server.Send("GET", "/v1/runs")).Json;
            Assert.Equal(["one", "two"], list.GetProperty("runs").EnumerateArray().Select(one => one.GetProperty("run").GetString()));
            Reply one = await server.Send("GET", "/v1/runs/one");
            Assert.Equal("[{\"epoch\":1,\"loss\":2.5},{},{\"epoch\":3,\"loss\":1.5}]", one.Raw("epochs"));
            Assert.Equal(("\"lm\"", "3", "false"), (one.Raw("task"), one.Raw("asked"), one.Raw("ended")));
            Assert.DoesNotContain("letters", one.Text);
            Assert.Equal("[{\"epoch\":3,\"loss\":1.5}]", (await server.Send("GET", "/v1/runs/one?from=2")).Raw("epochs"));
            foreach (string name in (string[])["no-run", "..", "%2e%2e", "..%2fone", "one%2f..%2ftwo", "three"])
                Assert.Equal(HttpStatusCode.NotFound, (await server.Send("GET", $"/v1/runs/{name}")).Status);
            Assert.Equal(HttpStatusCode.BadRequest, (await server.Send("GET", "/v1/runs/one?from=-1")).Status);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_folder_there_are_no_runs()
    {
        await using Server server = await Server.Start();
        Assert.Equal("{\"shown\":false,\"runs\":[]}\n", (await server.Send("GET", "/v1/runs")).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Send("GET", "/v1/runs/one")).Status);
    }
}
