using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Unroll.Core;
using Unroll.Serving.Models;
using Unroll.Serving.Sessions;

namespace Unroll.Serving.Http.Inference;

/// <summary>
/// Inference: a request is whole, or one of a sequence. A sequence is a session, from its start to its end; its requests are taken in the order in
/// which they come, each whole or not at all.
/// </summary>
internal sealed class Inferences(SessionHost host, Predictions predictions)
{
    private const int Tries = 3;

    /// <summary><c>POST /v2/models/{model}/infer</c>.</summary>
    public async Task Infer(Exchange exchange)
    {
        InferenceRequest request = InferenceRequest.Read(await exchange.Body(), exchange.Context.Request.Headers);
        ServedModel model = host.Models.Find(exchange["model"]);
        if (!model.HasSessions)
        {
            RequireVersion(exchange, model);
            await Predict(exchange, request, model);
            return;
        }
        using SessionHandle session = request.Sequence is null ? await host.CreateAsync(exchange.Owner, model.Name)
            : request.Start ? await Begin(exchange, request, model.Name) : Open(exchange, request, model.Name);
        bool ends = request.Sequence is null || request.Start;          // until its first request has been taken
        try
        {
            RequireVersion(exchange, session.Model);
            InferenceAnswer answer = await Step(exchange, request, session);
            ends = request.Sequence is null || request.End;
            if (ends) await session.EndAsync();
            ends = false;
            await answer.Send(exchange);
        }
        finally
        {
            if (ends) await session.EndAsync();
        }
    }

    /// <summary>Throws where the address names another version.</summary>
    public static void RequireVersion(Exchange exchange, ServedModel model)
    {
        if (exchange["version"] is { Length: > 0 } version && version != model.Weights)
            throw new ServingException(Refusal.NotFound,
                $"the model '{model.Name}' has the version {model.Weights}, and the address another one; ask for that, or for none.");
    }

    // A start begins anew: what the sequence was before has ended.
    private async Task<SessionHandle> Begin(Exchange exchange, InferenceRequest request, string model)
    {
        string name = request.SessionOf(model);
        for (int tries = 1; ; tries++)
            try
            {
                return await host.CreateAsync(exchange.Owner, model, name: name);
            }
            catch (ServingException e) when (e.Refusal == Refusal.Conflict && tries < Tries)
            {
                await End(exchange.Owner, name);
            }
    }

    private async Task End(string owner, string name)
    {
        try
        {
            using SessionHandle before = host.Open(owner, name);
            await before.DeleteAsync();
        }
        catch (ServingException e) when (e.Refusal == Refusal.NotFound)  // it has just ended by itself
        {
        }
    }

    private SessionHandle Open(Exchange exchange, InferenceRequest request, string model)
    {
        try
        {
            return host.Open(exchange.Owner, request.SessionOf(model));
        }
        catch (ServingException e) when (e.Refusal == Refusal.NotFound)
        {
            throw NoSequence(request, model, e);
        }
    }

    private static async Task<InferenceAnswer> Step(Exchange exchange, InferenceRequest request, SessionHandle session)
    {
        ModelForm form = ModelForm.Of(session.Model);
        Tensor input = request.Input(form.Inputs);
        InferenceAnswer answer = new(request, session.Model, form);
        answer.RequireOutputs();
        int steps = input.Name == ModelForm.Samples ? 1 : (int)input.Shape[0];
        float[] said = form.Labels.Count > 0 && steps <= Most(form, session) ? new float[steps * form.Labels.Count] : [];
        if (form.Labels.Count > 0 && said.Length == 0) throw TooMany(steps, Most(form, session));
        using Activity? activity = input.IsText ? null : session.Activity("unroll.steps")?.SetTag("unroll.count", steps);
        try
        {
            StepReply reply = !input.IsText ? said.Length > 0
                    ? await session.StepAsync(SessionHandle.Here, input.Numbers, said, exchange.Stop)
                    : await session.StepAsync(SessionHandle.Here, input.Numbers, exchange.Stop)
                : await session.StepAsync(SessionHandle.Here, Json(input), said, exchange.Stop);
            return answer with { Said = said, Texts = said.Length > 0 ? [] : [.. TextsOf(reply.Answers)] };
        }
        catch (ServingException e) when (e.Refusal == Refusal.NotFound && request.Sequence is not null)
        {
            throw NoSequence(request, session.Model.Name, e);    // its end has overtaken this
        }
    }

    private static int Most(ModelForm form, SessionHandle session) =>
        Math.Min(session.Limits.Steps, Math.Max(1, session.Limits.AnswerBytes / (sizeof(float) * form.Labels.Count)));

    private async Task Predict(Exchange exchange, InferenceRequest request, ServedModel model)
    {
        if (request.Sequence is not null)
            throw new ServingException(Refusal.Conflict,
                $"the model '{model.Name}' needs whole sequences; leave sequence_id out, and send all of one at once.");
        ModelForm form = ModelForm.Of(model);
        InferenceAnswer answer = new(request, model, form);
        answer.RequireOutputs();
        byte[] data = Encoding.UTF8.GetBytes(request.Input(form.Inputs).Texts[0]);
        string line = (await predictions.Ask(model, data, [], exchange.Stop)).ToJson();
        await (answer with { Texts = [line] }).Send(exchange);
    }

    // Steps that are texts; those of a model without labels are JSON themselves.
    private static JsonElement Json(Tensor input)
    {
        string list = input.Name == ModelForm.Steps ? $"[{string.Join(',', input.Texts.Select(StepOf))}]"
            : JsonText.Of(json => json.WriteTexts("steps", input.Texts), indented: false);
        return JsonRecord.Parse(list, root => input.Name == ModelForm.Steps ? root.Clone() : root.GetProperty("steps").Clone());
    }

    private static string StepOf(string step)
    {
        try
        {
            return JsonRecord.Parse(step, root => root.GetRawText());
        }
        catch (JsonException e)
        {
            throw new ServingException(Refusal.Invalid, $"input '{ModelForm.Steps}': expected steps as JSON; {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static string[] TextsOf(ReadOnlyMemory<byte> answers) =>
        JsonRecord.Parse(answers, root => root.EnumerateArray().Select(one => one.GetRawText()).ToArray());

    private static ServingException TooMany(int steps, int most) =>
        new(Refusal.Invalid, $"inputs: expected at most {most} steps of this model in a request, found {steps}; send fewer at once.");

    private static ServingException NoSequence(InferenceRequest request, string model, Exception e) => new(Refusal.NotFound,
        $"the sequence {Shown(request.Sequence!)} of the model '{model}' has not begun, or has ended; "
        + "say sequence_start: true in its first request.", e);

    private static string Shown(string text) => text.Length > 40 ? text[..40] + "…" : text;
}
