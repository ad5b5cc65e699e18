using System.Text.Json;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

/// <summary>
/// A piece as it comes: one step in, the probabilities of the next out. A step of a roll is the pitches that sound, of a tune a symbol of ABC. As
/// JSON a step is a list of pitches, or a text.
/// </summary>
public sealed class MusicSession : ITaskSession
{
    private readonly MusicModel _model;
    private readonly State _state;
    private readonly Kept _kept;
    private readonly float[] _x;

    /// <summary>Begins a piece.</summary>
    /// <param name="model">The model.</param>
    public MusicSession(MusicModel model)
    {
        (_model, _state) = (model, model.Network.NewState(1));
        (_x, _kept) = (new float[model.Network.InputSize], new Kept(model.Network.OutputSize));
        State = new SessionState(model.WeightsSha256, _state, _kept);
        if (!model.IsRoll) _x[0] = MusicModel.Begin;
        model.Network.Step(_x, _state, _kept.Scores);                    // silence, or the beginning, comes before the first step
    }

    /// <inheritdoc/>
    public SessionState State { get; }

    /// <summary>The scores of what comes next, before any activation: [88 keys] or [symbols]. Overwritten by the next step.</summary>
    public ReadOnlySpan<float> Scores => _kept.Scores;

    /// <summary>Takes a step of a roll.</summary>
    /// <param name="pitches">The pitches that sound, as MIDI numbers; those that a piano does not have are left out.</param>
    /// <exception cref="UserErrorException">The model is one of tunes.</exception>
    public MusicNext Step(params ReadOnlySpan<int> pitches)
    {
        if (!_model.IsRoll) throw new UserErrorException("step: the model is one of tunes, whose steps are symbols of ABC, got pitches.");
        Array.Clear(_x);
        foreach (int pitch in pitches)
            if (pitch - MusicModel.LowestKey is >= 0 and < MusicModel.Keys and int key) _x[key] = 1;
        return Go();
    }

    /// <summary>Takes a step of a tune.</summary>
    /// <param name="symbol">A symbol of ABC; one that is not known counts as unknown.</param>
    /// <exception cref="UserErrorException">The model is one of rolls.</exception>
    public MusicNext Step(string symbol)
    {
        if (_model.IsRoll) throw new UserErrorException($"step: the model is one of rolls, whose steps are lists of pitches, got '{symbol}'.");
        _x[0] = _model.PlaceOf(symbol);
        return Go();
    }

    /// <inheritdoc/>
    public TaskAnswer Step(JsonElement input) => StepInput.Sound(input).ValueKind switch
    {
        JsonValueKind.String => Step(input.GetString()!),
        JsonValueKind.Array when input.EnumerateArray().All(pitch => pitch.ValueKind == JsonValueKind.Number && pitch.TryGetInt32(out _)) =>
            Step([.. input.EnumerateArray().Select(pitch => pitch.GetInt32())]),
        _ => throw new UserErrorException($"step: expected a list of pitches such as [60, 64, 67], or a symbol of ABC, found {input.ValueKind}."),
    };

    /// <inheritdoc/>
    public ITaskSession Fork()
    {
        MusicSession other = new(_model) { State = { KeepEvery = State.KeepEvery, KeepLast = State.KeepLast } };
        other.State.Restore(State.Snapshot());
        return other;
    }

    private MusicNext Go()
    {
        _model.Network.Step(_x, _state, _kept.Scores);
        State.Stepped();
        return MusicNext.Of(_model, _kept.Scores);
    }

    // What the network said last: the next step is drawn from it.
    private sealed class Kept(int outputs) : ISessionPart
    {
        public float[] Scores { get; } = new float[outputs];

        public void Save(BinaryWriter writer)
        {
            foreach (float score in Scores) writer.Write(score);
        }

        public void Load(BinaryReader reader)
        {
            for (int i = 0; i < Scores.Length; i++) Scores[i] = reader.ReadSingle();
        }
    }
}

/// <summary>What may come next in a piece.</summary>
/// <param name="Names">The names of keys or symbols, most probable first.</param>
/// <param name="Probabilities">Of each: of keys each by itself, of symbols with the sum 1.</param>
public sealed record MusicNext(IReadOnlyList<string> Names, IReadOnlyList<float> Probabilities) : TaskAnswer
{
    internal static MusicNext Of(MusicModel model, ReadOnlySpan<float> scores)
    {
        float[] p = new float[scores.Length];
        if (model.IsRoll)
            for (int k = 0; k < p.Length; k++) p[k] = Activations.Sigmoid(scores[k]);
        else Softmax.Row(scores, p);
        int[] order = [.. Enumerable.Range(0, p.Length).OrderByDescending(k => p[k]).ThenBy(k => k)];
        return new MusicNext([.. order.Select(k => model.IsRoll ? MusicModel.Name(k + MusicModel.LowestKey) : model.Symbols[k])],
            [.. order.Select(k => p[k])]);
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        json.Texts("next", Names);
        json.WriteStartArray("probabilities");
        foreach (float p in Probabilities) json.WriteNumberValue(p);
        json.WriteEndArray();
    }
}
