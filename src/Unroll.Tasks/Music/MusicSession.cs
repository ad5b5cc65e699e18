using System.Text.Json;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

/// <summary>
/// A piece as it comes: one step in, the probabilities of the next out. A step of a roll is the pitches that sound, of a tune a symbol of ABC. As
/// JSON a step is a list of pitches (voices: from the highest, −1 for one that rests), or a text.
/// </summary>
/// <remarks>
/// A model that spells steps note by note says what the first note of the next step may be, and how probable the step was that it read; <c>{"draw":
/// N}</c> lets it compose N steps.
/// </remarks>
public sealed class MusicSession : ITaskSession, IRoundSession
{
    private const int MaxDrawn = 100_000;
    private readonly MusicModel _model;
    private readonly SamplingOptions _sampling;
    private readonly State? _state;
    private readonly Kept _kept;
    private readonly NotePredictor? _notes;
    private readonly SymbolSampler? _sampler;
    private readonly MusicMixture? _mixture;
    private readonly float[] _x, _y = [];
    private MusicNext? _spelt;                               // the answer to a step that is spelt note by note: it has no rounds
    private bool _begun;

    /// <summary>Begins a piece.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sampling">How steps that are spelt note by note are drawn; null: by the model's own probabilities.</param>
    public MusicSession(MusicModel model, SamplingOptions? sampling = null)
    {
        (_model, _sampling) = (model, sampling ?? new SamplingOptions());
        (_x, _kept) = (new float[model.Network.InputSize], new Kept(model.Notes?.Symbols ?? model.Network.OutputSize));
        if (model.Notes is { } notes)
        {
            (_notes, _sampler) = (new NotePredictor(model, 1), new SymbolSampler(notes.Symbols, _sampling));
            State = new SessionState(model.WeightsSha256, null, _notes, _sampler);
            _notes.Advance();
            return;
        }
        (_state, _mixture, _y) = (Ensemble.NewState(model), new MusicMixture(model), new float[model.Network.OutputSize]);
        State = new SessionState(model.WeightsSha256, _state, _kept);
        if (!model.IsRoll) _x[0] = MusicModel.Begin;
        Look();                                                          // silence, or the beginning, comes before the first step
    }

    /// <inheritdoc/>
    public SessionState State { get; }

    State? IRoundSession.Network => _state;

    /// <summary>
    /// The scores of what comes next, before any activation: [88 keys] or [symbols]; note by note: the logarithms of the probabilities of the next
    /// note, [keys and marks]. Overwritten by the next step.
    /// </summary>
    public ReadOnlySpan<float> Scores => _notes is { } notes ? notes.Logs(0) : _kept.Scores;

    /// <summary>Takes a step of a roll.</summary>
    /// <param name="pitches">The pitches that sound, as MIDI numbers; those that a piano does not have are left out.</param>
    /// <exception cref="UserErrorException">The model is one of tunes.</exception>
    public MusicNext Step(params ReadOnlySpan<int> pitches)
    {
        Begin(Pitches(pitches));
        return Run();
    }

    /// <summary>Takes a step of a tune.</summary>
    /// <param name="symbol">A symbol of ABC; one that is not known counts as unknown.</param>
    /// <exception cref="UserErrorException">The model is one of rolls.</exception>
    public MusicNext Step(string symbol)
    {
        Begin(Text(symbol));
        return Run();
    }

    /// <inheritdoc/>
    public TaskAnswer Step(JsonElement input)
    {
        ((IRoundSession)this).Begin(input);
        return Run();
    }

    void IRoundSession.Begin(JsonElement input)
    {
        StepInput.Sound(input);
        if (input.ValueKind == JsonValueKind.String) Begin(Text(input.GetString()!));
        else if (input.ValueKind == JsonValueKind.Array
            && input.EnumerateArray().All(pitch => pitch.ValueKind == JsonValueKind.Number && pitch.TryGetInt32(out _)))
            Begin(Pitches([.. input.EnumerateArray().Select(pitch => pitch.GetInt32())]));
        else if (input.ValueKind == JsonValueKind.Object && _notes is not null)
            _spelt = input.EnumerateObject().ToArray() is [{ Name: "draw", Value: var draw }]
                && draw.ValueKind == JsonValueKind.Number && draw.TryGetInt32(out int count) && count is >= 1 and <= MaxDrawn
                ? Draw(count) : throw new UserErrorException($"step: expected {{\"draw\": N}} with a whole number from 1 to {MaxDrawn}.");
        else throw new UserErrorException($"step: expected a list of pitches such as [60, 64, 67], or a symbol of ABC, found {input.ValueKind}.");
    }

    bool IRoundSession.Next(Span<float> x)
    {
        if (!_begun) return false;
        _x.CopyTo(x);
        _begun = false;
        return true;
    }

    void IRoundSession.Take(int member, ReadOnlySpan<float> y)
    {
        _mixture!.Add(member, y, [], _kept.Scores);
        if (member == _model.Members.Count - 1) State.Stepped();
    }

    TaskAnswer IRoundSession.Answer() => _spelt ?? Next();

    int IRoundSession.AnswerSize => Scores.Length;

    void IRoundSession.Answer(Span<float> numbers) => Scores.CopyTo(numbers);

    /// <inheritdoc/>
    public ITaskSession Fork()
    {
        MusicSession other = new(_model, _sampling) { State = { KeepEvery = State.KeepEvery, KeepLast = State.KeepLast } };
        other.State.Restore(State.Snapshot());
        return other;
    }

    /// <summary>Composes steps, and reads them; a model that spells steps note by note alone.</summary>
    /// <param name="steps">How many, at least 1.</param>
    /// <exception cref="UserErrorException">The model is one of tunes, or of independent keys.</exception>
    public MusicNext Draw(int steps)
    {
        if (_notes is not { } notes || _sampler is not { } sampler)
            throw new UserErrorException("step: only a model that spells steps note by note (keys joint) draws steps in a session; send pitches.");
        List<int[]> drawn = [];
        for (int t = 0; t < steps; t++)
        {
            drawn.Add([.. NoteComposer.Draw(notes, sampler).Select(key => key < 0 ? -1 : key + MusicModel.LowestKey)]);
            State.Stepped();
        }
        return Next() with { Drawn = drawn };
    }

    private IReadOnlyList<int> KeysOf(ReadOnlySpan<int> pitches)
    {
        int[] own = pitches.ToArray();
        PianoRoll step = new([[.. own.Where(pitch => pitch >= 0).Distinct()]]) { Voices = own.Length == _model.Notes!.Voices ? [own] : null };
        return NoteSpelling.KeysOf(_model.Notes, step, 0, 0);
    }

    private MusicNext Next() => MusicNext.Of(_model, Scores);

    private ReadOnlySpan<int> Pitches(ReadOnlySpan<int> pitches) => _model.IsRoll ? pitches
        : throw new UserErrorException("step: the model is one of tunes, whose steps are symbols of ABC, got pitches.");

    private string Text(string symbol) => !_model.IsRoll ? symbol
        : throw new UserErrorException($"step: the model is one of rolls, whose steps are lists of pitches, got '{symbol}'.");

    private void Begin(ReadOnlySpan<int> pitches)
    {
        if (_notes is { } notes)
        {
            NoteComposer.Read(notes, KeysOf(pitches), out double nats);
            State.Stepped();
            _spelt = Next() with { Nats = nats };
            return;
        }
        Array.Clear(_x);
        foreach (int pitch in pitches)
            if (pitch - MusicModel.LowestKey is >= 0 and < MusicModel.Keys and int key) _x[key] = 1;
        (_spelt, _begun) = (null, true);
    }

    private void Begin(string symbol)
    {
        _x[0] = _model.PlaceOf(symbol);
        (_spelt, _begun) = (null, true);
    }

    private MusicNext Run()
    {
        if (_spelt is { } spelt) return spelt;
        Look();
        _begun = false;
        State.Stepped();
        return Next();
    }

    private void Look()
    {
        foreach ((int m, MusicModel member) in _model.Members.Index())
        {
            member.Network.Step(_x, Ensemble.StateOf(_state!, m, _model.Members.Count), _y);
            _mixture!.Add(m, _y, [], _kept.Scores);
        }
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
/// <param name="Probabilities">Of each: of independent keys each by itself, of symbols and of the next note with the sum 1.</param>
public sealed record MusicNext(IReadOnlyList<string> Names, IReadOnlyList<float> Probabilities) : TaskAnswer
{
    /// <summary>−ln of the joint probability of the step that was read; null: it was none that is spelt note by note.</summary>
    public double? Nats { get; init; }

    /// <summary>The pitches of each step that was drawn.</summary>
    public IReadOnlyList<int[]> Drawn { get; init; } = [];

    internal static MusicNext Of(MusicModel model, ReadOnlySpan<float> scores)
    {
        float[] p = new float[scores.Length];
        if (model.Notes is { } notes)
        {
            Softmax.Row(scores, p);
            int[] falling = [.. Enumerable.Range(0, p.Length).Where(k => p[k] > 0).OrderByDescending(k => p[k]).ThenBy(k => k)];
            return new MusicNext([.. falling.Select(notes.Name)], [.. falling.Select(k => p[k])]);
        }
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
        if (Nats is { } nats) json.Number("nats", nats);
        if (Drawn.Count > 0)
        {
            json.WriteStartArray("drawn");
            foreach (int[] step in Drawn)
            {
                json.WriteStartArray();
                foreach (int pitch in step) json.WriteNumberValue(pitch);
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        json.Texts("next", Names);
        json.WriteStartArray("probabilities");
        foreach (float p in Probabilities) json.WriteNumberValue(p);
        json.WriteEndArray();
    }
}
