using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Numerics;
using Unroll.Serving.Models;
using Unroll.Serving.Sessions;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Http;

/// <summary>Inside models and sessions: gates, states, which inputs counted. Nothing that is looked at changes.</summary>
internal sealed class InspectEndpoints(SessionHost host)
{
    private const int MostSteps = 256, MostRounds = 512;
    private readonly SemaphoreSlim _cores = new(Environment.ProcessorCount);
    private readonly SemaphoreSlim _one = new(1);                        // a backward pass borrows the gradients of its network

    /// <summary><c>GET /v1/models/{model}/sessions</c>: those of the owner that are in memory.</summary>
    public Task List(Exchange exchange)
    {
        ServedModel model = host.Models.Find(exchange["model"]);
        IReadOnlyList<SessionGlance> all = host.SessionsOf(exchange.Owner, model.Name);
        return exchange.Answer(json => json.WriteObjects("sessions", all, (own, session) =>
        {
            own.WriteString("session", session.Name);
            own.WriteString("version", session.Version);
            own.WriteNumber("position", session.Position);
            own.WriteNumber("durable", session.Durable);
            own.WriteObject("options", session.Options, (inner, options) => options.WriteJson(inner));
        }));
    }

    /// <summary>
    /// <c>POST …/sessions/{session}/look</c> with <c>{"at": N, "steps": […]}</c>: what the steps would say from here, and what would happen in
    /// the network. The session stays where it is. <c>"last": true</c>: the last answer alone. <c>"explain": true</c>: which rows counted, where the
    /// answer comes from a window of them.
    /// </summary>
    public async Task Look(Exchange exchange)
    {
        using SessionHandle session = SessionEndpoints.Open(host, exchange);
        (long at, JsonElement steps, bool last, bool explain) = await exchange.Read(json =>
            (json.Long("at", 0), json.Element("steps").Clone(), json.Flag("last", false), json.Flag("explain", false)));
        int count = steps.ValueKind == JsonValueKind.Array ? steps.GetArrayLength() : 0;
        if (count == 0 || count > host.Limits.Steps)
            throw new ServingException(Refusal.Invalid, $"steps: expected a list of 1 to {host.Limits.Steps} steps.");
        byte[] snapshot = await session.SnapshotAsync(exchange.Stop);
        await _cores.WaitAsync(exchange.Stop);
        LookAhead look;
        try
        {
            look = await Task.Run(
                () => LookAhead.Of(session.Model, session.Options, snapshot, at, steps, MostRounds, exchange.Stop), exchange.Stop);
        }
        finally
        {
            _cores.Release();
        }
        if (!explain)
        {
            await exchange.Answer(json => look.WriteJson(json, last, explain));
            return;
        }
        await _one.WaitAsync(exchange.Stop);
        try
        {
            byte[] answer = await Task.Run(() => Exchange.Of(json => look.WriteJson(json, last, explain)));
            await exchange.Answer(answer);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>
    /// <c>POST /v1/models/{model}/inspect?data=NAME&amp;sequence=N&amp;step=K&amp;member=M</c>: the body is data as a file has them, which is called
    /// NAME where its ending says what it is; gates and states of one of their sequences, and which of its inputs the most probable output of step K
    /// depended on.
    /// </summary>
    public async Task Inspect(Exchange exchange)
    {
        ServedModel model = host.Models.Find(exchange["model"]);
        int sequence = Number(exchange, "sequence") ?? 0, member = Number(exchange, "member") ?? 1;
        if (member < 1 || member > model.Model.Members.Count)
            throw new ServingException(Refusal.Invalid, $"member: expected 1 … {model.Model.Members.Count}, got {member}.");
        int? step = Number(exchange, "step");
        string data = exchange.Context.Request.Query["data"].ToString();
        if (data.Length == 0) data = DataFiles.StandardInput;
        else ModelList.RequireName(data, "data");
        DataFiles files = DataFiles.Nothing.With(data, await exchange.Body());
        await _one.WaitAsync(exchange.Stop);
        try
        {
            ITaskModel own = model.Model.Members[member - 1];
            byte[] answer = await Task.Run(() => Exchange.Of(json => Write(json, model, own.Subject(data, sequence, files), step)));
            await exchange.Answer(answer);
        }
        finally
        {
            _one.Release();
        }
    }

    private static void Write(Utf8JsonWriter json, ServedModel model, InspectionSubject subject, int? step)
    {
        int steps = subject.Labels.Count;
        if (steps > MostSteps)
            throw new ServingException(Refusal.Invalid, $"the sequence: expected at most {MostSteps} steps, found {steps}; send a shorter one.");
        Gates gates = Gates.Of(subject, ThreadTeam.Default);
        LookJson.RequireFew(LookJson.ValuesOf(gates) * steps);
        json.WriteString("model", model.Name);
        json.WriteString("task", model.Model.Task);
        json.WriteString("title", subject.Title);
        json.Texts("labels", subject.Labels);
        json.Objects("findings", gates.Findings, (own, finding) =>
        {
            own.WriteBoolean("problem", finding.IsProblem);
            own.WriteString("text", finding.Text);
        });
        LookJson.Layers(json, gates);
        LookJson.Saliency(json, subject, step);
    }

    private static int? Number(Exchange exchange, string name)
    {
        string text = exchange.Context.Request.Query[name].ToString();
        return text.Length == 0 ? null : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n
            : throw new ServingException(Refusal.Invalid, $"{name}: expected a whole number of at least 0.");
    }
}
