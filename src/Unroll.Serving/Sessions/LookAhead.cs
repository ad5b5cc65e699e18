using System.Text.Json;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Serving.Models;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Sessions;

//  gates⟨t⟩ from Forward(x⟨t⟩, state⟨t−1⟩), one step of a sequence;  y⟨t⟩, state⟨t⟩ from Step(x⟨t⟩, state⟨t−1⟩): the same bits

/// <summary>
/// What steps would say and do in the networks from where a session stands, found out on a copy of it. The answers are those that the session
/// itself gives if it takes the steps next.
/// </summary>
internal sealed class LookAhead
{
    private readonly List<byte[]> _answers = [];
    private readonly List<Gates> _rounds = [];               // of the first member
    private readonly List<int> _stepOf = [];                 // of each round
    private InspectionSubject? _whole;                       // where there are no rounds
    private long _at;

    /// <summary>Takes steps on a copy.</summary>
    /// <param name="model">The session's model.</param>
    /// <param name="options">How the session began.</param>
    /// <param name="snapshot">The session.</param>
    /// <param name="at">Where the caller believes that it stands.</param>
    /// <param name="steps">A list.</param>
    /// <param name="most">Rounds that are looked at, at most.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ServingException">It stands elsewhere, or there are more rounds.</exception>
    /// <exception cref="UserErrorException">One is no step of this model.</exception>
    public static LookAhead Of(
        ServedModel model, SessionConfiguration options, byte[] snapshot, long at, JsonElement steps, int most, CancellationToken stop)
    {
        Session copy = new(new SessionId("", "copy"), model, options with { Durability = Durability.None, KeepEvery = 0 });
        copy.Restore(snapshot);
        if (at != copy.Position)
            throw new ServingException(Refusal.Conflict, $"at: the session stands at {copy.Position}, got {at}; look from there.")
            {
                Position = copy.Position,
            };
        LookAhead look = new() { _at = at };
        try
        {
            for (int i = 0; i < steps.GetArrayLength(); i++) look.Take(copy, steps[i], i, most, stop);
            look._whole = look._rounds.Count == 0 ? copy.LookedSubject() : null;
        }
        catch (Exception e) when (e is not (UserErrorException or OperationCanceledException))
        {
            throw new ServingException(Refusal.Conflict,
                "the session cannot take this step: the snapshot that it goes on from is no state of this model; restore another.", e);
        }
        return look;
    }

    /// <summary>Writes the members of the answer.</summary>
    /// <param name="json">An object that has been started.</param>
    /// <param name="last">Whether only the last answer is wanted.</param>
    /// <param name="explain">Whether it is asked which inputs counted, where the last answer comes from a sequence of its own.</param>
    public void WriteJson(Utf8JsonWriter json, bool last, bool explain)
    {
        json.WriteNumber("at", _at);
        json.WriteStartArray("answers");
        foreach (byte[] answer in last ? _answers[^1..] : _answers) json.WriteRawValue(answer, skipInputValidation: true);
        json.WriteEndArray();
        json.WriteStartArray("rounds");
        foreach (int step in _stepOf) json.WriteNumberValue(step);
        json.WriteEndArray();
        if (_whole is not { } whole)
        {
            LookJson.Layers(json, _rounds);
            return;
        }
        json.WriteTexts("labels", whole.Labels);
        LookJson.Layers(json, Gates.Of(whole.Network.Layers, whole.Network.Forward(whole.Input, null, NewPass())));
        if (explain) LookJson.Saliency(json, whole, null);
    }

    private void Take(Session copy, JsonElement step, int number, int most, CancellationToken stop)
    {
        IReadOnlyList<ITaskModel> members = copy.Model.Model.Members;
        float[] x = new float[members[0].Network.InputSize], y = new float[members[0].Network.OutputSize];
        copy.Begin(step);
        while (copy.Next(x))
        {
            stop.ThrowIfCancellationRequested();
            if (_stepOf.Count == most)
                throw new ServingException(Refusal.Invalid,
                    $"steps: expected at most {most} rounds of the network to look at, found more; look at fewer.");
            _rounds.Add(GatesOf(members[0], x, Ensemble.StateOf(copy.Network!, 0, members.Count)));
            _stepOf.Add(number);
            LookJson.RequireFew(LookJson.ValuesOf(_rounds[0]) * _rounds.Count);
            for (int k = 0; k < members.Count; k++)
            {
                members[k].Network.Step(x, Ensemble.StateOf(copy.Network!, k, members.Count), y);
                copy.Take(k, y);
            }
        }
        _answers.Add(copy.LookedAnswer());
    }

    private static Gates GatesOf(ITaskModel member, float[] x, State before) =>
        Gates.Of(member.Network.Layers, member.Network.Forward(SequenceBatch.FromSequences(x.Length, x), before, NewPass()));

    private static Pass NewPass() => new(new Workspace(), ThreadTeam.Default, new Rng(0), Training: false);
}
