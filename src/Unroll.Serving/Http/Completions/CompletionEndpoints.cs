using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Unroll.Core;
using Unroll.Serving.Models;
using Unroll.Serving.Sessions;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Http.Completions;

/// <summary>
/// <c>POST /v1/completions</c>: a language model goes on from a text, in the shape that clients of OpenAI read. Completions of a request, and of all
/// requests, are drawn together.
/// </summary>
internal sealed class CompletionEndpoints(SessionHost host)
{
    private const int MostWaiting = 256;

    /// <summary>Answers a request.</summary>
    public async Task Complete(Exchange exchange)
    {
        CompletionRequest request = await exchange.Read(json => CompletionRequest.Read(json, host.Limits));
        ServedModel model = host.Models.Find(request.Model);
        if (model.Model is not LanguageModel language)
            throw new ServingException(Refusal.Invalid, $"model: '{model.Name}' is no language model; ask it for predictions, or in a session.");
        if (language.Options.Reverse)
            throw new ServingException(Refusal.Invalid,
                $"model: '{model.Name}' reads from the end, and so does not go on from a prompt; ask for another.");
        Completion[] all = [.. Enumerable.Range(0, request.Prompts.Count * request.Each).Select(index => new Completion(request, index))];
        CompletionJson json = new(request, model);
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(exchange.Stop);
        if (request.Stream)
        {
            await Stream(exchange, request, json, all, ends);
            return;
        }
        ends.CancelAfter(host.Limits.Time);
        List<DrawnSymbol>[] drawn = [.. all.Select(_ => new List<DrawnSymbol>())];
        try
        {
            await Run(exchange.Owner, request, all, (one, symbols) =>
            {
                drawn[one.Index].AddRange(symbols);
                return ValueTask.CompletedTask;
            }, ends);
        }
        catch (OperationCanceledException e) when (!exchange.Stop.IsCancellationRequested)
        {
            throw Api.TooLong(host.Limits, e);
        }
        await exchange.Answer(own => json.Whole(own, all, drawn));
    }

    private async Task Stream(Exchange exchange, CompletionRequest request, CompletionJson json, Completion[] all, CancellationTokenSource ends)
    {
        HttpContext context = exchange.Context;
        Channel<byte[]> events = Channel.CreateBounded<byte[]>(MostWaiting);
        Task drawing = Draw();
        async Task Draw()
        {
            try
            {
                await Run(exchange.Owner, request, all, (one, symbols) => events.Writer.WriteAsync(json.Event(one, symbols), ends.Token), ends,
                    over: one => events.Writer.WriteAsync(json.End(one), ends.Token));
                events.Writer.Complete();
            }
            catch (Exception e)
            {
                events.Writer.Complete(e);
            }
        }
        try
        {
            await foreach (byte[] one in events.Reader.ReadAllAsync(exchange.Stop))
            {
                if (!context.Response.HasStarted)
                {
                    context.Response.ContentType = "text/event-stream";
                    context.Response.Headers.CacheControl = "no-store";
                    context.Response.Headers["X-Accel-Buffering"] = "no";
                    context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
                }
                await context.Response.Body.WriteAsync(one, exchange.Stop);
                await context.Response.Body.FlushAsync(exchange.Stop);
            }
            if (request.Usage) await context.Response.Body.WriteAsync(json.Usage(all), exchange.Stop);
            await context.Response.Body.WriteAsync("data: [DONE]\n\n"u8.ToArray(), exchange.Stop);
        }
        catch (Exception e) when (context.Response.HasStarted && Problem.Of(e, context) is { } problem)
        {
            await context.Response.Body.WriteAsync((byte[])[.. "data: "u8, .. problem.ToJson(ErrorForm.Message), .. "\n\n"u8], exchange.Stop);
        }
        finally
        {
            await ends.CancelAsync();
            await drawing;
        }
    }

    // All begin before any draws, and draw at once; the first that fails ends the others.
    private async Task Run(string owner, CompletionRequest request, Completion[] all, Func<Completion, List<DrawnSymbol>, ValueTask> take,
        CancellationTokenSource ends, Func<Completion, ValueTask>? over = null)
    {
        List<SessionHandle> sessions = [];
        async Task One(Completion one)
        {
            try
            {
                await one.Run(sessions[one.Index], symbols => take(one, symbols), ends.Token);
                if (over is not null) await over(one);
            }
            catch
            {
                await ends.CancelAsync();
                throw;
            }
        }
        try
        {
            foreach (Completion one in all)
                sessions.Add(await host.CreateAsync(owner, request.Model,
                    new SessionConfiguration { Settings = new SessionSettings { Sampling = request.SamplingOf(one.Index) } }));
            Task[] running = [.. all.Select(One)];
            try
            {
                await Task.WhenAll(running);
            }
            catch (OperationCanceledException) when (running.FirstOrDefault(one => one.IsFaulted) is { } failed)
            {
                await failed;                                // why, and not that the others were ended
            }
        }
        finally
        {
            foreach (SessionHandle session in sessions)
            {
                await session.EndAsync();
                session.Dispose();
            }
        }
    }
}
