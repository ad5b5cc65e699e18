using System.Text.Json;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

/// <summary>A text that grows: symbols are read or drawn one after the other, and after each the probabilities of the next one are there.</summary>
/// <remarks>
/// Reading and drawing by number allocate nothing. A snapshot has the sampler's place too: after a restore the same symbols are drawn again.
/// </remarks>
public sealed class LanguageSession : ITaskSession, IRoundSession
{
    private const int MostProbable = 5, MaxDrawn = 1_000_000;
    private readonly LanguageModel _model;
    private readonly SamplingOptions _sampling;
    private readonly ReadingOptions _reading;
    private readonly State _network;
    private readonly SymbolSampler _sampler;
    private readonly LastScores[] _scores;
    private readonly NeuralCache[] _caches;
    private readonly MemberMean _mean;
    private readonly float[] _input = new float[1], _scratch;
    private int[] _symbols = [];                             // of the step that was taken up: those to read, or those drawn so far
    private int _count, _at;
    private string? _text;                                   // null: they are drawn
    private double _nats;

    internal LanguageSession(LanguageModel model, SamplingOptions? sampling, ReadingOptions? reading = null)
    {
        int symbols = model.Network.OutputSize;
        (_model, _sampling, _reading) = (model, sampling ?? new SamplingOptions(), reading ?? new ReadingOptions());
        _reading.RequireOfSession();
        _network = Ensemble.NewState(model);
        _scores = [.. model.Members.Select(_ => new LastScores(symbols))];
        _caches = _reading.Cache == 0 ? [] : [.. model.Members.Select((_, k) => new NeuralCache(_reading.Cache, Top(k).HiddenSize))];
        (_scratch, _mean) = (new float[symbols], new MemberMean(symbols));
        _sampler = new SymbolSampler(symbols, _sampling, never: Vocabulary.Unknown);
        State = new SessionState(model.WeightsSha256, _network, [.. _scores, _sampler, .. _caches]);
        _input[0] = model.Description.Start;
        Look();
    }

    /// <inheritdoc/>
    public SessionState State { get; }

    State IRoundSession.Network => _network;

    /// <summary>The probability of each symbol of the vocabulary to be the next one; overwritten by the next call.</summary>
    public ReadOnlySpan<float> Probabilities
    {
        get
        {
            for (int k = 0; k < _scores.Length; k++)
            {
                Softmax.Row(_scores[k].Values, _scratch);
                if (_caches.Length > 0)
                {
                    _caches[k].Compare(Top(k).H);
                    _caches[k].Mix(_reading.CacheWeight!.Value, _reading.CacheFlatness!.Value, _scratch);
                }
                _mean.Add(_scratch);
            }
            _mean.Take(_scratch);
            return _scratch;
        }
    }

    /// <summary>Reads a symbol.</summary>
    /// <param name="symbol">Its number in the vocabulary.</param>
    /// <returns>−ln of the probability that it had.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such number.</exception>
    public float Read(int symbol)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(symbol);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(symbol, _scratch.Length);
        float nats = Surprise(symbol);
        Enter(symbol);
        Look();
        State.Stepped();
        return nats;
    }

    /// <summary>Reads symbols, one after the other.</summary>
    /// <param name="symbols">Numbered; see <see cref="LanguageModel.Encode"/>.</param>
    /// <returns>−ln of the probability that they had together.</returns>
    public double Read(ReadOnlySpan<int> symbols)
    {
        double nats = 0;
        foreach (int symbol in symbols) nats += Read(symbol);
        return nats;
    }

    /// <summary>Draws the next symbol, and reads it; the unknown symbol is never drawn.</summary>
    /// <returns>Its number.</returns>
    public int Draw()
    {
        int symbol = _sampler.Draw(Scores);
        Enter(symbol);
        Look();
        State.Stepped();
        return symbol;
    }

    /// <summary>Reads a symbol, or a text of several.</summary>
    /// <param name="symbol">A character or a word; <c>\n</c> ends a line of words.</param>
    /// <param name="top">How many of the most probable next symbols are told.</param>
    /// <exception cref="UserErrorException">There is no symbol in it.</exception>
    public LanguageStep Step(string symbol, int top = MostProbable)
    {
        Begin(symbol);
        return Run(top);
    }

    /// <inheritdoc/>
    /// <remarks>A step is a text: one symbol or several, which are read. Or it is <c>{"draw": N}</c>: N symbols are drawn and read.</remarks>
    public TaskAnswer Step(JsonElement input)
    {
        ((IRoundSession)this).Begin(input);
        return Run(MostProbable);
    }

    void IRoundSession.Begin(JsonElement input)
    {
        StepInput.Sound(input);
        if (input.ValueKind == JsonValueKind.String)
        {
            Begin(input.GetString()!);
            return;
        }
        if (input.ValueKind != JsonValueKind.Object || input.EnumerateObject().Count() != 1 || !input.TryGetProperty("draw", out JsonElement draw)
            || draw.ValueKind != JsonValueKind.Number || !draw.TryGetInt32(out int count) || count is < 1 or > MaxDrawn)
            throw new UserErrorException(
                $"step: expected a text, or {{\"draw\": N}} with a whole number from 1 to {MaxDrawn}, " +
                $"got {Data.Tables.Table.Shorten(input.GetRawText())}.");
        Begin(new int[count], count, null);
    }

    // The numbers of symbols, which are read; nothing is allocated once there has been a step as long.
    void IRoundSession.Begin(ReadOnlySpan<float> step)
    {
        if (step.Length == 0) throw new UserErrorException("step: expected the number of a symbol, got none.");
        foreach (float number in step)
            if (!(number >= 0 && number < _scratch.Length && number == MathF.Truncate(number)))
                throw new UserErrorException($"step: expected whole numbers from 0 to {_scratch.Length - 1}, one for each symbol, got {number}.");
        if (_symbols.Length < step.Length) _symbols = new int[step.Length];
        for (int i = 0; i < step.Length; i++) _symbols[i] = (int)step[i];
        Begin(_symbols, step.Length, "");
    }

    bool IRoundSession.Next(Span<float> x)
    {
        if (_at == _count) return false;
        int symbol = _text is null ? _symbols[_at] = _sampler.Draw(Scores) : _symbols[_at];
        _nats += Surprise(symbol);
        Enter(symbol);
        x[0] = symbol;
        _at++;
        return true;
    }

    void IRoundSession.Take(int member, ReadOnlySpan<float> y)
    {
        y.CopyTo(_scores[member].Values);
        if (member == _scores.Length - 1) State.Stepped();
    }

    TaskAnswer IRoundSession.Answer() => Answer(MostProbable);

    int IRoundSession.AnswerSize => _scratch.Length;

    void IRoundSession.Answer(Span<float> numbers) => Probabilities.CopyTo(numbers);

    /// <inheritdoc cref="ITaskSession.Fork"/>
    public LanguageSession Fork()
    {
        LanguageSession fork = new(_model, _sampling, _reading) { State = { KeepEvery = State.KeepEvery, KeepLast = State.KeepLast } };
        fork.State.Restore(State.Snapshot());
        return fork;
    }

    ITaskSession ITaskSession.Fork() => Fork();

    private void Begin(string text)
    {
        int[] symbols = _model.Encode(PlainText.Unify(text), openEnd: true);
        if (symbols.Length == 0) throw new UserErrorException($"step: expected a {_model.Description.Symbols[..^1]}, got '{text}'.");
        Begin(symbols, symbols.Length, text);
    }

    private void Begin(int[] symbols, int count, string? text) => (_symbols, _count, _at, _text, _nats) = (symbols, count, 0, text, 0);

    private LanguageStep Run(int top)
    {
        while (((IRoundSession)this).Next(_input))
        {
            Look();
            State.Stepped();
        }
        return Answer(top);
    }

    private LanguageStep Answer(int top)
    {
        ReadOnlySpan<float> p = Probabilities;
        int[] order = [.. Enumerable.Range(0, p.Length)];
        float[] falling = [.. p];
        Array.Sort(falling, order, Comparer<float>.Create((a, b) => b.CompareTo(a)));
        return new LanguageStep(_text ?? _model.Written("", _symbols[.._count]), State.Position, _nats,
            [.. order.Take(top).Select((symbol, i) => new NextSymbol(_model.Description.Vocabulary.Symbols[symbol], falling[i]))])
        {
            Drawn = _text is null ? _symbols[.._count] : [],
        };
    }

    // One network without a cache: its scores are all there is.
    private bool IsPlain => _scores.Length == 1 && _caches.Length == 0;

    // The state of a member's last recurrent layer.
    private State Top(int member)
    {
        State own = Ensemble.StateOf(_network, member, _model.Members.Count);
        return own.Children.Count == 0 ? own : own.Children[^1];
    }

    private ReadOnlySpan<float> Logarithms()
    {
        _ = Probabilities;
        for (int i = 0; i < _scratch.Length; i++) _scratch[i] = -LanguageScorer.Surprise(_scratch[i]);
        return _scratch;
    }

    private ReadOnlySpan<float> Scores => IsPlain ? _scores[0].Values : Logarithms();

    private float Surprise(int symbol) =>
        IsPlain ? LanguageScorer.Surprise(_scores[0].Values, symbol, _scratch, out _) : LanguageScorer.Surprise(Probabilities[symbol]);

    // Before the networks look at a symbol.
    private void Enter(int symbol)
    {
        for (int k = 0; k < _caches.Length; k++) _caches[k].Remember(Top(k).H, symbol);
        _input[0] = symbol;
    }

    private void Look()
    {
        for (int k = 0; k < _scores.Length; k++)
            _model.Members[k].Network.Step(_input, Ensemble.StateOf(_network, k, _scores.Length), _scores[k].Values);
    }

    // The scores of the next symbol: the network's last output, which its state does not have.
    private sealed class LastScores(int symbols) : ISessionPart
    {
        public float[] Values { get; } = new float[symbols];

        public void Save(BinaryWriter writer)
        {
            foreach (float value in Values) writer.Write(value);
        }

        public void Load(BinaryReader reader)
        {
            for (int i = 0; i < Values.Length; i++) Values[i] = reader.ReadSingle();
        }
    }
}
