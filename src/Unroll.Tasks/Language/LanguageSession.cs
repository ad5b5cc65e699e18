using System.Text;
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
public sealed class LanguageSession : ITaskSession
{
    private const int Top = 5, MaxDrawn = 1_000_000;
    private readonly LanguageModel _model;
    private readonly SamplingOptions _sampling;
    private readonly State _network;
    private readonly SymbolSampler _sampler;
    private readonly LastScores _scores;
    private readonly float[] _input = new float[1], _scratch;

    internal LanguageSession(LanguageModel model, SamplingOptions? sampling)
    {
        int symbols = model.Network.OutputSize;
        (_model, _sampling, _network, _scores) = (model, sampling ?? new SamplingOptions(), model.Network.NewState(1), new LastScores(symbols));
        _scratch = new float[symbols];
        _sampler = new SymbolSampler(symbols, _sampling, never: Vocabulary.Unknown);
        State = new SessionState(model.WeightsSha256, _network, _scores, _sampler);
        Advance(model.Description.Start);
    }

    /// <inheritdoc/>
    public SessionState State { get; }

    /// <summary>The probability of each symbol of the vocabulary to be the next one; overwritten by the next call.</summary>
    public ReadOnlySpan<float> Probabilities
    {
        get
        {
            Softmax.Row(_scores.Values, _scratch);
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
        float nats = LanguageScorer.Surprise(_scores.Values, symbol, _scratch, out _);
        Advance(symbol);
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
        int symbol = _sampler.Draw(_scores.Values);
        Advance(symbol);
        State.Stepped();
        return symbol;
    }

    /// <summary>Reads a symbol, or a text of several.</summary>
    /// <param name="symbol">A character or a word; <c>\n</c> ends a line of words.</param>
    /// <param name="top">How many of the most probable next symbols are told.</param>
    /// <exception cref="UserErrorException">There is no symbol in it.</exception>
    public LanguageStep Step(string symbol, int top = Top)
    {
        int[] symbols = _model.Encode(PlainText.Unify(symbol), openEnd: true);
        if (symbols.Length == 0) throw new UserErrorException($"step: expected a {_model.Description.Symbols[..^1]}, got '{symbol}'.");
        return Answer(symbol, Read(symbols), top);
    }

    /// <inheritdoc/>
    /// <remarks>A step is a text: one symbol or several, which are read. Or it is <c>{"draw": N}</c>: N symbols are drawn and read.</remarks>
    public TaskAnswer Step(JsonElement input)
    {
        StepInput.Sound(input);
        if (input.ValueKind == JsonValueKind.String) return Step(input.GetString()!);
        if (input.ValueKind != JsonValueKind.Object || input.EnumerateObject().Count() != 1 || !input.TryGetProperty("draw", out JsonElement draw)
            || draw.ValueKind != JsonValueKind.Number || !draw.TryGetInt32(out int count) || count is < 1 or > MaxDrawn)
            throw new UserErrorException(
                $"step: expected a text, or {{\"draw\": N}} with a whole number from 1 to {MaxDrawn}, " +
                $"got {Data.Tables.Table.Shorten(input.GetRawText())}.");
        StringBuilder text = new();
        for (int i = 0; i < count; i++) TextSymbols.Append(text, _model.Description.Vocabulary.Symbols[Draw()], _model.Description.Unit);
        return Answer(text.ToString(), null, Top);
    }

    /// <inheritdoc cref="ITaskSession.Fork"/>
    public LanguageSession Fork()
    {
        LanguageSession fork = new(_model, _sampling) { State = { KeepEvery = State.KeepEvery, KeepLast = State.KeepLast } };
        fork.State.Restore(State.Snapshot());
        return fork;
    }

    ITaskSession ITaskSession.Fork() => Fork();

    private LanguageStep Answer(string text, double? nats, int top)
    {
        ReadOnlySpan<float> p = Probabilities;
        int[] order = [.. Enumerable.Range(0, p.Length)];
        float[] falling = [.. p];
        Array.Sort(falling, order, Comparer<float>.Create((a, b) => b.CompareTo(a)));
        return new LanguageStep(text, State.Position, nats,
            [.. order.Take(top).Select((symbol, i) => new NextSymbol(_model.Description.Vocabulary.Symbols[symbol], falling[i]))]);
    }

    private void Advance(int symbol)
    {
        _input[0] = symbol;
        _model.Network.Step(_input, _network, _scores.Values);
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
