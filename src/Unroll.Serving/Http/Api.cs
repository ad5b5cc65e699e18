using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Unroll.Core;
using Unroll.Serving.Http.Completions;
using Unroll.Serving.Http.Inference;
using Unroll.Serving.Http.OpenApi;
using Unroll.Serving.Http.Sounds;

namespace Unroll.Serving.Http;

/// <summary>The endpoints, and what all of them have in common: who asks, and what is said of what goes wrong.</summary>
internal sealed class Api(SessionHost host, ServingOptions options, ILoggerFactory logs, IHostApplicationLifetime lifetime)
{
    private readonly KeyRing _keys = new(options.Keys);
    private readonly InspectEndpoints _inspect = new(host);             // one, however often it is mapped: it borrows gradients
    private readonly ILogger _log = logs.CreateLogger(ServingFigures.Name);

    /// <summary>The models and sessions.</summary>
    public SessionHost Host => host;

    /// <summary>Maps the endpoints.</summary>
    public IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder all = endpoints.MapGroup("");
        Predictions predictions = new(host);
        ModelEndpoints models = new(host, predictions);
        SessionEndpoints sessions = new(host);
        EventEndpoints events = new(host);
        const string Session = "/v1/models/{model}/sessions/{session}";
        all.MapGet("/v1/models", For(models.List));
        all.MapGet("/v1/models/{model}", For(models.Get));
        all.MapPost("/v1/models/{model}/predict", InTime(models.Predict));
        all.MapPost("/v1/models/{model}/sessions", For(sessions.Create));
        all.MapGet(Session, For(sessions.Get));
        all.MapDelete(Session, For(sessions.Delete));
        RequestDelegate steps = InTime(sessions.Steps), each = For(events.Steps);
        all.MapPost($"{Session}/steps", context => EventEndpoints.AreAsked(context) ? each(context) : steps(context));
        all.MapMethods($"{Session}/sound", ["GET", "CONNECT"], new SoundEndpoint(host, _keys, lifetime).Over(endpoints, Tell));
        MapPage(all, Session);
        all.MapGet($"{Session}/events", For(events.Draws));
        all.MapGet($"{Session}/snapshot", For(sessions.Snapshot));
        all.MapPost($"{Session}/restore", For(sessions.Restore));
        all.MapPost($"{Session}/fork", For(sessions.Fork));
        all.MapPost($"{Session}/rewind", For(sessions.Rewind));
        all.Map("/v1/{**rest}", For(_ =>
            throw new ServingException(Refusal.NotFound, "there is no such address, or no such method of it; see /v1/models.")));
        all.MapPost("/v1/completions", For(new CompletionEndpoints(host).Complete)).WithMetadata(ErrorForm.Message);
        new InferenceEndpoints(host, predictions).Map(all, InTime);
        all.MapGet("/openapi/v1.json", For(OpenApiDocument.Get));
        all.MapGet("/health", For(models.Health));
        all.MapGet("/metrics", For(models.Metrics));
        return all;
    }

    // The page and what it alone asks for. A program's own page at the same address goes before it.
    private void MapPage(RouteGroupBuilder all, string session)
    {
        RunEndpoints runs = new(options.Runs);
        all.MapGet("/v1/models/{model}/sessions", For(_inspect.List));
        all.MapPost("/v1/models/{model}/inspect", InTime(_inspect.Inspect));
        all.MapPost($"{session}/look", InTime(_inspect.Look));
        all.MapPost("/v1/models/{model}/notes", For(new NoteEndpoints(host).Notes));
        all.MapGet("/v1/runs", For(runs.List));
        all.MapGet("/v1/runs/{run}", For(runs.Get));
        if (!options.Page) return;
        PageEndpoints page = new(options);
        all.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], Open(page.Index)).WithOrder(1);
        all.MapMethods("/page/{file}", [HttpMethods.Get, HttpMethods.Head], Open(page.File)).WithOrder(1);
    }

    // Without a key: but where there are none, only for this machine, as all else.
    private RequestDelegate Open(Func<HttpContext, Task> answer) => async context =>
    {
        try
        {
            if (options.Keys.Count == 0) _keys.OwnerOf(context);
            await answer(context);
        }
        catch (UserErrorException e)
        {
            await Problem.Of(e, context)!.Write(context);
        }
    };

    private RequestDelegate For(Func<Exchange, Task> answer) => async context =>
    {
        try
        {
            await answer(new Exchange(context, _keys.OwnerOf(context), options.BodyBytes));
        }
        catch (Exception e)                                  // whatever happens, the client is told in one form
        {
            await Tell(context, e);
        }
    };

    // As For, but ends where the answer takes too long.
    private RequestDelegate InTime(Func<Exchange, Task> answer) => async context =>
    {
        CancellationToken client = context.RequestAborted;
        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(client);
        time.CancelAfter(host.Limits.Time);
        try
        {
            await answer(new Exchange(context, _keys.OwnerOf(context), options.BodyBytes) { Stop = time.Token });
        }
        catch (Exception e)
        {
            bool late = e is OperationCanceledException && time.IsCancellationRequested && !client.IsCancellationRequested;
            await Tell(context, late ? TooLong(host.Limits, e) : e);
        }
    };

    /// <summary>The refusal of what takes too long.</summary>
    internal static ServingException TooLong(ServingLimits limits, Exception e) => new(Refusal.Invalid,
        $"the answer takes longer than {limits.Time.TotalSeconds} seconds, as long as one may; nothing of it was taken, ask for less at once.", e);

    private async Task Tell(HttpContext context, Exception e)
    {
        if (Problem.Of(e, context) is not { } problem) return;
        if (problem.Status == StatusCodes.Status500InternalServerError) ServingLog.StepFailed(_log, e);
        await problem.Write(context);
    }
}
