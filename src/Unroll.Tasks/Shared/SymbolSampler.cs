using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tasks.Shared;

/// <summary>How symbols are drawn from a model's scores; tasks whose models write or compose extend it.</summary>
/// <remarks>A property may be set to anything; a sampler checks all of them when it is made.</remarks>
public record SamplingOptions
{
    /// <summary>
    /// T: scores are divided by it. 1: the model's own probabilities; below 1: more cautious, above 1: more varied; 0: always the most probable
    /// symbol.
    /// </summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only the k most probable symbols are drawn; null: all.</summary>
    public int? TopK { get; init; }

    /// <summary>
    /// Only the fewest most probable symbols that together have this share are drawn (Holtzman et al. 2020, arXiv:1904.09751); null: all.
    /// </summary>
    public double? TopP { get; init; }

    /// <summary>Equal seeds give equal draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The options, a line each; a task's table of <c>sample</c> includes them.</summary>
    public static OptionTable<SamplingOptions> Lines { get; } = new OptionTable<SamplingOptions>()
        .Double("temperature", "below 1 more cautious, above 1 more varied, 0 always the most probable symbol",
            o => o.Temperature, (o, v) => o with { Temperature = v }, 0, 100)
        .Int("top-k", "K", "draw among the K most probable symbols alone", o => o.TopK, (o, v) => o with { TopK = v }, 1, 1 << 24)
        .Double("top-p", "draw among the most probable symbols that together have this share", o => o.TopP, (o, v) => o with { TopP = v }, 1e-6, 1)
        .Seed("seed", "seed of the draws", o => o.Seed, (o, v) => o with { Seed = v });
}

//  p ∝ exp(z / T);  sorted, ties by the lower number;  the first k;  of those the fewest whose sum reaches top-p of theirs;  one of them by its share

/// <summary>Draws symbols from scores; once made it allocates nothing. Its place in the draws can be kept in a session's snapshot.</summary>
public sealed class SymbolSampler : ISessionPart
{
    private readonly SamplingOptions _options;
    private readonly int _never;
    private readonly float[] _p;
    private readonly long[] _sorted;
    private ulong _seed, _draws;
    private Rng _random;

    /// <summary>Makes a sampler.</summary>
    /// <param name="symbols">How many symbols there are.</param>
    /// <param name="options">How they are drawn.</param>
    /// <param name="never">A symbol that is never drawn; −1: all may be.</param>
    /// <exception cref="OptionException">An option is out of its range.</exception>
    public SymbolSampler(int symbols, SamplingOptions options, int never = -1)
    {
        SamplingOptions.Lines.Check(options);
        (_options, _never, _p, _sorted) = (options, never, new float[symbols], new long[symbols]);
        Begin(options.Seed, draws: 0);
    }

    /// <summary>Draws one symbol.</summary>
    /// <param name="scores">[symbols]: the logarithms of probabilities, up to a constant.</param>
    /// <returns>Its number.</returns>
    public int Draw(ReadOnlySpan<float> scores)
    {
        if (scores.Length != _p.Length)
            ShapeException.Throw(scores.Length, _p.Length, "scores to draw from", "the sampler was made for that many symbols");
        if (_options.Temperature == 0) return Best(scores);
        float perDegree = (float)(1 / _options.Temperature);
        for (int i = 0; i < _p.Length; i++) _p[i] = i == _never ? float.NegativeInfinity : scores[i] * perDegree;
        Softmax.Row(_p, _p);
        if (_never >= 0) _p[_never] = 0;
        double u = _random.Uniform(_draws++);
        return _options.TopK is null && _options.TopP is null ? Among(u) : AmongBest(u);
    }

    void ISessionPart.Save(BinaryWriter writer)
    {
        writer.Write(_seed);
        writer.Write(_draws);
    }

    void ISessionPart.Load(BinaryReader reader) => Begin(reader.ReadUInt64(), reader.ReadUInt64());

    private void Begin(ulong seed, ulong draws) => (_seed, _draws, _random) = (seed, draws, new Rng(seed).For("sample"));

    private int Best(ReadOnlySpan<float> scores)
    {
        int best = _never == 0 ? 1 : 0;
        for (int i = best + 1; i < _p.Length; i++)
            if (i != _never && scores[i] > scores[best]) best = i;
        return best;
    }

    private int Among(double u)
    {
        double sum = 0, reached = 0;
        foreach (float p in _p) sum += p;
        int last = 0;
        for (int i = 0; i < _p.Length; i++)
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
        for (int i = 0; i < _p.Length; i++) _sorted[i] = ((long)(int.MaxValue - BitConverter.SingleToInt32Bits(_p[i])) << 32) | (uint)i;
        Array.Sort(_sorted);
        int kept = Math.Min(_options.TopK ?? _p.Length, _p.Length);
        double all = 0, sum = 0, reached = 0;
        for (int k = 0; k < kept; k++) all += P(k);
        int count = 0;
        while (count < kept && (count == 0 || sum < (_options.TopP ?? 2) * all)) sum += P(count++);
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
