using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Serving;
using Unroll.Serving.Http;
using Unroll.Serving.Sessions;
using Unroll.Serving.Stores;
using Unroll.ServingTimes;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;

// dotnet exec Unroll.ServingTimes.dll [SECONDS [http|onnx|soak]]: steps a second of a tagger of two LSTM layers of 128 units, in process and over
// HTTP, or over HTTP alone, or in process beside ONNX Runtime, or what a long time under load leaves behind. Clients and server share the machine's
// cores.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
TimeSpan time = TimeSpan.FromSeconds(args.Length > 0 ? double.Parse(args[0]) : 3);
const int Features = 3;
LabelOptions options = LabelOptions.Of(LabelKind.Tag) with
{
    Direction = ReadingDirection.Forward, Cell = "lstm", Hidden = 128, Layers = 2, Epochs = 1,
};
LabelModel model = LabelModel.Train(LabelData.From(Enumerable.Repeat(LabelSequence(), 10)), options);

switch (args.ElementAtOrDefault(1))
{
    case "http": break;
    case "onnx": await BesideOnnxRuntime(); return;
    case "soak": await new Soak(model, time).Run(); return;
    default: await WithoutHttp(); break;
}
foreach (int clients in (int[])[1, 100, 1000]) await OverHttp(clients);

LabeledSequence LabelSequence() => LabeledSequence.OfNumbers([1, 2, 3, 4, 5, 6.5f, -1, 0, 2], Features, ["up", "down", "up"]);

async Task WithoutHttp()
{
    Alone();
    await InProcess("in process, 100 sessions", 100, null, Durability.None);
    await InProcess("in process, 1,000 sessions", 1000, null, Durability.None);
    string file = Path.Combine(Path.GetTempPath(), $"unroll-times-{Environment.ProcessId}.db");
    await InProcess("in process, 1,000 sessions, each step durable", 1000, file, Durability.Each);
    await Memory();
}

void Alone()
{
    LabelSession session = model.NewSession();
    float[] row = [0.1f, 0.2f, 0.3f], answer = new float[model.Classes.Count];
    for (int i = 0; i < 2000; i++) session.Step(row, answer);
    long steps = 0, began = Stopwatch.GetTimestamp();
    for (; Stopwatch.GetElapsedTime(began) < time; steps++) session.Step(row, answer);
    Say("one session alone, no server", steps, began);
}

async Task InProcess(string what, int sessions, string? store, Durability durability)
{
    await using SessionHost host = new(store is null ? null : new SqliteStore(store));
    host.Models.Add("m", model);
    SessionConfiguration kind = new() { Durability = durability };
    SessionHandle[] all = await Task.WhenAll(Enumerable.Range(0, sessions).Select(_ => host.CreateAsync("", "m", kind).AsTask()));
    long[] at = new long[sessions];
    await Task.WhenAll(all.Select((session, s) => Steps(session, s, TimeSpan.FromSeconds(0.5))));
    long before = at.Sum(), rounds = host.Figures.Rounds, rows = host.Figures.Rows, began = Stopwatch.GetTimestamp();
    await Task.WhenAll(all.Select((session, s) => Steps(session, s, time)));
    Say($"{what} ({(double)(host.Figures.Rows - rows) / (host.Figures.Rounds - rounds):F0} a round)", at.Sum() - before, began);

    async Task Steps(SessionHandle session, int s, TimeSpan span)
    {
        float[] row = [0.1f, 0.2f, 0.3f], answer = new float[session.AnswerSize];
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < span; at[s]++) await session.StepAsync(at[s], row, answer);
    }
}

// In turn: ours, theirs.  Theirs: the caller carries the states from step to step, of each session alone, or of all of them in one batch, gathered
// before the step and scattered after it, as they are where sessions come and go.
async Task BesideOnnxRuntime()
{
    const int Turns = 5, Many = 100;
    using OnnxRuntimeTimes runtime = new(model, Features);
    LabelSession session = model.NewSession();
    float[] row = [0.1f, 0.2f, 0.3f], answer = new float[model.Classes.Count];
    OnnxRuntimeTimes.Batch one = runtime.Of(1), together = runtime.Of(Many);
    OnnxRuntimeTimes.Batch[] each = [.. Enumerable.Range(0, Many).Select(_ => runtime.Of(1))];
    float[][][] own = [.. each.Select(_ => together.States[0].Select(all => new float[all.Length / Many]).ToArray())];
    await using SessionHost host = new();
    host.Models.Add("m", model);
    SessionHandle[] handles = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => host.CreateAsync("", "m").AsTask()));
    long[] at = new long[Many];
    StepBatch batch = new(model.Network, Many);
    State[] states = [.. Enumerable.Range(0, Many).Select(_ => model.Network.NewState(1))];
    float[] rows = [.. Enumerable.Repeat(row, Many).SelectMany(one => one)], answers = new float[Many * model.Network.OutputSize];
    (string Name, Func<Task<long>> Some)[] ways =
    [
        ("one session: a session of the task", () => Steps(() => session.Step(row, answer), 1)),
        ("one session: ONNX Runtime", () => Steps(() => Step(one), 1)),
        ("one session: served", () => Served(1)),
        ("100 sessions: a batch of states, no server", () => Steps(() => batch.Step(rows, states, answers), Many)),
        ("100 sessions: served", () => Served(Many)),
        ("100 sessions: ONNX Runtime, one after the other", () => Steps(() => Array.ForEach(each, Step), Many)),
        ("100 sessions: ONNX Runtime, one batch, gathered and scattered", () => Steps(Together, Many)),
    ];
    List<double>[] rates = [.. ways.Select(_ => new List<double>())];
    for (int turn = -1; turn < Turns; turn++)
        for (int way = 0; way < ways.Length; way++)
        {
            long began = Stopwatch.GetTimestamp(), steps = await ways[way].Some();
            if (turn >= 0) rates[way].Add(steps / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
    for (int way = 0; way < ways.Length; way++)
        Console.WriteLine($"{ways[way].Name}: {rates[way].Order().ElementAt(Turns / 2):N0} steps/s "
            + $"(from {rates[way].Min():N0} to {rates[way].Max():N0})");

    Task<long> Steps(Action step, int count)
    {
        long steps = 0;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time; steps += count) step();
        return Task.FromResult(steps);
    }

    void Step(OnnxRuntimeTimes.Batch batch)
    {
        row.CopyTo(batch.X, 0);
        batch.Step();
    }

    void Together()
    {
        float[][] carried = together.States[together.Last];
        for (int s = 0; s < Many; s++)
        {
            row.CopyTo(together.X, s * Features);
            for (int i = 1; i < carried.Length; i++) own[s][i].CopyTo(carried[i], s * own[s][i].Length);
        }
        together.Step();
        carried = together.States[together.Last];
        for (int s = 0; s < Many; s++)
            for (int i = 0; i < carried.Length; i++) Array.Copy(carried[i], s * own[s][i].Length, own[s][i], 0, own[s][i].Length);
    }

    async Task<long> Served(int sessions)
    {
        long before = at.Sum();
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(async s =>
        {
            float[] x = [0.1f, 0.2f, 0.3f], y = new float[handles[s].AnswerSize];
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time; at[s]++) await handles[s].StepAsync(at[s], x, y);
        }));
        return at.Sum() - before;
    }
}

async Task Memory()
{
    const int Sessions = 5000;
    await using SessionHost host = new();
    host.Models.Add("m", model);
    List<SessionHandle> held = [await host.CreateAsync("", "m")];
    long before = GC.GetTotalMemory(forceFullCollection: true);
    for (int i = 0; i < Sessions; i++) held.Add(await host.CreateAsync("", "m"));
    float[] answer = new float[held[0].AnswerSize];
    foreach (SessionHandle session in held) await session.StepAsync(0, new float[] { 1, 2, 3 }, answer);
    Console.WriteLine($"a session that has taken a step: {(GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Sessions / 1000:F1} kB");
    GC.KeepAlive(held);
}

// The steps endpoint and an empty one that reads and answers as much, in turn, over the same connections.
async Task OverHttp(int clients)
{
    const int Turns = 5;
    WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    builder.Services.AddUnroll();
    await using WebApplication app = builder.Build();
    app.MapUnroll();
    byte[] same = Encoding.UTF8.GetBytes("{\"at\":1000,\"position\":1001,\"durable\":0,\"repeated\":false,"
        + "\"answers\":[{\"label\":\"up\",\"probabilities\":{\"down\":0.498588,\"up\":0.501412}}]}\n");
    app.MapPost("/empty", async context =>
    {
        using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = same.Length;
        await context.Response.Body.WriteAsync(same);
    });
    app.Urls.Add("http://127.0.0.1:0");
    app.Services.GetRequiredService<SessionHost>().Models.Add("m", model);
    await app.StartAsync();
    using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 2000 }) { BaseAddress = new Uri(app.Urls.Single()) };
    for (int c = 0; c < clients; c++)
        (await http.PostAsync("/v1/models/m/sessions", new StringContent($"{{\"session\":\"s{c}\"}}"))).EnsureSuccessStatusCode();
    List<double>[] times = [.. Enumerable.Range(0, clients).Select(_ => new List<double>())];
    long[] at = new long[clients];
    List<double> all = [], steps = [], empty = [];
    for (int turn = 0; turn < 6; turn++) await Turn(turn % 2 == 0, TimeSpan.FromSeconds(2));      // until everything is compiled for good
    for (int turn = 0; turn < Turns; turn++)
    {
        steps.Add(await Turn(false, time));
        foreach (List<double> own in times) all.AddRange(own);
        empty.Add(await Turn(true, time));
    }
    double[] ratios = [.. steps.Zip(empty, (one, other) => one / other).Order()];
    all.Sort();
    Console.WriteLine($"over HTTP, {clients} sessions: {steps.Order().ElementAt(Turns / 2):N0} steps/s; "
        + $"p50 {all[all.Count / 2]:F2} ms, p99 {all[all.Count * 99 / 100]:F2} ms; "
        + $"an empty endpoint {empty.Order().ElementAt(Turns / 2):N0}/s; of it {ratios[Turns / 2]:P0} (from {ratios[0]:P0} to {ratios[^1]:P0})");

    async Task<double> Turn(bool nothing, TimeSpan span)
    {
        foreach (List<double> own in times) own.Clear();
        long began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(c => Client(c, nothing, span)));
        return times.Sum(own => (double)own.Count) / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    async Task Client(int c, bool nothing, TimeSpan span)
    {
        string path = nothing ? "/empty" : $"/v1/models/m/sessions/s{c}/steps";
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < span;)
        {
            long sent = Stopwatch.GetTimestamp();
            using ByteArrayContent body = new(Encoding.UTF8.GetBytes($"{{\"at\":{at[c]},\"steps\":[[0.1,0.2,0.3]]}}"));
            using HttpResponseMessage reply = await http.PostAsync(path, body);
            reply.EnsureSuccessStatusCode();
            await reply.Content.ReadAsByteArrayAsync();
            if (!nothing) at[c]++;
            times[c].Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }
    }
}

static void Say(string what, long steps, long began) =>
    Console.WriteLine($"{what}: {steps / Stopwatch.GetElapsedTime(began).TotalSeconds:N0} steps/s");
