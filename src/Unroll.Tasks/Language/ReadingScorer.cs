using System.Globalization;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Baselines;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

//  P(s) = (1 − μ) mean over members of [(1 − λ) p_network(s) + λ p_cache(s)] + μ p_ngram(s)

/// <summary>
/// Scores a text with what <see cref="ReadingOptions"/> asks for beside the network, symbol after symbol: a symbol is predicted from those before it
/// alone, and remembered or learned from afterwards. Numbers that are open are chosen on a part of the validation part.
/// </summary>
internal sealed class ReadingScorer
{
    private const int Order = 5, ChosenOn = 20_000;                     // symbols of the validation part that decide
    private const double FirstRate = 3e-4, FirstDecay = 0.01, Factor = 3;
    private static readonly double[] s_flatness = [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2],
        s_shares = [.. Enumerable.Range(0, 13).Select(i => 0.05 * i)];
    private readonly LanguageModel _model;
    private readonly LanguageReader[] _readers;
    private readonly NeuralCache[] _caches;
    private readonly NGramModel? _grams;
    private readonly int[] _training;
    private readonly ReadingOptions _options;
    private readonly float[] _row;
    private readonly MemberMean _mean;
    private readonly CancellationToken _stop;

    /// <param name="model">The model.</param>
    /// <param name="options">What is beside it.</param>
    /// <param name="training">The model's training part, numbered.</param>
    /// <param name="threads">The threads.</param>
    /// <param name="stop">Ends a call.</param>
    internal ReadingScorer(LanguageModel model, ReadingOptions options, int[] training, ThreadTeam threads, CancellationToken stop)
    {
        if ((options.Dynamic || options.NGram) && training.Length == 0)
            throw new UserErrorException(
                $"{(options.Dynamic ? "dynamic" : "ngram")}: it needs the text that the model was trained on, which is not there.");
        (_model, _options, _training, _stop) = (model, options, training, stop);
        _readers = [.. model.Members.Select(member => new LanguageReader(member, threads, options.Dynamic ? training : null, options.DynamicSteps))];
        _caches = options.Cache > 0 ? [.. _readers.Select(reader => new NeuralCache(options.Cache, reader.Features))] : [];
        int symbols = model.Network.OutputSize;
        _grams = options.NGram ? NGramModel.Fit(training, Order, symbols) : null;
        (_row, _mean) = (new float[symbols], new MemberMean(symbols));
    }

    /// <summary>
    /// The options with their open numbers chosen: the rate and decay of learning on first, each by steps of a factor of 3; then all shares.
    /// </summary>
    /// <param name="validation">The validation part, numbered.</param>
    /// <param name="note">Receives what was chosen, and on what.</param>
    internal ReadingOptions Choose(int[] validation, Action<string>? note)
    {
        ReadingOptions chosen = _options;
        if (!chosen.IsOpen) return chosen;
        if (validation.Length == 0)
            throw new UserErrorException("there is no validation part to choose numbers on: give those of cache, dynamic and ngram that are open " +
                "(cache-weight, cache-flatness, dynamic-rate, dynamic-decay, ngram-weight).");
        if (validation.Length > ChosenOn) validation = validation[..ChosenOn];
        int tried = 0;
        if (chosen.Dynamic)
        {
            double rate = chosen.DynamicRate ?? Descend(FirstRate, one => Learned(validation, one, chosen.DynamicDecay ?? FirstDecay), ref tried);
            chosen = chosen with { DynamicRate = rate };
            chosen = chosen with { DynamicDecay = chosen.DynamicDecay ?? Descend(FirstDecay, one => Learned(validation, rate, one), ref tried) };
        }
        if (chosen.IsOpen) chosen = Shares(validation, chosen, ref tried);
        note?.Invoke(string.Create(CultureInfo.InvariantCulture,
            $"note: chosen on the first {validation.Length:N0} symbols of the validation part, the best of {tried} settings: {Said(chosen)}"));
        return chosen;
    }

    /// <summary>Scores a text.</summary>
    /// <param name="symbols">The text, numbered.</param>
    /// <param name="o">With every number.</param>
    internal LanguageScores Score(int[] symbols, ReadingOptions o)
    {
        float[] nats = new float[symbols.Length];
        int[] best = new int[symbols.Length];
        int[] both = _grams is null ? [] : [.. _training, .. symbols];
        Walk(symbols, o.DynamicRate ?? 0, o.DynamicDecay ?? 0, (at, t) =>
        {
            double p = 0;
            for (int k = 0; k < _readers.Length; k++)
            {
                double own = Network(k, t, symbols[at]);
                if (_caches.Length > 0)
                {
                    _caches[k].Compare(_readers[k].Hidden(t));
                    double cached = _caches[k].Probability(symbols[at], o.CacheFlatness!.Value);
                    if (cached >= 0) own = (1 - o.CacheWeight!.Value) * own + o.CacheWeight!.Value * cached;
                    _caches[k].Mix(o.CacheWeight!.Value, o.CacheFlatness!.Value, _row);
                }
                p += own / _readers.Length;
                _mean.Add(_row);
            }
            _mean.Take(_row);
            if (_grams is not null) p = (1 - o.NGramWeight!.Value) * p + o.NGramWeight!.Value * _grams.Probability(both, _training.Length + at);
            nats[at] = (float)-Logarithm.Ln(p);
            best[at] = LanguageScorer.Largest(_row);
        });
        return new LanguageScores(_model.Description, symbols, nats, best);
    }

    /// <summary>The numbers in words.</summary>
    internal static string Said(ReadingOptions o) => string.Join(", ", new[]
    {
        o.Cache > 0 ? Invariant($"cache-weight {o.CacheWeight:0.###}, cache-flatness {o.CacheFlatness:0.###}") : "",
        o.Dynamic ? Invariant($"dynamic-rate {o.DynamicRate:0.#######}, dynamic-decay {o.DynamicDecay:0.#####}") : "",
        o.NGram ? Invariant($"ngram-weight {o.NGramWeight:0.###}") : "",
    }.Where(one => one.Length > 0));

    // Up or down by a factor for as long as it gets better.
    private static double Descend(double first, Func<double, double> nats, ref int tried)
    {
        (double best, double lowest) = (first, nats(first));
        tried++;
        foreach (double factor in (double[])[Factor, 1 / Factor])
        {
            bool better = false;
            while (true)
            {
                double one = best * factor, own = nats(one);
                tried++;
                if (!(own < lowest)) break;
                (best, lowest, better) = (one, own, true);
            }
            if (better) break;
        }
        return best;
    }

    private double Learned(int[] symbols, double rate, double decay)
    {
        double nats = 0;
        Walk(symbols, rate, decay, (at, t) =>
        {
            double p = 0;
            for (int k = 0; k < _readers.Length; k++) p += Network(k, t, symbols[at]) / _readers.Length;
            nats -= Logarithm.Ln(p);
        });
        return nats;
    }

    private ReadingOptions Shares(int[] symbols, ReadingOptions o, ref int tried)
    {
        double[] flatness = o.Cache == 0 ? [0] : o.CacheFlatness is { } given ? [given] : s_flatness;
        double[] cacheShares = o.Cache == 0 ? [0] : o.CacheWeight is { } weight ? [weight] : s_shares;
        double[] gramShares = !o.NGram ? [0] : o.NGramWeight is { } share ? [share] : s_shares;
        double[,,] nats = new double[flatness.Length, cacheShares.Length, gramShares.Length];
        int[] both = _grams is null ? [] : [.. _training, .. symbols];
        double[] cached = new double[flatness.Length];
        Walk(symbols, o.DynamicRate ?? 0, o.DynamicDecay ?? 0, (at, t) =>
        {
            double network = 0, grams = _grams?.Probability(both, _training.Length + at) ?? 0;
            Array.Clear(cached);
            for (int k = 0; k < _readers.Length; k++)
            {
                double own = Network(k, t, symbols[at]);
                network += own / _readers.Length;
                if (_caches.Length == 0) continue;
                _caches[k].Compare(_readers[k].Hidden(t));
                for (int f = 0; f < flatness.Length; f++)
                    cached[f] += (_caches[k].Probability(symbols[at], flatness[f]) is >= 0 and var there ? there : own) / _readers.Length;
            }
            for (int f = 0; f < flatness.Length; f++)
                for (int c = 0; c < cacheShares.Length; c++)
                    for (int g = 0; g < gramShares.Length; g++)
                        nats[f, c, g] -= Logarithm.Ln(
                            (1 - gramShares[g]) * ((1 - cacheShares[c]) * network + cacheShares[c] * cached[f]) + gramShares[g] * grams);
        });
        (int F, int C, int G) best = default;
        for (int f = 0; f < flatness.Length; f++)
            for (int c = 0; c < cacheShares.Length; c++)
                for (int g = 0; g < gramShares.Length; g++)
                    if (nats[f, c, g] < nats[best.F, best.C, best.G]) best = (f, c, g);
        tried += nats.Length;
        return o with
        {
            CacheFlatness = o.Cache > 0 ? flatness[best.F] : null, CacheWeight = o.Cache > 0 ? cacheShares[best.C] : null,
            NGramWeight = o.NGram ? gramShares[best.G] : null,
        };
    }

    // The probability of a symbol by one network; its row of all symbols stays in _row.
    private double Network(int member, int t, int symbol)
    {
        double sum = Softmax.Exponentials(_readers[member].Scores(t), _row, out _);
        double p = Math.Max(_row[symbol], float.Epsilon) / sum;
        Elementwise.Scale(_row, (float)(1 / sum));
        return p;
    }

    private void Walk(int[] symbols, double rate, double decay, Action<int, int> visit)
    {
        foreach (LanguageReader reader in _readers) reader.Begin();
        foreach (NeuralCache cache in _caches) cache.Clear();
        for (int from = 0; from < symbols.Length; from += _options.DynamicSteps)
        {
            _stop.ThrowIfCancellationRequested();
            int count = Math.Min(_options.DynamicSteps, symbols.Length - from);
            foreach (LanguageReader reader in _readers) reader.Read(symbols, from, count, rate, decay);
            for (int t = 0; t < count; t++)
            {
                visit(from + t, t);
                for (int k = 0; k < _caches.Length; k++) _caches[k].Remember(_readers[k].Hidden(t), symbols[from + t]);
            }
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
