using Unroll.Numerics;

namespace Unroll.Tasks.Data.Baselines;

//  order n:  P(w | c) = max(N(c w) − D, 0) / N(c ·)  +  D · types(c ·) / N(c ·) · P(w | c without its oldest symbol)        D = 0.75
//  N counts occurrences in the highest order; below it, the different symbols that stand before (Kneser and Ney 1995); below order 1 all are
//  alike: 1 / V
//  a context that was never seen: its shorter one alone
//  source: Kneser, Ney 1995; the interpolated form of Chen and Goodman 1999, section 2.7, with one discount

/// <summary>An n-gram model with interpolated Kneser–Ney smoothing: what a network has to beat.</summary>
public sealed class NGramModel
{
    private const double Discount = 0.75;
    private readonly int _order, _vocabulary;
    private readonly Dictionary<ulong, int> _contexts = [];              // (context, one symbol further back) → context; 0 is the empty one
    private readonly Dictionary<ulong, int> _counts = [];                // (context, symbol) → N
    private readonly List<long> _totals = [0];                           // of each context
    private readonly List<int> _types = [0];

    private NGramModel(int order, int vocabulary) => (_order, _vocabulary) = (order, vocabulary);

    /// <summary>The name in reports: <c>unigram</c>, <c>bigram</c>, <c>5-gram</c>.</summary>
    public string Name => _order switch { 1 => "unigram", 2 => "bigram", 3 => "trigram", _ => $"{_order}-gram" };

    /// <summary>Counts a text.</summary>
    /// <param name="symbols">The training part, numbered.</param>
    /// <param name="order">n, at least 1.</param>
    /// <param name="vocabulary">V.</param>
    public static NGramModel Fit(ReadOnlySpan<int> symbols, int order, int vocabulary)
    {
        NGramModel model = new(order, vocabulary);
        Span<int> contexts = stackalloc int[order];
        for (int i = 0; i < symbols.Length; i++)
        {
            int longest = model.Contexts(symbols, i, contexts, add: true);
            // From the longest down: a type that is new there is one more different symbol before the shorter one.
            for (int k = longest; k >= 0; k--)
                if (!model.Add(contexts[k], symbols[i])) break;
        }
        return model;
    }

    /// <summary>Σ −ln P of the symbols from <paramref name="from"/> on, each after those before it.</summary>
    /// <param name="symbols">Numbered.</param>
    /// <param name="from">The first that counts.</param>
    public double Nats(ReadOnlySpan<int> symbols, int from = 0)
    {
        double sum = 0;
        for (int i = from; i < symbols.Length; i++) sum -= Logarithm.Ln(Probability(symbols, i));
        return sum;
    }

    /// <summary>P of a symbol after those before it.</summary>
    /// <param name="symbols">Numbered.</param>
    /// <param name="i">The place of the symbol.</param>
    public double Probability(ReadOnlySpan<int> symbols, int i)
    {
        Span<int> contexts = stackalloc int[_order];
        int longest = Contexts(symbols, i, contexts, add: false);
        double p = 1.0 / _vocabulary;
        for (int k = 0; k <= longest; k++)
        {
            long total = _totals[contexts[k]];
            if (total == 0) continue;
            int count = _counts.GetValueOrDefault(Key(contexts[k], symbols[i]));
            p = Math.Max(count - Discount, 0) / total + Discount * _types[contexts[k]] / total * p;
        }
        return p;
    }

    // The contexts of place i: contexts[k] is that of the k symbols before it. Returns the longest that there is.
    private int Contexts(ReadOnlySpan<int> symbols, int i, Span<int> contexts, bool add)
    {
        contexts[0] = 0;
        for (int k = 1; k < _order; k++)
        {
            if (i - k < 0) return k - 1;
            ulong key = Key(contexts[k - 1], symbols[i - k]);
            if (!_contexts.TryGetValue(key, out int context))
            {
                if (!add) return k - 1;
                _contexts.Add(key, context = _totals.Count);
                _totals.Add(0);
                _types.Add(0);
            }
            contexts[k] = context;
        }
        return _order - 1;
    }

    // Returns whether the type is new.
    private bool Add(int context, int symbol)
    {
        ulong key = Key(context, symbol);
        int count = _counts.GetValueOrDefault(key);
        _counts[key] = count + 1;
        _totals[context]++;
        if (count == 0) _types[context]++;
        return count == 0;
    }

    private static ulong Key(int context, int symbol) => ((ulong)(uint)context << 32) | (uint)symbol;
}
