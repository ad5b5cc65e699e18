using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Unroll.Core;
using Unroll.Serving.Models;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Http;

/// <summary>Models, their predictions, and how the server is.</summary>
internal sealed class ModelEndpoints(SessionHost host, Predictions predictions)
{
    /// <summary><c>GET /v1/models</c>.</summary>
    /// <remarks>Clients of OpenAI read <c>object</c> and <c>data</c>.</remarks>
    public Task List(Exchange exchange) => exchange.Answer(json =>
    {
        IReadOnlyList<ServedModel> current = host.Models.Current;
        json.WriteObjects("models", current, Write);
        json.WriteString("object", "list");
        json.WriteObjects("data", current, WriteId);
    });

    /// <summary><c>GET /v1/models/{model}</c>.</summary>
    public Task Get(Exchange exchange)
    {
        ServedModel model = host.Models.Find(exchange["model"]);
        return exchange.Answer(json =>
        {
            Write(json, model);
            WriteId(json, model);
            json.WriteObject("about", model, (about, own) => own.Model.WriteJson(about));
        });
    }

    /// <summary><c>POST /v1/models/{model}/predict?OPTION=VALUE</c>: the body is the data, the response the line of <c>predict</c>.</summary>
    public async Task Predict(Exchange exchange)
    {
        ServedModel model = host.Models.Find(exchange["model"]);
        TaskAnswer answer = await predictions.Ask(model, await exchange.Body(), exchange.Context.Request.Query, exchange.Stop);
        await exchange.Answer(answer.WriteJson);
    }

    /// <summary><c>GET /health</c>.</summary>
    public Task Health(Exchange exchange) => exchange.Answer(json =>
    {
        json.WriteString("status", host.Stopping ? "stopping" : "ok");
        json.WriteNumber("models", host.Models.Current.Count);
        json.WriteNumber("sessions", host.Sessions);
    }, host.Stopping ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);

    /// <summary><c>GET /metrics</c>, in the text form of Prometheus.</summary>
    public Task Metrics(Exchange exchange)
    {
        StringBuilder text = new();
        void Line(string kind, string name, string help, long value) => text.Append(
            $"# HELP unroll_{name} {help}\n# TYPE unroll_{name} {kind}\nunroll_{name} {value}\n");
        ServingFigures figures = host.Figures;
        Line("gauge", "models", "Models that take new sessions.", host.Models.Current.Count);
        Line("gauge", "sessions", "Sessions in memory.", host.Sessions);
        Line("gauge", "queue", "Requests that have not been answered.", host.Models.All.Sum(model => (long)model.Waiting));
        Line("counter", "steps_total", "Steps taken.", figures.Steps);
        Line("counter", "rounds_total", "Rounds of the networks.", figures.Rounds);
        Line("counter", "rows_total", "Rows of all rounds.", figures.Rows);
        Line("counter", "repeats_total", "Requests answered again from what was stored.", figures.Repeats);
        Line("counter", "refused_total", "Requests refused.", figures.Refused);
        if (host.Writer is { } writer)
        {
            Line("counter", "commits_total", "Commits of the store.", writer.Commits);
            Line("counter", "saved_total", "Rows written to the store.", writer.Rows);
            Line("counter", "commit_failures_total", "Commits of the store that failed.", writer.Failures);
        }
        return exchange.Answer(Encoding.UTF8.GetBytes(text.ToString()), "text/plain; version=0.0.4");
    }

    private static void WriteId(Utf8JsonWriter json, ServedModel model)
    {
        json.WriteString("id", model.Name);
        json.WriteString("object", "model");
        json.WriteNumber("created", model.Since.ToUnixTimeSeconds());
        json.WriteString("owned_by", "unroll");
    }

    private static void Write(Utf8JsonWriter json, ServedModel model)
    {
        json.WriteString("model", model.Name);
        json.WriteString("version", model.Weights);
        json.WriteString("task", model.Model.Task);
        json.WriteBoolean("has_sessions", model.HasSessions);
        json.WriteNumber("sessions", model.Sessions);
    }
}
