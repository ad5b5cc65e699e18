using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Unroll.Core;
using Unroll.Serving.Models;

namespace Unroll.Serving.Http.Inference;

//  https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md

/// <summary>The Open Inference Protocol, version 2, over REST: how the server and its models are, and inference.</summary>
internal sealed class InferenceEndpoints(SessionHost host, Predictions predictions)
{
    private readonly Inferences _inferences = new(host, predictions);

    /// <summary>Maps the endpoints.</summary>
    public void Map(IEndpointRouteBuilder endpoints, Func<Func<Exchange, Task>, RequestDelegate> answered)
    {
        RouteGroupBuilder all = endpoints.MapGroup("/v2");
        all.WithMetadata(ErrorForm.Text);
        all.MapGet("", answered(Server));
        all.MapGet("/health/live", answered(Live));
        all.MapGet("/health/ready", answered(Ready));
        foreach (string model in (string[])["/models/{model}", "/models/{model}/versions/{version}"])
        {
            all.MapGet(model, answered(Model));
            all.MapGet($"{model}/ready", answered(ModelReady));
            all.MapPost($"{model}/infer", answered(_inferences.Infer));
        }
        all.Map("/{**rest}", answered(_ => throw new ServingException(Refusal.NotFound,
            "there is no such address of the Open Inference Protocol, or no such method of it; see /v2.")));
    }

    private static Task Server(Exchange exchange) => exchange.Answer(json =>
    {
        json.WriteString("name", "unroll");
        json.WriteString("version", typeof(InferenceEndpoints).Assembly.GetName().Version!.ToString(3));
        json.WriteTexts("extensions", ["sequence", "sequence(string_id)", "binary_tensor_data"]);
    });

    private static Task Live(Exchange exchange) => exchange.Answer(json => json.WriteBoolean("live", true));

    private Task Ready(Exchange exchange) => exchange.Answer(json =>
    {
        json.WriteBoolean("live", true);
        json.WriteBoolean("ready", !host.Stopping);
    }, host.Stopping ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);

    private Task ModelReady(Exchange exchange)
    {
        ServedModel model = Find(exchange);
        return exchange.Answer(json =>
        {
            json.WriteString("name", model.Name);
            json.WriteBoolean("ready", !host.Stopping);
        }, host.Stopping ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private Task Model(Exchange exchange)
    {
        ServedModel model = Find(exchange);
        ModelForm form = ModelForm.Of(model);
        return exchange.Answer(json =>
        {
            json.WriteString("name", model.Name);
            json.WriteTexts("versions", [model.Weights]);
            json.WriteString("platform", "unroll_safetensors");
            json.WriteObjects("inputs", form.Inputs, (own, one) => one.Write(own));
            json.WriteObjects("outputs", form.Outputs, (own, one) => one.Write(own));
        });
    }

    private ServedModel Find(Exchange exchange)
    {
        ServedModel model = host.Models.Find(exchange["model"]);
        Inferences.RequireVersion(exchange, model);
        return model;
    }
}
