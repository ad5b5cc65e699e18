using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tasks.Shared;

/// <summary>How symbols are drawn from a model's scores. Every property throws a <see cref="UserErrorException"/> for a value out of its range.</summary>
public sealed record SamplingOptions
{
    /// <summary>T: scores are divided by it. 1: the model's own probabilities; below 1: bolder; 0: always the most probable symbol.</summary>
    public double Temperature { get; init => field = Check.Between(0, 100, value, "temperature"); } = 1;

    /// <summary>Only the k most probable symbols are drawn; null: all.</summary>
    public int? TopK { get; init => field = value is int v ? Check.Between(1, 1 << 24, v, "top-k") : null; }

    /// <summary>Only the fewest most probable symbols that together have this share are drawn (Holtzman et al. 2020, arXiv:1904.09751); null: all.</summary>
    public double? TopP { get; init => field = value is double v ? Check.Between(1e-6, 1, v, "top-p") : null; }

    /// <summary>Equal seeds give equal draws.</summary>
    public ulong Seed { get; init; } = 1;
}

//  p ∝ exp(z / T);  sorted, ties by the lower number;  the first k;  of those the fewest whose sum reaches top-p of theirs;  one of them by its share

/// <summary>Draws symbols from scores; after its making it allocates nothing.</summary>
/// <param name="symbols">How many there are.</param>
/// <param name="options">How.</param>
/// <param name="never">A symbol that is never drawn; −1: all may be.</param>
public sealed class SymbolSampler(int symbols, SamplingOptions options, int never = -1)
{
    private readonly Rng _random = new Rng(options.Seed).For("sample");
    private readonly float[] _p = new float[symbols];
    private readonly long[] _sorted = new long[symbols];
    private ulong _draws;

    /// <summary>Draws one symbol.</summary>
    /// <param name="scores">[symbols]: the logarithms of probabilities, up to a constant.</param>
    /// <returns>Its number.</returns>
    public int Draw(ReadOnlySpan<float> scores)
    {
        if (scores.Length != symbols) ShapeException.Throw(scores.Length, symbols, "scores to draw from", "the sampler was made for that many symbols");
        if (options.Temperature == 0) return Best(scores);
        float perDegree = (float)(1 / options.Temperature);
        for (int i = 0; i < symbols; i++) _p[i] = i == never ? float.NegativeInfinity : scores[i] * perDegree;
        Softmax.Row(_p, _p);
        if (never >= 0) _p[never] = 0;
        double u = _random.Uniform(_draws++);
        return options.TopK is null && options.TopP is null ? Among(u) : AmongBest(u);
    }

    private int Best(ReadOnlySpan<float> scores)
    {
        int best = never == 0 ? 1 : 0;
        for (int i = best + 1; i < symbols; i++)
            if (i != never && scores[i] > scores[best]) best = i;
        return best;
    }

    private int Among(double u)
    {
        double sum = 0, reached = 0;
        foreach (float p in _p) sum += p;
        int last = 0;
        for (int i = 0; i < symbols; i++)
        {
            if (_p[i] == 0) continue;
            reached += _p[i];
            last = i;
            if (u * sum < reached) break;
        }
        return last;
    }

    private int AmongBest(double u)
    {
        // A positive float's bits grow with it: sorted by falling probability, then by number, without a comparer that would have to be allocated.
        for (int i = 0; i < symbols; i++) _sorted[i] = ((long)(int.MaxValue - BitConverter.SingleToInt32Bits(_p[i])) << 32) | (uint)i;
        Array.Sort(_sorted);
        int kept = Math.Min(options.TopK ?? symbols, symbols);
        double all = 0, sum = 0, reached = 0;
        for (int k = 0; k < kept; k++) all += P(k);
        int count = 0;
        while (count < kept && (count == 0 || sum < (options.TopP ?? 2) * all)) sum += P(count++);
        int last = 0;
        for (int k = 0; k < count && P(k) > 0; k++)
        {
            reached += P(k);
            last = k;
            if (u * sum < reached) break;
        }
        return (int)(uint)_sorted[last];
    }

    private float P(int place) => _p[(int)(uint)_sorted[place]];
}
