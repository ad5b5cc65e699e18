using System.Runtime.InteropServices;
using System.Text.Json;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Speech;

/// <summary>
/// Listens to a sound as it comes and says each word once the network has heard it; the words are those that greedy decoding of the whole gives.
/// A step is certain when its window is over, and two steps later for each order of differences in time. The position counts samples.
/// </summary>
/// <remarks>For one thread at a time; any number of sessions may share a model. How the sound is cut into pieces changes no bit.</remarks>
public sealed class SpeechSession : ITaskSession, IRoundSession, ISessionPart
{
    private readonly SpeechModel _model;
    private readonly FeatureExtractor _extractor;
    private readonly FeatureStream _stream;
    private readonly State _state;
    private readonly CtcGreedyStream _greedy = new();
    private readonly List<float> _rows = [];
    private readonly float[] _x, _outputs;
    private readonly int _rate;
    private List<SpokenWord>? _words;
    private int _steps, _row, _pushed;                       // of the step that was taken up: rows looked at, samples
    private bool _ended, _begun;

    internal SpeechSession(SpeechModel model, int rate, int keepEvery)
    {
        (_model, _rate, _extractor) = (model, rate, new FeatureExtractor(model.Description.Features));
        _stream = new FeatureStream(_extractor, rate);
        _state = model.Network.NewState(1);
        (_x, _outputs) = (new float[model.Network.InputSize], new float[model.Network.OutputSize]);
        State = new SessionState(model.WeightsSha256, _state, this) { KeepEvery = keepEvery };
    }

    /// <inheritdoc/>
    public SessionState State { get; }

    State IRoundSession.Network => _state;

    /// <summary>The network's outputs of the last step that was certain; zeros before the first.</summary>
    internal ReadOnlySpan<float> Outputs => _outputs;

    /// <summary>Takes the next samples.</summary>
    /// <param name="samples">At the session's rate; may be empty.</param>
    /// <returns>The words that the network has heard since the last call; From and To are when it did.</returns>
    /// <exception cref="UserErrorException">The sound has ended, or a sample is not finite; the session stays as it was.</exception>
    public IReadOnlyList<SpokenWord> Push(ReadOnlySpan<float> samples)
    {
        Begin(samples);
        return Run();
    }

    /// <summary>The sound is over: what the network still says in the silence that it was trained to hear after the last word.</summary>
    /// <returns>The words that were still missing.</returns>
    /// <exception cref="UserErrorException">It has ended before.</exception>
    public IReadOnlyList<SpokenWord> Finish()
    {
        End();
        return Run();
    }

    /// <inheritdoc/>
    /// <remarks>A step is a list of samples at the session's rate, each a number, or the text <c>end</c>: the sound is over.</remarks>
    public TaskAnswer Step(JsonElement input)
    {
        ((IRoundSession)this).Begin(input);
        return new SpeechWords(Run());
    }

    void IRoundSession.Begin(JsonElement input)
    {
        StepInput.Sound(input);
        if (input.ValueKind == JsonValueKind.String && input.ValueEquals("end"))
        {
            End();
            return;
        }
        if (input.ValueKind != JsonValueKind.Array)
            throw new UserErrorException($"a step: expected a list of samples, or \"end\" where the sound is over, found {input.ValueKind}.");
        float[] samples = new float[input.GetArrayLength()];
        int at = 0;
        foreach (JsonElement sample in input.EnumerateArray())
            samples[at++] = sample.ValueKind == JsonValueKind.Number && sample.TryGetSingle(out float value) && float.IsFinite(value)
                ? value : throw new UserErrorException($"a step, sample {at}: expected a finite number, found {sample.GetRawText()}.");
        Begin(samples);
    }

    void IRoundSession.Begin(ReadOnlySpan<float> step) => Begin(step);

    bool IRoundSession.Next(Span<float> x)
    {
        if (_row < _rows.Count)
        {
            CollectionsMarshal.AsSpan(_rows).Slice(_row, x.Length).CopyTo(x);
            _row += x.Length;
            return true;
        }
        if (_begun) State.Stepped(_pushed);
        _begun = false;
        return false;
    }

    void IRoundSession.Take(int member, ReadOnlySpan<float> y)
    {
        y.CopyTo(_outputs);
        if (_greedy.Push(_outputs) is var label and not CtcLoss.Blank)
            (_words ??= []).Add(new SpokenWord(_model.Description.Words[label - 1], _extractor.SecondsOf(_steps), _extractor.SecondsOf(_steps)));
        _steps++;
    }

    TaskAnswer IRoundSession.Answer() => new SpeechWords(Heard);

    /// <inheritdoc cref="ITaskSession.Fork"/>
    public SpeechSession Fork()
    {
        SpeechSession fork = new(_model, _rate, State.KeepEvery) { State = { KeepLast = State.KeepLast } };
        fork.State.Restore(State.Snapshot());
        return fork;
    }

    ITaskSession ITaskSession.Fork() => Fork();

    void ISessionPart.Save(BinaryWriter writer)
    {
        writer.Write(_rate);
        writer.Write(_ended);
        writer.Write(_steps);
        writer.Write(_greedy.Last);
        foreach (float output in _outputs) writer.Write(output);
        _stream.Save(writer);
    }

    void ISessionPart.Load(BinaryReader reader)
    {
        if (reader.ReadInt32() is var rate && rate != _rate)
            throw new UserErrorException($"the snapshot is of a sound of {rate} samples a second, and this one has {_rate}; restore it in a " +
                "session of its rate.");
        (_ended, _steps, _greedy.Last) = (reader.ReadBoolean(), reader.ReadInt32(), reader.ReadInt32());
        for (int i = 0; i < _outputs.Length; i++) _outputs[i] = reader.ReadSingle();
        _stream.Load(reader);
    }

    private void RequireSound()
    {
        if (_ended) throw new UserErrorException("the sound has ended; begin another session, or restore a snapshot from before its end.");
    }

    private IReadOnlyList<SpokenWord> Heard => _words ?? (IReadOnlyList<SpokenWord>)[];

    private void Begin(ReadOnlySpan<float> samples)
    {
        RequireSound();
        Sound.RequireFinite(samples, "step");
        _rows.Clear();
        _stream.Push(samples, _rows);
        Begun(samples.Length);
    }

    private void End()
    {
        RequireSound();
        _rows.Clear();
        _stream.Finish(_rows, _model.Description.Silence());
        _ended = true;
        Begun(0);
    }

    private void Begun(int samples)
    {
        SpeechFeatures.Normalize(_model.Description, CollectionsMarshal.AsSpan(_rows));
        (_words, _row, _pushed, _begun) = (null, 0, samples, true);
    }

    private IReadOnlyList<SpokenWord> Run()
    {
        IRoundSession rounds = this;
        while (rounds.Next(_x))
        {
            _model.Network.Step(_x, _state, _outputs);
            rounds.Take(0, _outputs);
        }
        return Heard;
    }
}

/// <summary>The words that a session has heard in one step.</summary>
/// <param name="Words">In their order; may be empty.</param>
public sealed record SpeechWords(IReadOnlyList<SpokenWord> Words) : TaskAnswer
{
    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json) => json.Objects("words", Words, SpokenWord.Write);
}
