using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unroll.Serving.Http;
using Unroll.Serving.Tests.Fixtures;

namespace Unroll.Serving.Tests.Http;

/// <summary>A real server on this machine, as a program of ASP.NET Core has it.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Server(WebApplication app, HttpClient client) => (_app, Client) = (app, client);

    public HttpClient Client { get; }

    public IEnumerable<Endpoint> Endpoints => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints);

    public IServiceProvider Services => _app.Services;

    public SessionHost Host => _app.Services.GetRequiredService<SessionHost>();

    public static Task<Server> Start(Action<ServingOptions>? configure = null, params (string Name, TaskCase Task)[] models) =>
        Start(configure, _ => { }, models);

    public static async Task<Server> Start(
        Action<ServingOptions>? configure, Action<WebApplicationBuilder> build, params (string Name, TaskCase Task)[] models)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddUnroll(configure);
        build(builder);
        WebApplication app = builder.Build();
        app.MapUnroll();
        app.Urls.Add("http://127.0.0.1:0");
        SessionHost host = app.Services.GetRequiredService<SessionHost>();
        foreach ((string name, TaskCase task) in models) host.Models.Add(name, task.Model);
        await app.StartAsync();
        return new Server(app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });
    }

    public async Task<Reply> Send(
        string method, string path, string? body = null, string? key = null, params (string Name, string Value)[] headers) =>
        await Send(method, path, body is null ? null : Encoding.UTF8.GetBytes(body), key, headers);

    public async Task<Reply> Send(string method, string path, byte[]? body, string? key = null, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        if (body is not null) request.Content = new ByteArrayContent(body);
        if (key is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        foreach ((string name, string value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using HttpResponseMessage response = await Client.SendAsync(request);
        return new Reply(response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Content.Headers.ContentType?.MediaType,
            response.Headers.RetryAfter?.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>What came back.</summary>
internal sealed record Reply(HttpStatusCode Status, byte[] Bytes, string? Type, string? RetryAfter)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => JsonDocument.Parse(Bytes).RootElement;

    public long Number(string name) => Json.GetProperty(name).GetInt64();

    public string Raw(string name) => Json.GetProperty(name).GetRawText();
}
