using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unroll.Serving;
using Unroll.Serving.Http;
using Unroll.Tasks.Shared;

namespace Unroll.ServingTimes;

/// <summary>
/// Many clients for a long time, over HTTP: sessions begin, step, are forked, rewound, saved and restored, deleted or left lying; some are durable,
/// some requests are wrong. What the process holds is printed once a minute.
/// </summary>
internal sealed class Soak(ITaskModel model, TimeSpan time)
{
    private const int Clients = 50, Steps = 40;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _requests;

    private bool Over => Stopwatch.GetElapsedTime(_began) > time;

    public async Task Run()
    {
        string store = Path.Combine(Path.GetTempPath(), $"unroll-soak-{Environment.ProcessId}.db");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddUnroll(options =>
        {
            options.Store = store;
            options.Limits = new ServingLimits { Idle = TimeSpan.FromSeconds(5) };
        });
        await using WebApplication app = builder.Build();
        app.MapUnroll();
        app.Urls.Add("http://127.0.0.1:0");
        SessionHost host = app.Services.GetRequiredService<SessionHost>();
        host.Models.Add("m", model);
        await app.StartAsync();
        using HttpClient http = new() { BaseAddress = new Uri(app.Urls.Single()) };
        Task clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(c => Client(http, c)));
        Console.WriteLine("minute  requests  sessions  heap MB  working set MB  threads  handles  store MB");
        for (int minute = 0; !Over; minute++)
        {
            Say(minute, host, store);
            await Task.WhenAny(clients, Task.Delay(TimeSpan.FromMinutes(1)));
        }
        await clients;
        Say((int)Math.Round(time.TotalMinutes), host, store);
        await app.StopAsync();
    }

    private void Say(int minute, SessionHost host, string store)
    {
        double heap = GC.GetTotalMemory(forceFullCollection: true) / 1e6;
        using Process own = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{minute,6}  {Interlocked.Read(ref _requests),8}  {host.Sessions,8}  "
            + $"{heap,7:F1}  {own.WorkingSet64 / 1e6,14:F1}  {own.Threads.Count,7}  {own.HandleCount,7}  {new FileInfo(store).Length / 1e6,8:F1}"));
    }

    private async Task Client(HttpClient http, int client)
    {
        string[] durabilities = ["none", "none", "every:10", "each"];
        for (int round = 0; !Over; round++)
        {
            string name = $"s{client}-{round}", at = $"/v1/models/m/sessions/{name}";
            await Ask("/v1/models/m/sessions",
                $"{{\"session\":\"{name}\",\"durability\":\"{durabilities[round % 4]}\",\"keep_every\":5,\"keep_last\":4}}");
            for (int step = 0; step < Steps && !Over; step++) await Ask($"{at}/steps", $"{{\"at\":{step},\"steps\":[[0.1,{step},0.3]]}}");
            if (Over) return;
            await Ask($"{at}/steps", "{\"at\":7,\"steps\":[[0.1,0.2]]}", refused: true);
            await Ask($"{at}/fork", $"{{\"session\":\"{name}-fork\"}}");
            await Ask($"{at}/rewind", $"{{\"position\":{Steps - 5}}}");
            byte[] snapshot = await http.GetByteArrayAsync($"{at}/snapshot");
            using ByteArrayContent body = new(snapshot);
            (await http.PostAsync($"{at}/restore", body)).EnsureSuccessStatusCode();
            if (round % 5 == 4) continue;                    // left lying: they rest until they leave memory
            (await http.DeleteAsync(at)).EnsureSuccessStatusCode();
            (await http.DeleteAsync($"{at}-fork")).EnsureSuccessStatusCode();
        }

        async Task Ask(string path, string json, bool refused = false)
        {
            using StringContent body = new(json, Encoding.UTF8, "application/json");
            using HttpResponseMessage reply = await http.PostAsync(path, body);
            if (reply.IsSuccessStatusCode == refused)
                throw new InvalidOperationException($"{path}: {(int)reply.StatusCode} {await reply.Content.ReadAsStringAsync()}");
            using JsonDocument _ = JsonDocument.Parse(await reply.Content.ReadAsByteArrayAsync());
            Interlocked.Increment(ref _requests);
            await Task.Delay(s_pause);
        }
    }
}
