using Unroll.Tasks.Data.Sequences;

namespace Unroll.Tasks.Labels;

/// <summary>
/// A stretch of positions that spoke most for a label, with the letters that did, and the known motif that they are like. The letters come from the
/// model alone; only the name is looked up.
/// </summary>
/// <param name="Start">The first position, from 0.</param>
/// <param name="Consensus">At each position the letter that spoke most for the label.</param>
/// <param name="Share">The share of all that spoke for the label that these positions have.</param>
/// <param name="Known">The motif that it is like; empty: none of those that are known here.</param>
public sealed record LabelMotif(int Start, string Consensus, double Share, string Known)
{
    private const int Length = 6, Most = 3, Reach = 2;
    private const double Above = 1.5;                                    // times the share that as many positions have on average

    // Letters with one that may differ count as the motif. Hawley and McClure 1983 (σ70 boxes); Mount 1982 (splice sites).
    private static IReadOnlyList<(string Letters, string Name)> KnownOnes =>
    [
        ("TATAAT", "the −10 box of bacterial promoters"), ("TTGACA", "the −35 box of bacterial promoters"),
        ("GTAAGT", "the donor splice site"),
        ("GTGAGT", "the donor splice site"), ("TTTCAG", "the acceptor splice site"), ("TTGCAG", "the acceptor splice site"),
        ("TTACAG", "the acceptor splice site"), ("AATAAA", "the polyadenylation signal"), ("AGGAGG", "the ribosome's binding site"),
    ];

    /// <summary>
    /// The strongest stretches of six positions that do not overlap, at most three; those that are not above the average are left out.
    /// </summary>
    /// <param name="logo">What decided at which position.</param>
    public static IReadOnlyList<LabelMotif> Of(LabelLogo logo)
    {
        int positions = logo.Heights.Count;
        double[] forIt = [.. logo.Heights.Select(row => row.Sum(height => Math.Max(0, height)))];
        double all = forIt.Sum();
        List<LabelMotif> found = [];
        bool[] taken = new bool[positions];
        while (found.Count < Most && all > 0)
        {
            int[] free = [.. Enumerable.Range(0, Math.Max(0, positions - Length + 1)).Where(at => !taken.AsSpan(at, Length).Contains(true))];
            if (free.Length == 0) break;
            int best = free.MaxBy(at => forIt.AsSpan(at, Length).ToArray().Sum());
            double share = forIt.AsSpan(best, Length).ToArray().Sum() / all;
            if (share * positions < Above * Length) break;
            taken.AsSpan(best, Length).Fill(true);
            found.Add(new LabelMotif(best, Letters(logo, best), share, NameOf(logo, best)));
        }
        return found;
    }

    /// <summary>In words: <c>positions 47–52 TATAAT (31 %), like the −10 box of bacterial promoters</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"positions {Start + 1}–{Start + Consensus.Length} {Consensus} ") +
        FormattableString.Invariant($"({100 * Share:0} %){(Known.Length > 0 ? $", like {Known}" : "")}");

    private static string Letters(LabelLogo logo, int from) => string.Concat(Enumerable.Range(from, Length)
        .Select(t => Nucleotides.Bases[Enumerable.Range(0, Nucleotides.Bases.Length).MaxBy(k => logo.Heights[t][k])]));

    // A stretch may begin a little before or after the motif.
    private static string NameOf(LabelLogo logo, int start)
    {
        (int Matches, string Name) best = (Length - 2, "");
        for (int at = Math.Max(0, start - Reach); at <= Math.Min(logo.Heights.Count - Length, start + Reach); at++)
        {
            string letters = Letters(logo, at);
            foreach ((string known, string name) in KnownOnes)
                if (letters.Zip(known).Count(pair => pair.First == pair.Second) is var matches && matches > best.Matches)
                    best = (matches, $"{name} ({known})");
        }
        return best.Name;
    }
}
