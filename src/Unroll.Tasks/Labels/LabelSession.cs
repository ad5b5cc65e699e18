using System.Text.Json;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Labels.Rules;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>
/// A labeling model that reads forward alone, asked step by step: a tagger gives the label of each step as it comes, a classifier with the last
/// step as pooling that of the sequence so far. Equal to the bit to the whole sequence at once.
/// </summary>
/// <remarks>For one thread at a time. Steps that write into a span allocate nothing, unless a rule has a say.</remarks>
public sealed class LabelSession : ITaskSession, IRoundSession
{
    private readonly LabelModel _model;
    private readonly State _network;
    private readonly float[] _x, _y, _p;
    private readonly MemberMean _mean;
    private readonly RuleSteps? _rule;
    private string _step = "";                               // that of the row in _x
    private bool _begun;

    internal LabelSession(LabelModel model, int keepEvery)
    {
        (_model, _network) = (model, Ensemble.NewState(model));
        (_x, _mean) = (new float[model.Encoding.Features], new MemberMean(model.Classes.Count));
        (_y, _p) = (new float[model.Classes.Count], new float[model.Classes.Count]);
        _rule = model.Rule is { } member ? new RuleSteps(model.Encoding, member.Rule) : null;
        State = new SessionState(model.WeightsSha256, _network, _rule is null ? [] : [_rule]) { KeepEvery = keepEvery };
    }

    /// <inheritdoc/>
    public SessionState State { get; }

    State IRoundSession.Network => _network;

    /// <summary>Takes a word, a character, a base or a k-mer.</summary>
    /// <param name="token">The step; capital letters count where the model is cased.</param>
    /// <exception cref="UserErrorException">The model's steps are numbers, or it is no nucleotide; the session stays as it was.</exception>
    public LabelStep Step(string token)
    {
        float[] probabilities = new float[_y.Length];
        Step(token, probabilities);
        return new LabelStep(_model.Classes, probabilities);
    }

    /// <summary>Takes a word, a character, a base or a k-mer.</summary>
    /// <param name="token">The step; capital letters count where the model is cased.</param>
    /// <param name="probabilities">[classes], overwritten.</param>
    /// <returns>The place of the most probable label in <see cref="LabelModel.Classes"/>.</returns>
    /// <exception cref="UserErrorException">The model's steps are numbers, or it is no nucleotide; the session stays as it was.</exception>
    public int Step(string token, Span<float> probabilities)
    {
        Begin(token);
        return Run(probabilities);
    }

    private void Begin(string token)
    {
        LabelEncoding encoding = _model.Encoding;
        if (encoding.Unit == LabelUnit.Number)
            throw new UserErrorException($"step: expected {encoding.Features} numbers, which the model reads, found '{Table.Shorten(token)}'.");
        string step = LabelUnits.Normal(token, encoding.Unit, encoding.Cased);
        if (step.Length == 0 || (encoding.Unit == LabelUnit.Kmer && step.Length != encoding.Kmer)
            || !encoding.TryEncode(step, LabelUnits.Normal(token, encoding.Unit, cased: true), _x))
            throw new UserErrorException($"step: expected {Expected(encoding)}, found '{Table.Shorten(token)}'.");
        (_step, _begun) = (step, true);
    }

    /// <summary>Takes a row of numbers.</summary>
    /// <param name="numbers">[features], as they were in training, before standardization.</param>
    /// <exception cref="UserErrorException">The model's steps are not so many numbers, or one is not finite; the session stays as it was.</exception>
    public LabelStep Step(ReadOnlySpan<float> numbers)
    {
        float[] probabilities = new float[_y.Length];
        Step(numbers, probabilities);
        return new LabelStep(_model.Classes, probabilities);
    }

    /// <summary>Takes a row of numbers.</summary>
    /// <param name="numbers">[features], as they were in training, before standardization.</param>
    /// <param name="probabilities">[classes], overwritten.</param>
    /// <returns>The place of the most probable label in <see cref="LabelModel.Classes"/>.</returns>
    /// <exception cref="UserErrorException">The model's steps are not so many numbers, or one is not finite; the session stays as it was.</exception>
    public int Step(ReadOnlySpan<float> numbers, Span<float> probabilities)
    {
        Begin(numbers);
        return Run(probabilities);
    }

    private void Begin(ReadOnlySpan<float> numbers)
    {
        LabelEncoding encoding = _model.Encoding;
        if (encoding.Unit != LabelUnit.Number) throw new UserErrorException($"step: expected {Expected(encoding)}, found {numbers.Length} numbers.");
        if (numbers.Length != encoding.Features)
            throw new UserErrorException($"step: expected {encoding.Features} numbers as in training, found {numbers.Length}.");
        foreach (float number in numbers)
            if (!float.IsFinite(number)) throw new UserErrorException($"step: expected finite numbers, found {number}.");
        encoding.Encode(numbers, _x);
        (_step, _begun) = ("", true);
    }

    /// <summary>Takes a step: a text, or a list of numbers (a single number where a step has one).</summary>
    /// <param name="input">The step.</param>
    /// <exception cref="UserErrorException">It is no step of this model; the session stays as it was.</exception>
    public LabelStep Step(JsonElement input)
    {
        ((IRoundSession)this).Begin(input);
        Run(_p);
        return Answer();
    }

    void IRoundSession.Begin(JsonElement input)
    {
        StepInput.Sound(input);
        if (input.ValueKind == JsonValueKind.String) Begin(input.GetString()!);
        else if (input.ValueKind == JsonValueKind.Number) Begin((ReadOnlySpan<float>)[input.GetSingle()]);
        else if (input.ValueKind == JsonValueKind.Array && input.EnumerateArray().All(one => one.ValueKind == JsonValueKind.Number))
            Begin((ReadOnlySpan<float>)[.. input.EnumerateArray().Select(one => one.GetSingle())]);
        else throw new UserErrorException($"step: expected a text or a list of numbers, found {Table.Shorten(input.GetRawText())}.");
    }

    void IRoundSession.Begin(ReadOnlySpan<float> step) => Begin(step);

    bool IRoundSession.Next(Span<float> x)
    {
        if (!_begun) return false;
        _x.CopyTo(x);
        _begun = false;
        return true;
    }

    void IRoundSession.Take(int member, ReadOnlySpan<float> y) => Take(member, y);

    TaskAnswer IRoundSession.Answer() => Answer();

    int IRoundSession.AnswerSize => _p.Length;

    void IRoundSession.Answer(Span<float> numbers) => _p.CopyTo(numbers);

    TaskAnswer ITaskSession.Step(JsonElement input) => Step(input);

    /// <summary>A session of its own that goes on from here.</summary>
    public LabelSession Fork()
    {
        LabelSession other = new(_model, State.KeepEvery) { State = { KeepLast = State.KeepLast } };
        other.State.Restore(State.Snapshot());
        return other;
    }

    ITaskSession ITaskSession.Fork() => Fork();

    private LabelStep Answer() => new(_model.Classes, [.. _p]);

    private int Run(Span<float> probabilities)
    {
        if (probabilities.Length != _y.Length) ShapeException.Throw(probabilities.Length, _y.Length, "probabilities", "the model has as many labels");
        for (int k = 0; k < _model.Members.Count; k++)
        {
            _model.Members[k].Network.Step(_x, Ensemble.StateOf(_network, k, _model.Members.Count), _y);
            Take(k, _y);
        }
        _begun = false;
        _p.CopyTo(probabilities);
        return LabelScores.Largest(probabilities);
    }

    private void Take(int member, ReadOnlySpan<float> y)
    {
        Softmax.Row(y, _p);
        _mean.Add(_p);
        if (member < _model.Members.Count - 1) return;
        _mean.Take(_p);
        _rule?.Add(_step);
        _model.Finish(_p, _rule?.Scores() ?? []);
        State.Stepped();
    }

    private static string Expected(LabelEncoding encoding) => encoding.Unit switch
    {
        LabelUnit.Base => "a nucleotide (A, C, G, T, N …)",
        LabelUnit.Kmer => $"{encoding.Kmer} letters",
        _ => $"a {encoding.UnitWord}",
    };
}
