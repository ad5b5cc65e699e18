using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Unroll.Serve;
using Unroll.Serving.Http;
using Unroll.Serving.Sessions;
using Unroll.Serving.Stores;
using Unroll.Serving.Tests.Fixtures;

namespace Unroll.Serving.Tests.Http;

/// <summary>What a program of ASP.NET Core has of it beside endpoints: health checks, traces, limits of time and of connections.</summary>
public sealed class HostTests
{
    private static readonly TaskCase s_task = TaskCase.Tagger(1);

    [Fact]
    public async Task Health_checks_say_how_the_server_is()
    {
        await using Server server = await Server.Start(null, builder => builder.Services.AddHealthChecks().AddUnroll(), ("m", s_task));
        HealthCheckService checks = server.Services.GetRequiredService<HealthCheckService>();
        HealthReportEntry entry = (await checks.CheckHealthAsync()).Entries["unroll"];
        Assert.Equal((HealthStatus.Healthy, 1), (entry.Status, entry.Data["models"]));
        await server.Host.StopAsync();
        Assert.Equal(HealthStatus.Unhealthy, (await checks.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task A_store_that_fails_is_told_until_it_is_back()
    {
        Broken store = new();
        await using SessionHost host = new(store);
        host.Models.Add("m", s_task.Model);
        ServingHealthCheck check = new(host);
        HealthCheckContext context = new() { Registration = new HealthCheckRegistration("unroll", check, null, null) };
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(context)).Status);
        await Assert.ThrowsAsync<ServingException>(async () => await host.CreateAsync("", "m", new() { Durability = Durability.Parse("each") }));
        for (int asked = 0; asked < 2; asked++) Assert.Equal(HealthStatus.Degraded, (await check.CheckHealthAsync(context)).Status);
        store.Works = true;
        await host.CreateAsync("", "m", new() { Durability = Durability.Parse("each") });
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(context)).Status);
    }

    [Fact]
    public async Task Steps_and_predictions_are_traced()
    {
        List<string> traced = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == ServingFigures.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("unroll.model") is "traced")
                    lock (traced) traced.Add($"{activity.OperationName} {activity.GetTagItem("unroll.count")}");
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using Server server = await Server.Start(null, ("traced", s_task));
        await server.Send("POST", "/v1/models/traced/sessions", "{\"session\":\"s\"}");
        await server.Send("POST", "/v1/models/traced/sessions/s/steps", "{\"at\":0,\"steps\":[\"send\",\"five\"]}");
        await server.Send("POST", "/v1/models/traced/predict", "send five");
        Assert.Equal(["unroll.steps 2", "unroll.predict "], traced);
    }

    [Theory]
    [InlineData("/v1/models/lm/sessions/t/steps", "{\"at\":0,\"steps\":[{\"draw\":1000000},{\"draw\":1000000}]}")]
    [InlineData("/v1/completions", "{\"model\":\"lm\",\"max_tokens\":1000,\"n\":100}")]
    public async Task What_takes_too_long_is_refused_and_nothing_of_it_taken(string path, string body)
    {
        await using Server server = await Server.Start(options => options.Limits = new() { Time = TimeSpan.FromMilliseconds(20) },
            ("lm", TaskCase.Of("language")));
        await server.Send("POST", "/v1/models/lm/sessions", "{\"session\":\"t\"}");
        Reply reply = await server.Send("POST", path, body);
        Assert.True(reply.Status == HttpStatusCode.BadRequest, reply.Text);
        Assert.Contains("takes longer than 0.02 seconds", reply.Text);
        Assert.Equal(0, (await server.Send("GET", "/v1/models/lm/sessions/t")).Number("position"));
        Assert.Equal(1, server.Host.Sessions);
    }

    [Fact]
    public async Task A_prediction_whose_client_leaves_ends()
    {
        TaskCompletionSource begun = new(), ended = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == ServingFigures.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = activity =>
            {
                if (activity.OperationName == "unroll.predict") begun.TrySetResult();
            },
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("unroll.model") is "left" && activity.StatusDescription == "cancelled") ended.TrySetResult();
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using Server server = await Server.Start(null, ("left", TaskCase.Of("language")));
        string text = string.Concat(Enumerable.Repeat("the sailor that the dogs follow waits.\n", 300_000));
        using CancellationTokenSource leaves = new();
        Task<HttpResponseMessage> asked = server.Client.PostAsync("/v1/models/left/predict", new StringContent(text), leaves.Token);
        await begun.Task;
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await ended.Task;
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Clients_that_hold_a_connection_for_nothing_lose_it()
    {
        string folder = Directory.CreateTempSubdirectory("unroll-serving-").FullName, file = Path.Combine(folder, "m.safetensors");
        s_task.Model.Save(file);
        await using WebApplication app = ServeCommand.Build("http://127.0.0.1:0", options => options.Models["m"] = file, 3);
        app.Services.GetRequiredService<ILoggerFactory>();
        await app.StartAsync();
        int port = new Uri(app.Urls.Single()).Port;
        async Task<(TcpClient Client, NetworkStream Stream)> Connected(string text)
        {
            TcpClient client = new();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
            return (client, client.GetStream());
        }
        (TcpClient a, NetworkStream headers) = await Connected("GET /health HTTP/1.1\r\nHost: local");
        (TcpClient b, NetworkStream body) = await Connected("POST /v1/models/m/predict HTTP/1.1\r\n"
            + "Host: localhost\r\nContent-Length: 100000\r\n\r\nx");
        (TcpClient c, NetworkStream rests) = await Connected("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await Read(rests));
        (TcpClient d, NetworkStream fourth) = await Connected("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("", await Read(fourth));                // one more than may be
        Assert.Contains(" 408 ", await Read(headers));
        Assert.Contains(" 408 ", await Read(body));
        foreach (TcpClient client in (TcpClient[])[a, b, c, d]) client.Dispose();
        await app.StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> Read(NetworkStream stream)
    {
        byte[] bytes = new byte[2000];
        try
        {
            return Encoding.ASCII.GetString(bytes, 0, await stream.ReadAsync(bytes));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private sealed class Broken : ISessionStore
    {
        private readonly MemoryStore _store = new();

        public bool Works { get; set; }

        public StoredSession? Read(SessionId id) => _store.Read(id);

        public void Write(IReadOnlyList<SessionRow> rows)
        {
            if (!Works) throw new IOException("away");
            _store.Write(rows);
        }
    }
}
