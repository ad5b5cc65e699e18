using Unroll.Core;

namespace Unroll.Networks;

/// <summary>How the best target is searched.</summary>
public sealed record SearchOptions
{
    private readonly int _beam = 5;
    private readonly double _lengthPenalty = 0.6, _lengthRatio = 2;
    private readonly int _extraLength = 10;

    /// <summary>How many hypotheses go on after each step, at least 1, which is greedy.</summary>
    /// <exception cref="UserErrorException">It is below 1.</exception>
    public int Beam
    {
        get => _beam;
        init => _beam = value >= 1 ? value : throw new UserErrorException($"beam: expected at least 1 hypothesis, got {value}.");
    }

    /// <summary>
    /// α: a hypothesis of n symbols is scored by its log-probability ÷ ((5 + n) / 6)^α (Wu et al. 2016, arXiv:1609.08144); 0 for the log-probability
    /// itself, which prefers short ones.
    /// </summary>
    /// <exception cref="UserErrorException">It is negative or not finite.</exception>
    public double LengthPenalty
    {
        get => _lengthPenalty;
        init => _lengthPenalty = value >= 0 && double.IsFinite(value)
            ? value
            : throw new UserErrorException($"length penalty: expected a finite number of at least 0, got {value}.");
    }

    /// <summary>The longest target: this times the length of the source, plus <see cref="ExtraLength"/>.</summary>
    /// <exception cref="UserErrorException">It is negative or not finite.</exception>
    public double LengthRatio
    {
        get => _lengthRatio;
        init => _lengthRatio = value >= 0 && double.IsFinite(value)
            ? value
            : throw new UserErrorException($"length ratio: expected a finite number of at least 0, got {value}.");
    }

    /// <summary>See <see cref="LengthRatio"/>; at least 1.</summary>
    /// <exception cref="UserErrorException">It is below 1.</exception>
    public int ExtraLength
    {
        get => _extraLength;
        init => _extraLength = value >= 1 ? value : throw new UserErrorException($"extra length: expected at least 1 symbol, got {value}.");
    }

    internal int Longest(int source) => (int)Math.Min(int.MaxValue, LengthRatio * source) is var symbols && symbols < int.MaxValue - ExtraLength
        ? symbols + ExtraLength
        : int.MaxValue;

    internal double Score(double logProbability, int symbols) => logProbability / Math.Pow((5.0 + symbols) / 6, LengthPenalty);
}

/// <summary>A target that was found.</summary>
/// <param name="Symbols">Without the symbols that begin and end it.</param>
/// <param name="LogProbability">Σ ln p of its symbols, the end included if it has one.</param>
/// <param name="Score">The log-probability normalized by length; higher is better.</param>
/// <param name="Ended">Whether it ended by itself, not because it became too long.</param>
public sealed record Hypothesis(IReadOnlyList<int> Symbols, double LogProbability, double Score, bool Ended);
